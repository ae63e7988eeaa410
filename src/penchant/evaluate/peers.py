"""Peers of the streaming protocol: what simple, well-known methods would have said, given the same history.

Every peer is kept up to date with every event, as the engine is: the comparison is of methods, not of freshness.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from penchant.interest.arrays import compiled

DENSE = 20_000  # items up to which a table of all pairs fits in memory (1.6 GB)
Floats = npt.NDArray[np.float64]


class Peer(Protocol):
    """Scores all items for a user, then learns what they took."""

    name: str

    def scores(self, history: Sequence[int]) -> Floats:
        """[items] scores given the rows of what the user has had, oldest first; the caller doesn't write into them."""
        ...

    def learn(self, history: Sequence[int], item: int) -> None:
        """The user with this history took the item."""
        ...


class Popularity:
    """How often each item was taken so far.

    >>> peer = Popularity(2)
    >>> peer.learn([], 1); peer.scores([]).tolist()
    [0.0, 1.0]
    """

    name = "popularity"

    def __init__(self, items: int) -> None:
        self.count: Floats = np.zeros(items)

    def scores(self, history: Sequence[int]) -> Floats:
        return self.count

    def learn(self, history: Sequence[int], item: int) -> None:
        self.count[item] += 1.0


class ItemKNN:
    """Item-based nearest neighbours: sum of cosines to the last items of the history (Sarwar et al. 2001).

    cos(i, j) = users who had both / √(users of i · users of j). Who has had nothing yet gets the popular items. Dense,
    [items, items] float32: for catalogues of up to about 20,000 items.

    Args:
        items: how many.
        last: items of the history that count; None for all.
        counts: of another one, which learns for both.

    >>> knn = ItemKNN(3)
    >>> knn.learn([], 0); knn.learn([0], 2); knn.scores([0]).round(3).tolist()
    [0.0, 0.0, 1.0]
    """

    def __init__(self, items: int, last: int | None = 20, *, counts: ItemKNN | None = None) -> None:
        self.name = f"item-kNN (last {last})" if last else "item-kNN (all)"
        self.last = last
        self.both: npt.NDArray[np.float32] = np.zeros((items, items), np.float32) if counts is None else counts.both
        self.count: Floats = np.zeros(items) if counts is None else counts.count
        self._learns = counts is None

    def scores(self, history: Sequence[int]) -> Floats:
        if not history:
            return self.count
        recent = np.array(history[-self.last :] if self.last else history, np.int64)
        return _cosines(self.both, self.count, recent)

    def learn(self, history: Sequence[int], item: int) -> None:
        if self._learns and item not in history:
            self.count[item] += 1.0
            had = np.array(history, np.int64)
            _count(self.both, np.unique(had) if len(set(history)) < len(history) else had, item)


def simple_peers(items: int) -> list[Peer]:
    """Popularity, and item-kNN over the last 20 and over all of the history; item-kNN for up to 20,000 items only."""
    if items > DENSE:
        return [Popularity(items)]
    knn = ItemKNN(items)
    return [Popularity(items), knn, ItemKNN(items, None, counts=knn)]


@compiled
def _cosines(both: npt.NDArray[np.float32], count: Floats, rows: npt.NDArray[np.int64]) -> Floats:
    """[items] sums over the rows, in their order: items that stand alike get the very same sum."""
    found = np.zeros(both.shape[1])
    for k in range(len(rows)):
        weight = 1.0 / np.sqrt(max(count[rows[k]], 1.0))
        row = both[rows[k]]
        for j in range(len(found)):
            found[j] += weight * row[j]
    for j in range(len(found)):
        found[j] /= np.sqrt(max(count[j], 1.0))
    return found


@compiled
def _count(both: npt.NDArray[np.float32], had: npt.NDArray[np.int64], item: int) -> None:  # pragma: no cover - compiled
    """One more user who had the item and each of these."""
    for k in range(len(had)):
        both[item, had[k]] += np.float32(1.0)
        both[had[k], item] += np.float32(1.0)
