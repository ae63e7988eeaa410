"""Popular (slow) and trending (fast): decayed engagements of everybody with the item."""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F64, I32, Arrays, room
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Moment
from penchant.interest.world import World


class Popular(Evidence):
    """log(1 + engagements, decayed with the half-life `popular`)."""

    name = "popular"
    start = 0.5

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.half_life = world.half_life(self.name)
        self.count: F64 = np.zeros(0)
        self.time: F64 = np.zeros(0)

    def grow(self, items: int) -> None:
        self.count, self.time = room(self.count, items), room(self.time, items, -np.inf)

    def observe(self, moment: Moment) -> None:
        row, gap = moment.item, moment.time - self.time[moment.item]
        if gap >= 0:
            self.count[row] = moment.gain + self.count[row] * 2.0 ** (-gap / self.half_life)
            self.time[row] = moment.time
        else:
            self.count[row] += moment.gain * 2.0 ** (gap / self.half_life)

    def values(self, asker: Asker, rows: I32) -> F64:
        gap = np.maximum(asker.at - self.time[rows], 0.0)
        return np.log1p(self.count[rows] * np.exp2(-gap / self.half_life))

    def candidates(self, asker: Asker, most: int) -> I32:
        live = self.world.catalogue.live()
        return live[np.argsort(-self.values(asker, live), kind="stable")[:most]]

    def states(self, items: int) -> Arrays:
        return {"count": self.count[:items], "time": self.time[:items]}

    def load(self, states: Arrays) -> None:
        self.count, self.time = states["count"].copy(), states["time"].copy()


class Trending(Popular):
    """log(1 + engagements, decayed with the half-life `trending`)."""

    name = "trending"
    start = 0.2
