"""A report as one HTML file: plots of every method beside the others, a word on how to read each, and all the numbers.

Nothing is fetched when it is opened; colours follow the reader's light or dark.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from penchant.evaluate import plots
from penchant.evaluate.levels import BANDS, WAYS
from penchant.evaluate.markup import chips, document, note, section, table
from penchant.evaluate.report import OURS, Band, Report
from penchant.evaluate.table import by_method
from penchant.metrics import ClassFigures

MOST = 400  # nodes in a table
READ = {
    "overall": """NDCG@{k}: 1 if the right item stands first, less the lower it stands, 0 below place {k}. All items
        that the user has not had are ranked, by every method for the same events. The bar is the 95 % interval of a
        bootstrap over users: with other users the figure might have been anywhere in it.""",
    "leads": """The difference, prediction by prediction, with its 95 % interval over users. An interval right of 0:
        the lead is not by chance. One across 0: these data can't tell.""",
    "ages": """The cold start: what each method knows after so many events of a user; 1 is their very first. The
        band is penchant's 95 % interval. {behind}""",
    "popularity": """Who recommends only what everybody takes is good at the right end alone. {behind}""",
    "time": """The predictions in their order, in equal parts. A method that is not kept up to date falls behind to
        the right.""",
    "shown": """Coverage: share of the items that are ever shown. Gini index: 0 if all items are shown alike often,
        near 1 if a few are shown always. Novelty: how surprising an item is, -log2 of the share of users who have
        had it.""",
    "nodes": """Before each event: of which node will the item be? Named by the heads (M_C, M_D) alone, by the
        profile (heads and the user's own counts), by the own counts alone, and by the majority. An item of several
        nodes is of each in part. Macro F1 counts every node alike, weighted F1 by how many items are of it.""",
    "calibration": """The probability of the node that was named against how often it came so. On the dotted line
        what is said is what happens; below it too much is claimed. The calibration error is the mean distance from
        the line.""",
    "certainty": """Left: shares that the profile shows, by the certainty that it shows beside them, against what
        came next. Middle: how much closer they are than the population's shares; certainty is worth something if
        this grows with it. Right: how far a node's intensity is from that of the next event of the node.""",
    "intensity": """The intensity of {guessed:,} events, guessed before they happened. RMSE: lower is better. AUC:
        how often an event of high intensity (0.5 and more) was guessed higher than one that is not.""",
    "costs": """Training is all learning, online or before; a prediction is the ranking of all items for one user.
        Methods that ran elsewhere report their own times, perhaps from another machine.""",
}


def write_page(report: Report, path: str | Path) -> None:
    """Write the page.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    Path(path).write_text(page(report), encoding="utf-8")


def page(report: Report) -> str:
    """The page as text."""
    plots.need()
    parts = _summary(report)
    if report.measured:
        parts += "".join([*_rankings(report), *_levels(report), _costs(report)])
    return document(f"{report.name}, {report.protocol}", parts)


def _rankings(report: Report) -> Iterable[str]:
    legend = chips(enumerate(report.ranks))
    head, rows = by_method(report)
    numbers = table(head, rows, strong=OURS) + note(
        f"warm, new, rated 4+: NDCG@{report.k} of users seen in training, of others, of what was liked"
    )
    yield section("All methods", plots.overall(report), _read("overall", k=report.k), numbers)
    if len(report.ranks) > 1:
        yield section(f"How far {OURS} is ahead", plots.leads(report), _read("leads"))
    ages, counts = report.by_age(), report.by_popularity()
    plot = plots.by_band(report, ages, "how manieth event of the user it is")
    words = _read("ages", behind=_behind(ages))
    yield section("A user's 1st, 2nd, … event", plot, words, _bands(ages, "event"), legend)
    plot = plots.by_band(report, counts, "how often the right item was taken before")
    words = _read("popularity", behind=_behind(counts))
    yield section("Rare and popular items", plot, words, _bands(counts, "taken before"), legend)
    if report.has_course:
        parts = [band for _, band in report.over_time()]
        yield section("Over time", plots.over_time(report), _read("time"), _bands(parts, "predictions"), legend)
    if any(report.shown(method) for method in report.ranks):
        yield section(f"What stands in the first {report.k}", plots.shown(report), _read("shown"))


def _levels(report: Report) -> Iterable[str]:
    levels, legend = report.levels, chips(enumerate(WAYS))
    if levels.nodes:
        tables = "".join(_classes(report, level) for level in levels.nodes)
        title = "The next item's category and dimension"
        yield section(title, plots.nodes(levels), _read("nodes"), tables, legend)
        rows = [
            [level, way, f"{node.calibration_error:.4f}"]
            for level, ways in levels.nodes.items()
            for way, node in ways.items()
        ]
        errors = table(["level", "named by", "calibration error"], rows, words=(0, 1))
        title = "Are the probabilities meant?"
        yield section(title, plots.calibration(levels), _read("calibration"), errors, legend)
    for level, bands in levels.certainty.items():
        told = chips((BANDS.index(band.low), f"certainty {band.low:g} to {band.high:g}") for band in bands)
        title = f"What the profile's certainty is worth: {level}"
        plot = plots.certainty(levels, level)
        yield section(title, plot, _read("certainty"), _certainty(report, level), told)
    if levels.guessed:
        rows = [
            [guess, f"{told['rmse']:.4f}", "-" if told["auc"] is None else f"{told['auc']:.4f}"]
            for guess, told in levels.intensity.items()
        ]
        words = _read("intensity", guessed=levels.guessed)
        yield section("How strongly", "", words, table(["guessed by", "RMSE", "AUC"], rows), opened=True)


def _read(name: str, **told: object) -> str:
    return " ".join(READ[name].format(**told).split())


def _summary(report: Report) -> str:
    left = f" {report.unknown:,} events of unknown items were left out." if report.unknown else ""
    every = "" if report.every == 1 else f" Of what could be predicted, every {report.every}th was."
    text = (
        f"{report.measured:,} predictions of {len(set(report.users)):,} users over {int(report.open.sum()):,} items; "
        f"{report.events:,} events learned.{every}{left}"
    )
    return f'<p class="lead">{escape(text)}<br>{escape(_verdict(report))}</p>'


def _verdict(report: Report) -> str:
    if not report.measured:
        return "Nothing was predicted: no event after the cut is of an item that its user had not had."
    found, text = report.leads(), f"{OURS}: NDCG@{report.k} {report.intervals()[OURS]}"
    if not found:
        return f"{text}."
    other = min(found, key=lambda method: found[method].mean)
    lead = found[other]
    word = "ahead of" if lead.low > 0 else "behind" if lead.high < 0 else "not told apart from"
    return f"{text}; {word} the best other method, {other}, by {lead.mean:+.4f} ({lead.low:+.4f} to {lead.high:+.4f})."


def _behind(bands: Sequence[Band]) -> str:
    """Where another method stands higher, said plainly: beyond chance, or perhaps by chance."""
    clear, unclear = list[str](), list[str]()
    for band in bands:
        best = max(band.ndcg, key=lambda method: band.ndcg[method].mean)
        if best != OURS and band.leads[best].mean < 0:
            (clear if band.leads[best].high < 0 else unclear).append(f"{band.name} ({best})")
    told = [
        f"{word} {', '.join(names)}"
        for word, names in (("beyond chance at", clear), ("within chance at", unclear))
        if names
    ]
    return f"Another method stands higher {'; '.join(told)}." if told else f"No method stands higher than {OURS}."


def _bands(bands: Sequence[Band], what: str) -> str:
    methods = list(bands[0].ndcg) if bands else []
    rows = [[band.name, f"{band.count:,}", *(f"{band.ndcg[method].mean:.4f}" for method in methods)] for band in bands]
    return table([what, "predictions", *methods], rows)


def _classes(report: Report, level: str) -> str:
    """The report by node, of the heads and of the profile, the most frequent first."""
    names, shown = report.levels.names[level], WAYS[:2]
    figures = {way: report.levels.nodes[level][way].figures.classes for way in shown}
    nothing = ClassFigures(0.0, 0.0, 0.0, 0.0)
    support = {row: of.support for way in reversed(shown) for row, of in figures[way].items()}
    order = sorted(support, key=lambda row: -support[row])
    rows: list[list[str]] = []
    for row in order[:MOST]:
        told = [figures[way].get(row, nothing) for way in shown]
        cells = [f"{value:.3f}" for of in told for value in (of.precision, of.recall, of.f1)]
        rows.append([names[row], f"{support[row]:.0f}", *cells])
    head = [level, "support", *(f"{way}: {what}" for way in shown for what in ("precision", "recall", "F1"))]
    more = note(f"and {len(order) - MOST:,} more, in --json") if len(order) > MOST else ""
    return f'<div class="tall">{table(head, rows)}</div>{more}'


def _certainty(report: Report, level: str) -> str:
    head = ["certainty", "nodes", "calibration error", "squared error saved", "events of such nodes",
            "RMSE of the intensity", "RMSE of the overall mean"]  # fmt: skip
    rows = [
        [f"{band.low:g} to {band.high:g}", f"{band.count:,}", f"{band.error:.4f}", f"{100 * band.skill:+.1f} %",
         f"{band.rated:,}", f"{band.rmse:.4f}", f"{band.rmse_mean:.4f}"] for band in report.levels.certainty[level]
    ]  # fmt: skip
    return table(head, rows)


def _costs(report: Report) -> str:
    rows: list[list[str]] = []
    for method in report.ranks:
        train, predict = report.seconds_of.get(method, (None, None))
        each = "-" if predict is None else f"{1000 * predict / report.measured:.2f}"
        rows.append([method, "-" if train is None else f"{train:,.1f}", each, report.notes.get(method, "")])
    settings = {method: report.settings[method] for method in report.ranks if report.settings.get(method)}
    text = escape(json.dumps(settings, ensure_ascii=False, indent=1, default=str))
    numbers = table(["method", "training, s", "a prediction, ms", "note"], rows, words=(0, 3), strong=OURS)
    numbers += f"<details><summary>settings; task {escape(report.task[:12])}</summary><pre>{text}</pre></details>"
    return section("What it took", "", _read("costs"), numbers, opened=True)
