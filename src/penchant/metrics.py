"""Measures of rankings and of certainty: pure functions of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def rank_of(scores: npt.NDArray[np.floating], right: int) -> float:
    """How many stand before the right one, 0 for none; ties count half.

    >>> rank_of(np.array([3.0, 1.0, 2.0, 2.0]), 2), rank_of(np.array([3.0, 1.0]), 0)
    (1.5, 0.0)
    """
    score = scores[right]
    return float((scores > score).sum()) + 0.5 * (float((scores == score).sum()) - 1.0)


def hr(ranks: npt.ArrayLike, k: int = 10) -> float:
    """Hit rate (recall with one right item): share of ranks below k (Cremonesi, Koren, Turrin 2010).

    >>> hr([0, 9, 10, 50])
    0.5
    """
    values = np.asarray(ranks, np.float64)
    return float((values < k).mean()) if len(values) else 0.0


def ndcg(ranks: npt.ArrayLike, k: int = 10) -> float:
    """Normalised discounted cumulative gain with one right item each: mean of 1 / log2(rank + 2) where rank < k.

    Järvelin and Kekäläinen 2002.

    >>> round(ndcg([0, 1, 10]), 4)
    0.5436
    """
    values = np.asarray(ranks, np.float64)
    return float(np.where(values < k, 1.0 / np.log2(values + 2.0), 0.0).mean()) if len(values) else 0.0


def mrr(ranks: npt.ArrayLike, k: int | None = None) -> float:
    """Mean reciprocal rank, of the ranks below k if it is given (Voorhees 1999).

    >>> mrr([0, 1, 4]), mrr([0, 1, 4], k=2)
    (0.5667, 0.5)
    """
    values = np.asarray(ranks, np.float64)
    gains = 1.0 / (values + 1.0)
    return float((gains if k is None else np.where(values < k, gains, 0.0)).mean()) if len(values) else 0.0


def rolling_mean(values: npt.ArrayLike, window: int) -> Floats:
    """Mean of each value and those before it, `window` in all; of as many as there are at the start.

    Raises:
        ValueError: a window below 1.

    >>> rolling_mean([1.0, 0.0, 0.0, 1.0], 2).tolist()
    [1.0, 0.5, 0.0, 0.5]
    """
    if window < 1:
        raise ValueError("rolling_mean: give a window of at least 1")
    sums = np.concatenate([[0.0], np.cumsum(np.asarray(values, np.float64))])
    ends = np.arange(1, len(sums))
    starts = np.maximum(ends - window, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.4f} ({self.low:.4f} to {self.high:.4f})"


def by_user_interval(values: npt.ArrayLike, users: Sequence[str], *, draws: int = 1000, seed: int = 0) -> Interval:
    """Mean of values [n] with a bootstrap over users: a user's values are drawn together (Efron 1979).

    >>> by_user_interval([1.0, 1.0, 1.0], ["a", "a", "b"])
    Interval(mean=1.0, low=1.0, high=1.0)
    """
    numbers = np.asarray(values, np.float64)
    _, who = np.unique(np.asarray(users), return_inverse=True)
    sums, counts = np.bincount(who, numbers), np.bincount(who).astype(np.float64)
    rng = np.random.Generator(np.random.Philox(seed))
    drawn = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=draws)
    means = (drawn @ sums) / (drawn @ counts)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(numbers.mean()), float(low), float(high))


def calibration_error(probabilities: npt.ArrayLike, outcomes: npt.ArrayLike, *, bins: int = 10) -> float:
    """Expected calibration error: mean distance of probability and frequency over equal-width bins, by their sizes.

    Naeini, Cooper, Hauskrecht 2015.

    >>> calibration_error([0.9, 0.9, 0.1, 0.1], [1, 1, 0, 0])
    0.1
    """
    p, y = np.asarray(probabilities, np.float64), np.asarray(outcomes, np.float64)
    if not len(p):
        return 0.0
    where = np.minimum((p * bins).astype(int), bins - 1)
    counts = np.bincount(where, minlength=bins)
    gap = np.abs(np.bincount(where, p, bins) - np.bincount(where, y, bins))
    return round(float(gap.sum() / counts.sum()), 12)
