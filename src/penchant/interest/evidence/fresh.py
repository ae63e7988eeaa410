"""Fresh: how new the item is."""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F64, I32
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Reason


class Fresh(Evidence):
    """2^(−age / half-life `fresh`), in [0, 1]."""

    name = "fresh"

    def values(self, asker: Asker, rows: I32) -> F64:
        age = np.maximum(asker.at - self.world.catalogue.time[rows], 0.0)
        return np.exp2(-age / self.world.half_life("fresh"))

    def reason(self, asker: Asker, row: int) -> Reason:
        age = max(asker.at - float(self.world.catalogue.time[row]), 0.0) / 86_400.0
        return Reason(self.name, {"days": int(min(age, 1e6))})

    def candidates(self, asker: Asker, most: int) -> I32:
        live = self.world.catalogue.live()
        return live[np.argsort(-self.world.catalogue.time[live], kind="stable")[:most]]
