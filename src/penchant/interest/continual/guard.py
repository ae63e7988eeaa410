"""The guard: heads that came to tell held-out examples worse than they did go back to where they were.

Kept heads give way only to heads that are as good, or that know a category more: small falls add up against the same
ones. With the heads goes back what the reservoir has of the categories that were known then, for what came since made
the heads worse. Where new examples of a category say so again and again it is how things are now: they are believed,
and older ones of it are held out no more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from penchant.interest.arrays import F64, Arrays
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
        patience: how often the same heads are put back against new examples before these are believed.
    """

    def __init__(self, dim: int, *, kept: int, margin: float, seed: int, patience: int = 2) -> None:
        self.margin, self.patience = margin, patience
        self.back = 0  # times that the same heads were put back against new examples
        self.held = Reservoir(dim, kept=kept, seed=seed)
        self.good: Arrays = {}
        self.kept: Arrays = {}  # the reservoir as it was then
        self.known: list[int] = []
        self.seen: dict[int, int] = {}  # held out by category until then, those that left included

    def accuracies(self, heads: Heads, taxonomy: Taxonomy, categories: list[int]) -> F64:
        """[categories] share of held-out examples whose node is told right."""
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
        return np.array(shares)

    def look(self, heads: Heads, taxonomy: Taxonomy, at: int, reservoir: Reservoir | None = None) -> Look | None:
        """Put back the kept heads, and the reservoir, if the heads fell by more than the margin. None: too early.

        Both are told on the same examples, of the categories that were known when the heads were kept. Nodes that came
        since then stay, as new ones.
        """
        now_known = [category for category, n in self.held.sizes().items() if n >= LEAST]
        found: Look | None = None
        if self.good and self.known:
            kept = Heads(heads.dim, joint=heads.joint)
            kept.load(self.good)
            kept.grow(taxonomy)
            before = self.accuracies(kept, taxonomy, self.known)
            now = self.accuracies(heads, taxonomy, self.known)
            fall = before - now
            other = [
                category
                for category, lost in zip(self.known, fall.tolist(), strict=True)
                if lost > self.margin and self.held.seen(category) > self.seen[category]
            ]
            fell, believed = bool(fall.mean() > self.margin), bool(other) and self.back >= self.patience
            found = Look(at, float(before.mean()), float(now.mean()), fell and not believed)
            if found.rolled_back:
                self.back += bool(other)
                heads.load(self.good)
                heads.grow(taxonomy)
                if reservoir is not None and self.kept:
                    reservoir.put_back(self.kept)
                return found
            if fell:
                self.held.drop(other)
                now_known = [category for category in now_known if category not in other]
            elif now.mean() < before.mean() and now_known == self.known:
                return found
        self.good = {name: array.copy() for name, array in heads.states(taxonomy).items()}
        self.kept = {} if reservoir is None else reservoir.states()
        self.known, self.back = now_known, 0
        self.seen = {category: self.held.seen(category) for category in now_known}
        return found
