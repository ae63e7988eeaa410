from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from penchant.recommend.diversity import SMOOTHING, Diversity, by_score, calibrated, mmr

_CASES = st.tuples(st.integers(1, 25), st.integers(1, 6), st.integers(0, 30), st.floats(0, 1), st.integers(0, 10_000))


def _case(n: int, d: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=n).round(1)  # rounded: ties happen
    vectors = rng.normal(size=(n, d))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    membership = rng.random((n, d)) * (rng.random((n, d)) < 0.5)
    membership[membership.sum(1) == 0, 0] = 1
    membership /= membership.sum(1, keepdims=True)
    target = rng.random(d) + 0.01
    return scores, vectors, membership, target / target.sum()


def _unit(scores: np.ndarray) -> np.ndarray:
    spread = np.ptp(scores)
    return (scores - scores.min()) / spread if spread else scores * 0


@settings(max_examples=60, deadline=None)
@given(_CASES)
def test_mmr_takes_the_best_by_its_definition_at_every_step(case: tuple[int, int, int, float, int]) -> None:
    n, d, k, trade, seed = case
    scores, vectors, _, _ = _case(n, d, seed)
    order = mmr(scores, vectors, k, trade).tolist()
    assert len(order) == len(set(order)) == min(k, n)
    unit = _unit(scores)
    for position, chosen in enumerate(order):
        above = order[:position]

        def value(i: int, above: list[int] = above) -> float:
            return (1 - trade) * unit[i] - trade * max((float(vectors[i] @ vectors[j]) for j in above), default=0.0)

        assert value(chosen) >= max(value(i) for i in range(n) if i not in above) - 1e-9


@settings(max_examples=60, deadline=None)
@given(_CASES)
def test_calibrated_takes_the_best_by_its_definition_at_every_step(case: tuple[int, int, int, float, int]) -> None:
    n, d, k, trade, seed = case
    scores, _, membership, target = _case(n, d, seed)
    order = calibrated(scores, membership, target, k, trade).tolist()
    assert len(order) == len(set(order)) == min(k, n)
    unit = _unit(scores)
    for position, chosen in enumerate(order):
        above = order[:position]

        def value(i: int, above: list[int] = above) -> float:
            chosen = [*above, i]
            mix = (1 - SMOOTHING) * membership[chosen].mean(0) + SMOOTHING * target
            return (1 - trade) * unit[chosen].sum() - trade * float((target * np.log(target / mix)).sum())

        assert value(chosen) >= max(value(i) for i in range(n) if i not in above) - 1e-9


def test_without_trade_it_is_the_plain_order_with_ties_by_index() -> None:
    scores = np.array([1.0, 2.0, 2.0, 0.0])
    rows = np.eye(4)
    for order in (mmr(scores, rows, 4, 0), calibrated(scores, rows, np.ones(4), 4, 0), by_score(scores, 9)):
        assert order.tolist() == [1, 2, 0, 3]
    same = np.ones((4, 2))
    assert mmr(np.zeros(4), same / np.sqrt(2), 3, 0.5).tolist() == [0, 1, 2]
    assert calibrated(np.zeros(4), same / 2, np.ones(2), 3, 0.5).tolist() == [0, 1, 2]


def test_a_calibrated_list_has_the_persons_mix() -> None:
    scores = np.linspace(1, 0, 100)
    membership = np.zeros((100, 2))
    membership[:60, 0] = membership[60:, 1] = 1
    order = calibrated(scores, membership, np.array([0.7, 0.3]), 10, 0.99)
    assert membership[order].sum(0).tolist() == [7, 3]


def test_the_choice_in_settings() -> None:
    scores, vectors, membership, target = _case(20, 4, 1)
    assert Diversity().order(scores, 5).tolist() == by_score(scores, 5).tolist()
    assert Diversity(method="mmr").order(scores, 5).tolist() == by_score(scores, 5).tolist()
    assert Diversity(method="mmr", trade=0.7).order(scores, 5, vectors=vectors).tolist() == [
        by_score(scores, 20)[i] for i in mmr(scores[by_score(scores, 20)], vectors[by_score(scores, 20)], 5, 0.7)
    ]
    narrow = Diversity(method="calibrated", trade=1, depth=6).order(scores, 5, membership=membership, target=target)
    assert set(narrow) <= set(by_score(scores, 6))
    for wrong in ({"method": "other"}, {"trade": 1.5}, {"depth": 0}, {"k": 1}):
        with pytest.raises(ValidationError):
            Diversity.model_validate(wrong)


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="one row per score"):
        mmr(np.zeros(3), np.zeros((2, 2)), 1, 0.5)
    with pytest.raises(ValueError, match="trade"):
        mmr(np.zeros(2), np.zeros((2, 2)), 1, 1.5)
    for target in (np.zeros(2), np.array([2.0, -1.0]), np.ones(3)):
        with pytest.raises(ValueError, match="target"):
            calibrated(np.zeros(2), np.zeros((2, 2)), target, 1, 0.5)
    assert mmr(np.zeros(0), np.zeros((0, 2)), 3, 0.5).tolist() == []
    assert calibrated(np.zeros(0), np.zeros((0, 2)), np.ones(2), 3, 0.5).tolist() == []
