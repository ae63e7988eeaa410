"""Items near a meaning: one by one in small catalogues, by an index in large ones, a cache made beside the asking.

An index of 100,000 vectors takes seconds to make. Until it is made, and wherever it would be no faster, all vectors are
compared.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import numpy as np
from usearch.index import Index

from penchant.interest.arrays import F32, I32
from penchant.interest.model import Model

EXACT = 20_000  # so many vectors are compared one by one, which takes about as long as the index and misses nothing
PART = 500  # vectors that are put into an index at once; others get their turn in between


def empty_index(dim: int) -> Index:
    """An index of vectors [d], halves of floats within."""
    return Index(ndim=dim, metric="ip", dtype="f16")


@dataclass(slots=True)
class _Making:
    """An index in the making, of the vectors [n, d] as they were; rows changed since are put in at the end."""

    vectors: F32
    index: Index
    thread: threading.Thread | None = None
    changed: dict[int, None] = field(default_factory=dict[int, None])
    made: bool = False
    stopped: bool = False

    def work(self, threads: int) -> None:
        for first in range(0, len(self.vectors), PART):
            if self.stopped or not threading.main_thread().is_alive():  # the process ends
                return
            part = self.vectors[first : first + PART]
            self.index.add(np.arange(first, first + len(part), dtype=np.int64), part, threads=threads)
            time.sleep(0)
        self.made = True


class Nearest:
    """Rows of one model's items by their vectors. Its methods are called under the engine's lock."""

    def __init__(self) -> None:
        self._index: Index | None = None
        self._making: _Making | None = None

    def reset(self) -> None:
        """The vectors changed as a whole."""
        if self._making is not None:
            self._making.stopped = True
        self._index = self._making = None

    def close(self) -> None:
        """Wait until nothing is being made."""
        making = self._making
        self.reset()
        if making is not None and making.thread is not None:
            making.thread.join()

    def update(self, model: Model, row: int) -> None:
        """An item was added or changed."""
        if self._making is not None:
            self._making.changed[row] = None
        elif self._index is not None:
            _put(self._index, model, row)

    def near(self, model: Model, vectors: F32, most: int) -> I32:
        """Rows near any of the vectors [k, d], most of each; some may come twice."""
        self.begin(model)
        self._take_over(model)
        if self._index is None:
            return _compared(model, vectors, most)
        found = self._index.search(vectors, most)  # of one vector Matches, of several BatchMatches
        counts = getattr(found, "counts", None)
        keys = np.asarray(found.keys, dtype=np.int64)
        if counts is not None:
            keys = keys[np.arange(keys.shape[1]) < np.asarray(counts)[:, None]]
        return keys.ravel().astype(np.int32)

    def begin(self, model: Model) -> threading.Thread | None:
        """Begin to make an index, if one is wanted and none is there; returns what makes it, None if nothing does."""
        items = len(model.world.catalogue)
        if self._making is not None:
            return self._making.thread
        if self._index is not None or items <= EXACT:
            return None
        vectors = model.world.catalogue.vectors[:items]
        making = self._making = _Making(vectors, empty_index(model.world.dim))
        # no daemon: cut off within the index's own code, it would abort the process
        making.thread = threading.Thread(target=making.work, args=(model.settings.threads,), name="penchant-index")
        making.thread.start()
        return making.thread

    def _take_over(self, model: Model) -> None:
        """Use the index that was being made, if it is made; if its making failed, make another one."""
        making = self._making
        if making is None or making.thread is None or (not making.made and making.thread.is_alive()):
            return
        self._making = None
        if making.made:
            self._index = making.index
            known = len(making.vectors)
            for row in dict.fromkeys([*making.changed, *range(known, len(model.world.catalogue))]):
                _put(self._index, model, row)


def _put(index: Index, model: Model, row: int) -> None:
    if row in index:
        index.remove(row)
    index.add(row, model.world.catalogue.vectors[row])


def _compared(model: Model, vectors: F32, most: int) -> I32:
    """`near`, all vectors compared."""
    catalogue = model.world.catalogue
    cosine = vectors @ catalogue.vectors[: len(catalogue)].T
    most = min(most, cosine.shape[1])
    return np.argpartition(-cosine, most - 1, axis=1)[:, :most].ravel().astype(np.int32)
