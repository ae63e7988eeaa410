"""The guard: heads that came to tell held-out examples worse than they did go back to where they were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from penchant.interest.arrays import Arrays
from penchant.interest.continual.reservoir import Reservoir
from penchant.interest.heads import Heads
from penchant.interest.taxonomy import Taxonomy

LEAST = 10  # held-out examples of a category before it counts


@dataclass(frozen=True, slots=True)
class Look:
    """What the guard saw.

    Attributes:
        at: examples learned in all.
        before, now: mean held-out accuracy of the categories that the kept heads knew, by those heads and as it was.
        rolled_back: whether the kept heads were put back.
    """

    at: int
    before: float
    now: float
    rolled_back: bool


class Guard:
    """Held-out examples, and the last heads that passed.

    Args:
        margin: fall of the mean accuracy at which heads are rolled back, in [0, 1].
    """

    def __init__(self, dim: int, *, kept: int, margin: float, seed: int) -> None:
        self.margin = margin
        self.held = Reservoir(dim, kept=kept, seed=seed)
        self.good: Arrays = {}
        self.known: list[int] = []

    def accuracy(self, heads: Heads, taxonomy: Taxonomy, categories: list[int]) -> float:
        """Mean over the categories of the share of held-out examples whose node is told right; NaN without any."""
        shares: list[float] = []
        parents = taxonomy.category_of[: len(taxonomy.dimensions)]
        for category in categories:
            x, dimensions = self.held.of(category)
            right = 0
            for row, dimension in zip(x, dimensions.tolist(), strict=True):
                p_c, p_d = heads.both(taxonomy, row)
                if dimension < 0:
                    right += int(np.argmax(p_c)) == category
                else:
                    right += int(np.argmax(p_c[parents] * p_d)) == dimension
            shares.append(right / len(x))
        return float(np.mean(shares)) if shares else float("nan")

    def look(self, heads: Heads, taxonomy: Taxonomy, at: int) -> Look | None:
        """Keep the heads if they are as good as those kept, within the margin; else put those back. None: too early.

        Both are told on the same examples, of the categories that were known when the heads were kept. Nodes that came
        since then stay, as new ones.
        """
        now_known = [category for category, n in self.held.sizes().items() if n >= LEAST]
        found: Look | None = None
        if self.good and self.known:
            kept = Heads(heads.dim, joint=heads.joint)
            kept.load(self.good)
            kept.grow(taxonomy)
            before = self.accuracy(kept, taxonomy, self.known)
            now = self.accuracy(heads, taxonomy, self.known)
            found = Look(at, before, now, before - now > self.margin)
            if found.rolled_back:
                heads.load(self.good)
                heads.grow(taxonomy)
                return found
        self.good = {name: array.copy() for name, array in heads.states(taxonomy).items()}
        self.known = now_known
        return found
