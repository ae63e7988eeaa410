"""A balanced reservoir: of every category the same number of examples, each of it as likely as any other to be kept.

Source: reservoir sampling, Vitter 1985 (algorithm R), one reservoir a category; replay in continual learning: Chaudhry
et al. 2019, On Tiny Episodic Memories.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from penchant.interest.arrays import F32, I32, Arrays, draw, key_of


class Reservoir:
    """At most `kept` examples (x [dim], category, dimension or -1) of each category.

    The k-th example of a category takes a place with probability kept / k, drawn from the seed, the category and k
    alone: the same examples in the same order are kept the same, whatever comes between.

    >>> reservoir = Reservoir(2, kept=3, seed=7)
    >>> for k in range(10):
    ...     reservoir.add(np.full(2, k, np.float32), 0, k)
    >>> reservoir.add(np.zeros(2, np.float32), 1, -1)
    >>> reservoir.sizes()
    {0: 3, 1: 1}
    """

    def __init__(self, dim: int, *, kept: int, seed: int) -> None:
        self.dim, self.kept, self.seed = dim, kept, seed
        self._x: dict[int, F32] = {}
        self._dimension: dict[int, I32] = {}
        self._seen: dict[int, int] = {}

    def __len__(self) -> int:
        return sum(self.sizes().values())

    def sizes(self) -> dict[int, int]:
        """How many examples are kept, by category."""
        return {category: min(seen, self.kept) for category, seen in self._seen.items()}

    def add(self, x: F32, category: int, dimension: int) -> None:
        """One more example."""
        seen = self._seen.get(category, 0)
        if not seen:
            self._x[category] = np.zeros((self.kept, self.dim), np.float32)
            self._dimension[category] = np.full(self.kept, -1, np.int32)
        place = seen
        if seen >= self.kept:
            place = draw(np.uint64(key_of(self.seed, "reservoir", category, seen)), 0, seen + 1)
        if place < self.kept:
            self._x[category][place] = x
            self._dimension[category][place] = dimension
        self._seen[category] = seen + 1

    def take(self, key: int, n: int) -> list[tuple[F32, int, int]]:
        """n examples (x, category, dimension), each of a category drawn uniformly; fewer only if nothing is kept."""
        categories, found = list(self._seen), list[tuple[F32, int, int]]()
        for k in range(n if categories else 0):
            category = categories[draw(np.uint64(key), 2 * k, len(categories))]
            place = draw(np.uint64(key), 2 * k + 1, min(self._seen[category], self.kept))
            found.append((self._x[category][place], category, int(self._dimension[category][place])))
        return found

    def of(self, category: int) -> tuple[F32, I32]:
        """(x [n, dim], dimensions [n]) kept of a category."""
        n = min(self._seen.get(category, 0), self.kept)
        if not n:
            return np.zeros((0, self.dim), np.float32), np.zeros(0, np.int32)
        return self._x[category][:n], self._dimension[category][:n]

    def seen(self, category: int) -> int:
        """How many examples of a category have come, those that were not kept included."""
        return self._seen.get(category, 0)

    def drop(self, categories: Sequence[int]) -> None:
        """Of these categories nothing is kept, as if none had come."""
        for category in categories:
            del self._x[category], self._dimension[category], self._seen[category]

    def states(self) -> Arrays:
        """All that is kept, as arrays."""
        categories = list(self._seen)
        parts = [self.of(category) for category in categories]
        return {
            "categories": np.array(categories, np.int32),
            "seen": np.array([self._seen[category] for category in categories], np.int64),
            "x": np.vstack([np.zeros((0, self.dim), np.float32), *(x for x, _ in parts)]),
            "dimensions": np.concatenate([np.zeros(0, np.int32), *(d for _, d in parts)]),
        }

    def load(self, states: Arrays) -> None:
        """Take over what `states` gave."""
        self.drop(list(self._seen))
        self.put_back(states)

    def put_back(self, states: Arrays) -> None:
        """The categories that `states` tells of are as they were then; others stay as they are."""
        at = 0
        for category, seen in zip(states["categories"].tolist(), states["seen"].tolist(), strict=True):
            n = min(seen, self.kept)
            self._x[category] = np.zeros((self.kept, self.dim), np.float32)
            self._dimension[category] = np.full(self.kept, -1, np.int32)
            self._x[category][:n] = states["x"][at : at + n]
            self._dimension[category][:n] = states["dimensions"][at : at + n]
            self._seen[category] = seen
            at += n
