"""A search as a picture: its course, and which settings mattered."""

from __future__ import annotations

import html
import importlib
import importlib.util
import io
from pathlib import Path
from typing import Any

from penchant.errors import InvalidRecord, MissingExtra
from penchant.evaluate.tuning.report import Found

INK, FAINT, BEST, PRUNED = "#22303a", "#7b858c", "#17626d", "#dc9479"
SHOWN = 15  # settings


def plot(tuned: Found, target: str | Path) -> Path:
    """Draw into a file whose name ends with .png, .svg or .html (no script in it, so that it opens offline).

    Raises:
        MissingExtra: matplotlib is not installed.
        InvalidRecord: another ending.
    """
    path = check_target(target)
    figure = _figure(tuned)
    if path.suffix.lower() != ".html":
        figure.savefig(path, format=path.suffix.lower()[1:])
        return path
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    svg = drawn.getvalue()
    title = html.escape(f"penchant tune on {tuned.name}")
    head = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    path.write_text(f"{head}<body>{svg[svg.index('<svg') :]}</body></html>\n", encoding="utf-8")
    return path


def check_target(target: str | Path) -> Path:
    """The path, if something can be drawn into it.

    Raises:
        MissingExtra, InvalidRecord: as `plot`.
    """
    path = Path(target)
    if path.suffix.lower() not in (".png", ".svg", ".html"):
        raise InvalidRecord("tune.plot", str(target), "end the file's name with .png, .svg or .html")
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingExtra("matplotlib", extra="tune")
    return path


def _figure(tuned: Found) -> Any:
    figure = importlib.import_module("matplotlib.figure").Figure(figsize=(12, 5.5), dpi=120, layout="constrained")
    importlib.import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    course, mattered = figure.subplots(1, 2, width_ratios=(3, 2))
    _course(course, tuned)
    _mattered(mattered, tuned)
    figure.suptitle(f"{tuned.name}: {tuned.verdict()}", color=INK, fontsize=11)
    for axes in (course, mattered):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _course(axes: Any, tuned: Found) -> None:
    whole = [(place, trial) for place, trial in enumerate(tuned.trials) if not trial.pruned]
    pruned = [(place, trial) for place, trial in enumerate(tuned.trials) if trial.pruned]
    x, y = [place for place, _ in whole], [trial.score for _, trial in whole]
    intervals = [trial.interval for _, trial in whole if trial.interval is not None]
    bars = [[i.mean - i.low for i in intervals], [i.high - i.mean for i in intervals]]
    axes.errorbar(x, y, bars, fmt="o", color=INK, ecolor="#c9cfd2", markersize=4, label="trial, 95 %")
    if pruned:
        axes.plot([place for place, _ in pruned], [trial.score for _, trial in pruned], "x", color=PRUNED,
                  label="given up")  # fmt: skip
    best = [max(y[: k + 1]) for k in range(len(y))]
    axes.step([*x, len(tuned.trials)], [*best, best[-1]], where="post", color=BEST, label="best so far")
    axes.axhline(tuned.start.score, color=FAINT, linestyle=":", label="began from")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel("trial")
    axes.set_ylabel(f"{tuned.measure} {tuned.where}")
    axes.legend(frameon=False, fontsize=9)


def _mattered(axes: Any, tuned: Found) -> None:
    shown = sorted(tuned.importance.items(), key=lambda one: one[1])[-SHOWN:]
    axes.set_title("what mattered (PED-ANOVA)", color=INK, fontsize=10)
    if not shown:
        axes.text(0.5, 0.5, "too few trials to tell", ha="center", color=FAINT, transform=axes.transAxes)
        axes.set_axis_off()
        return
    axes.barh([path for path, _ in shown], [share for _, share in shown], color=BEST)
    axes.tick_params(labelsize=8)
