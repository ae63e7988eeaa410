"""Loops written as vectors: right for every length, and without a trace."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.interest.arrays import F32, I32, compiled
from penchant.interest.lanes import fetch, product


@compiled
def _product(a: F32, b: F32) -> float:
    return product(a, b)


@compiled
def _fetched(array: F32, rows: I32) -> float:
    total = 0.0
    for row in rows:
        fetch(array, row)
        total += array[row, 0]
    return total


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(0, 40), st.integers(0, 2**31))
def test_a_product_of_any_length(n: int, more: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n + more).astype(np.float32), rng.normal(size=n).astype(np.float32)
    exact = a[:n].astype(np.float64) @ b.astype(np.float64)
    scale = np.abs(a[:n].astype(np.float64)) @ np.abs(b.astype(np.float64))
    assert abs(_product(a, b) - exact) <= 1e-6 * scale


def test_the_order_of_sums_is_the_written_one() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=96).astype(np.float32), rng.normal(size=96).astype(np.float32)
    sums = np.zeros((2, 16), np.float32)
    for k in range(0, 96, 32):
        sums += (a[k : k + 32] * b[k : k + 32]).reshape(2, 16)
    lanes = sums[0] + sums[1]
    while len(lanes) > 1:
        lanes = lanes[: len(lanes) // 2] + lanes[len(lanes) // 2 :]
    assert _product(a, b) == lanes[0]


def test_asking_ahead_changes_nothing() -> None:
    array = np.arange(600, dtype=np.float32).reshape(20, 30)
    before = array.copy()
    assert _fetched(array, np.array([3, 19, 0], np.int32)) == 90.0 + 570.0
    assert (array == before).all()
