"""Next: what people went on to after the user's last items (decayed transitions)."""

from __future__ import annotations

from penchant.interest.arrays import F64, I32
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Reason


class Next(Evidence):
    """log(1 + 10 Σ_k 0.8^k · weight(j_k → item)), j_k being the k-th latest of the last 20 items."""

    name = "next"
    start = 1.0

    def values(self, asker: Asker, rows: I32) -> F64:
        return asker.pairs(rows)[0]

    def reason(self, asker: Asker, row: int) -> Reason:
        best = asker.once(f"strongest {row}", lambda: self.world.pairs.strongest(asker.history, row))
        return Reason(self.name, {"item": self.titles([best])}) if best >= 0 else Reason("no_link")

    def candidates(self, asker: Asker, most: int) -> I32:
        return self.world.pairs.neighbours(asker.history, most)


class Follows(Evidence):
    """log(1 + 10 · weight(last item → item))."""

    name = "follows"
    start = 0.2

    def values(self, asker: Asker, rows: I32) -> F64:
        return asker.pairs(rows)[1]

    def reason(self, asker: Asker, row: int) -> Reason:
        return Reason(self.name, {"item": self.titles(asker.history[-1:].tolist())})
