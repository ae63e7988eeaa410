"""Diversity: the best candidates reordered, so that a list isn't ten times the same or keeps to a person's own mix.

Scores are scaled to [0, 1] over the candidates given, so that `trade` means the same whatever the scores' scale. Only
the order changes, never a score. Equal candidates keep the order of their indices.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from penchant.interest.arrays import F32, F64, compiled
from penchant.interest.lanes import product

Floats = npt.NDArray[np.floating[Any]]
Order = npt.NDArray[np.intp]

SMOOTHING = 0.01  # Steck's: share of the target mixed into the list's own, so that the divergence stays finite


class Diversity(BaseModel):
    """How lists are diversified.

    Args:
        method: none; mmr (unlike one another); calibrated (the profile's own mix of categories).
        trade: 0 keeps the order of the scores, 1 looks at diversity alone.
        depth: how many of the best candidates are reordered.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    method: Literal["none", "mmr", "calibrated"] = "none"
    trade: float = Field(default=0.3, ge=0, le=1)
    depth: int = Field(default=200, ge=1)

    def order(
        self,
        scores: Floats,
        k: int,
        *,
        vectors: Floats | None = None,
        membership: Floats | None = None,
        target: Floats | None = None,
    ) -> Order:
        """Indices of the first k, best first; what a method needs and isn't given makes it `none`.

        Args:
            scores: [n].
            k: how many.
            vectors: [n, d] unit rows, for mmr.
            membership: [n, c], for calibrated.
            target: [c], for calibrated.
        """
        best = by_score(scores, self.depth)
        if self.method == "mmr" and vectors is not None:
            return best[mmr(scores[best], vectors[best], k, self.trade)]
        if self.method == "calibrated" and membership is not None and target is not None:
            return best[calibrated(scores[best], membership[best], target, k, self.trade)]
        return by_score(scores, k)


def by_score(scores: Floats, k: int) -> Order:
    """Indices of the k highest scores, best first, ties by index.

    >>> by_score(np.array([1.0, 3.0, 3.0, 2.0]), 3).tolist()
    [1, 2, 3]
    """
    return np.argsort(-scores, kind="stable")[: max(k, 0)]


@compiled
def _mmr(gain: F64, vectors: F32, count: int, trade: float) -> Order:  # pragma: no cover - compiled
    # the first has nothing above it; cosines are at least -1, so this is the same constant for all
    nearest = np.full(len(gain), -1.0)
    chosen = np.empty(count, np.intp)
    for position in range(count):
        best, most = 0, -np.inf
        for k in range(len(gain)):
            value = gain[k] - trade * nearest[k]
            if value > most:
                best, most = k, value
        chosen[position] = best
        gain[best] = -np.inf
        for k in range(len(gain)):
            if gain[k] > -np.inf:
                nearest[k] = max(nearest[k], product(vectors[k], vectors[best]))
    return chosen


def mmr(scores: Floats, vectors: Floats, k: int, trade: float) -> Order:
    """Maximal marginal relevance: next is the best (1 - trade) · score - trade · greatest cosine to those above it.

    Args:
        scores: [n], finite.
        vectors: [n, d], unit rows.
        k: how many.
        trade: in [0, 1].

    Returns:
        Indices [min(k, n)], best first.

    Raises:
        ValueError: shapes that don't fit, or a trade out of range.

    Source: J. Carbonell and J. Goldstein, The use of MMR, SIGIR 1998.

    >>> mmr(np.array([3.0, 2.9, 1.0]), np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), 2, 0.6).tolist()
    [0, 2]
    """
    _check(scores, vectors, trade)
    if trade == 0:
        return by_score(scores, k)
    count = min(max(k, 0), len(scores))
    gain = (1 - trade) * _scaled(scores)
    chosen = _mmr(gain, np.ascontiguousarray(vectors, np.float32), count, trade)
    return chosen


def calibrated(scores: Floats, membership: Floats, target: Floats, k: int, trade: float) -> Order:
    """Greedy calibration: each next makes (1 - trade) · sum of scores - trade · KL(target ‖ the list's mix) greatest.

    Args:
        scores: [n], finite.
        membership: [n, c], how much of each category; rows sum to 1.
        target: [c], the mix to come near to; scaled to sum to 1.
        k: how many.
        trade: in [0, 1].

    Returns:
        Indices [min(k, n)], in the order they were chosen.

    Raises:
        ValueError: shapes that don't fit, a trade out of range, a target that is negative or all 0.

    Source: H. Steck, Calibrated recommendations, RecSys 2018.

    >>> both = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> calibrated(np.array([3.0, 2.9, 2.0]), both, np.array([0.5, 0.5]), 2, 0.9).tolist()
    [0, 2]
    """
    _check(scores, membership, trade)
    total = float(target.sum())
    if target.shape != membership.shape[1:] or not total > 0 or float(target.min()) < 0:
        raise ValueError("target must have one share per column of membership, none negative, not all 0")
    if trade == 0:
        return by_score(scores, k)
    n = len(scores)
    count = min(max(k, 0), n)
    share = np.asarray(target, dtype=np.float64) / total
    # an item changes the mix's logarithm, against that of the rest, only where its membership isn't 0
    rows, columns = np.nonzero((membership > 0) & (share > 0))
    weights = np.asarray(membership[rows, columns], dtype=np.float64)
    gain = (1 - trade) * _scaled(scores)
    mixed = np.zeros_like(share)
    chosen = np.empty(count, dtype=np.intp)
    for position in range(count):
        scale = (1 - SMOOTHING) / (position + 1)
        without = scale * mixed + SMOOTHING * share
        risen = share[columns] * np.log1p(scale * weights / without[columns])
        # KL up to what is the same for every candidate: a category's rise in the mix is what its item is worth
        worth = np.bincount(rows, risen, minlength=n)
        best = int(np.argmax(gain + trade * worth))
        chosen[position] = best
        gain[best] = -np.inf
        mixed += membership[best]
    return chosen


def _scaled(scores: Floats) -> npt.NDArray[np.float64]:
    scores = np.asarray(scores, dtype=np.float64)
    if not len(scores):
        return scores
    low = scores.min()
    spread = scores.max() - low
    return (scores - low) / spread if spread > 0 else np.zeros_like(scores)


def _check(scores: Floats, rows: Floats, trade: float) -> None:
    if scores.ndim != 1 or rows.ndim != 2 or len(scores) != len(rows):
        raise ValueError(f"one row per score is needed: {scores.shape} and {rows.shape}")
    if not 0 <= trade <= 1:
        raise ValueError(f"trade must be in [0, 1], not {trade}")
