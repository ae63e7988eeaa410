"""Explanations: a score as the sum of its named parts, exactly, in a table or in words."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, Literal, Self, get_args

from penchant.recommend.phrases import Language, Reason, one_line, phrase, sentence

Level = Literal["category", "dimension", "intensity", "request", "policy", "base"]
LEVELS: tuple[Level, ...] = get_args(Level)
TOLERANCE = 1e-9
UNKNOWN = frozenset({"no_link", "no_history", "unrated", "little", "not_had"})  # reasons that tell little
_HALF = 12  # columns of a bar to either side of zero


class Part:
    """One named term of a score. Its reason may be given as a function, asked once and only when it is read.

    Attributes:
        level: category, dimension, intensity, request, policy or base.
        name: of the evidence, lift or rule.
        value: what it adds to the score.
    """

    __slots__ = ("_reason", "level", "name", "value")

    def __init__(self, level: Level, name: str, value: float, reason: Reason | Callable[[], Reason]) -> None:
        self.level, self.name, self.value = level, name, value
        self._reason = reason

    @property
    def reason(self) -> Reason:
        """Why, in key and facts; `phrase` puts it into words."""
        if not isinstance(self._reason, Reason):
            self._reason = self._reason()
        return self._reason

    def phrase(self, language: Language = "en") -> str:
        """Why, as a clause; it minds the value's sign."""
        return phrase(self.reason, language, negative=self.value < 0)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; `from_dict` reads it back."""
        return {"level": self.level, "name": self.name, "value": self.value, "reason": self.reason.to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The part that `to_dict` wrote."""
        return cls(data["level"], str(data["name"]), float(data["value"]), Reason.from_dict(data["reason"]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.level, self.name, self.value))

    def __repr__(self) -> str:
        return f"Part({self.level!r}, {self.name!r}, {self.value:+.4f})"


class Explanation:
    """A score and the parts that sum to it.

    Args:
        parts: the terms, or what makes them when they are first read (and checked).
        score: their sum, to 1e-9 (of the largest term, if that is above 1).
        item: what is explained.
        moves: why the item stands elsewhere than its score would put it (diversity, exploration); not in the sum.

    Raises:
        ValueError: the parts don't sum to the score.

    >>> explanation = Explanation([
    ...     Part("intensity", "recent", 1.5, Reason("recent", {"items": "Alien"})),
    ...     Part("intensity", "fresh", -0.25, lambda: Reason("fresh", {"days": 900})),
    ... ], score=1.25, item="dune")
    >>> print(explanation.text())
    Because it is close to what you liked lately: Alien. Less because it is not new (900 days).
    >>> print(explanation.table())
    level      name     value                             reason
    intensity  recent  +1.500              |████████████  it is close to what you liked lately: Alien
    intensity  fresh   -0.250            ██|              it is not new (900 days)
               score   +1.250
    """

    __slots__ = ("_make", "_parts", "_strongest", "item", "moves", "score")

    def __init__(
        self, parts: Iterable[Part] | Callable[[], Iterable[Part]], score: float, *, item: str = "",
        moves: Iterable[Reason] = (),
    ) -> None:  # fmt: skip
        self.score, self.item, self.moves = score, item, tuple(moves)
        self._make = parts if callable(parts) else None
        self._parts = None if callable(parts) else self._checked(parts)
        self._strongest: list[Part] | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The terms."""
        if self._parts is None:
            assert self._make is not None
            self._parts, self._make = self._checked(self._make()), None
        return self._parts

    def _checked(self, parts: Iterable[Part]) -> tuple[Part, ...]:
        parts = tuple(parts)
        values = [part.value for part in parts]
        total = math.fsum(values)
        largest = max(map(abs, values), default=0.0)
        if not abs(total - self.score) <= TOLERANCE * max(1.0, largest):
            raise ValueError(f"the parts sum to {total!r}, but the score is {self.score!r}")
        return parts

    def by_level(self) -> dict[Level, float]:
        """What each level adds, in the order of `LEVELS`; levels without a part are left out."""
        return {
            level: math.fsum(part.value for part in self.parts if part.level == level)
            for level in LEVELS
            if any(part.level == level for part in self.parts)
        }

    def strongest(self, top: int | None = None) -> list[Part]:
        """The parts that matter most, largest magnitude first; the base and zeros are left out."""
        if self._strongest is None:
            telling = [part for part in self.parts if part.level != "base" and part.value != 0]
            self._strongest = sorted(telling, key=lambda part: -abs(part.value))
        return self._strongest[:top]

    def telling(self, top: int) -> list[Part]:
        """The strongest parts, those that say only what is not known yet left out, unless there are no others."""
        strongest = self.strongest()
        known = list(islice((part for part in strongest if part.reason.key not in UNKNOWN), top))
        return known or strongest[:top]

    def text(self, language: Language = "en", top: int = 3) -> str:
        """The strongest parts as sentences, then why it was moved, if it was.

        Parts that say only what is not known yet are left out, unless there are no others.

        Raises:
            ConfigError: a language other than en and zh.
        """
        parts = self.telling(top)
        said = [sentence(part.reason, language, negative=part.value < 0) for part in parts]
        said += [_moved(reason, language) for reason in self.moves]
        if not said and top:  # of somebody unknown, where nobody has done anything yet
            said = [sentence(Reason("no_history"), language)]
        return ("" if language == "zh" else " ").join(said)

    def table(self, language: Language = "en") -> str:
        """All parts, grouped by level, with bars: to the right of zero they add, to the left they take."""
        parts = sorted(self.parts, key=lambda part: (LEVELS.index(part.level), -abs(part.value)))
        longest = max((abs(part.value) for part in parts), default=0.0)
        rows = [("level", "name", "value", "", "reason")]
        rows += [
            (part.level, one_line(part.name), f"{part.value:+.3f}", _bar(part.value, longest), part.phrase(language))
            for part in parts
        ]
        rows.append(("", "score", f"{self.score:+.3f}", "", ""))
        widths = [max(_width(row[column]) for row in rows) for column in range(4)]
        return "\n".join(
            "  ".join(
                [
                    _padded(level, widths[0]),
                    _padded(name, widths[1]),
                    value.rjust(widths[2]),
                    _padded(bar, widths[3]),
                    reason,
                ]
            ).rstrip()
            for level, name, value, bar, reason in rows
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; `from_dict` reads it back."""
        return {
            "item": self.item,
            "score": self.score,
            "parts": [part.to_dict() for part in self.parts],
            "moves": [reason.to_dict() for reason in self.moves],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The explanation that `to_dict` wrote.

        Raises:
            ValueError: the parts don't sum to the score.
        """
        parts = [Part.from_dict(part) for part in data["parts"]]
        moves = [Reason.from_dict(reason) for reason in data.get("moves", ())]
        return cls(parts, float(data["score"]), item=str(data.get("item", "")), moves=moves)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Explanation) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.item, self.score, self.parts))

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Explanation(score={self.score:.4f}, parts={list(self.parts)!r})"


def _moved(reason: Reason, language: Language) -> str:
    clause = phrase(reason, language)
    return f"{clause}。" if language == "zh" else f"{clause[:1].upper()}{clause[1:]}."


def _bar(value: float, longest: float) -> str:
    size = round(_HALF * abs(value) / longest) if longest > 0 else 0
    mark = "█" * size
    return f"{mark if value < 0 else '':>{_HALF}}|{'' if value < 0 else mark:<{_HALF}}"


def _width(text: str) -> int:
    """Columns on a terminal: characters of Chinese, Japanese and Korean take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
