"""Items by node: the newest, and those engaged with most, kept up with every item and event."""

from __future__ import annotations

import numpy as np
import pytest

from lives import T0, Open, films, stream
from penchant import Engine, Event, Item
from penchant.recommend import members
from penchant.recommend.members import Level, Members

LEVELS: tuple[Level, Level] = ("categories", "dimensions")


@pytest.fixture
def engine(opened: Open) -> Engine:
    return opened(settings={"exact_below": 10}, items=films(300))


def counts(engine: Engine, rows: np.ndarray) -> list[float]:
    return engine.model.world.pairs.count[rows].tolist()


@pytest.mark.parametrize("level", LEVELS)
def test_the_leading_are_those_of_all_at_any_time(
    engine: Engine, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "LEADERS", 20)
    monkeypatch.setattr(members, "SINCE", 7)
    kept = Members(engine.model, level)
    engine._ranker.candidates._members[level] = kept
    shown = engine.model.world.catalogue.shown
    for part in range(6):
        engine.observe_many(stream(120, seed=part, items=300))
        for node in range(6):
            rows = np.flatnonzero((kept.places[:300] == node).any(1) & shown[:300])
            expected = sorted((c for c in counts(engine, rows) if c > 0), reverse=True)[:8]
            found = kept.leading(node, 8)
            assert counts(engine, found) == expected
            assert set(found.tolist()) <= set(rows.tolist())
        engine.retire(engine.model.world.catalogue.rows.ids[kept.leading(part, 1)[0]])
    assert all(len(rows) <= 20 + 7 for rows in kept._leaders.values())
    anew = Members(engine.model, level)
    for node in range(6):
        assert counts(engine, anew.leading(node, 8)) == counts(engine, kept.leading(node, 8))


def test_the_newest_come_last_first_and_only_where_they_stand(engine: Engine) -> None:
    catalogue, taxonomy = engine.model.world.catalogue, engine.model.world.taxonomy
    kept = Members(engine.model, "categories")
    engine._ranker.candidates._members["categories"] = kept
    war, horror = (taxonomy.categories.get(name) for name in ("War", "Horror"))
    assert war is not None
    assert horror is not None
    engine.add_items([Item(id=f"w{k}", text=f"A war film {k}", paths=[["War"]]) for k in range(3)])
    engine.retire("w1")
    assert [catalogue.rows.ids[row] for row in kept.newest(war, 2)] == ["w2", "w0"]
    engine.add_items([Item(id="w2", text="A horror film after all", paths=[["Horror"]])])
    assert catalogue.rows.get("w2") not in kept.newest(war, 50)
    assert [catalogue.rows.ids[row] for row in kept.newest(horror, 1)] == ["w2"]


def test_what_was_liked_by_many_long_ago_is_found_in_a_large_node(opened: Open) -> None:
    """Popular items at the begin of a node of thousands used to be cut off."""
    old = [Item(id=f"old{k}", text=f"War film {k}", paths=[["War"]], time=T0) for k in range(20)]
    new = [Item(id=f"new{k}", text=f"War film {k}", paths=[["War"]], time=T0) for k in range(2500)]
    other = [Item(id=f"other{k}", text=f"Comedy film {k}", paths=[["Comedy"]], time=T0) for k in range(400)]
    engine = opened(settings={"exact_below": 10, "candidates": 120}, items=[*old, *new, *other])
    events = [Event(user=f"u{u}", item=f"other{k}", kind="like", time=T0 + 2 * k) for k in range(300) for u in (k, -k)]
    events += [Event(user=f"u{u}", item=f"old{k}", kind="like", time=T0 + 1000 + k) for k in range(20) for u in (k, 21)]
    engine.observe_many(events)
    row = engine.model.world.taxonomy.categories.get("War")
    assert row is not None
    found = Members(engine.model, "categories").leading(row, 20)
    assert {engine.model.world.catalogue.rows.ids[k] for k in found} == {f"old{k}" for k in range(20)}
    gathered = engine._ranker.candidates.gather(engine.model, engine.model.asker(engine.model.user("u3"), engine.now))
    ids = {engine.model.world.catalogue.rows.ids[k] for k in gathered}
    assert len(ids & {f"old{k}" for k in range(20)}) >= 8
