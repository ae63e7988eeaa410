"""Events put into the order of a stream: by time, then user as text, then file order."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from penchant.data.reading import LeftOut, Place, Rows
from penchant.errors import InvalidRecord
from penchant.records import Event


class Act(NamedTuple):
    """An event's parts before it is checked as a record. `value` NaN: none; `order` breaks ties of user and time."""

    user: str
    item: str
    time: float
    value: float = float("nan")
    kind: str = "rating"
    order: int = 0


class Shelf:
    """Many acts in little memory (about 40 bytes each), for sorting.

    >>> shelf = Shelf()
    >>> for line, user in enumerate(["9", "10"], start=1): shelf.put(line, Act(user, "x", 5.0))
    >>> [act.user for _, act in shelf.sorted()]
    ['10', '9']
    """

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._users, self._items, self._kinds = array("L"), array("L"), array("L")
        self._times, self._values = array("d"), array("d")
        self._orders, self._lines, self._files = array("q"), array("q"), array("L")

    def put(self, place: Place, act: Act) -> None:
        """Keep one."""
        code = self._code
        file, line = place if isinstance(place, tuple) else ("", place)
        self._users.append(code(act.user))
        self._items.append(code(act.item))
        self._kinds.append(code(act.kind))
        self._times.append(act.time)
        self._values.append(act.value)
        self._orders.append(act.order)
        self._lines.append(line)
        self._files.append(code(file))

    def _code(self, word: str) -> int:
        return self._words.setdefault(word, len(self._words))

    def sorted(self) -> Iterator[tuple[Place, Act]]:
        """All of them in stream order."""
        words = list(self._words)
        rank = np.empty(len(words), np.int64)
        rank[np.array(sorted(range(len(words)), key=words.__getitem__), np.int64)] = np.arange(len(words))
        users = rank[np.array(self._users, np.int64)]
        order = np.lexsort((np.array(self._orders), users, np.array(self._times)))
        for at in map(int, order):
            line, file = self._lines[at], words[self._files[at]]
            place: Place = (file, line) if file else line
            user, item, kind = words[self._users[at]], words[self._items[at]], words[self._kinds[at]]
            yield place, Act(user, item, self._times[at], self._values[at], kind, self._orders[at])


def in_time_order(acts: Callable[[], Iterable[tuple[Place, Act | InvalidRecord | LeftOut]]]) -> Callable[[], Rows]:
    """Rows for a reading: what is wrong or left out first, then every act in stream order."""

    def rows() -> Rows:
        shelf = Shelf()
        for place, act in acts():
            if isinstance(act, InvalidRecord | LeftOut):
                yield place, act
            else:
                shelf.put(place, act)
        yield from shelf.sorted()

    return rows


def to_event(act: Act) -> Event:
    """The record of an act."""
    value = act.value if act.value == act.value else None
    return Event(user=act.user, item=act.item, kind=act.kind, time=act.time, value=value)


def act_of(
    user: str, item: str, time: object, value: object = "", *, kind: str = "rating", order: int = 0
) -> Act | InvalidRecord:
    """An act of a file's cells: ids, seconds, a number; or what is wrong with them.

    >>> act_of("1", "2", "x", "5").field
    'time'
    """
    user, item = user.strip(), item.strip()
    if not user or not item:
        return InvalidRecord("item" if user else "user", "", "give an id")
    try:
        seconds = float(str(time))
    except ValueError:
        return InvalidRecord("time", time, "give seconds since 1970")
    if not -2_208_988_800 <= seconds <= 253_402_300_799:  # NaN fails too
        return InvalidRecord("time", time, "give seconds since 1970")
    if value == "":
        return Act(user, item, seconds, kind=kind, order=order)
    try:
        number = float(str(value))
    except ValueError:
        return InvalidRecord("value", value, "give a number")
    if not np.isfinite(number):
        return InvalidRecord("value", value, "give a finite number")
    return Act(user, item, seconds, number, kind, order)
