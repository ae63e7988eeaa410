"""Arrays that grow by doubling, ids as rows, and counter-based random numbers."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int8]
I32 = npt.NDArray[np.int32]
U64 = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
Scalar = float | np.floating[Any]
Arrays = dict[str, npt.NDArray[Any]]
S = TypeVar("S", bound=np.generic)
F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function compiled by numba, kept on disk; without fast-math, so that its bits are the same on every run.

    Division follows IEEE 754 (x / 0 is inf), which lets loops be vectorised.
    """
    return njit(cache=True, error_model="numpy")(function)  # pyright: ignore


def inlined(function: F) -> F:
    """As `compiled`, and written into what calls it, so that loops over arrays made there are vectorised."""
    return njit(cache=True, error_model="numpy", inline="always")(function)  # pyright: ignore


def room(array: npt.NDArray[S], rows: int, fill: float = 0) -> npt.NDArray[S]:
    """The array itself if it has that many rows, else a copy with room for more (at least doubled, filled with `fill`).

    >>> room(np.ones((2, 3)), 5).shape
    (64, 3)
    """
    if len(array) >= rows:
        return array
    grown = np.full((max(rows, 2 * len(array), 64), *array.shape[1:]), fill, array.dtype)
    grown[: len(array)] = array
    return grown


def distinct(rows: I32) -> I32:
    """The different ones of [n], sorted. As `np.unique`, which goes through a hash table, several times slower here.

    >>> distinct(np.array([7, 3, 7], np.int32)).tolist()
    [3, 7]
    """
    rows = np.sort(rows)
    first = np.ones(len(rows), np.bool_)
    np.not_equal(rows[1:], rows[:-1], out=first[1:])
    return rows[first]


class Rows:
    """External ids ↔ rows 0, 1, 2, ... in order of arrival; a row that was given back (its id is "") goes out again.

    >>> rows = Rows(); rows.add("ann"), rows.add("bob"), rows.add("ann"), rows.get("eve")
    (0, 1, 0, None)
    """

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self.ids: list[str] = list(ids)
        self._row = {id: row for row, id in enumerate(self.ids) if id}
        self._free = [row for row, id in enumerate(self.ids) if not id]  # a heap: the lowest goes out first

    def __len__(self) -> int:
        """How many rows there are, those that were given back included."""
        return len(self.ids)

    @property
    def known(self) -> int:
        """How many ids there are."""
        return len(self._row)

    def get(self, id: str) -> int | None:
        """The row of this id, None if it has none."""
        return self._row.get(id)

    def add(self, id: str) -> int:
        """The row of this id, a new one if it had none."""
        row = self._row.get(id)
        if row is not None:
            return row
        if self._free:
            row = heapq.heappop(self._free)
            self.ids[row] = id
        else:
            row = len(self.ids)
            self.ids.append(id)
        self._row[id] = row
        return row

    def give_back(self, row: int) -> None:
        """The row's id is known no more; another one may have the row."""
        del self._row[self.ids[row]]
        self.ids[row] = ""
        heapq.heappush(self._free, row)


def key_of(seed: int, *parts: object) -> int:
    """64-bit key of a record for its random draws: the same record gives the same draws in any order of learning."""
    data = "\x1f".join(map(str, (seed, *parts))).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


@compiled
def mix(key: np.uint64, counter: np.uint64) -> np.uint64:  # pragma: no cover - compiled
    """SplitMix64's output function on (key, counter) (Steele, Lea, Flood 2014)."""
    z = key + (counter + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@compiled
def draw(key: np.uint64, counter: int, high: int) -> int:  # pragma: no cover - compiled
    """A whole number in [0, high), the same for the same key and counter; high is below 2^31."""
    return np.int64((mix(key, np.uint64(counter)) >> np.uint64(33)) * np.uint64(high) >> np.uint64(31))  # pyright: ignore


@compiled
def draws(key: np.uint64, n: int, high: int) -> npt.NDArray[np.int32]:  # pragma: no cover - compiled
    """n draws, counters 0 to n - 1."""
    out = np.empty(n, np.int32)
    for k in range(n):
        out[k] = draw(key, k, high)
    return out


@compiled
def dot(a: F32, b: F32) -> float:  # pragma: no cover - compiled
    """Inner product in a fixed order (eight running sums), so that it has the same bits everywhere in the project."""
    n = len(a)
    s0, s1, s2, s3 = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
    s4, s5, s6, s7 = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
    k = 0
    while k + 8 <= n:
        s0 += a[k] * b[k]
        s1 += a[k + 1] * b[k + 1]
        s2 += a[k + 2] * b[k + 2]
        s3 += a[k + 3] * b[k + 3]
        s4 += a[k + 4] * b[k + 4]
        s5 += a[k + 5] * b[k + 5]
        s6 += a[k + 6] * b[k + 6]
        s7 += a[k + 7] * b[k + 7]
        k += 8
    while k < n:
        s0 += a[k] * b[k]
        k += 1
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))  # pyright: ignore


@inlined
def add_scaled(y: F32, x: F32, scale: Scalar) -> None:  # pragma: no cover - compiled
    """y += scale · x."""
    for q in range(len(y)):
        y[q] += scale * x[q]


@inlined
def adagrad(w: F32, G: F32, x: F32, slope: Scalar, decay: Scalar, rate: Scalar) -> None:  # pragma: no cover - compiled
    """One step of w [d] along g = slope · x + decay · w, per coordinate: G += g², w −= rate · g / √G."""
    for q in range(len(x)):
        g = slope * x[q] + decay * w[q]
        total = G[q] + g * g
        G[q] = total
        w[q] -= rate * g / np.sqrt(total)


@inlined
def descend(w: F32, x: F32, slope: Scalar, decay: Scalar, rate: Scalar) -> None:  # pragma: no cover - compiled
    """w [d] −= rate · (slope · x + decay · w)."""
    for q in range(len(x)):
        w[q] -= rate * (slope * x[q] + decay * w[q])


@compiled
def unit_of(x: F32) -> F32:  # pragma: no cover - compiled
    """x [d] scaled to length 1; a zero stays zero."""
    scale = np.float32(1) / max(np.sqrt(np.float32(dot(x, x))), np.float32(1e-12))
    out = np.empty_like(x)
    for q in range(len(x)):
        out[q] = x[q] * scale
    return out


def unit(vectors: F32) -> F32:
    """Rows (or one vector) scaled to length 1; a zero stays zero."""
    norm = np.sqrt(np.einsum("...d,...d->...", vectors, vectors))[..., None]
    return (vectors / np.maximum(norm, 1e-12)).astype(np.float32)
