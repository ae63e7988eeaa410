"""The tree: category → dimension.

From an item's paths: a root that all share is dropped, the first level left is the category, the deepest the
dimension. Where paths name no dimension (or no category), the nearest induced one is taken.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from penchant.interest.arrays import F32, F64, I32, Arrays, Rows, compiled, room
from penchant.interest.space import pack, unpack

WIDTH = 8  # categories, and dimensions, of one item at most
SEPARATOR = " › "
CATEGORIES, DIMENSIONS = 4096, 16_384  # nodes at most, unless the settings say otherwise
PRIOR_C, PRIOR_D = 20.0, 5.0  # engagements that the catalogue's own shares count for


log = logging.getLogger("penchant")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands: rows of its categories and of its dimensions."""

    categories: tuple[int, ...]
    dimensions: tuple[int, ...]


@compiled
def _engaged(
    seen_c: F64, seen_d: F64, categories: I32, dimensions: I32, gain: float, fade: float
) -> None:  # pragma: no cover - compiled
    """What was seen fades, and the gain is shared out among the categories, and among the dimensions."""
    for level in range(2):
        seen, nodes = (seen_c, categories) if level == 0 else (seen_d, dimensions)
        n = 0
        while n < len(nodes) and nodes[n] >= 0:
            n += 1
        for k in range(len(seen)):
            seen[k] *= fade
        for k in range(n):
            seen[nodes[k]] += gain / n


@compiled
def population(
    out: F64, seen_c: F64, seen_d: F64, items_c: F64, items_d: F64, parents: I32, n_c: int, n_d: int
) -> None:  # pragma: no cover - compiled
    """p(c) and then p(d | c) into out [n_c + n_d]: engagements, the catalogue's own shares being the prior."""
    base, total = 0.0, 0.0
    for c in range(n_c):
        base += items_c[c] + 0.1
    for c in range(n_c):
        out[c] = seen_c[c] + PRIOR_C * (items_c[c] + 0.1) / base
        total += out[c]
    for c in range(n_c):
        out[c] /= total
    within, sums = np.zeros(n_c), np.zeros(n_c)
    for d in range(n_d):
        within[parents[d]] += items_d[d] + 0.1
    for d in range(n_d):
        out[n_c + d] = seen_d[d] + PRIOR_D * (items_d[d] + 0.1) / within[parents[d]]
        sums[parents[d]] += out[n_c + d]
    for d in range(n_d):
        out[n_c + d] /= sums[parents[d]]


def split(root: Sequence[str], path: Sequence[str]) -> tuple[str, str]:
    """(category, dimension) names of a path below a root; the dimension is "" if the path has no further level.

    >>> split(["Beauty"], ["Beauty", "Hair", "Care", "Comb"]), split([], ["Hair"])
    (('Hair', 'Care › Comb'), ('Hair', ''))
    """
    rest, top = tuple(path), tuple(root)
    if top and rest[: len(top)] == top and len(rest) > len(top):
        rest = rest[len(top) :]
    return rest[0], SEPARATOR.join(rest[1:])


def id_of(category: str, dimension: str) -> str:
    """The id of a dimension among all."""
    return f"{category}\x1f{dimension}"


class Taxonomy:
    """Categories and dimensions as rows, their names, and how often the population engages with each.

    Nodes are never taken away, for counts, heads and statements are about them. Where there are as many as may be, a
    new one does not come to exist: an item stands at those of its nodes that there are.

    Args:
        most: categories and dimensions at most.

    Attributes:
        categories: names by row.
        dimensions: (category name, rest of the path joined) by row, as ids.
        category_of: [dimensions] row of each dimension's category.
        seen_c, seen_d: decayed engagements of the population, float64.
        items_c, items_d: how many items stand there.
    """

    def __init__(self, most: tuple[int, int] = (CATEGORIES, DIMENSIONS)) -> None:
        self.most = most
        self._full = False
        self.root: tuple[str, ...] = ()
        self.categories = Rows()
        self.dimensions = Rows()
        self.category_of: I32 = np.zeros(0, np.int32)
        self.seen_c: F64 = np.zeros(0)
        self.seen_d: F64 = np.zeros(0)
        self.items_c: F64 = np.zeros(0)
        self.items_d: F64 = np.zeros(0)
        self.seen_at = -np.inf
        # induced: per category name (or "" for categories themselves) centroids [k, d] and names
        self.centroids: dict[str, F32] = {}
        self.names: dict[str, list[str]] = {}
        self.order: I32 = np.zeros(0, np.int32)
        self.start: I32 = np.zeros(1, np.int32)

    # -- growing ---------------------------------------------------------------------------------------------------

    def category(self, name: str) -> int:
        """Row of this category, a new one if it had none; -1 if there is no room for a new one."""
        if self.categories.get(name) is None and len(self.categories) >= self.most[0]:
            return self._refuse(name)
        row = self.categories.add(name)
        if row >= len(self.seen_c):
            self.seen_c, self.items_c = room(self.seen_c, row + 1), room(self.items_c, row + 1)
        if len(self.start) < len(self.categories) + 1:
            self._index()
        return row

    def dimension(self, category: str, name: str) -> int:
        """Row of this dimension of the category, new ones if they had none; -1 if there is no room for a new one."""
        parent, id, known = self.category(category), id_of(category, name), len(self.dimensions)
        if parent < 0 or (self.dimensions.get(id) is None and known >= self.most[1]):
            return self._refuse(name)
        row = self.dimensions.add(id)
        if row == known:
            self.category_of = room(self.category_of, row + 1)
            self.seen_d, self.items_d = room(self.seen_d, row + 1), room(self.items_d, row + 1)
            self.category_of[row] = parent
            self._index()
        return row

    def _refuse(self, name: str) -> int:
        if not self._full:
            self._full = True
            log.warning(
                "the tree has as many nodes as may be (%d categories, %d dimensions): %r and further new ones do not "
                "come to exist; the settings model.most_categories and model.most_dimensions may be larger",
                *self.most, name,
            )  # fmt: skip
        return -1

    def _index(self) -> None:
        """Dimensions grouped by category: those of c are order[start[c] : start[c + 1]]."""
        parents = self.category_of[: len(self.dimensions)]
        self.order = np.argsort(parents, kind="stable").astype(np.int32)
        counts = np.bincount(parents, minlength=len(self.categories))
        self.start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)

    def adopt(self, root: Sequence[str], induced: dict[str, dict[str, Any]]) -> None:
        """Take over what a fit found: the shared root, and induced nodes by category ("" for the categories)."""
        self.root = tuple(root)
        self.centroids = {name: unpack(found["centroids"]) for name, found in induced.items()}
        self.names = {name: list(found["names"]) for name, found in induced.items()}

    # -- placing ---------------------------------------------------------------------------------------------------

    def split(self, path: Sequence[str]) -> tuple[str, str]:
        """(category, dimension) names of a path; the dimension is "" if the path has no further level."""
        return split(self.root, path)

    def place(self, paths: Sequence[Sequence[str]], vector: F32) -> Place:
        """Nodes of an item with these paths and projected vector [d]; new nodes come to exist."""
        pairs = [self.split(path) for path in paths]
        if not pairs and (name := self._nearest("", vector)):
            pairs = [(name, "")]
        named = {category for category, dimension in pairs if dimension}
        categories: dict[int, None] = {}
        dimensions: dict[int, None] = {}
        for category, dimension in pairs:
            categories[self.category(category)] = None
            if not dimension and category not in named:
                dimension = self._nearest(category, vector)
            if dimension:
                dimensions[self.dimension(category, dimension)] = None
        categories.pop(-1, None)
        dimensions.pop(-1, None)
        return Place(tuple(categories)[:WIDTH], tuple(dimensions)[:WIDTH])

    def _nearest(self, category: str, vector: F32) -> str:
        centroids = self.centroids.get(category)
        if centroids is None or not len(centroids):
            return ""
        return self.names[category][int(np.argmax(centroids @ vector))]

    def count(self, place: Place, sign: int) -> None:
        """An item came to stand at this place (sign 1) or left it (-1)."""
        for row in place.categories:
            self.items_c[row] += sign
        for row in place.dimensions:
            self.items_d[row] += sign

    # -- names -----------------------------------------------------------------------------------------------------

    def path_of_dimension(self, row: int) -> tuple[str, str]:
        """(category, dimension) names."""
        category, _, name = self.dimensions.ids[row].partition("\x1f")
        return category, name

    def children(self, category: int) -> I32:
        """Rows of the category's dimensions."""
        if category + 1 >= len(self.start):
            return self.order[:0]
        return self.order[self.start[category] : self.start[category + 1]]

    def find(self, path: Sequence[str]) -> tuple[int, int] | None:
        """(category row, dimension row or -1) of a node named by a user: with or without the root, in any letter case.

        The last level alone is enough where it names one node; None if there is no such node.
        """
        levels = [level.casefold() for level in path]
        root = [level.casefold() for level in self.root]
        if root and levels[: len(root)] == root and len(levels) > len(root):
            levels = levels[len(root) :]
        for row, name in enumerate(self.categories.ids):
            if name.casefold() == levels[0]:
                if len(levels) == 1:
                    return row, -1
                wanted = SEPARATOR.join(levels[1:])
                for child in self.children(row).tolist():
                    full = self.path_of_dimension(child)[1].casefold()
                    if full == wanted or full.split(SEPARATOR)[-1] == wanted:
                        return row, child
                return None
        if len(levels) == 1:
            hits = [
                row
                for row in range(len(self.dimensions))
                if self.path_of_dimension(row)[1].casefold().split(SEPARATOR)[-1] == levels[0]
            ]
            if len(hits) == 1:
                return int(self.category_of[hits[0]]), hits[0]
        return None

    # -- the population ----------------------------------------------------------------------------------------------

    def engaged(self, categories: I32, dimensions: I32, gain: float, time: float, half_life: float) -> None:
        """The population engaged with an item of these nodes (-1: no more); half_life in seconds, late is less."""
        fade = 1.0
        if time > self.seen_at:
            if self.seen_at > -math.inf:
                fade = 2.0 ** (-(time - self.seen_at) / half_life)
            self.seen_at = time
        else:
            gain *= 2.0 ** (-(self.seen_at - time) / half_life)
        _engaged(self.seen_c, self.seen_d, categories, dimensions, gain, fade)

    def population(self) -> tuple[F64, F64]:
        """p(c) [categories] and p(d | its category) [dimensions], the catalogue's own shares being the prior."""
        n_c, n_d = len(self.categories), len(self.dimensions)
        out = np.empty(n_c + n_d)
        population(out, self.seen_c, self.seen_d, self.items_c, self.items_d, self.category_of, n_c, n_d)
        return out[:n_c], out[n_c:]

    # -- state -----------------------------------------------------------------------------------------------------

    def states(self) -> Arrays:
        """Arrays of the state, trimmed to what is in use."""
        n_c, n_d = len(self.categories), len(self.dimensions)
        return {
            "seen_c": self.seen_c[:n_c],
            "seen_d": self.seen_d[:n_d],
            "items_c": self.items_c[:n_c],
            "items_d": self.items_d[:n_d],
            "category_of": self.category_of[:n_d],
            "seen_at": np.array([self.seen_at]),
        }

    def meta(self) -> dict[str, Any]:
        """The part of the state that is words, JSON-able."""
        induced = {
            name: {"centroids": pack(self.centroids[name]), "names": self.names[name]} for name in self.centroids
        }
        return {
            "root": list(self.root),
            "categories": list(self.categories.ids),
            "dimensions": list(self.dimensions.ids),
            "induced": induced,
        }

    def load(self, meta: dict[str, Any], states: Arrays) -> None:
        """Take over a saved state."""
        self.categories, self.dimensions = Rows(meta["categories"]), Rows(meta["dimensions"])
        self.adopt(meta["root"], meta["induced"])
        self.seen_c, self.seen_d = states["seen_c"].copy(), states["seen_d"].copy()
        self.items_c, self.items_d = states["items_c"].copy(), states["items_d"].copy()
        self.category_of = states["category_of"].copy()
        self.seen_at = float(states["seen_at"][0])
        self._index()
