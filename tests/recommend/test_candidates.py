"""Candidates of a large catalogue: every source brings its own, only what may be shown, and never too few."""

from __future__ import annotations

import pytest

from lives import Open, films, stream
from penchant import Engine, Item

LARGE = {"exact_below": 100, "candidates": 300}


@pytest.fixture
def engine(opened: Open) -> Engine:
    items = [item.model_copy(update={"fields": {"price": k}}) for k, item in enumerate(films(1200))]
    engine = opened(settings=LARGE, items=items)
    engine.observe_many(stream(200, items=1200))
    return engine


def gathered(engine: Engine, user: str | None = "u1") -> set[str]:
    row = None if user is None else engine.model.user(user)
    rows = engine._ranker.candidates.gather(engine.model, engine.model.asker(row, engine.now))
    assert sorted(set(rows.tolist())) == rows.tolist()
    return {engine.model.world.catalogue.rows.ids[row] for row in rows}


def test_a_small_part_is_looked_at(engine: Engine) -> None:
    assert 20 < len(gathered(engine)) < 600
    assert gathered(engine, None)


def test_what_is_gone_is_not_brought_and_what_is_new_is(engine: Engine) -> None:
    some = sorted(gathered(engine))[:2]
    engine.retire(some[0])
    engine.delete(some[1])
    assert not set(some) & gathered(engine)
    horror = next(item for item in films() if ["Horror"] in [list(p) for p in item.paths])
    found = engine.recommend("u1", 30, horror.text + " zebraword")
    engine.add_items([Item(id="new", text=horror.text + " zebraword", paths=horror.paths)])
    assert "new" not in {r.item for r in found}
    assert "new" in {r.item for r in engine.recommend("u1", 30, horror.text + " zebraword")}


@pytest.mark.parametrize(("rule", "expected"), [("price == 1111", 1), ("price < 15", 10), ("price > 5000", 0)])
def test_a_narrow_filter_finds_what_there_is(engine: Engine, rule: str, expected: int) -> None:
    answer = engine.recommend("nobody yet", 10, filters=rule)
    assert len(answer) == expected
    for r in answer:
        assert engine.item(r.item).fields["price"] in (range(15) if expected == 10 else (1111,))


def test_a_long_list_is_as_long_as_was_asked(engine: Engine) -> None:
    answer = engine.recommend("u1", 1000)
    assert len({r.item for r in answer}) == 1000


def test_a_node_that_is_asked_for_is_brought(engine: Engine) -> None:
    c = engine.model.world.taxonomy.categories.get("Romance")
    assert c is not None
    plain = engine.model.asker(None, engine.now)
    candidates = engine._ranker.candidates
    rows = set(candidates.gather(engine.model, plain, nodes=[(c, -1)]).tolist())
    more = rows - set(candidates.gather(engine.model, plain).tolist())
    assert more
    assert all(c in engine.model.world.catalogue.place(row).categories for row in more)


def test_the_first_by_popularity_are_those_of_all_at_any_time(engine: Engine) -> None:
    popular = next(evidence for evidence in engine.model.evidences if evidence.name == "popular")
    catalogue = engine.model.world.catalogue
    for part in range(4):
        asker = engine.model.asker(None, engine.now)
        counts = popular.values(asker, catalogue.live())
        expected = sorted(counts[counts > 0], reverse=True)[:20]
        found = popular.values(asker, popular.candidates(asker, 20))
        assert found.tolist() == pytest.approx(expected)
        engine.observe_many(stream(600, seed=part + 1, items=1200))
        engine.retire(catalogue.rows.ids[popular.candidates(asker, 1)[0]])


def test_all_are_looked_at_once_where_few_were_had(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(settings=LARGE, items=films(1200))
    engine.observe_many(stream(10, items=1200))
    popular = next(evidence for evidence in engine.model.evidences if evidence.name == "popular")
    asked: list[int] = []
    look_anew = popular._look_anew
    monkeypatch.setattr(popular, "_look_anew", lambda most: asked.append(most) or look_anew(most))
    asker = engine.model.asker(None, engine.now)
    for _ in range(3):
        popular.candidates(asker, 20)
    assert asked == [20]
