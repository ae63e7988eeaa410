"""Which of a person's items a reason names: by compiled code what NumPy finds."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from penchant.interest.asker import best_two
from penchant.interest.pairs import BACK, Pairs

histories = st.lists(st.integers(0, 11), max_size=30)


@given(histories, st.integers(0, 2**32 - 1))
def test_the_best_two_are_those_of_a_stable_sort(history: list[int], seed: int) -> None:
    vectors = np.random.default_rng(seed).integers(-3, 4, (12, 16)).astype(np.float32)  # sums are exact, ties are many
    rows, to = np.array(history, np.int32), vectors[5]
    expected = rows[np.argsort(-(vectors[rows] @ to), kind="stable")[:2]]
    assert best_two(vectors, rows, to).tolist() == expected.tolist()


@given(histories, st.integers(0, 11), st.integers(0, 2**32 - 1))
def test_the_strongest_link_is_the_heaviest_the_later_one_of_equals(history: list[int], row: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = Pairs(1e6)
    pairs.grow(12)
    for time in range(40):
        pairs.observe(rng.integers(0, 12, 4).astype(np.int32), int(rng.integers(12)), 1.0, float(time))
    weight = [dict(zip(i.tolist(), w.tolist(), strict=True)) for i, w in zip(pairs.ids, pairs.weights, strict=True)]
    recent = history[::-1][:BACK]

    def best(found: list[float]) -> int:
        return recent[int(np.argmax(found))] if found and max(found) > 0 else -1

    step, rows = 0.8 ** np.arange(len(recent)), np.array(history, np.int32)
    theirs = [weight[j].get(row, 0.0) * s for j, s in zip(recent, step, strict=True)]
    its = [weight[row].get(j, 0.0) * s for j, s in zip(recent, step, strict=True)]
    for told, found in ((pairs.strongest(rows, row), theirs), (pairs.nearest(rows, row), its)):
        expected = best(found)
        assert (told < 0) == (expected < 0)
        # two products that differ in their last bits may change places
        assert told < 0 or found[recent.index(told)] >= max(found) * (1 - 1e-6)
