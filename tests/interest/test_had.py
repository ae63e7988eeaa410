"""The filter of what was had: it forgets nothing until it is half full, and keeps what was had out of what is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lives import BagOfWords, films, stream
from penchant import Engine
from penchant.interest.arrays import key_of
from penchant.interest.had import BITS, WORDS, has, make_room, mark, of, other
from penchant.interest.learning import contrast


@given(st.lists(st.integers(0, 10**6), max_size=200))
def test_what_was_had_is_known(items: list[int]) -> None:
    words = of(np.array(items, np.int32))
    assert all(has(words, item) for item in items)


def test_most_of_what_was_not_had_is_told_apart() -> None:
    words = of(np.arange(100, dtype=np.int32))
    wrong = sum(has(words, item) for item in range(1000, 3000))
    assert wrong / 2000 < 0.25


def test_it_never_fills_up() -> None:
    words = np.zeros(WORDS, np.uint64)
    for item in range(20_000):
        make_room(words, item)
        mark(words, item)
        assert has(words, item)
    assert sum(int(word).bit_count() for word in words) <= BITS // 2 + 1


def test_negatives_are_none_of_what_was_had_nor_the_item() -> None:
    pool, had = np.arange(200, dtype=np.int32), np.arange(0, 200, 2, dtype=np.int32)
    rows = contrast(np.uint64(key_of(7, "e")), np.array([1], np.int32), 300, pool, of(had))
    assert rows[0] == 1
    assert 1 not in rows[1:]
    assert not set(rows[1:].tolist()) & set(had.tolist())
    assert len(set(rows.tolist())) > 40
    everything = of(np.arange(5000, dtype=np.int32))
    assert other(np.uint64(1), 0, pool, 1, everything) == -1


@pytest.mark.parametrize(("domain", "kept"), [("movies", True), ("shop", False)])
def test_where_things_are_had_again_nothing_is_kept_out(domain: str, kept: bool) -> None:
    with Engine.open(base=domain, encoder=BagOfWords()) as engine:
        engine.add_items(films())
        engine.observe_many(stream())
        asker = engine.model.asker(engine.model.user("u1"), engine.now)
        assert len(asker.history)
        assert [has(asker.had, int(row)) for row in asker.history] == [kept] * len(asker.history)


def test_a_sitting_begins_after_half_an_hour() -> None:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(films())
        engine.observe_many(stream())
        model, user = engine.model, engine.model.user("u1")
        last = float(model.asker(user, engine.now).times[-1])
        assert [model.asker(user, last + gap).pause for gap in (0.0, 1799.0, 1801.0)] == [0.0, 0.0, 1.0]
        assert model.asker(None, last).pause == 1.0
        assert model.blend.v.any(), "weights of the begin of a sitting are learned"
