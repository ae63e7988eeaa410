"""An elastic anchor: weights that much was learned by are pulled back to where they were.

    θ ← θ − λ · F / (F + F̄) · (θ − θ*)

F is the Fisher information on the diagonal, for which the sum of squared gradients that Adagrad keeps stands; F̄ is its
mean over a matrix. The share F / (F + F̄) is in [0, 1), so that the pull is stable for every λ up to 1.

Source: elastic weight consolidation, Kirkpatrick et al. 2017; online, with a moving anchor, Schwarz et al. 2018.
"""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import Arrays
from penchant.interest.heads import Heads
from penchant.interest.taxonomy import Taxonomy

WEIGHTS = {"W_C": "G_C", "b_C": "Gb_C", "W_D": "G_D", "b_D": "Gb_D"}


class Anchor:
    """Where the heads were when they were last anchored, and how much each weight mattered.

    Nodes that came later are free.
    """

    def __init__(self) -> None:
        self.at: Arrays = {}

    def drop(self, heads: Heads, taxonomy: Taxonomy) -> None:
        """Anchor the heads where they are."""
        self.at = {name: array.copy() for name, array in heads.states(taxonomy).items()}

    def pull(self, heads: Heads, strength: float) -> None:
        """Pull every anchored weight back by `strength`, in [0, 1]; nothing before the first anchor."""
        if not self.at or strength <= 0:
            return
        for name, squares in WEIGHTS.items():
            there, F = self.at[name], self.at[squares]
            if not len(there):
                continue
            share = F / (F + F.mean(dtype=np.float64).astype(np.float32))
            now = getattr(heads, name)[: len(there)]
            now -= np.float32(strength) * share * (now - there)
