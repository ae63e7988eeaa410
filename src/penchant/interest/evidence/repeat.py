"""Repeat: the user has had the item before; it matters in music, groceries and help desks."""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F64, I32
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Reason


class Repeat(Evidence):
    """log(1 + times in the ring, the k-th latest weighing 0.95^k)."""

    name = "repeat"

    def values(self, asker: Asker, rows: I32) -> F64:
        out = np.zeros(len(rows))
        if len(asker.history) and self.world.settings.policy.repeats:
            weights = 0.95 ** np.arange(len(asker.history) - 1, -1, -1)
            had, where = np.unique(asker.history, return_inverse=True)
            total = np.bincount(where, weights)
            spot = np.minimum(np.searchsorted(had, rows), len(had) - 1)
            out = np.log1p(np.where(had[spot] == rows, total[spot], 0.0))
        return out

    def reason(self, asker: Asker, row: int) -> Reason:
        return Reason(self.name, {"times": int((asker.history == row).sum())})

    def candidates(self, asker: Asker, most: int) -> I32:
        if not self.world.settings.policy.repeats:
            return np.zeros(0, np.int32)
        return np.unique(asker.history[::-1])[:most].astype(np.int32)
