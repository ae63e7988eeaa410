"""Times as files write them: in any unit or form, guessed per column from a sample."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from penchant.data.cells import as_number, missing
from penchant.records import to_seconds

UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}
FORMATS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%m/%d/%y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%m %d, %Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%a %b %d %H:%M:%S %z %Y",
)


@dataclass(frozen=True, slots=True)
class TimeUnit:
    """How a column's times are written: ns, µs, ms, s, yyyymmdd, ISO 8601 or a format of `strptime`.

    >>> TimeUnit("ms").seconds("1500"), TimeUnit("yyyymmdd").seconds(19700102)
    (1.5, 86400.0)
    """

    name: str

    def seconds(self, cell: Any) -> float | None:
        """UTC seconds since 1970; None if the cell is missing.

        Raises:
            ValueError: it can't be read.
        """
        if missing(cell):
            return None
        if isinstance(cell, date) and not isinstance(cell, datetime):
            cell = datetime(cell.year, cell.month, cell.day)
        if isinstance(cell, datetime):
            return to_seconds(cell)
        scale = UNITS.get(self.name)
        if scale is not None:
            try:
                return to_seconds(float(cell) * scale if scale != 1 else float(cell))
            except (TypeError, ValueError):
                return to_seconds(_without_zone(str(cell)))  # a stray ISO time among numbers is still a time
        text = str(cell).strip()
        if self.name == "ISO 8601":
            return to_seconds(_without_zone(text))
        try:
            return _parsed(text, "%Y%m%d" if self.name == "yyyymmdd" else self.name)
        except ValueError:
            raise ValueError(f"give a time as {self.name}, like the rest of the column") from None


def _without_zone(text: str) -> str:
    return text.strip().removesuffix(" UTC")


@lru_cache(maxsize=65536)
def _parsed(text: str, form: str) -> float:
    parsed = datetime.strptime(text, form)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def time_unit(cells: Iterable[Any]) -> TimeUnit:
    """The unit in which most of these cells make sense.

    >>> [time_unit([c]).name for c in ("881250949", 1260759144000, "2009-04-01T10:00", "20090401", "4/13/2009")]
    ['s', 'ms', 'ISO 8601', 'yyyymmdd', '%m/%d/%Y']
    """
    found = [cell for cell in cells if not missing(cell)]
    numbers = [n for n in (_number(cell) for cell in found) if n is not None]
    if len(numbers) * 2 >= len(found):
        if numbers and all(_is_day(n) for n in numbers):
            return TimeUnit("yyyymmdd")
        middle = sorted(abs(n) for n in numbers)[len(numbers) // 2] if numbers else 0.0
        return TimeUnit("ns" if middle >= 1e17 else "µs" if middle >= 1e14 else "ms" if middle >= 1e11 else "s")
    texts = [str(cell) for cell in found]
    best = max(("ISO 8601", *FORMATS), key=lambda name: sum(_readable(TimeUnit(name), text) for text in texts))
    return TimeUnit(best)


def _number(cell: Any) -> float | None:
    try:
        return None if isinstance(cell, date) else as_number(cell)
    except ValueError:
        return None


def _is_day(number: float) -> bool:
    year, rest = divmod(int(number), 10_000)
    return number.is_integer() and 1900 <= year <= 2100 and 1 <= rest // 100 <= 12 and 1 <= rest % 100 <= 31


def _readable(unit: TimeUnit, cell: str) -> bool:
    try:
        return unit.seconds(cell) is not None
    except ValueError:
        return False
