"""Items retired or deleted leave: tables stay small under churn, and nobody inherits what another item learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lives import T0, Open, films
from penchant import Engine, Event, Item
from penchant.engine.had import Had
from penchant.errors import Refused, UnknownId
from penchant.interest.arrays import Rows
from penchant.interest.evidence.learned import Learned

KEPT = 16


def season(number: int, size: int = 12) -> list[Item]:
    return [
        Item(id=f"s{number}-{k}", text=f"thing {number} {k}", paths=((f"c{k % 3}",),), fields={"price": k}, time=T0)
        for k in range(size)
    ]


def views(number: int, users: int = 5) -> list[Event]:
    rng = np.random.default_rng(number)
    return [
        Event(
            id=f"{number}-{k}", user=f"u{rng.integers(users)}", item=f"s{number}-{rng.integers(12)}", kind="view",
            time=T0 + 1000.0 * number + k,
        )
        for k in range(30)
    ]  # fmt: skip


def churn(engine: Engine, first: int, last: int) -> None:
    """Every season's things are viewed, and retired when the next ones are there; every fourth is deleted."""
    for number in range(first, last):
        engine.add_items(season(number))
        engine.observe_many(views(number))
        for k in range(12 if number else 0):
            (engine.delete if k % 4 == 0 else engine.retire)(f"s{number - 1}-{k}")


def test_tables_stay_small_under_churn_and_nobody_inherits(opened: Open, tmp_path: Path) -> None:
    settings = {"retired_kept": KEPT, "snapshot_every": 100}
    engine = opened(tmp_path / "c.db", settings, items=season(99))
    churn(engine, 0, 15)
    world = engine.model.world
    catalogue = world.catalogue
    assert len(catalogue) <= 12 * 3 + KEPT * 9 // 8, "15 seasons came"
    assert len(catalogue.left) <= KEPT * 9 // 8
    free = np.array([row for row, id in enumerate(catalogue.rows.ids) if not id], np.int32)
    users = len(world.users)
    learned = next(e for e in engine.model.evidences if isinstance(e, Learned))
    for known in (world.memory.ring_item[:users], world.pairs.ids[: len(catalogue)], learned.old):
        assert not np.isin(known, free).any()
    # who engaged with an item that has left is not taken for one who engaged with what has its row now
    mine = {row for row in world.memory.ring_item[:users].ravel().tolist() if row >= 0}
    seen = {entry.item for entry in engine.records(types=["event"])}
    assert {catalogue.rows.ids[row] for row in mine} <= seen
    assert engine.verify()
    assert len({r.item for r in engine.recommend("u1", 24)}) > 10
    engine.save()
    engine.close()
    again = opened(tmp_path / "c.db")
    assert again.verify(), "a state that was loaded goes on just so"
    churn(again, 15, 19)
    assert again.verify()


def test_what_left_is_unknown_and_what_was_deleted_stays_refused(opened: Open) -> None:
    engine = opened(settings={"retired_kept": 1}, items=season(0))
    engine.observe_many(views(0))
    engine.recommend("u1", 3)
    engine.delete("s0-0")
    for k in range(1, 5):
        engine.retire(f"s0-{k}")
    assert [id for id in engine.model.world.catalogue.rows.ids if id] == ["s0-4", *(f"s0-{k}" for k in range(5, 12))]
    for act in (lambda: engine.retire("s0-0"), lambda: engine.add_items(season(0)[:1])):
        with pytest.raises(Refused, match="was deleted"):
            act()
    for act in (lambda: engine.item("s0-1"), lambda: engine.observe(Event(user="u1", item="s0-1", kind="view"))):
        with pytest.raises(UnknownId, match="not in the catalogue"):
            act()
    engine.add_items([Item(id="fresh", text="thing fresh", paths=(("c1",),)), season(0)[1]])
    assert engine.item("s0-1").title == "thing 0 1"
    assert engine.model.world.catalogue.cards[engine.model.world.catalogue.rows.get("s0-1") or 0].version == 1
    shown = {r.item for r in engine.recommend("u1", 20, request="thing fresh", repeats=True)}
    assert shown == {"fresh", "s0-1", *(f"s0-{k}" for k in range(5, 12))}
    assert "fresh" in {r.item for r in engine.recommend("u1", 20)}, "that its row was had before says nothing of it"
    assert [r.item for r in engine.recommend("u1", 1, request='something like "thing fresh"')] != ["fresh"]
    assert engine.verify()


def test_a_new_fit_passes_over_rows_that_are_nobodys(opened: Open) -> None:
    engine = opened(settings={"retired_kept": 0}, items=season(0))
    for k in range(5):
        engine.retire(f"s0-{k}")
    fitted = engine.model.fitted
    engine.add_items(item for number in range(1, 12) for item in season(number))
    assert engine.model.fitted > fitted
    engine.retire("s3-1")
    engine.retire("s4-1")
    assert engine.verify()
    taxonomy = engine.model.world.taxonomy
    assert taxonomy.items_c[: len(taxonomy.categories)].sum() == len(engine.model.world.catalogue.live())


def test_a_guests_row_goes_to_who_comes_next(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", items=films(20))
    engine.observe(Event(user="ann", item="f1", kind="like", time=T0))
    for k in range(30):
        guest = f"guest-{k}"
        engine.observe(Event(user=guest, item=f"f{k % 20}", kind="like", time=T0 + k))
        engine.tell(guest, "no more horror", time=T0 + k)
        if k % 3 == 0:
            engine.reset_profile(guest)
        engine.merge(guest, "ann" if k % 2 == 0 else "bob" if k == 1 else f"guest-{k - 2}")
    model = engine.model
    assert model.world.users.known == 2
    assert len(model.world.users) == 3
    assert engine.export("ann")["ids"] == ["ann", *(f"guest-{k}" for k in range(0, 30, 2))]
    assert engine.export("guest-9")["ids"] == ["bob", *(f"guest-{k}" for k in range(1, 30, 2))]
    assert model.user("guest-8") == model.user("ann")
    engine.observe(Event(user="guest-8", item="f9", kind="like", time=T0 + 99))
    assert model.world.users.known == 2
    engine.merge("guest-8", "bob")  # who is ann by now
    assert len(engine.export("bob")["ids"]) == 32
    engine.observe(Event(user="new", item="f2", kind="like", time=T0 + 100))
    row = model.user("new")
    assert row is not None
    assert (row, model.world.memory.events[row], len(model.world.wishes.of.get(row, ()))) == (0, 1, 0)
    assert set(engine.export("new")["ids"]) == {"new"}
    assert engine.verify()
    engine.close()
    again = opened(tmp_path / "c.db")
    assert len(again.export("bob")["ids"]) == 32
    assert again.verify()
    again.forget("guest-3" if again.model.user("guest-3") is None else "bob").wait(60)
    assert again.model.world.users.ids == ["new"]
    assert not again.model.alias


@given(st.lists(st.tuples(st.sampled_from(["put", "add", "drop"]), st.integers(0, 5), st.integers(0, 9)), max_size=60))
@examples(max_examples=100)
def test_what_was_had_is_kept_up_to_a_number(steps: list[tuple[str, int, int]]) -> None:
    had = Had(users=3, items=8)
    for what, user, item in steps:
        before = had.of(user)
        if what == "put":
            had.put(user, set(range(item)))
        elif what == "add":
            had.add(user, item)
            if before is not None and had.of(user) is not None:
                assert item in (had.of(user) or ())
        else:
            had.drop(user)
        sizes = [len(of) for one in range(6) if (of := had.of(one)) is not None]
        assert len(sizes) <= 3
        assert sum(sizes) == len(had) <= 8
    had.clear()
    assert len(had) == 0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=60))
@examples(max_examples=100)
def test_rows_that_were_given_back_go_out_again_lowest_first(steps: list[tuple[bool, int]]) -> None:
    rows, known = Rows(), dict[str, int]()
    for adds, number in steps:
        id = f"i{number}"
        if adds:
            free = min(set(range(len(known) + 1)) - set(known.values()))
            known.setdefault(id, rows.add(id))
            assert id in known
            assert known[id] == rows.get(id) <= max(free, known[id])
        elif id in known:
            rows.give_back(known.pop(id))
            assert rows.get(id) is None
        again = Rows(rows.ids)
        assert {one: again.get(one) for one in known} == known
        assert len(rows) <= 10
    assert Rows(rows.ids).add("next") == rows.add("next")
