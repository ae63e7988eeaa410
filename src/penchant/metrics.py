"""Measures of rankings, of what is recommended, and of certainty: pure functions of numbers."""

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


def gains(ranks: npt.ArrayLike, k: int = 10) -> Floats:
    """[n] discounted gain of each rank, with one right item each: 1 / log2(rank + 2) below k, else 0.

    >>> gains([0, 1, 10]).round(4).tolist()
    [1.0, 0.6309, 0.0]
    """
    values = np.asarray(ranks, np.float64)
    return np.where(values < k, 1.0 / np.log2(values + 2.0), 0.0)


def ndcg(ranks: npt.ArrayLike, k: int = 10) -> float:
    """Normalised discounted cumulative gain with one right item each: mean of 1 / log2(rank + 2) where rank < k.

    Järvelin and Kekäläinen 2002.

    >>> round(ndcg([0, 1, 10]), 4)
    0.5436
    """
    found = gains(ranks, k)
    return float(found.mean()) if len(found) else 0.0


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
    return by_user_intervals(np.asarray(values, np.float64)[None], users, draws=draws, seed=seed)[0]


def by_user_intervals(
    values: npt.ArrayLike, users: npt.ArrayLike, *, draws: int = 1000, seed: int = 0
) -> list[Interval]:
    """`by_user_interval` of each row of values [m, n], n > 0, with the same draws for all of them.

    Users are ids of any kind.

    >>> by_user_intervals([[1.0, 1.0], [0.0, 0.0]], ["a", "b"], draws=5)[1]
    Interval(mean=0.0, low=0.0, high=0.0)
    """
    numbers = np.asarray(values, np.float64)
    _, who = np.unique(np.asarray(users), return_inverse=True)
    sums = np.stack([np.bincount(who, row) for row in numbers], 1)
    counts = np.bincount(who).astype(np.float64)
    even = np.full(len(counts), 1 / len(counts))
    rng = np.random.Generator(np.random.Philox(seed))
    means: list[Floats] = []
    for first in range(0, draws, 50):  # a draw has a number for every user: some at a time
        drawn = rng.multinomial(len(counts), even, size=min(50, draws - first)).astype(np.float64)
        means.append((drawn @ sums) / (drawn @ counts)[:, None])
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5], axis=0)
    told = zip(numbers.mean(1).tolist(), low.tolist(), high.tolist(), strict=True)
    return [Interval(mean, least, most) for mean, least, most in told]


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


def reliability(probabilities: npt.ArrayLike, outcomes: npt.ArrayLike, *, bins: int = 10) -> list[Bin]:
    """Reliability curve: mean probability, frequency and size of each equal-width bin that holds anything.

    DeGroot, Fienberg 1983.

    >>> reliability([0.75, 0.75, 0.25], [1, 0, 0], bins=2)
    [Bin(probability=0.25, frequency=0.0, count=1), Bin(probability=0.75, frequency=0.5, count=2)]
    """
    p, y = np.asarray(probabilities, np.float64), np.asarray(outcomes, np.float64)
    where = np.clip((p * bins).astype(int), 0, bins - 1)
    counts = np.bincount(where, minlength=bins)
    sums, hits = np.bincount(where, p, bins), np.bincount(where, y, bins)
    return [Bin(float(sums[k] / counts[k]), float(hits[k] / counts[k]), int(counts[k])) for k in np.flatnonzero(counts)]


@dataclass(frozen=True, slots=True)
class Bin:
    """One point of a reliability curve."""

    probability: float
    frequency: float
    count: int


def coverage(shown: npt.ArrayLike, items: int) -> float:
    """Share of the items that are shown at all (Herlocker et al. 2004); rows of items, -1 for none.

    >>> coverage([[0, 1], [1, -1]], 4)
    0.5
    """
    rows = np.asarray(shown, np.int64).ravel()
    return len(np.unique(rows[rows >= 0])) / items if items else 0.0


def gini(counts: npt.ArrayLike) -> float:
    """Gini index of counts: 0 where all are alike, near 1 where one has everything (Gini 1912).

    >>> gini([1, 1, 1, 1]), gini([0, 0, 0, 4])
    (0.0, 0.75)
    """
    x = np.sort(np.asarray(counts, np.float64))
    n, total = len(x), float(x.sum())
    return float(((2 * np.arange(1, n + 1) - n - 1) * x).sum() / (n * total)) if total > 0 else 0.0


def novelty(shown: npt.ArrayLike, share: npt.ArrayLike) -> float:
    """Mean self-information in bits of what is shown: -log2 of the share of users who had the item (Zhou et al. 2010).

    Args:
        shown: rows of items, -1 for none.
        share: [items] above 0.

    >>> novelty([[0, 1]], [0.5, 0.125])
    2.0
    """
    rows = np.asarray(shown, np.int64).ravel()
    rows = rows[rows >= 0]
    return float(-np.log2(np.asarray(share, np.float64)[rows]).mean()) if len(rows) else 0.0


def rmse(predicted: npt.ArrayLike, true: npt.ArrayLike) -> float:
    """Root of the mean squared error.

    >>> rmse([1.0, 2.0], [1.0, 4.0])
    1.4142
    """
    error = np.asarray(predicted, np.float64) - np.asarray(true, np.float64)
    return float(np.sqrt((error**2).mean())) if len(error) else 0.0


def auc(scores: npt.ArrayLike, positive: npt.ArrayLike) -> float | None:
    """Probability that a positive one scores above a negative one, ties half (Mann, Whitney 1947).

    None where there are no positive ones, or no negative ones.

    >>> auc([0.9, 0.5, 0.5, 0.1], [True, True, False, False])
    0.875
    """
    values, yes = np.asarray(scores, np.float64), np.asarray(positive, np.bool_)
    n, m = int(yes.sum()), int((~yes).sum())
    if not n or not m:
        return None
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[where]  # mean rank of those that tie
    return float((ranks[yes].sum() - n * (n + 1) / 2) / (n * m))


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Precision, recall and F1 of a class, or a mean over classes; support: how many examples are of it."""

    precision: float
    recall: float
    f1: float
    support: float


@dataclass(frozen=True, slots=True)
class Classification:
    """Figures by class, those that are true or predicted of none left out; macro: mean, weighted: by support."""

    accuracy: float
    macro: ClassFigures
    weighted: ClassFigures
    classes: dict[int, ClassFigures]


def classification(predicted: npt.ArrayLike, true: npt.ArrayLike) -> Classification:
    """Precision, recall and F1 by class (van Rijsbergen 1979).

    An example of several classes is right if the predicted one is among them, and then is of that one; else it counts
    1/m for each of its m. With one class each this is the usual report.

    Args:
        predicted: [n] rows of classes.
        true: [n] or [n, w] rows of classes, at least one each, -1: no more.

    >>> told = classification([0, 0, 1, 1], [[0, 1], [0, -1], [1, -1], [0, -1]])
    >>> told.accuracy, told.classes[1]
    (0.75, ClassFigures(precision=0.5, recall=1.0, f1=0.6667, support=1.0))
    """
    said = np.asarray(predicted, np.int64)
    if not len(said):
        nothing = ClassFigures(0.0, 0.0, 0.0, 0.0)
        return Classification(0.0, nothing, nothing, {})
    told = np.asarray(true, np.int64).reshape(len(said), -1)
    count = max(int(said.max()), int(told.max())) + 1
    right = (told == said[:, None]).any(1)
    hits = np.bincount(said[right], minlength=count).astype(np.float64)
    calls = np.bincount(said, minlength=count)
    missed = told[~right]
    weight = np.repeat(1.0 / np.maximum((missed >= 0).sum(1), 1), missed.shape[1])
    flat = missed.ravel()
    support = hits + np.bincount(flat[flat >= 0], weight[flat >= 0], count)
    precision, recall = hits / np.maximum(calls, 1), hits / np.where(support > 0, support, 1.0)
    f1 = np.where(hits > 0, 2 * precision * recall / np.where(hits > 0, precision + recall, 1.0), 0.0)
    kept = np.flatnonzero((calls > 0) | (support > 0))
    table = np.stack([precision, recall, f1], 1)[kept]
    weights = support[kept]
    total = float(weights.sum())

    def figures(row: Floats, size: float) -> ClassFigures:
        return ClassFigures(float(row[0]), float(row[1]), float(row[2]), size)

    classes = {int(k): figures(row, float(support[k])) for k, row in zip(kept, table, strict=True)}
    macro, weighted = figures(table.mean(0), total), figures(weights @ table / total, total)
    return Classification(float(right.mean()), macro, weighted, classes)
