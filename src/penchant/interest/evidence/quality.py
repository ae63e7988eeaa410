"""Quality: how people liked the item, as a smoothed mean of intensity."""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F64, I32, Arrays, compiled, room
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Moment, Reason
from penchant.interest.world import World

PRIOR = 5.0


@compiled
def _observe(
    total: F64, count: F64, time: F64, all: F64, row: int, strength: float, at: float, half_life: float
) -> None:  # pragma: no cover - compiled
    gap, weight = at - time[row], 1.0
    if gap >= 0:
        fade = 2.0 ** (-gap / half_life)
        total[row] *= fade
        count[row] *= fade
        time[row] = at
    else:
        weight = 2.0 ** (gap / half_life)
    total[row] += weight * strength
    count[row] += weight
    all[0] += strength
    all[1] += 1.0


@compiled
def _values(total: F64, count: F64, all: F64, rows: I32) -> F64:  # pragma: no cover - compiled
    out = np.empty(len(rows))
    mean = all[0] / max(all[1], 1.0)
    for a in range(len(rows)):
        i = rows[a]
        out[a] = (total[i] + PRIOR * mean) / (count[i] + PRIOR)
    return out


class Quality(Evidence):
    """(Σ r + 5 r̄) / (n + 5), both sums decayed with the half-life `quality`, r̄ being the mean over all events."""

    name = "quality"
    start = 0.2

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.half_life = world.half_life("quality")
        self.total: F64 = np.zeros(0)
        self.count: F64 = np.zeros(0)
        self.time: F64 = np.zeros(0)
        self.all: F64 = np.zeros(2)

    def grow(self, items: int) -> None:
        self.total, self.count = room(self.total, items), room(self.count, items)
        self.time = room(self.time, items, -np.inf)

    def leave(self, rows: I32) -> None:
        self.total[rows], self.count[rows], self.time[rows] = 0, 0, -np.inf

    def observe(self, moment: Moment) -> None:
        _observe(self.total, self.count, self.time, self.all, moment.item, moment.strength, moment.time, self.half_life)

    def values(self, asker: Asker, rows: I32) -> F64:
        return _values(self.total, self.count, self.all, rows)

    def reason(self, asker: Asker, row: int) -> Reason:
        if self.count[row] == 0:
            return Reason("unrated")
        return Reason(self.name, {"mean": round(float(self.values(asker, np.array([row], np.int32))[0]), 2)})

    def states(self, items: int) -> Arrays:
        return {
            "total": self.total[:items],
            "count": self.count[:items],
            "time": self.time[:items],
            "all": self.all,
        }

    def load(self, states: Arrays) -> None:
        self.total, self.count = states["total"].copy(), states["count"].copy()
        self.time, self.all = states["time"].copy(), states["all"].copy()
