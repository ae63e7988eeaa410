"""A report as text for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penchant.evaluate.levels import Levels
    from penchant.evaluate.report import Report


def text(report: Report) -> str:
    """Every method beside the others; then what the levels said."""
    return "\n\n".join(part for part in (_methods(report), _nodes(report.levels), _intensity(report.levels)) if part)


def by_method(report: Report) -> tuple[list[str], list[list[str]]]:
    """(head, rows): the figures of every method, as text."""
    k, intervals = report.k, report.intervals()
    head = [
        "",
        f"HR@{k}",
        f"NDCG@{k}",
        "95 % interval",
        "MRR",
        "warm",
        "new",
        "rated 4+",
        "coverage",
        "Gini",
        "novelty",
    ]
    rows: list[list[str]] = []
    for method in report.ranks:
        whole, shown, interval = report.row(method), report.shown(method), intervals[method]
        parts = (report.row(method, True), report.row(method, False), report.row(method, liked=True))
        rows.append([
            method, f"{whole[f'hr@{k}']:.4f}", f"{whole[f'ndcg@{k}']:.4f}", f"{interval.low:.4f}–{interval.high:.4f}",
            f"{whole['mrr']:.4f}", *(f"{part[f'ndcg@{k}']:.4f}" if part["events"] else "-" for part in parts),
            *([f"{shown['coverage']:.3f}", f"{shown['gini']:.3f}", f"{shown['novelty']:.2f}"] if shown else ["-"] * 3),
        ])  # fmt: skip
    return head, rows


def _methods(report: Report) -> str:
    words = f"warm, new, rated 4+: NDCG@{report.k} of users seen in training, of others, of what was liked"
    return f"{columns(*by_method(report))}\n{words}"


def _nodes(levels: Levels) -> str:
    head = ["the next item's", "named by", "accuracy", "macro F1", "weighted F1", "calibration error"]
    rows = [
        [level if k == 0 else "", way, f"{node.figures.accuracy:.4f}", f"{node.figures.macro.f1:.4f}",
         f"{node.figures.weighted.f1:.4f}", f"{node.calibration_error:.4f}"]
        for level, ways in levels.nodes.items() for k, (way, node) in enumerate(ways.items())
    ]  # fmt: skip
    return columns(head, rows, words=2) if rows else ""


def _intensity(levels: Levels) -> str:
    head = ["intensity", "RMSE", "AUC"]
    rows = [
        [guess, f"{figures['rmse']:.4f}", "-" if figures["auc"] is None else f"{figures['auc']:.4f}"]
        for guess, figures in levels.intensity.items()
    ]
    return columns(head, rows) if levels.guessed else ""


def columns(head: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1) -> str:
    """A table of text: the first `words` columns to the left, numbers to the right.

    >>> print(columns(["", "NDCG"], [["ours", "0.1"], ["theirs", "0.05"]]))
            NDCG
    ours     0.1
    theirs  0.05
    """
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) if k < words else cell.rjust(width) for k, (cell, width) in enumerate(cells))
        for cells in (list(zip(row, widths, strict=True)) for row in (head, *rows))
    ]
    return "\n".join(line.rstrip() for line in lines)
