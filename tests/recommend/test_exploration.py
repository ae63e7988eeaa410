from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.recommend.exploration import draw_key, plackett_luce

PINNED_KEY = 87098522473474304148960278891866444507
PINNED_ORDER = [6, 3, 4, 2, 0, 5, 1, 7]
_SCORES = st.lists(st.floats(-50, 50), min_size=1, max_size=6).map(np.array)


@settings(max_examples=100, deadline=None)
@given(_SCORES, st.integers(0, 8), st.floats(0.05, 20), st.text())
def test_probabilities_are_as_defined(scores: np.ndarray, k: int, temperature: float, request: str) -> None:
    order, probabilities = plackett_luce(scores, k, temperature, draw_key(7, request))
    assert len(order) == len(set(order.tolist())) == min(k, len(scores))
    left = list(range(len(scores)))
    for i, probability in zip(order, probabilities, strict=True):
        logits = (scores[left] - scores[left].max()) / temperature
        expected = np.exp((scores[i] - scores[left].max()) / temperature) / np.exp(logits).sum()
        assert probability == pytest.approx(expected, rel=1e-9, abs=1e-300)
        left.remove(int(i))


def test_frequencies_of_whole_lists_match() -> None:
    scores, temperature, draws = np.array([1.0, 0.5, 0.0, -0.7]), 0.8, 20_000
    seen: Counter[tuple[int, ...]] = Counter()
    told: dict[tuple[int, ...], float] = {}
    for request in range(draws):
        order, probabilities = plackett_luce(scores, 2, temperature, draw_key(0, str(request)))
        pair = tuple(order.tolist())
        seen[pair] += 1
        told[pair] = float(np.prod(probabilities))
    assert set(told) == set(permutations(range(4), 2))
    assert sum(told.values()) == pytest.approx(1)
    chi_square = sum((seen[pair] - draws * p) ** 2 / (draws * p) for pair, p in told.items())
    assert chi_square < 31.3  # 11 degrees of freedom, 0.1 %; the draws are fixed by their keys


def test_same_request_same_list_other_request_other_list() -> None:
    scores = np.linspace(0, 1, 50)
    lists = {tuple(plackett_luce(scores, 10, 1.0, draw_key(3, f"r{i}"))[0].tolist()) for i in range(20)}
    assert len(lists) == 20
    again = plackett_luce(scores, 10, 1.0, draw_key(3, "r4"))
    assert all((a == b).all() for a, b in zip(again, plackett_luce(scores, 10, 1.0, draw_key(3, "r4")), strict=True))


def test_the_draw_is_pinned() -> None:
    """A change of the generator would make old answers impossible to replay."""
    assert draw_key(1, "r1") == PINNED_KEY
    order, _ = plackett_luce(np.zeros(8), 8, 1.0, PINNED_KEY)
    assert order.tolist() == PINNED_ORDER


def test_temperature_zero_is_the_best_first_for_certain() -> None:
    order, probabilities = plackett_luce(np.array([1.0, 2.0, 2.0]), 5, 0, 1)
    assert order.tolist() == [1, 2, 0]
    assert probabilities.tolist() == [1, 1, 1]


def test_extremes() -> None:
    order, probabilities = plackett_luce(np.array([0.0, 1e6, -1e6]), 3, 1e-6, 5)
    assert order.tolist() == [1, 0, 2]
    assert probabilities.tolist() == [1, 1, 1]
    assert plackett_luce(np.zeros(0), 3, 1.0, 5)[0].tolist() == []
    assert plackett_luce(np.zeros(3), 0, 1.0, 5)[1].tolist() == []
    for temperature in (-1.0, 1e-9, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="temperature"):
            plackett_luce(np.zeros(3), 1, temperature, 5)
