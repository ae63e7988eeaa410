"""Plots of a report as inline SVG whose colours are the page's own, so that they follow light and dark.

matplotlib (extra `plot`) draws with stand-in colours; in the SVG each is replaced by a CSS variable. Neither pyplot nor
any global setting is touched.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from penchant.errors import MissingExtra
from penchant.evaluate.levels import BANDS, WAYS, Levels
from penchant.evaluate.report import OURS, Band, Report
from penchant.metrics import Bin, Interval

INK, FAINT, GRID, PAPER = "#0000f1", "#0000f2", "#0000f3", "#0000f4"
SERIES = 12  # colours; further methods begin anew with the first that is not ours
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "d")
VARIABLES = {INK: "var(--ink)", FAINT: "var(--faint)", GRID: "var(--grid)", PAPER: "var(--paper)"} | {
    f"#0000{k + 1:02x}": f"var(--s{k})" for k in range(SERIES)
}
FEW = 20  # a point of a reliability curve that stands for fewer is not drawn: it is noise
Axes = Any


def colour(series: int) -> str:
    """Stand-in for the colour of a method by its place; 0 is ours."""
    place = series if series < SERIES else 1 + (series - 1) % (SERIES - 1)
    return f"#0000{place + 1:02x}"


def need(module: str = "matplotlib") -> Any:
    """The module, or MissingExtra."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra("matplotlib", extra="plot") from error


def overall(report: Report) -> str:
    """NDCG of every method with its interval, best first."""
    found = report.intervals()
    order = sorted(found, key=lambda method: found[method].mean)
    return _dots([(method, found[method]) for method in order], list(report.ranks), f"NDCG@{report.k}")


def leads(report: Report) -> str:
    """How far ours is ahead of each other method."""
    found = report.leads()
    order = sorted(found, key=lambda method: -found[method].mean)
    label = f"NDCG@{report.k}, penchant's less the other's"
    return _dots([(method, found[method]) for method in order], list(report.ranks), label, zero=True)


def by_band(report: Report, bands: Sequence[Band], label: str) -> str:
    """NDCG of every method by band; ours with its interval."""

    def paint(axes: Axes) -> None:
        x = list(range(len(bands)))
        for method in report.ranks:
            _line(axes, list(report.ranks).index(method), x, [band.ndcg[method].mean for band in bands])
        _ribbon(axes, x, [band.ndcg[OURS] for band in bands])
        axes.set_xticks(x, [band.name for band in bands])
        axes.set_xlabel(label)
        _from_zero(axes, f"NDCG@{report.k}")

    return draw([paint])


def over_time(report: Report) -> str:
    """NDCG of every method through the predictions; ours with its interval."""
    parts = report.over_time()

    def paint(axes: Axes) -> None:
        x = list(range(len(parts)))
        for k, method in enumerate(report.ranks):
            _line(axes, k, x, [band.ndcg[method].mean for _, band in parts])
        _ribbon(axes, x, [band.ndcg[OURS] for _, band in parts])
        some = sorted({round(k * (len(parts) - 1) / 6) for k in range(7)})
        axes.set_xticks(some, [_day(parts[k][0]) for k in some])
        axes.set_xlabel("mean time of each sixteenth of the predictions")
        _from_zero(axes, f"NDCG@{report.k}")

    return draw([paint])


def shown(report: Report) -> str:
    """Coverage, Gini index and novelty of every method that tells what it puts first."""
    told = {method: found for method in report.ranks if (found := report.shown(method)) is not None}
    names = list(told)[::-1]

    def panel(key: str, label: str) -> Callable[[Axes], None]:
        def paint(axes: Axes) -> None:
            for y, method in enumerate(names):
                face = colour(list(report.ranks).index(method))
                axes.barh(y, told[method][key], color=face, height=0.62)
                axes.annotate(
                    f"{told[method][key]:.2f}", (told[method][key], y), xytext=(4, 0), textcoords="offset points",
                    va="center", color=INK, fontsize=9,
                )  # fmt: skip
            axes.set_yticks(range(len(names)), names if key == "coverage" else [""] * len(names), parse_math=False)
            axes.set_xlabel(label)
            axes.margins(x=0.18)
            axes.grid(visible=False)

        return paint

    panels = [panel("coverage", "coverage"), panel("gini", "Gini index"), panel("novelty", "novelty, bits")]
    return draw(panels, height=0.9 + 0.36 * len(names))


def nodes(levels: Levels) -> str:
    """Accuracy, macro F1 and weighted F1 of every way to name the next item's node."""

    def panel(level: str) -> Callable[[Axes], None]:
        def paint(axes: Axes) -> None:
            width = 0.8 / len(WAYS)
            for k, way in enumerate(WAYS):
                told = levels.nodes[level][way].figures
                values = (told.accuracy, told.macro.f1, told.weighted.f1)
                x = np.arange(3) + (k - (len(WAYS) - 1) / 2) * width
                axes.bar(x, values, width * 0.9, color=colour(k))
                for place, value in zip(x.tolist(), values, strict=True):
                    axes.annotate(
                        f"{value:.2f}", (place, value), xytext=(0, 3), textcoords="offset points", ha="center",
                        color=INK, fontsize=8,
                    )  # fmt: skip
            axes.set_xticks(range(3), ["accuracy", "macro F1", "weighted F1"])
            axes.set_title(f"the next item's {level}")
            axes.set_ylim(bottom=0)

        return paint

    return draw([panel(level) for level in levels.nodes])


def calibration(levels: Levels) -> str:
    """Reliability of every way to name the next item's node."""

    def panel(level: str) -> Callable[[Axes], None]:
        def paint(axes: Axes) -> None:
            curves = {k: levels.nodes[level][way].curve for k, way in enumerate(WAYS)}
            _reliability(axes, curves)
            axes.set_title(f"the next item's {level}")

        return paint

    return draw([panel(level) for level in levels.nodes], height=4.0)


def certainty(levels: Levels, level: str) -> str:
    """What the profile's certainty is worth: calibration, skill and intensity by band of certainty."""
    bands = levels.certainty[level]
    names = [f"{band.low:g}–{band.high:g}" for band in bands]

    def shares(axes: Axes) -> None:
        curves = {BANDS.index(band.low): band.curve for band in bands}
        _reliability(axes, curves, "share shown", "share in what came next")
        axes.set_title("shares")

    def skill(axes: Axes) -> None:
        for k, band in enumerate(bands):
            axes.bar(k, 100 * max(band.skill, -1.0), 0.62, color=colour(BANDS.index(band.low)))
        axes.axhline(0, color=FAINT, linewidth=1)
        axes.set_xticks(range(len(bands)), names)
        axes.set_xlabel("certainty")
        axes.set_title("squared error saved over the population's, %")

    def rated(axes: Axes) -> None:
        x = range(len(bands))
        axes.plot(x, [band.rmse for band in bands], color=colour(0), marker="o", linewidth=2)
        axes.plot(x, [band.rmse_mean for band in bands], color=FAINT, marker="s", linestyle="--")
        for text, value in (("intensity shown", bands[-1].rmse), ("overall mean", bands[-1].rmse_mean)):
            axes.annotate(
                text, (len(bands) - 1, value), xytext=(0, 6), textcoords="offset points", ha="right", color=INK,
                fontsize=8,
            )  # fmt: skip
        axes.set_xticks(x, names)
        axes.set_xlabel("certainty")
        axes.set_title("RMSE of the intensity")
        axes.set_ylim(0, 1.2 * max(max(band.rmse, band.rmse_mean) for band in bands))

    return draw([shares, skill, rated], height=3.6)


# -- drawing -----------------------------------------------------------------------------------------------------------


def draw(panels: Sequence[Callable[[Axes], None]], *, height: float = 3.6, width: float = 10.0) -> str:
    """Inline SVG of panels side by side."""
    figure = need("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")
    row = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, paint in zip(row, panels, strict=True):
        _style(axes)
        paint(axes)
        for text in (axes.xaxis.label, axes.yaxis.label, axes.title):
            text.set_color(INK)
            text.set_fontsize(10)
    target = io.StringIO()
    with warnings.catch_warnings():  # a character that no installed font has becomes a box, which is no reason to stop
        warnings.filterwarnings("ignore", message=".*[Gg]lyph")
        figure.savefig(target, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return inline(target.getvalue())


def inline(svg: str) -> str:
    """A whole SVG file as an element of a page: no header, ids that no other plot has, the page's colours.

    >>> file = '<?xml version="1.0"?><svg width="9pt" height="8pt" viewBox="0 0 9 8"><g id="a" style="fill: #0000f1"/>'
    >>> inline(file)
    '<svg viewBox="0 0 9 8" aria-hidden="true"><g id="...-0" style="fill: var(--ink)"/>'
    """
    body = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    opening, rest = body.split(">", 1)
    body = re.sub(r' (?:width|height)="[^"]*"', "", opening) + ' aria-hidden="true">' + rest
    # matplotlib's ids are partly drawn at random: numbered in their order, the same plot is the same text
    numbers = {name: str(k) for k, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]*)"', body)))}
    prefix = "p" + hashlib.blake2b(re.sub(r'(id="|#)[^")]*', "", body).encode(), digest_size=4).hexdigest()
    for start in ('id="', 'href="#', "url(#"):
        body = re.sub(
            rf'({re.escape(start)})([^")]*)',
            lambda found: f"{found[1]}{prefix}-{numbers[found[2]]}" if found[2] in numbers else found[0],
            body,
        )
    return re.sub(r"#0000[0-9a-f]{2}\b", lambda found: VARIABLES.get(found[0], found[0]), body).strip()


def _style(axes: Axes) -> None:
    axes.set_facecolor("none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    axes.tick_params(colors=FAINT, labelcolor=INK, labelsize=9, length=0)
    axes.grid(visible=True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def _line(axes: Axes, series: int, x: Sequence[float], y: Sequence[float]) -> None:
    ours = series == 0
    axes.plot(
        x, y, color=colour(series), marker=MARKERS[series % len(MARKERS)], markersize=6 if ours else 4.5,
        linewidth=2.8 if ours else 1.5, zorder=5 if ours else 3,
    )  # fmt: skip


def _ribbon(axes: Axes, x: Sequence[float], intervals: Sequence[Interval]) -> None:
    low, high = [found.low for found in intervals], [found.high for found in intervals]
    axes.fill_between(x, low, high, color=colour(0), alpha=0.16, linewidth=0)


def _from_zero(axes: Axes, label: str) -> None:
    axes.set_ylim(bottom=0)
    axes.set_ylabel(label)


def _dots(rows: Sequence[tuple[str, Interval]], methods: Sequence[str], label: str, *, zero: bool = False) -> str:
    def paint(axes: Axes) -> None:
        for y, (method, found) in enumerate(rows):
            series = methods.index(method)
            axes.plot([found.low, found.high], [y, y], color=colour(series), linewidth=3, alpha=0.5)
            axes.plot([found.mean], [y], color=colour(series), marker="o", markersize=8)
            axes.annotate(
                f"{found.mean:+.4f}" if zero else f"{found.mean:.4f}", (max(found.high, found.mean), y), xytext=(8, 0),
                textcoords="offset points", va="center", color=INK, fontsize=9,
            )  # fmt: skip
        axes.set_yticks(range(len(rows)), [method for method, _ in rows], parse_math=False)
        axes.set_ylim(-0.6, len(rows) - 0.4)
        if zero:
            axes.axvline(0, color=FAINT, linewidth=1.2)
        else:
            axes.set_xlim(left=0)
        axes.margins(x=0.12)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel(label)

    return draw([paint], height=0.9 + 0.36 * len(rows))


def _reliability(
    axes: Axes, curves: Mapping[int, Sequence[Bin]], x: str = "probability said", y: str = "how often it came so"
) -> None:
    curves = {series: [point for point in curve if point.count >= FEW] for series, curve in curves.items()}
    top = max((max(p.probability, p.frequency) for curve in curves.values() for p in curve), default=1.0) * 1.05
    axes.plot([0, top], [0, top], color=FAINT, linewidth=1.2, linestyle=":")
    for series, curve in curves.items():
        place = ([point.probability for point in curve], [point.frequency for point in curve])
        axes.plot(*place, color=colour(series), marker=MARKERS[series], markersize=4.5, linewidth=1.6)
    axes.set(xlim=(0, top), ylim=(0, top), xlabel=x, ylabel=y)


def _day(seconds: float) -> str:
    return "" if seconds != seconds else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
