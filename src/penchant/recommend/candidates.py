"""Candidates: which items are looked at. Small catalogues whole; large ones by what each source brings.

Sources: meaning (what a vector index finds in the direction in which the score grows), what the evidences bring (next,
popular, trending, fresh, repeat), the user's strongest dimensions, and the request's meaning and nodes. All that is
brought is then scored exactly.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from penchant.interest.arrays import F32, I32, distinct
from penchant.interest.asker import Asker
from penchant.interest.model import Model
from penchant.recommend.members import Level, Members
from penchant.recommend.nearest import Nearest


class Candidates:
    """Gathers item rows for an asker; keeps what finds them, caches that can be made again.

    Args:
        exact_below: catalogues of fewer items are scored whole.
        most: rows to gather for one answer from a larger one.
    """

    def __init__(self, *, exact_below: int, most: int) -> None:
        self.exact_below, self.most = exact_below, most
        self.nearest = Nearest()
        self._members: dict[Level, Members] = {}

    def reset(self) -> None:
        """The vectors or the tree changed as a whole: make everything anew when it is needed next."""
        self.nearest.reset()
        self._members.clear()

    def update(self, model: Model, row: int) -> None:
        """An item was added or changed."""
        for members in self._members.values():
            members.add(row)
        self.nearest.update(model, row)

    def engaged(self, row: int) -> None:
        """Somebody engaged with an item."""
        for members in self._members.values():
            members.engaged(row)

    def gather(
        self, model: Model, asker: Asker, vectors: Iterable[F32] = (), nodes: Iterable[tuple[int, int]] = ()
    ) -> I32:
        """Item rows that may be shown, sorted; `vectors` [d] are meanings, `nodes` are nodes to look around as well."""
        live = model.world.catalogue.live()
        if len(live) < self.exact_below:
            return live
        share = max(20, self.most // 6)
        found = [evidence.candidates(asker, share) for evidence in model.evidences]
        meanings = [vector for vector in (*vectors, model.direction(asker)) if vector.any()]
        if meanings:
            found.append(self.nearest.near(model, np.stack(meanings), share))
        strongest = np.argsort(-asker.lift_d * (asker.pro_d > 0), kind="stable")[:4]
        for d in [*strongest.tolist(), *(d for _, d in nodes if d >= 0)]:
            found.append(self._of_node(model, "dimensions", d, share // 2))
        for c in [c for c, d in nodes if d < 0]:
            found.append(self._of_node(model, "categories", c, share))
        rows = distinct(np.concatenate(found)) if found else live[:0]
        return rows[model.world.catalogue.shown[rows]]

    def _of_node(self, model: Model, level: Level, node: int, most: int) -> I32:
        """Rows that stand at a node: the newest, and the most engaged with, half and half."""
        members = self._members.get(level)
        if members is None:
            members = self._members[level] = Members(model, level)
        return members.first(node, most)
