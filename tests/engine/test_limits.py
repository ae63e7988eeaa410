"""Limits on fields that people state: they hold for every answer, are shown, yield to a request, end and are undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from penchant import Engine, Item
from penchant.interest.profile import Profile

FILMS = (("Heat", 170, 9), ("Alien", 117, 12), ("Dune", 155, 20), ("Some Like It Hot", 121, 5), ("Dunkirk", 106, 15))
DAY = 86_400.0
NOW = 1.7e9


def opened(path: str | Path = ":memory:") -> Engine:
    engine = Engine.open(path, base="movies")
    if not len(engine.model.world.catalogue):
        engine.add_items(
            Item(id=name, text=name, paths=(("Drama",),), time=NOW, fields={"runtime": minutes, "price": price})
            for name, minutes, price in FILMS
        )
    return engine


def shown(engine: Engine, user: str = "ann", **more: object) -> set[str]:
    return {one.item for one in engine.recommend(user, **more)}  # pyright: ignore[reportArgumentType]


def test_a_limit_holds_until_it_is_undone() -> None:
    with opened() as engine:
        engine.tell("ann", "nothing longer than two hours from now on")
        assert shown(engine) == {"Alien", "Dunkirk"}
        assert engine.recommend("ann").blocked == {"stated: nothing longer than two hours": 3}
        assert len(shown(engine, "bob")) == len(FILMS), "nobody else's"
        [said] = engine.profile("ann").statements
        assert said.limits == ("= nothing longer than two hours: runtime <= 120",)
        assert "= nothing longer than two hours: runtime <= 120" in str(engine.profile("ann"))
        profile = engine.profile("ann")
        assert Profile.from_dict(profile.to_dict()) == profile
        engine.edit("ann", op="undo")
        assert len(shown(engine)) == len(FILMS)
        assert not engine.profile("ann").statements


def test_the_last_one_on_a_side_counts_and_a_request_comes_before_it() -> None:
    with opened() as engine:
        engine.tell("ann", "my budget is 10 dollars")
        assert shown(engine) == {"Heat", "Some Like It Hot"}
        engine.tell("ann", "预算改到13块以内")
        assert shown(engine) == {"Heat", "Some Like It Hot", "Alien"}
        engine.tell("ann", "nothing shorter than two hours")
        assert shown(engine) == {"Heat", "Some Like It Hot"}, "one about another field stands beside it"
        assert shown(engine, request="up to 20 dollars today") == {"Heat", "Some Like It Hot", "Dune"}
        engine.edit("ann", op="undo", undoes=engine.profile("ann").statements[1].id)
        assert shown(engine) == {"Heat", "Some Like It Hot"}, "the older one is back"


def test_it_ends_where_an_end_was_said() -> None:
    with opened() as engine:
        engine.tell("ann", "tonight nothing longer than two hours", time=NOW)
        assert shown(engine, at=NOW + 3600) == {"Alien", "Dunkirk"}
        assert len(shown(engine, at=NOW + DAY)) == len(FILMS)


@pytest.mark.parametrize(
    "text",
    [
        "I like films under two hours",
        "我喜欢两小时以内的电影",
        "I'm a fan of films from the nineties",
        "a rating above 4",
    ],
)
def test_what_is_only_liked_shuts_nothing_out(text: str) -> None:
    with opened() as engine:
        engine.tell("ann", text)
        assert len(shown(engine)) == len(FILMS)


@pytest.mark.parametrize(
    "text",
    [
        "I only watch films under two hours",
        "I don't like films over two hours",
        "只看两小时以内的",
        "以后别推荐两小时以上的电影",
    ],
)
def test_what_is_a_rule_shuts_out(text: str) -> None:
    with opened() as engine:
        engine.tell("ann", text)
        assert shown(engine) == {"Alien", "Dunkirk"}


def test_words_and_limits_of_one_statement_stand_and_fall_together() -> None:
    with opened() as engine:
        engine.add_items([Item(id="It", text="It", paths=(("Horror",),), fields={"runtime": 90, "price": 1})])
        engine.tell("ann", "no more horror, and nothing over two hours")
        assert shown(engine) == {"Alien", "Dunkirk"}
        assert [one.text for one in engine.profile("ann").statements] == ["no more horror", "nothing over two hours"]
        engine.edit("ann", op="undo")
        assert len(shown(engine)) == len(FILMS) + 1


def test_one_that_can_not_be_kept_is_told() -> None:
    with Engine.open(base="movies") as engine:
        engine.add_items([Item(id="Heat", text="Heat", paths=(("Crime",),))])
        engine.tell("ann", "nothing over 20 dollars")
        [said] = engine.profile("ann").statements
        assert said.limits == ("! nothing over 20 dollars: not applied, no item has a price",)
        assert shown(engine) == {"Heat"}


def test_replay_snapshots_history_and_merges_know_it(tmp_path: Path) -> None:
    path = tmp_path / "films.db"
    with opened(path) as engine:
        engine.tell("guest", "nothing from the nineties, nothing over two hours")
        engine.edit("guest", "Drama", "more")
        engine.merge("guest", "ann")
        line = engine.profile("ann").statements
        assert shown(engine) == {"Alien", "Dunkirk"}
        assert [one.limits for one in engine.profile("ann", at=None).statements] == [one.limits for one in line]
    with opened(path) as engine:  # from its snapshot
        assert shown(engine) == {"Alien", "Dunkirk"}
        assert engine.verify()
        assert engine.profile_then("ann", engine.version).statements[0].limits == line[0].limits
        engine.forget("ann")
        assert not engine.model.world.wishes.of


def test_a_limit_that_a_later_one_replaced_is_not_shown_as_one_that_holds() -> None:
    with Engine.open(base="shop") as engine:
        engine.add_items([Item(id="tea", text="tea", paths=(("tea",),), fields={"price": 30.0})])
        for said in ("nothing over 20 dollars", "nothing over 50 dollars"):
            engine.tell("ann", said)
        assert [one.limits for one in engine.profile("ann").statements] == [
            ("~ nothing over 20 dollars: replaced by what was said later",),
            ("= nothing over 50 dollars: price <= 50",),
        ]
        assert [one.item for one in engine.recommend("ann")] == ["tea"]
        engine.edit("ann", op="undo")
        assert [one.limits for one in engine.profile("ann").statements] == [("= nothing over 20 dollars: price <= 20",)]
        assert not engine.recommend("ann")
