"""What was shown, as the log keeps it: names of parts and reasons once an answer, by number where they are used.

Ten items of fourteen parts each share their parts' names and most of their reasons; written out they take 24 kB. All
parts keep their value; an item's strongest ones, and where it stands in the tree, their reason: reasoning about the
others takes as long as ranking.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from penchant.interest.reason import Fact, Reason
from penchant.recommend.answer import Answer
from penchant.recommend.explanation import Explanation, Level, Part

REASONED = 6  # parts of an item that keep their reason, the strongest; and those of these levels
ALWAYS = ("category", "dimension", "request", "policy", "base")
LITTLE = Reason("little")


class _Numbered:
    """Distinct things in the order of their first use."""

    def __init__(self) -> None:
        self.number: dict[Any, int] = {}

    def of(self, thing: Any) -> int:
        """The thing's number, from 0."""
        return self.number.setdefault(thing, len(self.number))


def body_of(answer: Answer) -> dict[str, Any]:
    """The answer as JSON-able values; `explanations_in` reads its explanations back, their values to the bit.

    Returns:
        What `Answer.to_dict` gives, but instead of an explanation each item has `parts`: [number among `parts` of the
        answer, value, number among `reasons` unless it counts for little], and `moves`: numbers among `reasons`. The
        answer's `parts` are [level, name], its `reasons` [key, facts].
    """
    parts, reasons = _Numbered(), _Numbered()

    numbers: dict[int, list[int]] = {}  # of the terms' names, by the names: most items of an answer share them

    def why(reason: Reason) -> int:
        return reasons.of((reason.key, tuple(reason.facts.items())))

    def valued(explanation: Explanation) -> list[list[Any]]:
        names, values, _ = explanation.terms
        if (number := numbers.get(id(names))) is None:
            number = numbers[id(names)] = [parts.of(name) for name in names]
        order = explanation.order()
        strongest = set(order[:REASONED]) if len(order) > REASONED else range(len(names))
        return [
            [number[k], values[k], why(explanation.reason(k))]
            if k in strongest or names[k][0] in ALWAYS
            else [number[k], values[k]]
            for k in explanation.told()
        ]

    items = [
        {
            "item": one.item, "title": one.title, "score": one.score, "position": one.position,
            "probability": one.probability, "parts": valued(one.explanation),
            "moves": [why(reason) for reason in one.explanation.moves],
        }
        for one in answer.items
    ]  # fmt: skip
    return {
        **answer.about(), "items": items, "parts": [list(part) for part in parts.number],
        "reasons": [[key, dict(facts)] for key, facts in reasons.number],
    }  # fmt: skip


def explanations_in(body: Mapping[str, Any]) -> list[Explanation]:
    """The explanations of an answer's entry, also of one that an older release wrote (an explanation an item).

    Raises:
        ValueError: the parts of one don't sum to its score.
    """
    if "reasons" not in body:
        return [Explanation.from_dict(one["explanation"]) for one in body["items"]]
    reasons = [Reason(str(key), cast(dict[str, Fact], facts)) for key, facts in body["reasons"]]
    names: list[tuple[Level, str]] = [(cast(Level, level), str(name)) for level, name in body["parts"]]
    found: list[Explanation] = []
    for one in body["items"]:
        rows = cast(list[tuple[int, float, *tuple[int, ...]]], one["parts"])
        parts = [Part(*names[part], value, reasons[why[0]] if why else LITTLE) for part, value, *why in rows]
        moves = [reasons[int(why)] for why in one["moves"]]
        found.append(Explanation(parts, float(one["score"]), item=str(one["item"]), moves=moves))
    return found
