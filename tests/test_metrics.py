"""Measures against hand-computed values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.metrics import by_user_interval, calibration_error, hr, mrr, ndcg, rank_of, rolling_mean


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
