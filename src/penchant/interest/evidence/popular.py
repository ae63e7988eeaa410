"""Popular (slow) and trending (fast): decayed engagements of everybody with the item."""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F64, I32, Arrays, Flags, compiled, room
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Moment
from penchant.interest.world import World

SINCE = 1000  # engagements until the first are looked for among all again


@compiled
def _count(count: F64, time: F64, row: int, gain: float, at: float, half_life: float) -> None:  # pragma: no cover
    gap = at - time[row]
    if gap >= 0:
        count[row] = gain + count[row] * 2.0 ** (-gap / half_life)
        time[row] = at
    else:
        count[row] += gain * 2.0 ** (gap / half_life)


@compiled
def _values(count: F64, time: F64, rows: I32, at: float, half_life: float) -> F64:  # pragma: no cover - compiled
    out = np.empty(len(rows))
    for a in range(len(rows)):
        i = rows[a]
        out[a] = np.log1p(count[i] * 2.0 ** (-max(at - time[i], 0.0) / half_life)) if count[i] > 0 else 0.0
    return out


@compiled
def _level(count: F64, time: F64, row: int, half_life: float) -> float:  # pragma: no cover - compiled
    """What orders the rows at any time: the binary logarithm of the count as it were at time 0."""
    return np.log2(count[row]) + time[row] / half_life if count[row] > 0 else -np.inf


@compiled
def _levels(count: F64, time: F64, rows: I32, half_life: float) -> F64:  # pragma: no cover - compiled
    out = np.empty(len(rows))
    for a in range(len(rows)):
        out[a] = _level(count, time, rows[a], half_life)
    return out


@compiled
def _place_anew(
    first: I32, level: F64, size: int, changed: I32, count: F64, time: F64, half_life: float
) -> int:  # pragma: no cover - compiled
    """Put changed rows where they now belong among the first [size of room], in order; returns how many there are."""
    for row in changed:
        value = _level(count, time, row, half_life)
        if value == -np.inf:
            continue
        old = 0
        while old < size and first[old] != row:
            old += 1
        if old == size:
            if size == len(first) and not level[size - 1] < value:
                continue
            size = min(size + 1, len(first))
        new = min(old, size - 1)
        while new > 0 and level[new - 1] < value:  # a row only ever rises
            first[new], level[new] = first[new - 1], level[new - 1]
            new -= 1
        first[new], level[new] = row, value
    return size


@compiled
def _shown(first: I32, shown: Flags, most: int) -> I32:  # pragma: no cover - compiled
    out = np.empty(min(most, len(first)), np.int32)
    n = 0
    for row in first:
        if n == len(out):
            break
        if shown[row]:
            out[n] = row
            n += 1
    return out[:n]


class Popular(Evidence):
    """log(1 + engagements, decayed with the half-life `popular`)."""

    name = "popular"
    start = 0.5

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.half_life = world.half_life(self.name)
        self.count: F64 = np.zeros(0)
        self.time: F64 = np.zeros(0)
        # a cache: the first in order; all fade alike, so only what was engaged with since can come among them
        self._first: I32 = np.zeros(0, np.int32)
        self._levels: F64 = np.zeros(0)
        self._size = 0
        self._most = 0  # how many of the first were asked for; 0: look anew
        self._since: list[int] = []
        self._ago = 0  # engagements since all were looked at

    def grow(self, items: int) -> None:
        self.count, self.time = room(self.count, items), room(self.time, items, -np.inf)

    def leave(self, rows: I32) -> None:
        self.count[rows], self.time[rows] = 0, -np.inf
        self._most, self._since = 0, []

    def observe(self, moment: Moment) -> None:
        _count(self.count, self.time, moment.item, moment.gain, moment.time, self.half_life)
        self._ago += 1
        if self._ago > SINCE:
            self._most, self._since = 0, []
        elif self._most:
            self._since.append(moment.item)

    def values(self, asker: Asker, rows: I32) -> F64:
        return _values(self.count, self.time, rows, asker.at, self.half_life)

    def candidates(self, asker: Asker, most: int) -> I32:
        if most > self._most:
            self._look_anew(most)
        elif self._since:
            changed = np.array(self._since, np.int32)
            self._size = _place_anew(
                self._first, self._levels, self._size, changed, self.count, self.time, self.half_life
            )
            self._since = []
        return _shown(self._first[: self._size], self.world.catalogue.shown, most)

    def _look_anew(self, most: int) -> None:
        rows = self.world.catalogue.live()
        rows = rows[self.count[rows] > 0]
        levels = _levels(self.count, self.time, rows, self.half_life)
        if len(rows) > 4 * most:
            some = np.argpartition(-levels, 4 * most)[: 4 * most]
            rows, levels = rows[some], levels[some]
        order = np.argsort(-levels, kind="stable")
        self._size, self._most, self._since, self._ago = len(rows), most, [], 0
        self._first, self._levels = np.zeros(4 * most, np.int32), np.full(4 * most, -np.inf)
        self._first[: self._size], self._levels[: self._size] = rows[order], levels[order]

    def states(self, items: int) -> Arrays:
        return {"count": self.count[:items], "time": self.time[:items]}

    def load(self, states: Arrays) -> None:
        self.count, self.time = states["count"].copy(), states["time"].copy()
        self._most, self._since = 0, []


class Trending(Popular):
    """log(1 + engagements, decayed with the half-life `trending`)."""

    name = "trending"
    start = 0.2
