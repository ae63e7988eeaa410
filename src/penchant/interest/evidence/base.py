"""The contract of an evidence: one named, explainable number about (user, item).

Every implementation, a user's own included, passes `tests/contract/test_evidence.py`. To add one: a file with a class
here, a line in `evidence/__init__.py`, its name in the settings' `evidence`, a phrase in `recommend/phrases.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from penchant.interest.arrays import F32, F64, I32, Arrays
from penchant.interest.asker import Asker
from penchant.interest.reason import Reason
from penchant.interest.world import World


@dataclass(frozen=True, slots=True)
class Moment:
    """One event as it is being learned.

    Attributes:
        asker: the user just before it.
        item: row of the item.
        strength: r, intensity in [-1, 1].
        engages: whether the user has now had the item.
        gain: how much it counts as engagement, >= 0.
        time: UTC seconds.
        key: of the record's random draws.
        against: item rows drawn at random to set it against, and before them those that were passed over.
    """

    asker: Asker
    item: int
    strength: float
    engages: bool
    gain: float
    time: float
    key: int
    against: I32


class Evidence(ABC):
    """Base class; a subclass overrides `values`, and what else it needs.

    Attributes:
        name: as in settings, explanations and weights.
        start: weight before anything is learned, in standard deviations of the evidence.
        spread: the standard deviation that is expected of it before it has spoken.
    """

    name: ClassVar[str]
    start: ClassVar[float] = 0.0
    spread: ClassVar[float] = 1.0

    def __init__(self, world: World) -> None:
        self.world = world

    def grow(self, items: int) -> None:  # noqa: B027 - most evidences keep no state of their own
        """Room for so many items; called with row + 1 whenever the item of that row was added or changed."""

    def leave(self, rows: I32) -> None:  # noqa: B027
        """These items are known no more, and others may have their rows: what is kept by row starts over."""

    def observe(self, moment: Moment) -> None:  # noqa: B027
        """Learn from an event; called before the user's memory takes it in."""

    def silent(self, asker: Asker) -> bool:
        """Whether the number is 0 for every item, so that `values` need not be asked."""
        return False

    @abstractmethod
    def values(self, asker: Asker, rows: I32) -> F64:
        """[n] the number for each item row [n]; finite; must not change any state."""

    def reason(self, asker: Asker, row: int) -> Reason:
        """Why the number is what it is for this item."""
        return Reason(self.name)

    def candidates(self, asker: Asker, most: int) -> I32:
        """Item rows that this evidence would look at first, best first, at most `most`; none by default."""
        return np.zeros(0, np.int32)

    def direction(self, asker: Asker) -> F32 | None:
        """[d] q, where the number grows by q · Δ when the item's vector does by Δ; None: it doesn't depend on it."""
        return None

    def turn(self, bridge: F32) -> None:  # noqa: B027
        """The space of vectors changed; the bridge [d, d'] maps the old space's vectors to the new one's."""

    def take(self, body: Mapping[str, Any]) -> None:  # noqa: B027
        """What was trained for it, the body of a log entry of type "trained"; its weight starts from a fresh scale."""

    def states(self, items: int) -> Arrays:
        """Arrays of its own state, the first `items` rows; empty if it keeps none."""
        return {}

    def load(self, states: Arrays) -> None:  # noqa: B027
        """Take over a saved state."""

    def titles(self, rows: list[int]) -> str:
        """Titles of items, for reasons, joined by '; '."""
        return "; ".join(self.world.catalogue.cards[row].title for row in rows)
