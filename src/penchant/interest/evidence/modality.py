"""Look and sound: likeness of an item to what the user engaged with lately, in a modality's own space.

    v(u, i) = cos(p_i, unit(Σ_k 0.7^k p_{j_k}))   over the engaged items j_k that have a vector p

Late fusion: this is one more evidence, and w_I learns what it is worth beside the others. An item without the modality
takes part with its text: its value is its standing by text (`recent`), put on the scale that the others' values have,

    v(u, i) = mean_have + (√2 − 1) · sd_have · z(cos(x_i, recent)),

mean, sd and z being over items that have it. Its mean is that of the others by construction. The factor is for the
spread: text and picture, of like weight and apart from each other, spread √2 times what the text alone does, and so do
(1 + √2 − 1) times the text. With 0 items without a picture would be too seldom in the first places, with 1 too often.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from penchant.interest.arrays import F32, F64, I32
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Reason
from penchant.interest.world import World
from penchant.language.modalities import ModalityVectors

DECAY = 0.7
SHARED = 2**0.5 - 1
SCALE_ITEMS = 256  # items with a vector that the scales are read from, evenly over the catalogue
NAMES = {"image": "look", "audio": "sound"}


class Modality(Evidence):
    """Base of the evidences that `of_modality` makes."""

    vectors: ClassVar[ModalityVectors]
    start = 0.2

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._P: F32 = np.zeros((0, self.vectors.dim), np.float32)
        self._has = np.zeros(0, np.bool_)

    def grow(self, items: int) -> None:
        self._fill(items)
        row, id = items - 1, self.world.catalogue.rows.ids[items - 1]
        if not self._has[row] and id in self.vectors:  # the row had been another item's
            self._P[row], self._has[row] = self.vectors[id], True

    def leave(self, rows: I32) -> None:
        self._ready()
        self._P[rows], self._has[rows] = 0, False

    def _fill(self, items: int) -> None:
        """Vectors of the rows below `items`; what has no vector is 0."""
        ids, known = self.world.catalogue.rows.ids, len(self._has)
        if items <= known:
            return
        P = np.zeros((items, self.vectors.dim), np.float32)
        P[:known] = self._P
        has = np.zeros(items, np.bool_)
        has[:known] = self._has
        for row in range(known, items):
            if ids[row] in self.vectors:
                P[row], has[row] = self.vectors[ids[row]], True
        self._P, self._has = P, has

    def _ready(self) -> None:
        self._fill(len(self.world.catalogue))

    def silent(self, asker: Asker) -> bool:
        self._ready()
        return not len(asker.history) or not self._has[asker.history].any()

    def values(self, asker: Asker, rows: I32) -> F64:
        if self.silent(asker):
            return np.zeros(len(rows))
        wanted, has = self._wanted(asker), self._has[rows]
        out = (self._P[rows] @ wanted).astype(np.float64)
        if not has.all():
            some = self._scale_rows()
            here, there = self._P[some] @ wanted, asker.meaning(some)[1]
            text = asker.meaning(rows[~has])[1]
            z = (text - there.mean()) / max(float(there.std()), 1e-6)
            out[~has] = float(here.mean()) + SHARED * float(here.std()) * np.clip(z, -3, 3)
        return out

    def _scale_rows(self) -> I32:
        """Up to 256 rows that have a vector: a value depends on the user and the item, not on what else is asked."""
        have = np.flatnonzero(self._has).astype(np.int32)
        return have[:: max(1, len(have) // SCALE_ITEMS)][:SCALE_ITEMS]

    def _wanted(self, asker: Asker) -> F32:
        """[dim] decayed mean of what the user engaged with, unit length."""
        weights = DECAY ** np.arange(len(asker.history) - 1, -1, -1, dtype=np.float64)
        summed = (weights[:, None] * self._P[asker.history]).sum(0)
        return (summed / max(float(np.linalg.norm(summed)), 1e-9)).astype(np.float32)

    def reason(self, asker: Asker, row: int) -> Reason:
        """Names the engaged item that is nearest in the modality."""
        self._ready()
        if not self._has[row] or not len(asker.history):
            return Reason("lacks_" + self.name)
        nearest = int(np.argmax(self._P[asker.history] @ self._P[row]))
        return Reason(self.name, {"item": self.titles([int(asker.history[nearest])])})


def of_modality(vectors: ModalityVectors, name: str | None = None) -> type[Modality]:
    """An evidence of these vectors, for `Engine.open(evidence={name: ...})` and the settings' `evidence`.

    Give the same vectors whenever the catalogue is opened: what was learned was learned with them. Vectors of items
    that come later may be added at any time before the item is.

    Args:
        vectors: of the items that have the modality.
        name: as in settings and explanations; None: look for pictures, sound for audio.

    >>> of_modality(ModalityVectors("mine:1", "image", 2)).name
    'look'
    """
    return type("OfModality", (Modality,), {"vectors": vectors, "name": name or NAMES[vectors.kind]})
