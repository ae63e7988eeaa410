"""Meaning: cosine of an item to what the user engaged with, in the long run, recently, and last."""

from __future__ import annotations

from typing import ClassVar

from penchant.interest.arrays import F32, F64, I32
from penchant.interest.asker import Asker, best_two
from penchant.interest.evidence.base import Evidence, Reason


class _Meaning(Evidence):
    which: ClassVar[int]

    def values(self, asker: Asker, rows: I32) -> F64:
        return asker.meaning(rows)[self.which]

    def direction(self, asker: Asker) -> F32:
        return (asker.long, asker.recent, asker.last)[self.which]

    def reason(self, asker: Asker, row: int) -> Reason:
        """Names the one or two engaged items nearest to this one."""
        return Reason(self.name, {"items": asker.once(f"nearest {row}", lambda: self._nearest(asker, row))})

    def _nearest(self, asker: Asker, row: int) -> str:
        vectors = self.world.catalogue.vectors
        return self.titles(best_two(vectors, asker.history, vectors[row]).tolist())


class Long(_Meaning):
    """cos(item, decayed sum of all engaged items)."""

    name = "long"
    which = 0
    start = 0.3


class Recent(_Meaning):
    """cos(item, sum over the ring, weighted 0.7^k)."""

    name = "recent"
    which = 1
    start = 0.3


class Last(_Meaning):
    """cos(item, the last engaged item)."""

    name = "last"
    which = 2
    start = 0.1

    def reason(self, asker: Asker, row: int) -> Reason:
        return Reason(self.name, {"item": self.titles(asker.history[-1:].tolist())})
