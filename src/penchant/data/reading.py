"""A reading: records streamed from a file, with what was understood, what was wrong and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar

from penchant.data.columns import Columns
from penchant.errors import InvalidRecord
from penchant.records import Event, Item

R = TypeVar("R", Item, Event)
MAX_PROBLEMS = 1000
MAX_SHOWN = 200

Place = int | tuple[str, int]
"""A line of the reading's own file, or (file, line)."""
Rows = Iterator[tuple[Place, Any]]


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be used.

    Attributes:
        file: name of the file.
        line: line on which the row starts, from 1 (Parquet and frames: number of the row).
        field: what was wrong, e.g. user; "row" for the whole.
        value: what stood there, as text, at most 200 characters.
        reason: what to give instead.

    >>> print(Problem("ratings.csv", 17, "value", "five", "give a number"))
    ratings.csv, line 17, value: 'five' can't be used; give a number
    """

    file: str
    line: int
    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        return str(self.error())

    def error(self) -> InvalidRecord:
        """The same as an exception."""
        return InvalidRecord(f"{self.file}, line {self.line}, {self.field}", self.value, self.reason)


@dataclass(slots=True)
class Counts:
    """Rows so far: read (good and bad), bad (reported as problems), left_out (on purpose; a note says why)."""

    read: int = 0
    bad: int = 0
    left_out: int = 0


class LeftOut(Exception):
    """For a row that is sound but not wanted."""


class Reading(Generic[R]):
    """Iterates validated records. A bad row is never fatal: it is counted, and the first 1,000 are kept as problems.

    Iterating again starts anew, counts and problems included.

    Args:
        source: name of the file, for messages.
        rows: gives (place, row); a row that is an `InvalidRecord` is a problem found earlier, a `LeftOut` isn't wanted.
        build: makes the record of a row; raises `InvalidRecord` if it can't.
        columns: what was taken for what.
        total: rows to come, exact or estimated; None if unknown.
        strict: raise `InvalidRecord`, with file and line, at the first bad row.
        notes: where sentences about the whole file go; shared with `rows` and `build`.

    Attributes:
        columns, total, notes, problems, counts: as above; they grow while it is read.
        place: (file, line) of the record given last, the same in every reading of the same file.
    """

    def __init__(
        self,
        source: str,
        rows: Callable[[], Rows],
        build: Callable[[Any], R],
        *,
        columns: Columns | None = None,
        total: int | None = None,
        strict: bool = False,
        notes: Notes | None = None,
    ) -> None:
        self.source, self.columns, self.total, self.strict = source, columns or Columns(()), total, strict
        self.problems: list[Problem] = []
        self.counts = Counts()
        self.place: tuple[str, int] = (source, 0)
        self._rows, self._build, self._notes = rows, build, notes or Notes()

    @property
    def notes(self) -> list[str]:
        """What is worth knowing about the whole file, in sentences."""
        return self._notes.sentences()

    def checked(self, check: Callable[[R], None]) -> Self:
        """The same, of records that pass this too; it raises `InvalidRecord` of those that don't."""
        build = self._build

        def checked(row: Any) -> R:
            record = build(row)
            check(record)
            return record

        self._build = checked
        return self

    def __iter__(self) -> Iterator[R]:
        self.problems, self.counts = [], Counts()
        self._notes.restart()
        counts, build = self.counts, self._build
        for place, row in self._rows():
            counts.read += 1
            try:
                if isinstance(row, InvalidRecord | LeftOut):
                    raise row
                record = build(row)
            except LeftOut:
                counts.left_out += 1
            except InvalidRecord as error:
                counts.bad += 1
                self._report(place, error)
            else:
                self.place = place if isinstance(place, tuple) else (self.source, place)
                yield record

    def _report(self, place: Place, error: InvalidRecord) -> None:
        if not self.strict and len(self.problems) >= MAX_PROBLEMS:
            return
        file, line = place if isinstance(place, tuple) else (self.source, place)
        value = "" if error.value is None else str(error.value)[:MAX_SHOWN]
        reason = str(error).rsplit("can't be used; ", 1)[-1]
        name = error.field.removeprefix("event.").removeprefix("item.")
        problem = Problem(file, line, name, value, reason)
        self.problems.append(problem)
        if self.strict:
            raise problem.error() from None


class Notes:
    """Sentences about a file: some stand from the start, some are counted while it is read.

    >>> notes = Notes("sizes as published"); notes.count("row without a time"); notes.count("row without a time")
    >>> notes.sentences()
    ['sizes as published', 'row without a time: 2']
    """

    def __init__(self, *standing: str) -> None:
        self.standing = list(standing)
        self.counted: dict[str, int] = {}
        self.latest = float("-inf")

    def count(self, what: str) -> None:
        """One more of these."""
        self.counted[what] = self.counted.get(what, 0) + 1

    def passes(self, time: float, what: str) -> None:
        """Count a time earlier than the one before as `what`."""
        if time < self.latest:
            self.count(what)
        self.latest = time

    def restart(self) -> None:
        """Forget what was counted."""
        self.counted.clear()
        self.latest = float("-inf")

    def sentences(self) -> list[str]:
        """All of them."""
        return self.standing + [f"{what}: {n:,}" for what, n in self.counted.items()]


def _no_rows() -> Rows:
    return iter(())


def nothing(kind: type[R], why: str) -> Reading[R]:
    """A reading without records.

    >>> nothing(Item, "only events here").notes
    ['only events here']
    """

    def build(row: Any) -> R:
        return kind.read(row)

    return Reading("", _no_rows, build, total=0, notes=Notes(why))


@dataclass(frozen=True, slots=True)
class Dataset:
    """Items and events of one data set, each a reading that streams.

    Attributes:
        name: what it was recognised as.
        items, events: iterate them; a part that the data set lacks is an empty reading.
        about: sentences about the whole.
    """

    name: str
    items: Reading[Item]
    events: Reading[Event]
    about: tuple[str, ...] = field(default=())

    @property
    def problems(self) -> list[Problem]:
        """Those of both readings, so far."""
        return self.items.problems + self.events.problems

    @property
    def notes(self) -> list[str]:
        """Sentences about the whole, then those of both readings."""
        return [*self.about, *self.items.notes, *self.events.notes]
