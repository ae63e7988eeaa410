"""The items as rows: projected vector, place in the tree, time, availability, fields.

Rows of items that were retired or deleted are kept up to a number; then those of the deleted leave first, and of the
retired those that were retired longest ago. What leaves is unknown from then on; a deleted id stays refused.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from penchant.interest.arrays import F32, F64, I32, U64, Arrays, Rows, key_of, room
from penchant.interest.taxonomy import WIDTH, Place
from penchant.records import FieldValue

LIVE, RETIRED, DELETED = 0, 1, 2


class Card(NamedTuple):
    """What is kept of an item in words: title, content hash of its vector, version, paths as given, fields.

    A tuple, for JSON takes it as it is: a snapshot of a million need not turn each into a list while others wait.
    """

    title: str
    hash: str
    version: int
    paths: list[list[str]]
    fields: dict[str, FieldValue]
    available: bool = True


class Catalogue:
    """Items by row.

    Attributes:
        vectors: [n, d] projected unit vectors.
        categories, dimensions: [n, 8] rows in the taxonomy, -1 where there is none.
        time: [n] when it appeared, UTC seconds.
        state: [n] LIVE, RETIRED or DELETED.
        shown: [n] whether it may be recommended (live and available).
        left: rows that are retired or deleted, in the order in which they came to be so.
        gone: [k] digests of deleted ids whose row has left, sorted.
        turnover: how many rows have left since this was made; no part of the state.
    """

    def __init__(self, dim: int) -> None:
        self.rows = Rows()
        self.cards: list[Card] = []
        self.vectors: F32 = np.zeros((0, dim), np.float32)
        self.categories: I32 = np.zeros((0, WIDTH), np.int32)
        self.dimensions: I32 = np.zeros((0, WIDTH), np.int32)
        self.time: F64 = np.zeros(0)
        self.state = np.zeros(0, np.int8)
        self.shown = np.zeros(0, np.bool_)
        self.left: dict[int, None] = {}
        self.gone: U64 = np.zeros(0, np.uint64)
        self.turnover = 0
        self._live: I32 | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def put(self, id: str, card: Card, vector: F32, place: Place, time: float) -> int:
        """Add or replace an item; returns its row."""
        row = self.rows.add(id)
        if row == len(self.cards):
            self.cards.append(card)
            n = row + 1
            self.vectors, self.time = room(self.vectors, n), room(self.time, n)
            self.categories, self.dimensions = room(self.categories, n, -1), room(self.dimensions, n, -1)
            self.state, self.shown = room(self.state, n), room(self.shown, n)
        self.cards[row] = card
        self.vectors[row] = vector
        self.move(row, place)
        self.time[row] = time
        self.set_state(row, LIVE)
        return row

    def move(self, row: int, place: Place) -> None:
        """The item stands at another place in the tree."""
        self.categories[row] = -1
        self.dimensions[row] = -1
        self.categories[row, : len(place.categories)] = place.categories
        self.dimensions[row, : len(place.dimensions)] = place.dimensions

    def set_state(self, row: int, state: int) -> None:
        """Live, retired or deleted."""
        self.state[row] = state
        self.shown[row] = state == LIVE and self.cards[row].available
        self.left.pop(row, None)
        if state != LIVE:
            self.left[row] = None
        self._live = None

    def is_deleted(self, id: str) -> bool:
        """Whether an item of this id was deleted, which is for good."""
        row = self.rows.get(id)
        if row is not None:
            return bool(self.state[row] == DELETED)
        digest = np.uint64(key_of(0, id))
        place = int(np.searchsorted(self.gone, digest))
        return place < len(self.gone) and bool(self.gone[place] == digest)

    def leaving(self, kept: int) -> I32:
        """Rows that leave so that `kept` retired or deleted ones stay: none until there are an eighth more."""
        surplus = len(self.left) - kept
        if surplus <= kept // 8:
            return np.zeros(0, np.int32)
        order = sorted(self.left, key=lambda row: self.state[row] != DELETED)
        return np.array(order[:surplus], np.int32)

    def leave(self, rows: I32) -> None:
        """These rows are nobody's."""
        deleted = [self.rows.ids[row] for row in map(int, rows) if self.state[row] == DELETED]
        digests = np.array([key_of(0, id) for id in deleted], np.uint64)
        self.gone = np.union1d(self.gone, digests)
        for row in rows.tolist():
            self.rows.give_back(row)
            self.cards[row] = Card("", "", 0, [], {}, available=False)
            self.move(row, Place((), ()))
            self.set_state(row, DELETED)
            del self.left[row]
        self.vectors[rows], self.time[rows] = 0, 0
        self.turnover += len(rows)

    def place(self, row: int) -> Place:
        """Where the item stands."""
        categories: list[int] = self.categories[row].tolist()
        dimensions: list[int] = self.dimensions[row].tolist()
        return Place(tuple([c for c in categories if c >= 0]), tuple([d for d in dimensions if d >= 0]))

    def live(self) -> I32:
        """Rows that may be recommended."""
        if self._live is None:
            self._live = np.flatnonzero(self.shown[: len(self)]).astype(np.int32)
        return self._live

    def states(self) -> Arrays:
        """Arrays of the state, trimmed to what is in use."""
        n = len(self)
        return {
            "vectors": self.vectors[:n],
            "categories": self.categories[:n],
            "dimensions": self.dimensions[:n],
            "time": self.time[:n],
            "state": self.state[:n],
            "gone": self.gone,
        }

    def meta(self) -> dict[str, Any]:
        """The part of the state that is words, JSON-able."""
        return {"ids": list(self.rows.ids), "cards": list(self.cards), "left": list(self.left)}

    def load(self, meta: dict[str, Any], states: Arrays) -> None:
        """Take over a saved state."""
        self.rows = Rows(meta["ids"])
        self.cards = [Card(*card) for card in meta["cards"]]
        self.vectors, self.time = states["vectors"].copy(), states["time"].copy()
        self.categories, self.dimensions = states["categories"].copy(), states["dimensions"].copy()
        self.state = states["state"].copy()
        self.shown = np.zeros(len(self.state), np.bool_)
        for row in range(len(self)):
            self.shown[row] = self.state[row] == LIVE and self.cards[row].available
        self.left, self.gone = dict.fromkeys(meta["left"]), states["gone"].copy()
        self._live = None
