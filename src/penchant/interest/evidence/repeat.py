"""Repeat: the user has had the item before; it matters in music, groceries and help desks."""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F64, I32, compiled, distinct
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Reason


@compiled
def _values(history: I32, rows: I32) -> F64:  # pragma: no cover - compiled
    out = np.zeros(len(rows))
    for a in range(len(rows)):
        total, weight = 0.0, 1.0
        for k in range(len(history) - 1, -1, -1):
            if history[k] == rows[a]:
                total += weight
            weight *= 0.95
        out[a] = np.log1p(total)
    return out


class Repeat(Evidence):
    """log(1 + times in the ring, the k-th latest weighing 0.95^k)."""

    name = "repeat"

    def silent(self, asker: Asker) -> bool:
        return not len(asker.history) or not self.world.settings.policy.repeats

    def values(self, asker: Asker, rows: I32) -> F64:
        if self.silent(asker):
            return np.zeros(len(rows))
        return _values(asker.history, rows)

    def reason(self, asker: Asker, row: int) -> Reason:
        times = int((asker.history == row).sum())
        return Reason(self.name, {"times": times}) if times else Reason("not_had")

    def candidates(self, asker: Asker, most: int) -> I32:
        if not self.world.settings.policy.repeats:
            return np.zeros(0, np.int32)
        return distinct(asker.history)[:most]
