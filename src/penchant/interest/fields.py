"""Which fields the catalogue's items have, and what is in them: what a request's constraints can be about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from penchant.config import DeclaredField
from penchant.language.clauses import fold
from penchant.language.constraints import Aspect, FieldWord
from penchant.records import FieldValue

VALUES = 64  # different texts kept of one field; one with more is not found by its values
SAMPLE = 512  # numbers kept of one field
MOST = 256  # fields
_ISO = re.compile(r"\d{4}(?:$|-\d\d)")

# Names that say what a field is about, the plainest first.
_NAMES: dict[Aspect, tuple[str, ...]] = {
    "price": ("price", "cost", "fee", "价格", "售价", "价钱"),
    "year": ("year", "release_year", "released", "published", "release_date", "publication_date", "date",
             "年份", "年代"),
    "length": ("runtime", "duration", "length", "running_time", "minutes", "seconds", "hours", "时长", "片长"),
    "availability": ("in_stock", "available", "availability", "stock", "inventory", "有货", "库存"),
}  # fmt: skip
_CHINESE = {
    "price": ("价格", "价钱", "售价"), "rating": ("评分", "分数"), "score": ("评分", "分数"), "year": ("年份",),
    "runtime": ("时长", "片长"), "duration": ("时长",), "length": ("长度",), "brand": ("品牌",), "color": ("颜色",),
    "colour": ("颜色",), "size": ("尺码", "尺寸"), "language": ("语言",), "pages": ("页数",), "players": ("人数",),
}  # fmt: skip
SECONDS = {"millisecond": 0.001, "second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86_400.0, "week": 604_800.0}
_UNITS = (("milliseconds", "millisecond"), ("ms", "millisecond"), ("seconds", "second"), ("secs", "second"),
          ("sec", "second"), ("s", "second"), ("minutes", "minute"), ("mins", "minute"), ("min", "minute"),
          ("hours", "hour"), ("hrs", "hour"), ("h", "hour"), ("days", "day"), ("weeks", "week"))  # fmt: skip


@dataclass(slots=True)
class Seen:
    """What was seen of one field: how often, as what, and some of it."""

    flags: int = 0
    numbers: int = 0
    texts: int = 0
    dated: int = 0
    sample: list[float] = field(default_factory=list[float])
    values: Counter[str] = field(default_factory=Counter[str])

    @property
    def kind(self) -> Literal["number", "flag", "text"]:
        """What it mostly is."""
        most = max(self.flags, self.numbers, self.texts)
        return "flag" if most == self.flags else "number" if most == self.numbers else "text"

    @property
    def is_date(self) -> bool:
        """Texts that begin with a year, as ISO 8601 dates do: they compare as they are."""
        return self.kind == "text" and self.dated > 0.5 * self.texts


class FieldsSeen:
    """The fields of all items that were ever put into the catalogue, by name.

    >>> seen = FieldsSeen()
    >>> seen.see({"price": 4.5, "in_stock": True, "published": "2015-03-01"})
    >>> seen.of("price"), seen.of("year"), seen.of("availability"), seen.of("length")
    ('price', 'published', 'in_stock', None)
    """

    def __init__(self, declared: Mapping[str, DeclaredField] | None = None) -> None:
        self.declared = declared or {}
        self.seen: dict[str, Seen] = {}
        self._words: list[FieldWord] | None = None

    def see(self, fields: Mapping[str, FieldValue]) -> None:
        """An item has these fields."""
        for name, value in fields.items():
            one = self.seen.get(name)
            if one is None:
                if len(self.seen) >= MOST:
                    continue
                one = self.seen[name] = Seen()
                self._words = None
            if isinstance(value, bool):
                one.flags += 1
            elif isinstance(value, int | float):
                one.numbers += 1
                if len(one.sample) < SAMPLE:
                    one.sample.append(float(value))
            elif value is not None:
                one.texts += 1
                for text in [value] if isinstance(value, str) else value:
                    one.dated += bool(_ISO.match(text))
                    if len(text) <= 40 and (text in one.values or len(one.values) <= VALUES):
                        if text not in one.values:
                            self._words = None
                        one.values[text] += 1

    def of(self, aspect: Aspect) -> str | None:
        """The field that an aspect is about; None if the items have none."""
        for name, how in self.declared.items():
            if how.means == aspect and name in self.seen:
                return name
        by_name = {name.casefold(): name for name in self.seen}
        for name in _NAMES.get(aspect, ()):
            if name in by_name and self._fits(aspect, by_name[name]):
                return by_name[name]
        for folded, name in by_name.items():  # "price_usd", "duration_s"
            parts = re.split(r"[_\s]+", folded)
            if any(known in parts for known in _NAMES.get(aspect, ())) and self._fits(aspect, name):
                return name
        return None

    def _fits(self, aspect: Aspect, name: str) -> bool:
        one = self.seen[name]
        if aspect == "availability":
            return one.kind in ("flag", "number")
        return one.kind == "number" or (aspect == "year" and one.is_date)

    def seconds(self, name: str) -> float:
        """How many seconds one of a length field is: as declared, as its name says, or as its numbers suggest."""
        how = self.declared.get(name)
        if how is not None and how.unit in SECONDS:
            return SECONDS[how.unit]
        parts = re.split(r"[_\s]+", name.casefold())
        for part, unit in _UNITS:
            if part in parts:
                return SECONDS[unit]
        middle = median(self.seen[name].sample or [0.0])
        return SECONDS["millisecond" if middle > 30_000 else "second" if middle > 900 else "minute"]

    def words(self) -> list[FieldWord]:
        """The fields as requests may name them."""
        if self._words is None:
            self._words = [self._word(name) for name in self.seen if len(name) > 1 and "`" not in name]
        return self._words

    def _word(self, name: str) -> FieldWord:
        how = self.declared.get(name)
        given = (name, name.replace("_", " "), *_CHINESE.get(name.casefold(), ()), *(how.names if how else ()))
        one = self.seen[name]
        few = one.kind == "text" and len(one.values) <= VALUES
        values = tuple(dict.fromkeys(fold(value) for value in one.values if fold(value))) if few else ()
        return FieldWord(name, tuple(dict.fromkeys(fold(word) for word in given if word.strip())), one.kind, values)

    def texts(self, name: str, folded: str) -> list[str]:
        """The values of a field, as they are, that this folded text may mean."""
        return [value for value in self.seen[name].values if fold(value) == folded]
