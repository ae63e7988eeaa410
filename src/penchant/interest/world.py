"""What all evidences share: settings, tree, items, memories, heads, neighbours, statements, and stream time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from penchant.config import DAY, Settings
from penchant.interest.arrays import F32, I32, Rows
from penchant.interest.catalogue import Catalogue
from penchant.interest.continual.drift import Drifts
from penchant.interest.heads import Heads
from penchant.interest.memory import Memory
from penchant.interest.pairs import Pairs
from penchant.interest.space import turned
from penchant.interest.taxonomy import Taxonomy
from penchant.interest.wishes import Wishes


class World:
    """The parts of a model's state that more than one evidence reads.

    Attributes:
        drifts: what watches the categories, None where the settings don't ask for it.
        now: stream time, the latest accepted event time, UTC seconds; -inf before the first event.
    """

    def __init__(self, settings: Settings, dim: int) -> None:
        self.settings, self.dim = settings, dim
        self._half_lives = {name: float(days) * DAY for name, days in settings.half_life}
        self.users = Rows()
        self.taxonomy = Taxonomy((settings.model.most_categories, settings.model.most_dimensions))
        self.catalogue = Catalogue(dim)
        self.memory = Memory(dim)
        self.heads = Heads(dim, joint=settings.model.joint)
        self.drifts = Drifts(settings.learn) if settings.learn.drift else None
        self.wishes = Wishes(most=settings.statements_kept)
        self.pairs = Pairs(self.half_life("next"))
        self.now = float("-inf")

    def half_life(self, name: str) -> float:
        """A half-life of the settings in seconds."""
        return self._half_lives[name]

    def leave(self, rows: I32) -> None:
        """Items leave all that is shared; what users and the tree have learned from them stays."""
        gone = np.zeros(len(self.catalogue), np.bool_)
        gone[rows] = True
        for row in rows.tolist():
            self.taxonomy.count(self.catalogue.place(row), -1)
        self.pairs.leave(rows, gone)
        self.memory.leave(gone)
        self.catalogue.leave(rows)

    def turn(self, bridge: F32, project: Callable[[Sequence[str]], F32]) -> None:
        """Move heads, memories and items to a newer space: by its bridge [d, d'], and by content hashes; place anew."""
        self.heads.turn(bridge)
        known = len(self.users)
        self.memory.long[:known] = turned(self.memory.long[:known], bridge)
        catalogue, taxonomy, cards = self.catalogue, self.taxonomy, self.catalogue.cards
        rows = [row for row, id in enumerate(catalogue.rows.ids) if id]
        for first in range(0, len(rows), 4096):
            some = rows[first : first + 4096]
            catalogue.vectors[some] = project([cards[row].hash for row in some])
        for row in rows:
            card = cards[row]
            taxonomy.count(catalogue.place(row), -1)
            place = taxonomy.place(card.paths, catalogue.vectors[row])
            taxonomy.count(place, 1)
            catalogue.move(row, place)
