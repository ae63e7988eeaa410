"""What was understood is shown back: constraints act or are said not to, titles refuse nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lives import BagOfWords
from penchant import Engine, Item

FILMS = (
    ("No Country for Old Men (2007)", "Crime", 2007, 122), ("Heat (1995)", "Crime", 1995, 170),
    ("The Matrix (1999)", "Sci-Fi", 1999, 136), ("Airplane! (1980)", "Comedy", 1980, 88),
    ("Dune (2021)", "Sci-Fi", 2021, 155), ("Superbad (2007)", "Comedy", 2007, 113), ("Clue (1985)", "Comedy", 1985, 94),
)  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(
            Item(id=title, text=title, paths=[[genre]], fields={"year": year, "runtime": minutes}, time="2021-06-01")
            for title, genre, year, minutes in FILMS
        )
        yield engine


@pytest.mark.parametrize(
    ("request_", "right"),
    [
        ("a crime film from the nineties", lambda year, minutes: 1990 <= year <= 1999),
        ("shorter than two hours", lambda year, minutes: minutes < 120),
        ("nothing before 2000", lambda year, minutes: year >= 2000),
        ("两小时以内的喜剧片", lambda year, minutes: minutes <= 120),
        ("八十年代的片子，不超过90分钟", lambda year, minutes: 1980 <= year <= 1989 and minutes <= 90),
    ],
)
def test_constraints_are_kept_to_and_shown(engine: Engine, request_: str, right) -> None:
    answer = engine.recommend("ann", request=request_)
    assert {r.item for r in answer} == {title for title, _, year, minutes in FILMS if right(year, minutes)}
    assert answer.understood is not None
    assert answer.understood.constraints
    for one in answer.understood.constraints:
        assert one.applied
        assert one.condition in "\n".join(answer.read)
    assert answer.to_dict()["understood"]["constraints"][0]["condition"]


@pytest.mark.parametrize(
    ("request_", "about", "said"),
    [
        ("a comedy under 20 dollars", "price", "no item has a price"),
        ("一百块以内的喜剧", "price", "没有商品带有价格"),
    ],
)
def test_a_field_that_nobody_has_is_said_and_empties_nothing(
    engine: Engine, request_: str, about: str, said: str
) -> None:
    answer = engine.recommend("ann", request=request_)
    assert len(answer) == len(FILMS)
    assert answer.understood is not None
    (one,) = answer.understood.constraints
    assert (one.applied, one.about, one.why) == (False, about, "missing")
    assert any(said in line for line in answer.read)


def test_a_title_is_no_refusal(engine: Engine) -> None:
    answer = engine.recommend("ann", request="No Country for Old Men")
    assert answer.understood is not None
    assert answer.understood.dislikes == ()
    assert answer.understood.age == 0
    assert answer[0].item == "No Country for Old Men (2007)"
    assert engine.recommend("ann", request="no country music").understood.dislikes  # type: ignore[union-attr]


def test_years_are_relative_to_the_time_asked(engine: Engine) -> None:
    answer = engine.recommend("ann", request="released this year", at="2021-07-01")
    assert [r.item for r in answer] == ["Dune (2021)"]
    assert len(engine.recommend("ann", request="今年的", at="2007-07-01")) == 2


def test_fields_are_found_by_what_they_are() -> None:
    with Engine.open(base="shop", encoder=BagOfWords(), settings={"fields": {"weight_g": {"names": ["重量"]}}}) as shop:
        shop.add_items(
            [
                {"id": "tea", "text": "tea", "fields": {"price_usd": 4.0, "in_stock": True, "published": "2015-03-01"}},
                {"id": "pot", "text": "iron pot", "fields": {"price_usd": 60.0, "in_stock": False, "weight_g": 900}},
                {"id": "cup", "text": "blue cup", "fields": {"price_usd": 9.5, "color": "Sky Blue", "weight_g": 200}},
            ]
        )  # fmt: skip

        def shown(request: str) -> set[str]:
            return {r.item for r in shop.recommend("ann", request=request)}

        assert shown("under 10 dollars") == {"tea", "cup"}
        assert shown("in stock") == {"tea"}
        assert shown("before 2016") == {"tea"}
        assert shown("color: sky blue") == {"cup"}
        assert shown("重量低于500") == {"cup"}
        assert shown("price usd over 50") == {"pot"}


def test_a_changed_item_brings_its_new_fields() -> None:
    with Engine.open(base="shop", encoder=BagOfWords()) as shop:
        shop.add_items([{"id": "tea", "text": "green tea"}])
        first = shop.recommend("ann", request="under 10 dollars").understood
        shop.add_items([{"id": "tea", "text": "green tea", "fields": {"price": 4}}])
        second = shop.recommend("ann", request="under 10 dollars").understood
        assert first is not None
        assert second is not None
        assert [one.applied for one in (*first.constraints, *second.constraints)] == [False, True]


def test_it_is_what_was_shown_or_had_last(engine: Engine) -> None:
    assert engine.recommend("bob", request="something like it").understood.reference == ""  # type: ignore[union-attr]
    alone = engine.recommend("cat", request="a shorter one").understood
    assert alone is not None
    assert [one.why for one in alone.constraints] == ["nothing"]
    first = engine.recommend("cat", 3, request="a crime film")
    again = engine.recommend("cat", request="something like it, but shorter")
    assert again.understood is not None
    assert again.understood.reference == first[0].item
    minutes = {title: length for title, _, _, length in FILMS}
    assert all(minutes[r.item] < minutes[first[0].item] for r in again)
    assert first[0].item not in [r.item for r in again]
    engine.observe({"user": "cat", "item": "Dune (2021)", "kind": "like"})
    after = engine.recommend("cat", request="something like it").understood
    assert after is not None
    assert after.reference == "Dune (2021)"
    engine.forget("cat")
    assert "cat" not in engine._lately


def test_a_comparison_with_a_title(engine: Engine) -> None:
    answer = engine.recommend("ann", request="like Dune but shorter")
    assert answer.understood is not None
    assert (answer.understood.like, answer.understood.reference) == ("Dune (2021)", "Dune (2021)")
    assert {r.item for r in answer} == {title for title, _, _, minutes in FILMS if minutes < 155}
    cheaper = engine.recommend("ann", request="like Dune but cheaper").understood
    assert cheaper is not None
    assert [(one.about, one.why) for one in cheaper.constraints] == [("price", "missing")]


def test_what_the_catalogue_has_nothing_of_is_asked_about() -> None:
    with Engine.open(base="movies") as films:
        films.add_items(Item(id=title, text=title, paths=[[genre]]) for title, genre, *_ in FILMS)
        for request, question in (
            ("what's the weather in Lisbon?", "What kind of film"),
            ("帮我订一张去北京的机票", "您想要什么样的电影"),
        ):
            answer = films.recommend("ann", 3, request=request)
            assert answer.understood is not None
            assert answer.understood.out_of_scope
            assert question in answer.understood.question
            assert answer[0].title in answer.understood.question
            assert len(answer) == 3
        for request in ("a funny film", "好笑的电影", "Dune", "随便看看", "no war films"):
            answer = films.recommend("ann", request=request)
            assert answer.understood is not None
            assert not answer.understood.out_of_scope, request
