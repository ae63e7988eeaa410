"""Every table has a cap, and what leaves first is what is worth least."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lives import T0, BagOfWords
from penchant import Engine, Event, Item
from penchant.interest.evidence.context import KEYS, Context
from penchant.interest.evidence.learned import Learned
from penchant.interest.memory import DAY
from penchant.interest.wishes import MOST, Wish, Wishes


def wish(id: str, hash: str, time: float) -> Wish:
    return Wish(id=id, op="more", nodes=(), strength=1.0, time=time, fades=True, text="x", hash=hash)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(0, 2), st.integers(0, 4), st.integers(0, 50)),
            st.tuples(st.just("undo"), st.integers(0, 2), st.integers(0, 20), st.just(0)),
            st.tuples(st.just("merge"), st.integers(0, 2), st.integers(0, 2), st.just(0)),
        ),
        max_size=40,
    ),
    st.booleans(),
)
@examples(max_examples=150)
def test_vectors_of_statements_stay_as_long_as_they_are_used(
    steps: list[tuple[str, int, int, int]], reloads: bool
) -> None:
    wishes = Wishes()
    for number, (what, user, other, time) in enumerate(steps):
        if what == "add":
            wishes.add(user, wish(str(number), f"h{other}", float(time)), np.full(2, other, np.float32))
        elif what == "undo":
            wishes.undo(user, str(other))
        elif user != other:
            wishes.merge(user, other)
        if reloads and number == len(steps) // 2:
            vectors, again = wishes.vectors, Wishes()
            again.load(wishes.meta())
            again.vectors, wishes = vectors, again
        assert wishes.vectors.keys() == wishes.hashes().keys()


def test_the_oldest_statement_leaves_first_with_its_vector() -> None:
    wishes = Wishes()
    for k in range(MOST + 10):
        wishes.add(0, wish(str(k), f"h{k}", float(k)), np.zeros(2, np.float32))
    assert [one.id for one in wishes.of[0]] == [str(k) for k in range(10, MOST + 10)]
    assert len(wishes.vectors) == MOST
    wishes.add(0, wish("late", "late", 0.0), np.zeros(2, np.float32))
    assert "late" not in wishes.vectors
    wishes.merge(1, 0)
    assert len(wishes.vectors) == MOST


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
