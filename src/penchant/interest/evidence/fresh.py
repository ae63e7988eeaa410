"""Fresh: how new the item is."""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F64, I32, compiled
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Reason
from penchant.interest.world import World


@compiled
def _values(time: F64, rows: I32, at: float, half_life: float) -> F64:  # pragma: no cover - compiled
    out = np.empty(len(rows))
    for a in range(len(rows)):
        out[a] = 2.0 ** (-max(at - time[rows[a]], 0.0) / half_life)
    return out


class Fresh(Evidence):
    """2^(−age / half-life `fresh`), in [0, 1]."""

    name = "fresh"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._live: I32 | None = None  # a cache: the newest of these rows, newest first
        self._newest: I32 = np.zeros(0, np.int32)

    def values(self, asker: Asker, rows: I32) -> F64:
        return _values(self.world.catalogue.time, rows, asker.at, self.world.half_life("fresh"))

    def reason(self, asker: Asker, row: int) -> Reason:
        age = max(asker.at - float(self.world.catalogue.time[row]), 0.0) / 86_400.0
        return Reason(self.name, {"days": int(min(age, 1e6))})

    def candidates(self, asker: Asker, most: int) -> I32:
        live = self.world.catalogue.live()
        if live is not self._live or len(self._newest) < min(most, len(live)):
            times = self.world.catalogue.time[live]
            some = np.argpartition(-times, most)[:most] if len(live) > most else np.arange(len(live))
            self._live, self._newest = live, live[some[np.argsort(-times[some], kind="stable")]]
        return self._newest[:most]
