"""Quality: how people liked the item, as a smoothed mean of intensity."""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F64, I32, Arrays, room
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Moment, Reason
from penchant.interest.world import World

PRIOR = 5.0


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

    def observe(self, moment: Moment) -> None:
        row, gap, weight = moment.item, moment.time - self.time[moment.item], 1.0
        if gap >= 0:
            fade = 2.0 ** (-gap / self.half_life)
            self.total[row] *= fade
            self.count[row] *= fade
            self.time[row] = moment.time
        else:
            weight = 2.0 ** (gap / self.half_life)
        self.total[row] += weight * moment.strength
        self.count[row] += weight
        self.all[0] += moment.strength
        self.all[1] += 1.0

    def values(self, asker: Asker, rows: I32) -> F64:
        mean = self.all[0] / max(self.all[1], 1.0)
        return (self.total[rows] + PRIOR * mean) / (self.count[rows] + PRIOR)

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
