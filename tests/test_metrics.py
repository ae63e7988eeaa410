"""Measures against hand-computed values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.metrics import (
    auc,
    by_user_interval,
    by_user_intervals,
    calibration_error,
    classification,
    coverage,
    gini,
    hr,
    mrr,
    ndcg,
    novelty,
    rank_of,
    reliability,
    rmse,
    rolling_mean,
)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.integers(0, 29))
def test_rank_counts_those_before(scores: list[float], right: int) -> None:
    right %= len(scores)
    rank = rank_of(np.array(scores), right)
    better = sum(s > scores[right] for s in scores)
    equal = sum(s == scores[right] for s in scores) - 1
    assert rank == better + equal / 2


def test_by_hand() -> None:
    ranks = [0, 2, 12]
    assert hr(ranks) == pytest.approx(2 / 3)
    assert ndcg(ranks) == pytest.approx((1 + 0.5) / 3)
    assert mrr(ranks) == pytest.approx((1 + 1 / 3 + 1 / 13) / 3)
    assert mrr(ranks, 10) == pytest.approx((1 + 1 / 3) / 3)
    assert hr([]) == ndcg([]) == mrr([]) == 0.0


@given(st.lists(st.floats(0, 1), max_size=30), st.integers(1, 40))
def test_rolling_mean_is_the_mean_of_the_last(values: list[float], window: int) -> None:
    expected = [np.mean(values[max(0, k + 1 - window) : k + 1]) for k in range(len(values))]
    np.testing.assert_allclose(rolling_mean(values, window), expected, atol=1e-12)


def test_rolling_mean_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="window"):
        rolling_mean([1.0], 0)


def test_interval_holds_the_mean_and_widens_with_fewer_users() -> None:
    rng = np.random.default_rng(0)
    values = rng.random(1000)
    many = by_user_interval(values, [str(k) for k in range(1000)])
    few = by_user_interval(np.sort(values), [str(k // 100) for k in range(1000)])
    assert many.low < many.mean < many.high
    assert few.high - few.low > many.high - many.low


def test_calibration() -> None:
    assert calibration_error([0.25] * 4, [1, 0, 0, 0]) == 0
    assert calibration_error([0.8, 0.8], [0, 0]) == pytest.approx(0.8)
    assert calibration_error([], []) == 0


def test_intervals_of_many_are_those_of_each() -> None:
    rng = np.random.default_rng(1)
    values, users = rng.random((3, 200)), [str(k) for k in rng.integers(0, 20, 200)]
    many = by_user_intervals(values, users, draws=120)
    for row, found in zip(values, many, strict=True):
        alone = by_user_interval(row, users, draws=120)
        assert (found.mean, found.low, found.high) == pytest.approx((alone.mean, alone.low, alone.high))


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=50), st.integers(1, 20))
def test_a_reliability_curve_holds_everything_once(told: list[tuple[float, bool]], bins: int) -> None:
    p, y = np.array([t[0] for t in told]), np.array([t[1] for t in told], float)
    curve = reliability(p, y, bins=bins)
    assert sum(point.count for point in curve) == len(told)
    assert sum(point.frequency * point.count for point in curve) == pytest.approx(y.sum())
    gap = sum(abs(point.probability - point.frequency) * point.count for point in curve) / max(len(told), 1)
    assert gap == pytest.approx(calibration_error(p, y, bins=bins), abs=1e-9)


def test_what_is_shown() -> None:
    shown = [[0, 1, 2], [0, 1, -1], [0, -1, -1]]
    assert coverage(shown, 6) == 0.5
    assert coverage(np.zeros((0, 10)), 6) == 0
    assert novelty(shown, [0.5, 0.25, 0.125, 1, 1, 1]) == pytest.approx((3 * 1 + 2 * 2 + 3) / 6)
    assert novelty([[-1]], [1.0]) == 0
    # counts 3, 2, 1, 0, 0, 0: mean absolute difference of all pairs over twice the mean
    counts = np.array([3, 2, 1, 0, 0, 0])
    assert gini(counts) == pytest.approx(np.abs(counts[:, None] - counts).mean() / (2 * counts.mean()))
    assert gini([0, 0]) == 0


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), max_size=25))
def test_auc_counts_pairs(told: list[tuple[float, bool]]) -> None:
    yes, no = [s for s, y in told if y], [s for s, y in told if not y]
    found = auc([s for s, _ in told], [y for _, y in told])
    if not yes or not no:
        assert found is None
        return
    pairs = [(a > b) + 0.5 * (a == b) for a in yes for b in no]
    assert found == pytest.approx(np.mean(pairs))


def test_rmse_by_hand() -> None:
    assert rmse([0, 3], [4, 0]) == pytest.approx(np.sqrt(12.5))
    assert rmse([], []) == 0


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_classification_of_one_class_each_is_the_usual_report(told: list[tuple[int, int]]) -> None:
    usual = pytest.importorskip("sklearn.metrics", reason="scikit-learn, to compare with, is not installed")
    predicted, true = [p for p, _ in told], [t for _, t in told]
    expected = usual.classification_report(true, predicted, output_dict=True, zero_division=0.0)
    found = classification(predicted, true)
    assert found.accuracy == pytest.approx(np.mean(np.array(predicted) == true))
    rows = {
        **{str(k): row for k, row in found.classes.items()},
        "macro avg": found.macro,
        "weighted avg": found.weighted,
    }
    for name, row in rows.items():
        figures = (row.precision, row.recall, row.f1, row.support)
        keys = ("precision", "recall", "f1-score", "support")
        assert figures == pytest.approx(tuple(expected[name][key] for key in keys)), name


def test_an_example_of_several_classes_is_of_the_one_that_was_named() -> None:
    found = classification([0, 2], [[0, 1], [0, 1]])
    # the first is right and a 0; the second is wrong and half a 0, half a 1
    assert found.accuracy == 0.5
    assert {k: (row.precision, row.recall, row.support) for k, row in found.classes.items()} == {
        0: (1.0, pytest.approx(1 / 1.5), 1.5), 1: (0.0, 0.0, 0.5), 2: (0.0, 0.0, 0.0)}  # fmt: skip
    assert found.weighted.support == 2
    assert classification([], np.zeros((0, 3))).classes == {}
