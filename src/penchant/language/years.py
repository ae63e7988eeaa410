"""Years in a request: "from the nineties", "before 2001", "of the last ten years", 八十年代, 去年."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from penchant.language import constraint_words as words
from penchant.language.number_words import Number

_TENS = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
    "nineties": 90,
}  # fmt: skip
_PARTS = {
    "early": (0, 3), "mid": (4, 6), "late": (7, 9), "初": (0, 3), "中期": (4, 6), "末": (7, 9), "后期": (6, 9),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bounds:
    """From year `low` to year `high`, both included; None: no bound on this side.

    `relative`: both are years from now, 0 or less.
    """

    low: float | None = None
    high: float | None = None
    relative: bool = False


class Years:
    """Reads the years of one text.

    Args:
        text: folded, as it was said.
        number: the number that a sign stands for, None for no sign; numbers are hidden behind signs while patterns
            are looked for (see `constraints`).
    """

    def __init__(self, text: str, number: Callable[[str | None], Number | None]) -> None:
        self.text, self._number = text, number

    def read(self, name: str, match: re.Match[str]) -> Bounds | None:
        """The years of a match of the pattern of this name in `constraint_words.YEAR`; None if they are none."""
        said = words.said(match)
        groups = dict(said)
        if name == "decade":
            return self._decade(groups)
        if name == "last":
            many, span = self._number(groups.get("many")), groups.get("span", "年")
            if span == "year" and many is None:
                return Bounds(-1.0, -1.0, relative=True)  # "last year"
            years = (many.value if many else 1.0 if span == "decade" else 3.0) * (10 if "decade" in span else 1)
            return Bounds(low=-float(int(years)), relative=True) if years <= 200 else None
        if name == "this":
            text = match.group()
            back = 2.0 if "前年" in text else 1.0 if "last" in text or "去年" in text else 0.0
            return Bounds(-back, -back, relative=True)
        years_said = [self._year_of(value) for key, value in said if key == "y"]
        if not years_said or None in years_said:
            return None
        year, last = float(years_said[0] or 0), float(years_said[-1] or 0)
        match name:
            case "between":
                return Bounds(min(year, last), max(year, last))
            case "after":
                return Bounds(low=year + 1)
            case "since":
                if match.group().startswith("from") and "on" not in groups:
                    return Bounds(year, year)  # "from 1994" is of that year
                return Bounds(low=year)
            case "before":
                return Bounds(high=year - 1)
            case "until":
                return Bounds(high=year)
            case _:
                return Bounds(year, year)

    def _year_of(self, sign: str | None) -> float | None:
        number = self._number(sign)
        if number is None or not number.value.is_integer() or not 1000 <= number.value <= 2100:
            return None
        said = self.text[number.start : number.end]
        return number.value if len(said) >= 4 and "," not in said and "k" not in said else None

    def _decade(self, groups: dict[str, str]) -> Bounds | None:
        first = self._first_year(groups)
        if first is None:
            return None
        part = _PARTS.get(groups.get("part", ""), (0, 9))
        low, high = first + part[0], first + part[1]
        relation = groups.get("rel", "").strip(" -")
        if relation in ("before", "older than", "pre", "以前", "之前"):
            return Bounds(high=low - 1)
        if relation in ("after", "newer than", "post"):
            return Bounds(low=high + 1)
        if relation in ("since", "以后", "之后", "以来") or "on" in groups:
            return Bounds(low=low)
        return Bounds(low, high)

    def _first_year(self, groups: dict[str, str]) -> float | None:
        if number := self._number(groups.get("decade_zh")):
            value = number.value
            if value >= 1000:
                return value if value % 10 == 0 else None
            if value > 90 or value % 10:
                return None
            century = groups.get("century_zh", "")
            return (2000.0 if century == "本世纪" or (not century and value < 20) else 1900.0) + value
        said = groups["decade"]
        if said[0] >= chr(words.FIRST):
            number = self._number(said)
            if number is None or not number.digits or number.value % 10:
                return None
            value = number.value
            if 1000 <= value <= 2090:
                return value
            return (2000.0 if value < 20 else 1900.0) + value if value <= 90 else None
        name = said.removeprefix("nineteen").strip(" -")
        return 1900.0 + _TENS[name] if name in _TENS else 2000.0
