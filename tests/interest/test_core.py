"""The parts of the core, one by one: tree, memory, heads, neighbours, statements."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lives import T0
from penchant.interest.arrays import draws, key_of, unit
from penchant.interest.fit import shared_root
from penchant.interest.heads import Heads
from penchant.interest.memory import RING, Memory, node_of_category
from penchant.interest.pairs import Pairs
from penchant.interest.space import Space, pack, turned, unpack
from penchant.interest.taxonomy import Taxonomy
from penchant.interest.wishes import Wish, Wishes

DAY = 86_400.0


def vectors(n: int, d: int = 16, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32))


class TestTaxonomy:
    def test_paths_of_any_depth(self) -> None:
        tree = Taxonomy()
        place = tree.place([["Beauty", "Hair", "Combs"], ["Gifts"]], vectors(1)[0])
        assert [tree.categories.ids[c] for c in place.categories] == ["Beauty", "Gifts"]
        assert [tree.path_of_dimension(d) for d in place.dimensions] == [("Beauty", "Hair › Combs")]
        assert tree.children(place.categories[0]).tolist() == list(place.dimensions)

    def test_a_shared_root_is_dropped(self) -> None:
        paths = [("All", "Hair", "Combs")] * 15 + [("All", "Skin")] * 15
        assert shared_root(paths) == ("All",)
        assert shared_root([*paths, ("Other", "x")]) == ()
        assert shared_root([*paths * 5, ("Other", "x")]) == ("All",), "one in a hundred may stand elsewhere"
        assert shared_root([("All",)] * 30) == (), "a root must leave something below it"
        tree = Taxonomy()
        tree.root = ("All",)
        assert tree.split(["All", "Hair", "Combs"]) == ("Hair", "Combs")
        assert tree.split(["All"]) == ("All", "")

    def test_missing_dimensions_are_the_nearest_induced(self) -> None:
        tree, x = Taxonomy(), vectors(2)
        tree.adopt([], {"Drama": {"centroids": pack(x), "names": ["war", "love"]}})
        place = tree.place([["Drama"]], x[1])
        assert [tree.path_of_dimension(d)[1] for d in place.dimensions] == ["love"]
        assert tree.place([["Drama", "given"]], x[1]).dimensions != place.dimensions

    def test_nodes_are_found_as_people_name_them(self) -> None:
        tree = Taxonomy()
        tree.place([["Books", "Science Fiction"], ["Books", "Horror"]], vectors(1)[0])
        assert tree.find(["books"]) == (0, -1)
        assert tree.find(["BOOKS", "horror"]) == (0, 1)
        assert tree.find(["horror"]) == (0, 1)
        assert tree.find(["films"]) is None
        assert tree.find(["books", "cookery"]) is None

    def test_population_is_a_distribution(self) -> None:
        tree = Taxonomy()
        places = [tree.place([[c, d]], vectors(1)[0]) for c in "ab" for d in "xyz"]
        for place in places:
            tree.count(place, 1)
        categories, dimensions = np.array(places[0].categories, np.int32), np.array(places[0].dimensions, np.int32)
        tree.engaged(categories, dimensions, 3.0, T0, 100 * DAY)
        tree.engaged(categories, dimensions, 3.0, T0 - 100 * DAY, 100 * DAY)
        assert tree.seen_c[0] == pytest.approx(4.5), "a late event counts by its own time"
        p_c, p_d = tree.population()
        assert p_c.sum() == pytest.approx(1)
        assert np.bincount(tree.category_of[:6], p_d) == pytest.approx([1, 1])


class TestMemory:
    def test_size(self) -> None:
        memory = Memory(128, 1)
        assert memory.bytes_per_user() <= 1536

    @given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 50)), max_size=60))
    def test_the_ring_holds_the_latest_in_order(self, events: list[tuple[int, int]]) -> None:
        memory = Memory(8)
        memory.grow(1)
        for item, time in events:
            memory.remember(0, item, float(time), 0.5)
        kept = memory.ring_item[0][memory.ring_item[0] >= 0]
        times = memory.ring_time[0, : len(kept)]
        assert len(kept) == min(len(events), RING)
        assert list(times) == sorted(times)
        assert sorted(times) == sorted(float(t) for _, t in events)[-RING:]

    def test_late_counts_weigh_less(self) -> None:
        memory = Memory(8)
        memory.grow(1)
        memory.advance(0, T0, DAY, DAY)
        assert memory.advance(0, T0 - DAY, DAY, DAY) == (0.5, 0.5)

    def test_counts_of_the_weakest_node_leave_first(self) -> None:
        memory = Memory(8)
        memory.grow(1)
        for node in range(len(memory.node[0]) + 1):
            memory.count(0, [node_of_category(node)], 1.0 + node, 0.0, T0)
        assert node_of_category(0) not in memory.node[0]
        assert node_of_category(len(memory.node[0])) in memory.node[0]

    def test_a_copy_is_apart(self) -> None:
        memory = Memory(8)
        memory.grow(2)
        memory.remember(1, 5, T0, 1.0)
        copy = memory.copy_of(1)
        copy.remember(0, 6, T0, 1.0)
        assert (memory.ring_item[1] >= 0).sum() == 1
        memory.clear(1)
        assert (memory.ring_item[1] >= 0).sum() == 0


class TestHeads:
    def taught(self, weight: float = 1.0) -> tuple[Heads, Taxonomy, np.ndarray]:
        tree, heads, x = Taxonomy(), Heads(16), vectors(3)
        places = [tree.place([[c, d] for d in "xy"], x[0]) for c in "abc"]
        for step in range(60):
            k = step % 3
            heads.learn(
                tree, x[k], np.array(places[k].categories, np.int32), np.array(places[k].dimensions[:1], np.int32),
                weight, 0.1, 0.1, step,
            )  # fmt: skip
        return heads, tree, x

    def test_they_learn_and_are_distributions(self) -> None:
        heads, tree, x = self.taught()
        for k in range(3):
            M_C, M_D = heads.M_C(tree, x[k]), heads.M_D(tree, x[k])
            assert M_C.sum() == pytest.approx(1)
            assert np.argmax(M_C) == k
            assert np.bincount(tree.category_of[:6], M_D) == pytest.approx([1, 1, 1])
            assert M_D[2 * k] > 0.6

    def test_negative_feedback_lowers_the_class(self) -> None:
        heads, tree, x = self.taught()
        before = heads.M_C(tree, x[0])[0]
        for step in range(5):
            heads.learn(tree, x[0], np.array([0], np.int32), np.array([], np.int32), -1.0, 0.1, 0.1, step)
        assert heads.M_C(tree, x[0])[0] < before

    def test_a_large_softmax_is_sampled(self) -> None:
        tree, heads, x = Taxonomy(), Heads(16), vectors(2)
        for k in range(300):
            tree.place([[f"c{k}"]], x[0])
        for step in range(200):
            heads.learn(tree, x[step % 2], np.array([step % 2], np.int32), np.array([], np.int32), 1.0, 0.1, 0.1, step)
        assert [int(np.argmax(heads.M_C(tree, x[k]))) for k in (0, 1)] == [0, 1]

    def test_a_bridge_keeps_what_was_learned(self) -> None:
        heads, tree, x = self.taught()
        rotation = np.linalg.qr(np.random.default_rng(1).standard_normal((16, 16)))[0].astype(np.float32)
        before = heads.M_C(tree, x[0])
        heads.turn(rotation)
        assert heads.M_C(tree, x[0] @ rotation) == pytest.approx(before, abs=1e-5)

    def test_no_bit_of_what_is_moved_depends_on_the_room_of_its_table(self) -> None:
        rng = np.random.default_rng(1)
        bridge = rng.standard_normal((128, 128)).astype(np.float32)
        rows = rng.standard_normal((64, 128)).astype(np.float32)
        whole = turned(rows, bridge)
        assert all((turned(rows[:n], bridge) == whole[:n]).all() for n in (1, 3, 6, 8, 17))


class TestPairs:
    def test_what_follows_is_found(self) -> None:
        pairs = Pairs(100 * DAY)
        pairs.grow(500)
        for k in range(30):
            pairs.observe(np.array([1], np.int32), 2, 1.0, T0 + k)
        pairs.observe(np.array([1], np.int32), 3, 1.0, T0 + 31)
        history, rows = np.array([1], np.int32), np.array([2, 3, 4], np.int32)
        values = pairs.gather(history, rows, T0 + 40)
        assert values[0, 0] > values[0, 1] > values[0, 2] == 0
        assert (values == pairs.gather(history, rows, T0 + 40)).all(), "asking leaves no trace"
        assert pairs.neighbours(history, 5).tolist() == [2, 3]
        assert pairs.strongest(history, 3) == 1

    def test_lists_are_bounded_and_keep_the_strong(self) -> None:
        pairs = Pairs(100 * DAY)
        pairs.grow(1000)
        for _ in range(5):
            pairs.observe(np.array([0], np.int32), 1, 1.0, T0)
        for k in range(2, 800):
            pairs.observe(np.array([0], np.int32), k, 1.0, T0)
        assert 1 in pairs.ids[0]
        assert pairs.ids.shape[1] < 300

    def test_they_fade(self) -> None:
        pairs = Pairs(DAY)
        pairs.grow(10)
        history, rows = np.array([1], np.int32), np.array([2], np.int32)
        pairs.observe(history, 2, 1.0, T0)
        now, later = pairs.gather(history, rows, T0)[0, 0], pairs.gather(history, rows, T0 + 3 * DAY)[0, 0]
        assert np.expm1(later) == pytest.approx(np.expm1(now) / 8, rel=1e-5)


class TestWishes:
    def wish(self, id: str, op: str, time: float, **more: object) -> Wish:
        return Wish(id=id, op=op, nodes=((0, -1, 1.0),), strength=1.0, time=time, **more)  # type: ignore[arg-type]

    def test_the_latest_on_a_node_stands_and_undo_brings_back_the_older(self) -> None:
        wishes = Wishes()
        wishes.add(0, self.wish("a", "more", 1.0))
        wishes.add(0, self.wish("b", "never", 2.0))
        stand = wishes.standing(0, 3.0, DAY)
        assert stand is not None
        assert (0, -1) in stand.never
        assert not stand.pro
        assert wishes.undo(0, "b")
        assert not wishes.undo(0, "b")
        stand = wishes.standing(0, 3.0, DAY)
        assert stand is not None
        assert (0, -1) in stand.pro

    def test_statements_end_and_fade(self) -> None:
        wishes = Wishes()
        wishes.add(0, self.wish("a", "more", 0.0, fades=True))
        wishes.add(0, self.wish("b", "less", 1.0, until=5.0))
        first, second = wishes.standing(0, 4.0, DAY), wishes.standing(0, DAY, DAY)
        assert first is not None
        assert second is not None
        assert first.con
        assert second.pro[0, -1] == pytest.approx(4.0)
        assert wishes.standing(1, 0.0, DAY) is None

    def test_they_come_back_from_json(self) -> None:
        wishes, again = Wishes(), Wishes()
        wishes.add(3, self.wish("a", "always", 1.0, text="x"))
        again.load(wishes.meta())
        assert again.of == wishes.of


class TestArrays:
    def test_draws_depend_on_the_key_alone(self) -> None:
        key = np.uint64(key_of(7, "e1"))
        assert (draws(key, 50, 1000) == draws(key, 50, 1000)).all()
        assert (draws(key, 1000, 10) < 10).all()
        assert np.bincount(draws(key, 20_000, 10), minlength=10) == pytest.approx([2000] * 10, rel=0.1)
        assert key_of(7, "e1") != key_of(8, "e1") != key_of(7, "e2")

    def test_space(self) -> None:
        x = vectors(50, 32)
        space = Space.fit("e", x, 8, 1)
        projected = space.project(x)
        assert projected.shape == (50, 8)
        assert np.linalg.norm(projected, axis=1) == pytest.approx(np.ones(50), abs=1e-5)
        assert (space.project(x[:1])[0] == projected[0]).all(), "no bit depends on the batch"
        again = Space.from_body(space.to_body())
        assert (again.basis == space.basis).all()
        wide = Space.fit("e", x[:2], 64, 1)
        assert wide.dim == 64
        assert (unpack(pack(wide.basis)) == wide.basis).all()
        assert space.bridge(space) == pytest.approx(np.eye(8), abs=1e-5)
