"""Candidates: which items are looked at. Small catalogues whole; large ones by what each source brings.

Sources: meaning (a vector index over the items), what the evidences bring (next, popular, trending, fresh, repeat), the
user's strongest dimensions, and the request's meaning and nodes. All that is brought is then scored exactly.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt
from usearch.index import Index

from penchant.interest.arrays import F32, F64, I32, compiled
from penchant.interest.asker import Asker
from penchant.interest.model import Model

Bools = npt.NDArray[np.bool_]
Level = Literal["categories", "dimensions"]
LATEST = 2000  # items of a node that are looked at


@compiled
def _pick(rows: I32, places: I32, node: int, shown: Bools, engaged: F64, most: int) -> I32:  # pragma: no cover
    """Of rows that stand (or once stood) at the node: the newest and the most engaged with, half and half."""
    there = np.empty(len(rows), np.int32)
    n = 0
    for row in rows:
        if shown[row]:
            for k in range(places.shape[1]):
                if places[row, k] == node:
                    there[n] = row
                    n += 1
                    break
    if n <= most:
        return there[:n]
    half = most // 2
    best = np.argsort(-engaged[there[:n]])[:half]
    return np.concatenate((there[n - (most - half) : n], there[best]))


class Candidates:
    """Gathers item rows for an asker; keeps the vector index, a cache that can be made again.

    Args:
        exact_below: catalogues of fewer items are scored whole.
        most: rows to gather for one answer from a larger one.
    """

    def __init__(self, *, exact_below: int, most: int) -> None:
        self.exact_below, self.most = exact_below, most
        self._index: Index | None = None
        self._members: dict[Level, dict[int, array[int]]] = {}

    def reset(self) -> None:
        """The vectors or the tree changed as a whole: make the index anew when it is needed next."""
        self._index = None
        self._members.clear()

    def update(self, model: Model, row: int) -> None:
        """An item was added or changed."""
        for level, members in self._members.items():
            for node in _places(model, level)[row].tolist():
                if node >= 0 and row not in members.setdefault(node, array("i"))[-1:]:
                    members[node].append(row)
        if self._index is not None:
            if row in self._index:
                self._index.remove(row)
            self._index.add(row, model.world.catalogue.vectors[row])

    def gather(
        self, model: Model, asker: Asker, vectors: Iterable[F32] = (), nodes: Iterable[tuple[int, int]] = ()
    ) -> I32:
        """Item rows that may be shown, sorted; `vectors` [d] are meanings, `nodes` are nodes to look around as well."""
        live = model.world.catalogue.live()
        if len(live) < self.exact_below:
            return live
        share = max(20, self.most // 6)
        found = [evidence.candidates(asker, share) for evidence in model.evidences]
        meanings = [vector for vector in (*vectors, asker.long, asker.recent, asker.said) if vector.any()]
        if meanings:
            found.append(self._near(model, np.stack(meanings), share))
        strongest = np.argsort(-asker.lift_d * (asker.pro_d > 0), kind="stable")[:4]
        for d in [*strongest.tolist(), *(d for _, d in nodes if d >= 0)]:
            found.append(self._of_node(model, "dimensions", d, share // 2))
        for c in [c for c, d in nodes if d < 0]:
            found.append(self._of_node(model, "categories", c, share))
        rows = np.unique(np.concatenate(found)).astype(np.int32) if found else live[:0]
        return rows[model.world.catalogue.shown[rows]]

    def _near(self, model: Model, vectors: F32, most: int) -> I32:
        """Rows near any of the vectors [k, d], most of each; some may come twice."""
        index = self._index or self._build(model)
        found = index.search(vectors, most)  # of one vector Matches, of several BatchMatches
        counts = getattr(found, "counts", None)
        keys = np.asarray(found.keys, dtype=np.int64)
        if counts is not None:
            keys = keys[np.arange(keys.shape[1]) < np.asarray(counts)[:, None]]
        return keys.ravel().astype(np.int32)

    def _of_node(self, model: Model, level: Level, node: int, most: int) -> I32:
        """Rows that stand at a node: of the latest 2,000 the newest, and the most engaged with, half and half."""
        members = self._members.get(level)
        if members is None:
            members = self._members[level] = _members(_places(model, level)[: len(model.world.catalogue)])
        rows = np.frombuffer(members.get(node, array("i"))[-LATEST:], np.int32)
        return _pick(rows, _places(model, level), node, model.world.catalogue.shown, model.world.pairs.count, most)

    def _build(self, model: Model) -> Index:
        catalogue = model.world.catalogue
        index = Index(ndim=model.world.dim, metric="ip", dtype="f16")
        rows = np.arange(len(catalogue), dtype=np.int64)
        if len(rows):
            index.add(rows, catalogue.vectors[: len(catalogue)], threads=model.settings.threads)
        self._index = index
        return index


def _places(model: Model, level: Level) -> I32:
    return model.world.catalogue.dimensions if level == "dimensions" else model.world.catalogue.categories


def _members(places: I32) -> dict[int, array[int]]:
    """Rows by node, in order, of the places [n, 8] of all items."""
    rows, at = np.nonzero(places >= 0)
    nodes = places[rows, at]
    order = np.argsort(nodes, kind="stable")
    names, starts = np.unique(nodes[order], return_index=True)
    parts = np.split(rows[order].astype(np.int32), starts[1:])
    return {node: array("i", part.tobytes()) for node, part in zip(names.tolist(), parts, strict=True)}
