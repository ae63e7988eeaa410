"""Explanations: a score as the sum of its named parts, exactly, in a table or in words."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, Literal, NamedTuple, Self, get_args

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
        self.level: Level = level
        self.name, self.value = name, value
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


class Terms(NamedTuple):
    """Parts of a score that are made when they are read: most of an answer's some two hundred never are.

    Attributes:
        names: level and name of each.
        values: what each adds; a term of 0 is no part, unless it is the base.
        why: the reason of a term, by its number.
    """

    names: Sequence[tuple[Level, str]]
    values: Sequence[float]
    why: Callable[[int], Reason]


def _terms_of(parts: tuple[Part, ...]) -> Terms:
    def why(k: int) -> Reason:
        return parts[k].reason

    return Terms([(part.level, part.name) for part in parts], [part.value for part in parts], why)


class Explanation:
    """A score and the parts that sum to it.

    Args:
        parts: the terms; `Terms` are checked when all of them are read first.
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

    __slots__ = ("_made", "_order", "_parts", "item", "moves", "score", "terms")

    def __init__(
        self, parts: Iterable[Part] | Terms, score: float, *, item: str = "", moves: Iterable[Reason] = ()
    ) -> None:
        self.score, self.item, self.moves = score, item, tuple(moves)
        self._made: dict[int, Part] = {}
        self._order: list[int] | None = None
        self._parts: tuple[Part, ...] | None = None
        if isinstance(parts, Terms):
            self.terms = parts
        else:
            self._parts = tuple(parts)
            self._made.update(enumerate(self._parts))
            self.terms = _terms_of(self._parts)
            self._check()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The terms."""
        if self._parts is None:
            self._check()
            self._parts = tuple(self.part(k) for k in self.told())
        return self._parts

    def told(self) -> Sequence[int]:
        """Numbers of the terms that are parts."""
        if self._parts is not None and len(self._parts) == len(self.terms.values):
            return range(len(self._parts))
        told = zip(self.terms.names, self.terms.values, strict=True)
        return [k for k, ((level, _), value) in enumerate(told) if value != 0 or level == "base"]

    def part(self, k: int) -> Part:
        """Term k."""
        part = self._made.get(k)
        if part is None:
            level, name = self.terms.names[k]
            part = self._made[k] = Part(level, name, self.terms.values[k], partial(self.terms.why, k))
        return part

    def reason(self, k: int) -> Reason:
        """Of term k."""
        made = self._made.get(k)
        return self.terms.why(k) if made is None else made.reason

    def _check(self) -> None:
        total, largest = math.fsum(self.terms.values), max(map(abs, self.terms.values), default=0.0)
        if not abs(total - self.score) <= TOLERANCE * max(1.0, largest):
            raise ValueError(f"the parts sum to {total!r}, but the score is {self.score!r}")

    def by_level(self) -> dict[Level, float]:
        """What each level adds, in the order of `LEVELS`; levels without a part are left out."""
        return {
            level: math.fsum(part.value for part in self.parts if part.level == level)
            for level in LEVELS
            if any(part.level == level for part in self.parts)
        }

    def order(self) -> list[int]:
        """Numbers of the terms that matter, largest magnitude first; the base and zeros are left out."""
        if self._order is None:
            size = [0.0 if level == "base" else abs(value) for (level, _), value in zip(*self.terms[:2], strict=True)]
            telling = sorted(range(len(size)), key=size.__getitem__, reverse=True)
            self._order = [k for k in telling if size[k] > 0]
        return self._order

    def strongest(self, top: int | None = None) -> list[Part]:
        """The parts that matter most, in their `order`."""
        return [self.part(k) for k in self.order()[:top]]

    def telling(self, top: int) -> list[Part]:
        """The strongest parts, those that say only what is not known yet left out, unless there are no others."""
        each = (self.part(k) for k in self.order())
        known = list(islice((part for part in each if part.reason.key not in UNKNOWN), top))
        return known or self.strongest(top)

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
