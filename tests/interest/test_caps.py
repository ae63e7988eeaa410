"""Every table has a cap, and what leaves first is what is worth least."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lives import T0, BagOfWords
from penchant import Engine, Event, Item
from penchant.engine.capacity.rows import size_of
from penchant.errors import InvalidRecord
from penchant.interest.arrays import F32
from penchant.interest.evidence.context import KEYS, Context
from penchant.interest.evidence.learned import Learned
from penchant.interest.memory import DAY
from penchant.interest.taxonomy import Place, Taxonomy
from penchant.interest.wishes import MOST, VECTORS, WORDS, Wish, Wishes


def wish(id: str, time: float, *, fades: bool = True, hash: str = "") -> Wish:
    return Wish(id=id, op="more", nodes=(), strength=1.0, time=time, fades=fades, text="x", hash=hash or id)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(0, 5), st.integers(0, 50), st.booleans()),
            st.tuples(st.just("undo"), st.integers(0, 5), st.integers(0, 60), st.just(False)),
            st.tuples(st.just("merge"), st.integers(0, 5), st.integers(0, 5), st.just(False)),
            st.tuples(st.just("clear"), st.integers(0, 5), st.just(0), st.just(False)),
        ),
        max_size=60,
    ),
    st.integers(1, 8),
    st.integers(0, 60),
)
@examples(max_examples=200)
def test_statements_are_bounded_in_all_and_come_back_as_they_were(
    steps: list[tuple[str, int, int, bool]], most: int, reloads: int
) -> None:
    """A state that was saved and loaded on the way goes on just as one that was not."""
    wishes, again = Wishes(most=most), Wishes(most=most)
    for number, (what, user, other, fades) in enumerate(steps):
        for table in (wishes, again):
            if what == "add":
                table.add(user, wish(str(number), float(other), fades=fades))
            elif what == "undo":
                table.undo(user, str(other))
            elif what == "clear":
                table.clear(user)
            elif user != other:
                table.merge(user, other)
        if number == reloads:
            saved, again = json.loads(json.dumps(again.meta())), Wishes(most=most)
            again.load(saved)
        assert list(wishes.of.items()) == list(again.of.items())
        assert len(wishes) == len(again) == sum(map(len, wishes.of.values())) <= most


def test_the_oldest_statement_of_a_user_leaves_first() -> None:
    wishes = Wishes()
    for k in range(MOST + 10):
        wishes.add(0, wish(str(k), float(k)))
    assert [one.id for one in wishes.of[0]] == [str(k) for k in range(10, MOST + 10)]
    wishes.add(0, wish("late", 0.0))
    assert len(wishes) == MOST
    assert wishes.of[0][0].id == "10"


def test_of_all_statements_words_of_those_long_silent_leave_first(caplog: pytest.LogCaptureFixture) -> None:
    wishes = Wishes(most=5)
    wishes.add(0, wish("rule", 0.0, fades=False))
    wishes.add(1, wish("word", 1.0))
    wishes.add(2, wish("first", 9.0))
    wishes.add(1, wish("again", 2.0))
    wishes.add(3, wish("edit", 3.0, fades=False))
    assert not caplog.records
    wishes.add(4, wish("new", 4.0))  # user 2 has said nothing for longest, of those who said what fades
    wishes.add(5, wish("newer", 5.0))
    assert {user: [one.id for one in of] for user, of in wishes.of.items()} == {
        0: ["rule"], 1: ["again"], 3: ["edit"], 4: ["new"], 5: ["newer"],
    }  # fmt: skip
    for k in range(10, 16):
        wishes.add(k, wish(str(k), float(k), fades=False))
    assert list(wishes.of) == [11, 12, 13, 14, 15]
    assert [r.getMessage() for r in caplog.records] == [
        "5 statements are kept, as many as may be: those of whoever has said nothing for longest leave first; the "
        "setting statements_kept may be larger"
    ]


def test_few_vectors_of_statements_are_kept_and_none_of_the_forgotten() -> None:
    asked: list[str] = []

    def find(hashes: Sequence[str]) -> F32:
        asked.extend(hashes)
        return np.array([[np.cos(float(key)), np.sin(float(key))] for key in hashes], np.float32)

    wishes = Wishes(find)
    for k in range(VECTORS + 10):
        wishes.add(k, wish(str(k), 1.0))
        stand = wishes.standing(k, 1.0, DAY)
        assert wishes.said_vector(stand, 2).tolist() == pytest.approx([np.cos(k), np.sin(k)], abs=1e-6)
    assert len(asked) == VECTORS + 10
    assert size_of(wishes) > 100 * VECTORS
    kept = wishes.vectors([str(k) for k in range(10, VECTORS + 10)])
    assert len(asked) == VECTORS + 10, "they were kept"
    wishes.vectors(["3"])
    assert asked[-1] == "3", "it had left"
    wishes.clear(4000)
    assert wishes.vectors(["4000"])["4000"].tolist() == kept["4000"].tolist()
    assert asked[-1] == "4000"


def test_long_words_are_cut_in_memory_and_whole_in_the_log() -> None:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items([Item(id=str(k), text=f"film {k}", paths=(("a",),)) for k in range(3)])
        said = "more films, " + "really " * 100 + "please"
        engine.tell("ann", said)
        notes = engine.profile("ann").statements
        assert all(len(note.text) <= WORDS for note in notes)
        assert notes[0].text == said[: WORDS - 1] + "…"
        assert [entry.body["text"] for entry in engine.records(types=["utterance"])] == [said]
        assert engine.verify()


def test_the_context_that_is_least_used_by_now_leaves_first() -> None:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items([Item(id=str(k), text=f"film {k}", paths=(("a",),)) for k in range(3)])
        evidence = next(e for e in engine.model.evidences if isinstance(e, Context))

        def event(at: float, place: str) -> Event:
            return Event(user="u", item="0", kind="like", time=at, context={"place": place})

        then, now = T0, T0 + 5000 * DAY
        engine.observe_many(event(then + k, "once popular") for k in range(20))
        engine.observe_many(event(now + k, f"p{k}") for k in range(KEYS - len(evidence.names) - 2))
        assert len(evidence.names) <= KEYS
        assert "place=once popular" in evidence.names
        # twenty engagements long ago, and the hour and weekday of then, are less by now than a single one of today
        engine.observe_many(event(now + KEYS + k, f"more {k}") for k in range(5))
        assert len(evidence.names) == KEYS == len(set(evidence.names.values()))
        assert "place=once popular" not in evidence.names
        assert {"place=p99", "place=more 0", "place=more 4"} <= evidence.names.keys()


def test_replayed_events_are_the_latest() -> None:
    settings = {"options": {"learned": {"buffer": 8}}}
    with Engine.open(base="shop", settings=settings, encoder=BagOfWords()) as engine:
        engine.add_items([Item(id=str(k), text=f"thing {k}") for k in range(30)])
        engine.observe_many(Event(user="u", item=str(k), kind="view", time=T0 + k) for k in range(30))
        learned = next(e for e in engine.model.evidences if isinstance(e, Learned))
        assert sorted(learned.states(30)["old"][:, 0].tolist()) == list(range(22, 30))


SMALL = {"model": {"most_categories": 3, "most_dimensions": 4}}


def test_a_full_tree_refuses_what_needs_a_new_node_and_nothing_of_it_is_written() -> None:
    with Engine.open(base="shop", settings=SMALL, encoder=BagOfWords()) as engine:
        engine.add_items(Item(id=str(k), text=f"thing {k}", paths=((f"c{k}", f"d{k}"),)) for k in range(3))
        version = engine.version
        with pytest.raises(InvalidRecord, match=r"item.paths: 'c9' can't .* no more than 3: .*model.most_categories"):
            engine.add_items([Item(id="ok", text="x", paths=(("c0",),)), Item(id="9", text="x", paths=(("c9",),))])
        with pytest.raises(InvalidRecord, match=r"item.paths: 'e' can't .* no more than 4: .*model.most_dimensions"):
            engine.add_items([Item(id="9", text="thing", paths=(("c0", "d"), ("c0", "e")))])
        with pytest.raises(InvalidRecord, match=r"category.name: 'c9'"):
            engine.add_category("c9", examples=["what it is"])
        assert engine.version == version
        engine.add_items([Item(id="9", text="thing nine", paths=(("c0", "d"), ("c1", "d1")))])
        assert engine.verify()


def test_a_log_with_more_nodes_than_may_be_is_learned_without_them(caplog: pytest.LogCaptureFixture) -> None:
    """As where the settings were larger when it was written."""
    tree = Taxonomy((2, 2))
    x = np.ones(4, np.float32)
    assert tree.place([["a", "d"], ["b", "e"]], x) == Place((0, 1), (0, 1))
    assert tree.place([["a", "f"], ["c", "g"], ["b", "e"]], x) == Place((0, 1), (1,))
    assert tree.place([["c"]], x) == Place((), ())
    assert (len(tree.categories), len(tree.dimensions)) == (2, 2)
    assert [r.getMessage().partition(":")[0] for r in caplog.records] == [
        "the tree has as many nodes as may be (2 categories, 2 dimensions)"
    ]


def test_lowering_the_cap_rebuilds_a_smaller_tree(tmp_path: Path) -> None:
    items = [Item(id=str(k), text=f"thing {k}", paths=((f"c{k}", f"d{k}"),)) for k in range(6)]
    with Engine.open(tmp_path / "c.db", base="shop", encoder=BagOfWords()) as engine:
        engine.add_items(items)
        engine.add_category("one more", examples=["what it is"])
        engine.observe_many(Event(user="u", item=str(k % 6), kind="view", time=T0 + k) for k in range(20))
    with Engine.open(tmp_path / "c.db", base="shop", settings=SMALL, encoder=BagOfWords()) as engine:
        assert engine.model.world.taxonomy.categories.ids == ["c0", "c1", "c2"]
        assert [listed.item.id for listed in engine.unplaced()] == ["3", "4", "5"]
        engine.observe(Event(user="u", item="5", kind="view", time=T0 + 50))
        assert len(engine.recommend("v", 6)) == 6
        assert engine.verify()


def test_words_said_before_there_are_items_mean_the_same_as_later() -> None:
    items = [Item(id=str(k), text=f"film {k}", paths=(("a",), ("b",))) for k in range(9)]
    said: list[list[float]] = []
    for first in (True, False):
        with Engine.open(base="movies", encoder=BagOfWords()) as engine:
            if first:
                engine.tell("ann", "films like number 3", time=T0)
            engine.add_items(items)
            if not first:
                engine.tell("ann", "films like number 3", time=T0)
            model = engine.model
            said.append(model.asker(model.user("ann"), T0).said.tolist())
            assert engine.verify()
    assert said[0] == said[1]
    assert any(said[0])
