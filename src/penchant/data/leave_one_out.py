"""Leave-one-out sequences as S3-Rec publishes them: a user a line, items in time order, no times."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path

from penchant.data.lines import existing, lines
from penchant.data.order import Act, in_time_order, to_event
from penchant.data.reading import Dataset, Notes, Place, Reading
from penchant.data.tables import read_items
from penchant.errors import InvalidRecord
from penchant.records import Event

START = 1_388_534_400.0  # 2014-01-01, the year these sets were published
HOUR = 3600.0


def read_leave_one_out(
    folder: str | Path, *, kind: str = "purchase", start: float = START, hold_out: int = 0, strict: bool = False
) -> Dataset:
    """Items of items.tsv and events of sequences_loo.txt, in stream order.

    Event k of a user is at start + k hours, ends aligned: all users end together, the longest begins at `start`.

    Args:
        folder: holds both files.
        kind: of every event.
        start: UTC seconds of the first event.
        hold_out: how many of each user's last events to leave out (2: train as the published tables do).
        strict: raise at the first bad row.
    """
    root = Path(folder)
    columns = {"id": "item_id", "text": "title", "paths": "category_paths"}
    items = read_items(root / "items.tsv", columns=columns, path_separator=";", level_separator=">", strict=strict)
    events = read_sequences(root / "sequences_loo.txt", kind=kind, start=start, hold_out=hold_out, strict=strict)
    return Dataset(
        "leave-one-out sequences (S3-Rec)", items, events, ("there are no times: event k is given start + k hours",)
    )


def read_sequences(
    path: str | Path, *, kind: str = "purchase", start: float = START, hold_out: int = 0, strict: bool = False
) -> Reading[Event]:
    """Events of a file of `user item item …` lines; see `read_leave_one_out`."""
    file = existing(path)
    notes = Notes()
    total = sum(max(0, _length(line) - hold_out) for line in lines(file, Notes()))

    def acts() -> Iterator[tuple[Place, Act | InvalidRecord]]:
        lengths = array("L", (_length(line) for line in lines(file, Notes())))
        longest = max(lengths, default=0)
        for number, line in enumerate(lines(file, notes), start=1):
            user, *taken = line.split() or [""]
            if not user:
                continue
            if not taken:
                yield number, InvalidRecord("row", user, "give a user and at least one item")
            first = longest - len(taken)
            for k, item in enumerate(taken[: max(0, len(taken) - hold_out)]):
                yield number, Act(user, item, start + (first + k) * HOUR, kind=kind, order=k)

    return Reading(file.name, in_time_order(acts), to_event, total=total, strict=strict, notes=notes)


def _length(line: str) -> int:
    return max(0, len(line.split()) - 1)


def held_out(path: str | Path) -> dict[str, tuple[str, str]]:
    """user → (validation item, test item): the last but one and the last of each line with at least three items."""
    rows = (line.split() for line in lines(existing(path), Notes()))
    return {row[0]: (row[-2], row[-1]) for row in rows if len(row) > 3}
