"""Bytes of a user, an item, a node: which arrays of a model grow with which, and how wide their rows are."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np

from penchant.config import Settings
from penchant.interest.arrays import F32, Arrays
from penchant.interest.catalogue import Card
from penchant.interest.evidence.context import KEYS, Context
from penchant.interest.evidence.learned import Learned
from penchant.interest.evidence.sequence import Sequence as SequenceEvidence
from penchant.interest.model import Model
from penchant.interest.sequence.settings import WINDOW, SequenceSettings
from penchant.interest.sequence.weights import Trained
from penchant.interest.taxonomy import Place
from penchant.interest.wishes import Wish, Wishes

USER_CAP, ITEM_CAP = 1536, 3072  # the project's promise; an item's is beside its vector

Grows = Literal["users", "items", "categories", "dimensions"]
GROWS: tuple[Grows, ...] = get_args(Grows)
MANY = 300  # rows at which growth is looked at
TITLE = 40  # characters of a title, and
ID = 12  # of an id, that words are reckoned with


@dataclass(frozen=True, slots=True)
class RowBytes:
    """Bytes of one row of each kind.

    Attributes:
        arrays: in memory, by kind.
        vector: of `arrays["items"]`, the item's vector.
        words: in memory, ids, titles, paths and what Python keeps with them.
        kept: in a snapshot, its arrays and words.
        statement: in memory, of what a user said or edited, its words included.
        fixed: tables whose size is set beforehand, by name: (rows, bytes a row); (1, bytes) where there are no rows.
    """

    arrays: Mapping[Grows, int]
    vector: int
    words: Mapping[Grows, float]
    kept: Mapping[Grows, float]
    statement: float
    fixed: Mapping[str, tuple[int, int]]

    @property
    def user(self) -> int:
        """Of a user's record; the cap is `USER_CAP`."""
        return self.arrays["users"]

    @property
    def item(self) -> int:
        """Of an item's records beside its vector; the cap is `ITEM_CAP`."""
        return self.arrays["items"] - self.vector


def row_bytes(settings: Settings, *, categories: int = 1, trained: bool = False) -> RowBytes:
    """Bytes of rows under these settings.

    Args:
        categories: of the tree; a context's counts are as wide.
        trained: whether the evidence `sequence` has its weights.

    >>> rows = row_bytes(Settings.load("movies"))
    >>> rows.user <= USER_CAP and rows.item <= ITEM_CAP
    True
    """
    settings = roomy(settings)
    one = _model(settings, {}, trained)
    arrays: dict[Grows, int] = {}
    words: dict[Grows, float] = {}
    kept: dict[Grows, float] = {}
    single = arrays_of(one)
    growing: set[str] = set()
    for kind in GROWS:
        many = _model(settings, {kind: MANY}, trained)
        grown = _grown(single, arrays_of(many))
        growing |= grown.keys()
        arrays[kind] = sum(grown.values())
        words[kind] = (size_of(many) - size_of(one)) / (MANY - 1)
        meta = (len(json.dumps(many.meta())) - len(json.dumps(one.meta()))) / (MANY - 1)
        kept[kind] = sum(_grown(one.states(), many.states()).values()) + meta
    fixed: dict[str, tuple[int, int]] = {}
    for evidence in one.evidences:
        if isinstance(evidence, Learned):
            fixed["replayed events (learned)"] = (evidence.buffer, _width(evidence.old))
        elif isinstance(evidence, Context):
            # the counts are as wide as the tree has categories
            fixed["contexts"] = (KEYS, categories * evidence.counts.itemsize + _width(evidence.time))
    rest = sum(array.nbytes for path, array in single.items() if path not in growing)
    fixed["weights and the rest"] = (1, rest)
    return RowBytes(arrays, _width(one.world.catalogue.vectors), words, kept, _statement(), fixed)


def roomy(settings: Settings) -> Settings:
    """The settings, where they allow only so much with room for what is looked at."""
    model = settings.model.model_copy(update={"most_categories": 2 * MANY, "most_dimensions": 2 * MANY})
    return settings.model_copy(update={"model": model, "answers_kept": MANY, "statements_kept": MANY})


class _NoVectors:
    """A model that is only looked at needs none."""

    def get(self, hashes: Sequence[str]) -> F32:
        return np.zeros((len(hashes), 1), np.float32)


def _model(settings: Settings, counts: Mapping[Grows, int], trained: bool) -> Model:
    """A model with so many rows of each kind, one where none is given; nothing is learned."""
    model = Model(settings, _NoVectors())
    world = model.world
    for k in range(counts.get("users", 1)):
        model.user(f"{k:0{ID}}", add=True)
    for k in range(counts.get("categories", 1)):
        world.taxonomy.category(f"category {k}")
    for k in range(counts.get("dimensions", 1)):
        world.taxonomy.dimension("category 0", f"dimension {k}")
    if trained:
        for evidence in model.evidences:
            if isinstance(evidence, SequenceEvidence):
                evidence.take(_untrained(settings).to_body(""))
    for k in range(counts.get("items", 1)):
        card = Card(f"{k:0{TITLE}}", f"{k:032x}", 1, [[f"category {k}", f"dimension {k}"]], {})
        row = world.catalogue.put(f"{k:0{ID}}", card, np.zeros(world.dim, np.float32), Place((0,), (0,)), 0.0)
        world.pairs.grow(row + 1)
        for evidence in model.evidences:
            evidence.grow(row + 1)
    world.catalogue.live()
    world.heads.grow(world.taxonomy)
    return model


def _untrained(settings: Settings) -> Trained:
    """Weights of zeros in the shapes of the sequence model."""
    shape = SequenceSettings.read(settings.options.get("sequence", {}))
    d, f = shape.dim, shape.inner
    shapes = {
        "ids": (0, d), "W_v": (settings.model.dim, d), "W_q": (d, d), "W_k": (d, d), "W_z": (d, d), "W_o": (d, d),
        "bias": (shape.heads, WINDOW), "W_1": (d, f), "b_1": (f,), "W_2": (f, d), "b_2": (d,),
        **{f"{letter}_{k}": (d,) for letter in "gc" for k in (1, 2, 3)},
    }  # fmt: skip
    return Trained(shape, [], {name: np.zeros(size, np.float32) for name, size in shapes.items()}, 0.0, 1.0)


def _grown(few: Arrays, many: Arrays) -> dict[str, int]:
    """Bytes of a row, by name, of the arrays that are longer in `many`."""
    return {
        path: _width(array)
        for path, array in many.items()
        if array.ndim and (path not in few or len(array) > len(few[path])) and len(array) >= MANY // 2
    }


def _width(array: np.ndarray[Any, Any]) -> int:
    return array.itemsize * math.prod(array.shape[1:])


def _parts(thing: object) -> Iterator[tuple[str, object]]:
    """What an object of penchant's holds, by name."""
    if type(thing).__module__.startswith("penchant.") and not isinstance(thing, Settings | Callable):  # pyright: ignore
        slots = cast("Sequence[str]", getattr(type(thing), "__slots__", ()))
        yield from ((name, getattr(thing, name)) for name in slots if hasattr(thing, name))
        yield from getattr(thing, "__dict__", {}).items()
    elif isinstance(thing, Mapping):
        yield from ((str(key), value) for key, value in cast("Mapping[object, object]", thing).items())
    elif isinstance(thing, list | tuple):
        yield from ((str(k), value) for k, value in enumerate(cast("Sequence[object]", thing)))


def arrays_of(thing: object) -> dict[str, np.ndarray[Any, Any]]:
    """Every array that can be reached from an object of penchant's, once, by its path."""
    return dict(_arrays_in(thing, "", set()))


def _arrays_in(thing: object, path: str, seen: set[int]) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    if id(thing) in seen or isinstance(thing, str | bytes | int | float):
        return
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        yield path, thing
        return
    for name, part in _parts(thing):
        yield from _arrays_in(part, f"{path}.{name}", seen)


def _statement() -> float:
    """Bytes of one statement, of users who made one each."""
    sizes: list[int] = []
    for count in (1, MANY):
        wishes = Wishes()
        for k in range(count):
            node = (1000 + k, 2000 + k, k + 0.5)
            wishes.add(k, Wish(f"said:{k:032x}", "more", (node,), k + 0.5, float(k), text=f"{k:0{TITLE}}",
                               fades=True, hash=f"{k:032x}"))  # fmt: skip
        sizes.append(size_of(wishes))
    return (sizes[1] - sizes[0]) / (MANY - 1)


def size_of(thing: object) -> int:
    """Bytes of Python's own objects that can be reached from an object of penchant's, arrays left out."""
    return _size_of(thing, set())


def _size_of(thing: object, seen: set[int]) -> int:
    if id(thing) in seen or isinstance(thing, np.ndarray | type):
        return 0
    seen.add(id(thing))
    size = sys.getsizeof(thing)
    if isinstance(thing, Mapping):
        known = cast("Mapping[object, object]", thing)
        return size + sum(_size_of(key, seen) + _size_of(value, seen) for key, value in known.items())
    return size + sum(_size_of(part, seen) for _, part in _parts(thing))
