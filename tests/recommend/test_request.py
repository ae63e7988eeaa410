"""A request's parts: what is asked for rises, what is refused sinks, and odd fields break nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lives import BagOfWords, films, stream
from penchant import Engine
from penchant.recommend.request import Asked, request_parts, understand


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(films())
        engine.observe_many(stream(60))
        yield engine


def asked(engine: Engine, text: str) -> Asked:
    words = engine._read_request(text)
    return understand(engine.model, words.text, words.reading, words.vector)


def test_what_is_asked_for_rises_and_what_is_refused_sinks(engine: Engine) -> None:
    rows = engine.model.world.catalogue.live()
    parts = request_parts(engine.model, asked(engine, "a horror film, no war"), rows, np.arange(len(rows), dtype=float))
    by_name = dict(zip(parts.names, parts.values, strict=True))
    ids = engine.model.world.taxonomy.categories
    horror = (engine.model.world.catalogue.categories[rows] == ids.get("Horror")).any(1)
    war = (engine.model.world.catalogue.categories[rows] == ids.get("War")).any(1)
    assert (by_name["request_category"][horror] > 0).all()
    assert (by_name["request_category"][~horror] == 0).all()
    assert (by_name["request_avoid"][war] < 0).all()
    assert (by_name["request_avoid"][~war] == 0).all()
    assert "Horror" in str(parts.reason(parts.names.index("request_category"), int(np.argmax(horror))).facts)
    assert "War" in str(parts.reason(parts.names.index("request_avoid"), int(np.argmax(war))).facts)


@pytest.mark.parametrize(
    ("text", "sign"), [("something new", 1), ("an old classic", -1), ("不要太老的", 1), ("老电影", -1)]
)
def test_age_is_heard_in_both_languages(engine: Engine, text: str, sign: int) -> None:
    wish = asked(engine, text)
    assert wish.age == sign
    rows = engine.model.world.catalogue.live()
    parts = request_parts(engine.model, wish, rows, np.zeros(len(rows)))
    age = parts.values[parts.names.index("request_age")]
    years = np.array([engine.model.world.catalogue.cards[row].fields["year"] for row in rows], float)
    assert np.corrcoef(age, years)[0, 1] * sign > 0.9


@settings(deadline=None, max_examples=30)
@given(
    years=st.lists(
        st.one_of(
            st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=6), st.booleans(), st.none(),  # noqa: E501
            st.sampled_from(["²", "१९९९", "1999", " 1984 ", "9" * 5000, "1e3", "-5"]),
        ),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_any_year_can_be_asked_about(years: list[Any]) -> None:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items([{"id": str(k), "text": f"film {k}", "fields": {"year": y}} for k, y in enumerate(years)])
        answer = engine.recommend("ann", 10, "something new")
        assert len(answer) == len(years)
        assert all(np.isfinite(r.score) for r in answer)


def test_a_request_when_nothing_is_left(engine: Engine) -> None:
    assert len(engine.recommend("ann", request="an old comedy, no war", filters="year > 3000")) == 0
    with Engine.open(base="movies", encoder=BagOfWords()) as empty:
        assert len(empty.recommend("ann", request="an old comedy, no war")) == 0
        empty.add_items(films(3))
        for k in range(3):
            empty.observe({"user": "ann", "item": f"f{k}", "kind": "like"})
        assert len(empty.recommend("ann", request="an old comedy, no war")) == 0
