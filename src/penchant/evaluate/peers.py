"""Peers of the streaming protocol: what simple, well-known methods would have said, given the same history.

Every peer is kept up to date with every event, as the engine is: the comparison is of methods, not of freshness.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Peer(Protocol):
    """Scores all items for a user, then learns what they took."""

    name: str

    def scores(self, history: list[int]) -> Floats:
        """[items] scores given the rows of what the user has had, oldest first."""
        ...

    def learn(self, history: list[int], item: int) -> None:
        """The user with this history took the item."""
        ...


class Popularity:
    """How often each item was taken so far."""

    name = "popularity"

    def __init__(self, items: int) -> None:
        self.count: Floats = np.zeros(items)

    def scores(self, history: list[int]) -> Floats:
        return self.count

    def learn(self, history: list[int], item: int) -> None:
        self.count[item] += 1.0


class ItemKNN:
    """Item-based nearest neighbours: sum of cosines to the last items of the history (Sarwar et al. 2001).

    cos(i, j) = users who had both / √(users of i · users of j). Dense, [items, items] float32: for catalogues of up to
    about 20,000 items.
    """

    def __init__(self, items: int, last: int | None = 20) -> None:
        self.name = f"item-kNN (last {last})" if last else "item-kNN (all)"
        self.last = last
        self.both: npt.NDArray[np.float32] = np.zeros((items, items), np.float32)
        self.count: Floats = np.zeros(items)

    def scores(self, history: list[int]) -> Floats:
        if not history:
            return self.count
        recent = history[-self.last :] if self.last else history
        rows = self.both[recent] / np.sqrt(np.maximum(self.count[recent], 1.0))[:, None]
        return rows.sum(0) / np.sqrt(np.maximum(self.count, 1.0))

    def learn(self, history: list[int], item: int) -> None:
        had = np.unique(np.array([row for row in history if row != item], np.int64))
        if item not in history:
            self.count[item] += 1.0
            self.both[item, had] += 1.0
            self.both[had, item] += 1.0
