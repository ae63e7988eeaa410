"""What every pair of heads M_C, M_D must do. To try your own, subclass `HeadContract` and give it `make`.

class TestMine(HeadContract):
    def make(self, dim: int) -> Heads: ...
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penchant.interest.arrays import F32, I32
from penchant.interest.heads import Heads
from penchant.interest.taxonomy import Taxonomy

DIM = 16
NODES = {"books": ("crime", "poetry"), "games": ("chess", "go", "poker"), "music": ("jazz",)}
Example = tuple[int, int, float]  # dimension, seed of x, weight
examples = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 9), st.sampled_from([-1.0, -0.2, 0.3, 1.0])), min_size=1, max_size=12
)


def tree(nodes: dict[str, tuple[str, ...]] = NODES) -> Taxonomy:
    taxonomy = Taxonomy()
    for category, dimensions in nodes.items():
        for dimension in dimensions:
            taxonomy.dimension(category, dimension)
    return taxonomy


def vector(seed: int) -> F32:
    x = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    return x / np.linalg.norm(x)


def rows(*some: int) -> I32:
    return np.array(some, np.int32)


class HeadContract:
    def make(self, dim: int) -> Heads:
        raise NotImplementedError

    def teach(self, heads: Heads, taxonomy: Taxonomy, given: list[Example]) -> None:
        for key, (dimension, seed, weight) in enumerate(given):
            category = int(taxonomy.category_of[dimension])
            heads.learn(taxonomy, vector(seed), rows(category), rows(dimension), weight, 0.1, 0.1, key)

    @given(examples)
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
    def test_they_are_distributions_whatever_they_learned(self, given: list[Example]) -> None:
        heads, taxonomy = self.make(DIM), tree()
        self.teach(heads, taxonomy, given)
        for seed in range(3):
            p_c, p_d = heads.both(taxonomy, vector(seed))
            assert p_c.sum() == pytest.approx(1)
            within = np.bincount(taxonomy.category_of[: len(p_d)], p_d, minlength=len(p_c))
            assert within == pytest.approx(np.ones(len(p_c)))
            assert (p_c >= 0).all()
            assert (p_d >= 0).all()

    @given(examples)
    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
    def test_the_same_examples_give_the_same_bits_also_over_a_saved_state(self, given: list[Example]) -> None:
        taxonomy, half = tree(), len(given) // 2
        whole, first, second = self.make(DIM), self.make(DIM), self.make(DIM)
        self.teach(whole, taxonomy, given[:half])
        self.teach(whole, taxonomy, given[half:])
        self.teach(first, taxonomy, given[:half])
        second.load(first.states(taxonomy))
        self.teach(second, taxonomy, given[half:])
        for name, array in whole.states(taxonomy).items():
            assert array.tobytes() == second.states(taxonomy)[name].tobytes(), name

    def test_a_step_raises_what_is_true_and_a_step_away_lowers_it(self) -> None:
        for weight in (1.0, -1.0):
            heads, taxonomy = self.make(DIM), tree()
            self.teach(heads, taxonomy, [(k % 6, k, 1.0) for k in range(12)])
            x = vector(3)
            before = heads.both(taxonomy, x)
            self.teach(heads, taxonomy, [(3, 3, weight)])
            after = heads.both(taxonomy, x)
            category = int(taxonomy.category_of[3])
            # of the leaf as a whole: what both levels say together
            leaf = [both[0][category] * both[1][3] for both in (before, after)]
            assert (leaf[1] - leaf[0]) * weight > 0

    def test_weight_0_teaches_nothing(self) -> None:
        heads, taxonomy = self.make(DIM), tree()
        self.teach(heads, taxonomy, [(k % 6, k, 1.0) for k in range(6)])
        before = {name: array.tobytes() for name, array in heads.states(taxonomy).items()}
        self.teach(heads, taxonomy, [(2, 1, 0.0)])
        assert before == {name: array.tobytes() for name, array in heads.states(taxonomy).items()}

    def test_a_new_node_needs_no_restart_and_can_be_learned(self) -> None:
        heads, taxonomy = self.make(DIM), tree()
        self.teach(heads, taxonomy, [(k % 6, k, 1.0) for k in range(12)])
        d = taxonomy.dimension("garden", "roses")
        c = int(taxonomy.category_of[d])
        assert len(heads.M_C(taxonomy, vector(0))) == 4
        for key in range(30):
            heads.learn(taxonomy, vector(20), rows(c), rows(d), 1.0, 0.2, 0.2, 1000 + key)
        assert int(np.argmax(heads.M_C(taxonomy, vector(20)))) == c

    def test_examples_are_learned(self) -> None:
        """What can be told apart is, after some passes: each vector its own leaf."""
        heads, taxonomy = self.make(DIM), tree()
        for _ in range(60):
            self.teach(heads, taxonomy, [(k, k, 1.0) for k in range(6)])
        for k in range(6):
            p_c, p_d = heads.both(taxonomy, vector(k))
            assert int(np.argmax(p_c[taxonomy.category_of[:6]] * p_d)) == k
