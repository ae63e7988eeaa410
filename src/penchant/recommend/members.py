"""Which items stand at a node of the tree: the newest of them, and those that were engaged with most.

A cache beside the model, made of it when it is first needed and kept up with every item and event. What was engaged
with most is a list of at most 512 a node, so that asking takes as long in a node of a million items as in one of ten.
"""

from __future__ import annotations

from array import array
from typing import Literal

import numpy as np
import numpy.typing as npt

from penchant.interest.arrays import F64, I32, Flags, compiled, distinct
from penchant.interest.model import Model

Level = Literal["categories", "dimensions"]
LATEST = 2000  # items of a node that are looked at for the newest that may be shown
LEADERS = 512  # that are kept of a node
SINCE = 128  # engagements until they are put in order anew


@compiled
def _newest(rows: I32, places: I32, node: int, shown: Flags, most: int) -> I32:  # pragma: no cover - compiled
    """Of rows that stand (or once stood) at the node: the last that may be shown, last first."""
    there = np.empty(min(most, len(rows)), np.int32)
    n = 0
    for a in range(len(rows) - 1, -1, -1):
        row = rows[a]
        if n < len(there) and shown[row]:
            for k in range(places.shape[1]):
                if places[row, k] == node:
                    there[n] = row
                    n += 1
                    break
    return there[:n]


@compiled
def _leading(rows: I32, places: I32, node: int, shown: Flags, count: F64, most: int) -> I32:  # pragma: no cover
    """Of rows [n] those that stand at the node and may be shown, the most engaged with first, ties by row."""
    rows = np.sort(rows)
    kept = np.empty(len(rows), np.int32)
    n = 0
    for a in range(len(rows)):
        row = rows[a]
        if shown[row] and (a == 0 or rows[a - 1] != row):
            for k in range(places.shape[1]):
                if places[row, k] == node:
                    kept[n] = row
                    n += 1
                    break
    kept = kept[:n]
    return kept[np.argsort(-count[kept], kind="mergesort")[:most]]


class Members:
    """Item rows by node of one level.

    Args:
        model: whose items they are.
        level: "categories" or "dimensions".
    """

    def __init__(self, model: Model, level: Level) -> None:
        self.model, self.level = model, level
        known = len(model.world.catalogue)
        engaged = np.flatnonzero(model.world.pairs.count[:known] > 0)
        self._all = _by_node(self.places[:known], np.arange(known))
        self._leaders = _by_node(self.places[engaged], engaged)
        self._ordered: dict[int, int] = {}
        for node in self._leaders:
            self._trim(node)
        self._asked: dict[int, tuple[int, I32]] = {}  # by node, what `first` gave last and how many were wanted

    @property
    def places(self) -> I32:
        """[items, 8] nodes of every item, -1 where it has fewer."""
        catalogue = self.model.world.catalogue
        return catalogue.dimensions if self.level == "dimensions" else catalogue.categories

    def add(self, row: int) -> None:
        """An item was added or changed."""
        self._asked.clear()
        for node in self._nodes(row):
            if row not in self._all.setdefault(node, array("i"))[-1:]:
                self._all[node].append(row)
        self.engaged(row)

    def engaged(self, row: int) -> None:
        """Somebody may have engaged with the item."""
        if self.model.world.pairs.count[row] > 0:
            for node in self._nodes(row):
                self._asked.pop(node, None)
                self._lead(node, row)

    def first(self, node: int, most: int) -> I32:
        """Rows of a node that may be shown: those engaged with most, at most half, and the newest; some come twice."""
        wanted, rows = self._asked.get(node, (-1, None))
        if rows is None or wanted != most:
            leading = self.leading(node, most // 2)
            rows = np.concatenate((leading, self.newest(node, most - len(leading))))
            self._asked[node] = most, rows
        return rows

    def newest(self, node: int, most: int) -> I32:
        """Of the last 2,000 rows of a node the newest that may be shown."""
        rows = np.frombuffer(self._all.get(node, array("i"))[-LATEST:], np.int32)
        return _newest(rows, self.places, node, self.model.world.catalogue.shown, most)

    def leading(self, node: int, most: int) -> I32:
        """The rows of a node that were engaged with most, of those that may be shown, most engaged with first."""
        leaders, ordered = self._leaders.get(node, array("i")), self._ordered.get(node, 0)
        # in order up to `ordered`; of those behind 2 · most, only what was engaged with since can be among the first
        rows = np.frombuffer(leaders[: min(ordered, 2 * most)] + leaders[ordered:], np.int32)
        return _leading(rows, self.places, node, self.model.world.catalogue.shown, self.model.world.pairs.count, most)

    def _nodes(self, row: int) -> list[int]:
        return [node for node in self.places[row].tolist() if node >= 0]

    def _lead(self, node: int, row: int) -> None:
        leaders = self._leaders.setdefault(node, array("i"))
        leaders.append(row)
        if len(leaders) > self._ordered.get(node, 0) + SINCE:
            self._trim(node)

    def _trim(self, node: int) -> None:
        rows = distinct(np.frombuffer(self._leaders[node], np.int32))
        self._leaders[node] = array("i", rows[self._order(rows)[:LEADERS]].tobytes())
        self._ordered[node] = len(self._leaders[node])

    def _order(self, rows: I32) -> npt.NDArray[np.intp]:
        counts: F64 = self.model.world.pairs.count[rows]
        return np.argsort(-counts, kind="stable")


def _by_node(places: I32, rows: npt.NDArray[np.integer]) -> dict[int, array[int]]:
    """The rows [n] by node, in order, of their places [n, 8]."""
    which, at = np.nonzero(places >= 0)
    nodes = places[which, at]
    order = np.argsort(nodes, kind="stable")
    names, starts = np.unique(nodes[order], return_index=True)
    ends = np.append(starts, len(order))[1:].tolist()
    rows = rows[which[order]].astype(np.int32)
    return {
        node: array("i", rows[start:end].tobytes())
        for node, start, end in zip(names.tolist(), starts.tolist(), ends, strict=True)
    }
