"""Said: similarity of the item to what the user said they like, less what they said they dislike."""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F32, F64, I32
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Reason


class Said(Evidence):
    """Σ ± strength · decay · cos(item, statement) over the statements that stand."""

    name = "said"
    start = 0.3
    spread = 0.15  # a cosine's; few people say anything, so it may be long until it is known

    def silent(self, asker: Asker) -> bool:
        return not asker.stand or not asker.stand.said

    def values(self, asker: Asker, rows: I32) -> F64:
        if self.silent(asker):
            return np.zeros(len(rows))
        return asker.cosines(rows, asker.said)

    def direction(self, asker: Asker) -> F32:
        return asker.said

    def reason(self, asker: Asker, row: int) -> Reason:
        said = asker.stand.said if asker.stand else []
        vector = self.world.catalogue.vectors[row]
        told = self.world.wishes.vectors([wish.hash for _, wish in said])
        best = max(said, key=lambda s: abs(s[0] * float(told[s[1].hash] @ vector)), default=(0.0, None))[1]
        return Reason(self.name, {"text": best.text if best else ""})
