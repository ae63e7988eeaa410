"""Together: how much more often than by chance the item is engaged with by those who had the user's items."""

from __future__ import annotations

from penchant.interest.arrays import F64, I32
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Reason


class Together(Evidence):
    """log(1 + 100 Σ_j weight(j, item) / √(n_j + 5) / √(n_item + 5)) over the last 20 items j."""

    name = "together"
    start = 0.5
    column = 2

    def values(self, asker: Asker, rows: I32) -> F64:
        return asker.pairs(rows)[self.column]

    def reason(self, asker: Asker, row: int) -> Reason:
        best = asker.once(f"strongest {row}", lambda: self.world.pairs.strongest(asker.history, row))
        return Reason(self.name, {"item": self.titles([best])}) if best >= 0 else Reason("no_link")


class Leads(Together):
    """log(1 + 100 Σ_j weight(j, item) / (n_j + 5)): the same, without holding the item's own popularity against it."""

    name = "leads"
    start = 0.1
    column = 3


class Beside(Together):
    """log(1 + 10 Σ_k 0.8^k weight(item → j_k)): how much the user's last items are among the item's own neighbours."""

    name = "beside"
    start = 0.2
    column = 4

    def reason(self, asker: Asker, row: int) -> Reason:
        best = self.world.pairs.nearest(asker.history, row)
        return Reason(self.name, {"item": self.titles([best])}) if best >= 0 else Reason("no_link")
