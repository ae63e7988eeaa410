"""The bar of a score's parts: parts of one family together, to the right what speaks for it, to the left against it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from nicegui import ui

from penchant.recommend.explanation import Explanation, Part
from penchant.serve.console.texts import Texts

# colours and families are few, so that a bar is read at a glance; "why" has every part
COLOURS = {
    "tree": "#17626d", "taste": "#86bdb6", "patterns": "#c9a24b", "crowd": "#dc9479", "said": "#5f8f5a",
    "moment": "#3f7cac", "other": "#b5838d", "request": "#6a5a9c", "policy": "#a63d2f", "base": "#a8b0b5",
}  # fmt: skip
EVIDENCE = {
    "long": "taste", "recent": "taste", "last": "taste", "repeat": "taste",
    "next": "patterns", "follows": "patterns", "together": "patterns", "leads": "patterns", "beside": "patterns",
    "learned": "patterns", "sequence": "patterns",
    "popular": "crowd", "trending": "crowd", "quality": "crowd", "fresh": "crowd",
    "said": "said", "context": "moment",
}  # fmt: skip
LEFT = 3.0  # the left is a third as wide as the right


def family(part: Part) -> str:
    """The family that a part is drawn with."""
    if part.level in ("category", "dimension"):
        return "tree"
    return EVIDENCE.get(part.name, "other") if part.level == "intensity" else part.level


def families(explanation: Explanation) -> dict[str, tuple[float, float]]:
    """By family, in the order of the legend: the sum of what speaks for the item, and of what speaks against it."""
    found: dict[str, tuple[float, float]] = {}
    for name in COLOURS:
        values = [part.value for part in explanation.parts if family(part) == name]
        if any(values):
            found[name] = math.fsum(v for v in values if v > 0), math.fsum(v for v in values if v < 0)
    return found


def extent(explanations: Iterable[Explanation]) -> float:
    """What the right side of the bars has room for, so that all of them fit and can be compared."""
    sums = [families(one).values() for one in explanations]
    return max((max(sum(a for a, _ in one), -LEFT * sum(b for _, b in one)) for one in sums), default=0.0) or 1.0


def legend(explanations: Iterable[Explanation], t: Texts) -> None:
    """Colours of the families that occur."""
    present = {name for one in explanations for name in families(one)}
    with ui.element("div").classes("line faint legend"):
        for name in COLOURS:
            if name in present:
                with ui.element("span"):
                    ui.element("span").classes("swatch").style(f"background: {COLOURS[name]}")
                    ui.label(t("family." + name)).style("display: inline")


def bar(explanation: Explanation, room: float, t: Texts) -> None:
    """The bar of one score."""
    sums = families(explanation)
    told = ", ".join(f"{t('family.' + name)} {plus + minus:+.2f}" for name, (plus, minus) in sums.items())
    with ui.element("div").classes("parts").props(f'role="img" aria-label="{t("people.parts")}: {told}"'):
        with ui.element("div").classes("minus"):
            for name, (_, minus) in sums.items():
                _piece(name, -LEFT * minus / room)
        with ui.element("div").classes("plus"):
            for name, (plus, _) in sums.items():
                _piece(name, plus / room)


def _piece(name: str, share: float) -> None:
    if share > 0:
        ui.element("i").style(f"width: {100 * share:.2f}%; background: {COLOURS[name]}")
