"""Popular (slow) and trending (fast): decayed engagements of everybody with the item."""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F64, I32, Arrays, compiled, distinct, room
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Moment
from penchant.interest.world import World

SINCE = 1000  # engagements until the first are looked for among all again
FEW = 64  # engagements until they are put in order among the first


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


class Popular(Evidence):
    """log(1 + engagements, decayed with the half-life `popular`)."""

    name = "popular"
    start = 0.5

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.half_life = world.half_life(self.name)
        self.count: F64 = np.zeros(0)
        self.time: F64 = np.zeros(0)
        # a cache: the first of a while ago, and what was engaged with since; all fade alike, so no other can be first
        self._first: I32 = np.zeros(0, np.int32)
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
        catalogue = self.world.catalogue
        if most > self._most:
            live = catalogue.live()
            counts = self.values(asker, live)
            some = np.flatnonzero(counts > 0)
            if len(some) > 4 * most:
                some = some[np.argpartition(-counts[some], 4 * most)[: 4 * most]]
            self._first, self._most, self._since, self._ago = live[some], most, [], 0
        rows = self._first
        if self._since:
            rows = distinct(np.concatenate((rows, np.array(self._since, np.int32))))
        if len(self._since) > FEW:
            counts = self.values(asker, rows)
            self._first, self._since = rows[np.argsort(-counts, kind="stable")[: 4 * self._most]], []
        rows = rows[catalogue.shown[rows]]
        return rows[np.argsort(-self.values(asker, rows), kind="stable")[:most]]

    def states(self, items: int) -> Arrays:
        return {"count": self.count[:items], "time": self.time[:items]}

    def load(self, states: Arrays) -> None:
        self.count, self.time = states["count"].copy(), states["time"].copy()
        self._most, self._since = 0, []


class Trending(Popular):
    """log(1 + engagements, decayed with the half-life `trending`)."""

    name = "trending"
    start = 0.2
