"""Dimensions found in text: clusters of item vectors, each named by its most telling terms.

Clusters come from spherical k-means (Dhillon and Modha, 2001) seeded by k-means++ (Arthur and Vassilvitskii, 2007) on a
counter-based generator, so the same input gives the same dimensions. Names come from `penchant.interest.terms`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from penchant.errors import InvalidRecord
from penchant.interest.terms import Namer
from penchant.language.chat.names import Group

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int32]
Rename = Callable[[Sequence[Group], Collection[str]], list[str]]  # groups and names in use, to a name for each group

MOST = 12  # dimensions in one category; more than a person reads at a glance
FEWEST_ITEMS = 40  # below this, a category is its own only dimension
RESTARTS = 12
ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Induced:
    """Dimensions of one category.

    Attributes:
        centroids: [k, d], unit length.
        names: k names in the order of the centroids; groups that nothing can be said of share one, `other`.
        labels: [n], the dimension of each vector.
    """

    centroids: Floats
    names: list[str]
    labels: Labels


def choose_k(n: int) -> int:
    """How many dimensions a category of n items gets: 1 below 40, then 2 and one more at each doubling, at most 12.

    A category has to double before it gains a dimension, so the tree stays put while the catalogue grows.

    >>> [choose_k(n) for n in (0, 39, 40, 80, 700, 5_000, 1_000_000)]
    [1, 1, 2, 3, 6, 8, 12]
    """
    if n < FEWEST_ITEMS:
        return 1
    return min(MOST, 1 + (n // FEWEST_ITEMS).bit_length())


def induce(
    vectors: Floats,
    texts: Sequence[str],
    k: int,
    *,
    seed: int,
    start: Floats | None = None,
    start_names: Sequence[str] = (),
    avoid: Collection[str] = (),
    rename: Rename | None = None,
) -> Induced:
    """Cluster one category's items into k dimensions and name them.

    Args:
        vectors: [n, d] float32, unit length; mean-centred ones cluster best.
        texts: n item texts, which names are taken from.
        k: number of dimensions, at least 1 and at most the number of items beyond those of `start`.
        seed: of every random draw.
        start: [k0, d] unit centroids that the first k0 dimensions begin at, keeping their place; k0 <= k.
        start_names: names which the first dimensions keep; those left over are named anew.
        avoid: words not to name a dimension by, such as the category's own name.
        rename: has the last word on new names, of groups that have telling terms; None: names are as counted.

    Returns:
        Centroids, names and labels; dimensions that were not in `start` are ordered by size, largest first.

    Raises:
        InvalidRecord: shapes that don't fit together.

    >>> x = np.array([[1, 0], [0.8, 0.6], [-0.6, 0.8], [-0.8, 0.6], [-1, 0]], dtype=np.float32)
    >>> found = induce(x, ["war at sea", "war again", "first love", "love story", "love"], 2, seed=1)
    >>> found.names, found.labels.tolist()
    (['love', 'war'], [1, 1, 0, 0, 0])
    """
    kept = 0 if start is None else len(start)
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise InvalidRecord("induce.vectors", vectors.shape, f"give one row for each of the {len(texts)} texts")
    if not max(1, kept) <= k <= max(1, kept + len(vectors)):
        raise InvalidRecord("induce.k", k, f"give {max(1, kept)} to {max(1, kept + len(vectors))}")
    if start is not None and (start.ndim != 2 or start.shape[1] != vectors.shape[1]):
        raise InvalidRecord("induce.start", start.shape, f"give centroids of {vectors.shape[1]} dimensions")
    if len(start_names) > kept:
        raise InvalidRecord("induce.start_names", list(start_names), f"give at most {kept}, one for each centroid")
    x = np.ascontiguousarray(vectors, dtype=np.float32)
    rng = np.random.Generator(np.random.Philox(seed))
    namer = Namer(texts, avoid=avoid)
    centroids, labels = _best_clusters(x, k, start, namer, rng)
    names = namer.names(labels, k, taken=start_names)
    names = [*start_names, *names[len(start_names) :]]
    if rename is not None:
        new = [j for j in range(len(start_names), k) if names[j] != namer.other]
        taken = [name for j, name in enumerate(names) if j not in new]
        telling = namer.telling(labels, k)
        for j, name in zip(new, rename([Group(names[j], telling[j]) for j in new], taken), strict=True):
            names[j] = name
    return Induced(centroids, names, labels)


def _best_clusters(
    x: Floats, k: int, start: Floats | None, namer: Namer, rng: np.random.Generator
) -> tuple[Floats, Labels]:
    """Of a few runs, the one whose groups can be named best: local optima are near in cosine, far apart in sense."""
    kept = 0 if start is None else len(start)
    concepts = _concepts(x, namer)
    best: tuple[float, Floats, Labels] | None = None
    for run in range(RESTARTS if k > max(1, kept) else 1):
        pool = concepts if run % 2 and len(concepts) >= k else x
        centroids, labels = _lloyd(x, _seeds(pool, k, start, rng), kept)
        fit = namer.fit(labels, k)
        if best is None or fit > best[0]:
            best = (fit, centroids, labels)
    assert best is not None
    _, centroids, labels = best
    sizes = np.bincount(labels, minlength=k)
    order = np.concatenate([np.arange(kept), kept + np.argsort(-sizes[kept:], kind="stable")])
    place = np.empty(k, dtype=np.int32)
    place[order] = np.arange(k, dtype=np.int32)
    return centroids[order], place[labels]


def _concepts(x: Floats, namer: Namer) -> Floats:
    """Mean vectors of the items that share a term, for terms in 3 to 50 % of the texts: places where names are."""
    counts = np.bincount(namer.columns, minlength=len(namer.vocabulary))
    common = np.flatnonzero((counts >= max(4, 0.03 * len(x))) & (counts <= 0.5 * len(x)))
    sums = np.zeros((len(common), x.shape[1]), dtype=np.float32)
    for row, term in enumerate(common.tolist()):
        sums[row] = x[namer.rows[namer.columns == term]].sum(axis=0)
    return _unit(sums)


def _seeds(x: Floats, k: int, start: Floats | None, rng: np.random.Generator) -> Floats:
    """Centroids to begin with: `start`, then rows of x drawn by their distance from those drawn before (k-means++)."""
    centroids = np.zeros((k, x.shape[1]), dtype=np.float32)
    nearest = np.full(len(x), -1.0)
    first = 0
    if start is not None and len(start):
        first = len(start)
        centroids[:first] = start
        if len(x):
            nearest = (x @ centroids[:first].T).max(axis=1).astype(np.float64)
    for j in range(first, k):
        if not len(x):
            centroids[j, 0] = 1.0
            continue
        far = np.maximum(1.0 - nearest, 0.0)
        if float(far.sum()) <= 1e-9:  # every row is a centroid already
            far = np.ones_like(far)
        chances = np.cumsum(far)
        pick = min(int((chances <= rng.random() * chances[-1]).sum()), len(x) - 1)
        centroids[j] = x[pick]
        nearest = np.maximum(nearest, (x @ x[pick]).astype(np.float64))
    return centroids


def _lloyd(x: Floats, centroids: Floats, kept: int) -> tuple[Floats, Labels]:
    k = len(centroids)
    labels = np.zeros(len(x), dtype=np.int32)
    if not len(x):
        return centroids, labels
    previous = np.full(len(x), -1, dtype=np.int32)
    cosines = x @ centroids.T
    for _ in range(ROUNDS):
        labels = cosines.argmax(axis=1).astype(np.int32)
        if np.array_equal(labels, previous):
            break
        previous = labels
        member = np.zeros((k, len(x)), dtype=np.float32)
        member[labels, np.arange(len(x))] = 1.0
        moved = _unit(member @ x)
        empty = np.flatnonzero(np.bincount(labels, minlength=k) == 0)
        if len(empty):
            farthest = iter(np.argsort(cosines[np.arange(len(x)), labels], kind="stable").tolist())
            for j in empty.tolist():
                # one that people may know keeps its place; a new one starts again at the worst-placed item
                moved[j] = centroids[j] if j < kept else x[next(farthest)]
        centroids = moved
        cosines = x @ centroids.T
    return centroids, labels


def _unit(rows: Floats) -> Floats:
    """Rows at unit length; a zero row becomes the first axis."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = np.where(norms > 1e-12, rows / np.maximum(norms, 1e-12), 0.0).astype(np.float32)
    unit[norms[:, 0] <= 1e-12, 0] = 1.0
    return unit
