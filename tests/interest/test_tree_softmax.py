"""One softmax over the tree: its probabilities, and its steps against a gradient taken numerically."""

from __future__ import annotations

import numpy as np
import pytest

from penchant.interest.heads import Heads
from penchant.interest.taxonomy import Taxonomy

X = np.random.default_rng(3).normal(0, 0.5, 16).astype(np.float32)


def tree() -> Taxonomy:
    """a (3 dimensions), b (2), c (none)."""
    taxonomy = Taxonomy()
    for category, dimension in (("a", "1"), ("b", "1"), ("a", "2"), ("a", "3"), ("b", "2")):
        taxonomy.dimension(category, dimension)
    taxonomy.category("c")
    return taxonomy


def random_heads(taxonomy: Taxonomy) -> Heads:
    heads, rng = Heads(16, joint=True), np.random.default_rng(5)
    heads.grow(taxonomy)
    for W, b in ((heads.W_C, heads.b_C), (heads.W_D, heads.b_D)):
        W[:], b[:] = rng.normal(0, 1, W.shape), rng.normal(0, 1, b.shape)
    return heads


def loss(heads: Heads, taxonomy: Taxonomy, categories: list[int], dimensions: list[int]) -> float:
    M_C, M_D = heads.both(taxonomy, X)
    total = 0.0
    for c in categories:
        within = [d for d in dimensions if taxonomy.category_of[d] == c]
        total -= np.log(M_C[c]) / len(categories)
        total -= sum(np.log(M_D[d]) for d in within) / max(len(within), 1) / len(categories)
    return float(total)


def test_both_levels_are_halves_of_one_softmax() -> None:
    taxonomy = tree()
    heads = random_heads(taxonomy)
    M_C, M_D = heads.both(taxonomy, X)
    z_c, z_d = heads.W_C[:3] @ X + heads.b_C[:3], heads.W_D[:5] @ X + heads.b_D[:5]
    parents = taxonomy.category_of[:5]
    leaves = np.append(np.exp(z_c[parents] + z_d), np.exp(z_c[2]))
    np.testing.assert_allclose(M_C[parents] * M_D, leaves[:5] / leaves.sum(), rtol=1e-5)
    assert M_C.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("categories", "dimensions"), [([0], [2]), ([0, 1], [0, 3, 1]), ([2], []), ([1], []), ([2, 0], [3])]
)
def test_a_step_goes_down_the_gradient(categories: list[int], dimensions: list[int]) -> None:
    taxonomy = tree()
    heads = random_heads(taxonomy)
    slopes: list[float] = []
    for b, n in ((heads.b_C, 3), (heads.b_D, 5)):
        for k in range(n):
            kept = b[k]
            b[k] = kept + 1e-2
            high = loss(heads, taxonomy, categories, dimensions)
            b[k] = kept - 1e-2
            slopes.append((high - loss(heads, taxonomy, categories, dimensions)) / 2e-2)
            b[k] = kept
    before = heads.Gb_C[:3].copy(), heads.Gb_D[:5].copy()
    c, d = np.array([*categories, -1], np.int32), np.array([*dimensions, -1], np.int32)
    heads.learn(taxonomy, X, c, d, 1.0, 1e-6, 1e-6, 7)
    squares = np.concatenate([heads.Gb_C[:3] - before[0], heads.Gb_D[:5] - before[1]])
    np.testing.assert_allclose(squares, np.square(slopes), atol=2e-3)


def test_steps_away_lower_what_is_true() -> None:
    taxonomy = tree()
    heads = random_heads(taxonomy)
    c, d = np.array([0], np.int32), np.array([2], np.int32)
    M_C, M_D = heads.both(taxonomy, X)
    heads.learn(taxonomy, X, c, d, -1.0, 0.05, 0.05, 7)
    after_C, after_D = heads.both(taxonomy, X)
    assert after_C[0] * after_D[2] < M_C[0] * M_D[2]
