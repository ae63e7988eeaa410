"""Whole lives: ids of any kind, items that change, guests who become users, people who are forgotten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lives import GENRES, T0, BagOfWords, Open, films, stream
from penchant import Engine, Event, Item
from penchant.errors import InvalidRecord, PenchantError, Refused, UnknownId

AWKWARD = [
    "",
    "🦆🏳️‍🌈",
    "x" * 10_000,
    "'; DROP TABLE log; --",
    "../../etc/passwd",
    "a\x00b",
    "\ud800",
    "\u202egnp",
    " ",
    "%_*",
    "0",
    "null",
]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(user=st.text(max_size=20) | st.sampled_from(AWKWARD), item=st.text(max_size=20) | st.sampled_from(AWKWARD))
@example(user="x" * 1024, item="y" * 1025)
def test_ids_of_any_kind_work_or_are_refused_by_name(user: str, item: str) -> None:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(films(12))
        try:
            engine.add_items([Item(id=item, text="a film", paths=[["Comedy"]])])
            engine.observe(Event(user=user, item=item, kind="like", time=T0))
        except InvalidRecord as error:
            assert error.field in ("item.id", "event.user", "event.item")  # noqa: PT017 - which it is, is drawn
            wanted = item if error.field != "event.user" else user
            assert (
                wanted == "" or "\x00" in wanted or len(wanted.encode("utf-8", "surrogatepass")) > 1024 or _lone(wanted)
            )
            return
        assert engine.recommend(user, 3)
        assert item not in [r.item for r in engine.recommend(user, 13)]
        assert engine.profile(user).user == user
        assert engine.export(user)["records"][0]["item"] == item
        assert engine.explain(user=user, item=item)[0].item == item
        assert engine.forget(user).wait(30)
        with pytest.raises(Refused):
            engine.observe(Event(user=user, item=item))


def _lone(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def by_id(engine: Engine) -> dict[str, Any]:
    """The state with external ids in the place of rows; the taxonomy's rows come from the items and are the same."""
    states, model = engine.model.states(), engine.model
    found: dict[str, Any] = {}
    for name, array in states.items():
        if name.startswith("memory."):
            for row, user in enumerate(model.world.users.ids):
                if model.world.memory.events[row]:
                    found[f"{name} {user}"] = array[row].tobytes()
        else:
            found[name] = array.tobytes()
    found["wishes"] = {model.world.users.ids[int(row)]: wishes for row, wishes in model.world.wishes.meta().items()}
    return found


def test_forget_is_a_log_without_the_user(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    for k, event in enumerate(stream()):
        engine.observe(event)
        if k == 50:
            engine.tell("u2", "the zebraword comedies are mine", id="z1", time=T0)
            engine.tell("u3", "no more horror", id="z2", time=T0)
        if k == 90:
            engine.edit("u2", "Crime", "never", id="z3", time=T0)
            engine.save()
    engine.recommend("u2")
    receipt = engine.forget("u2")
    assert receipt.places["memory"].clean_at is not None
    with pytest.raises(Refused, match="was forgotten"):
        engine.recommend("u2")
    with pytest.raises(Refused, match="was forgotten"):
        engine.observe(Event(user="u2", item="f1"))
    assert receipt.wait(60)
    assert receipt.is_clean, str(receipt)
    with Engine.open(base="movies", encoder=BagOfWords()) as other:
        other.add_items(films())
        for k, event in enumerate(stream()):
            if event.user != "u2":
                other.observe(event)
            if k == 50:
                other.tell("u3", "no more horror", id="z2", time=T0)
        assert by_id(engine) == by_id(other)
    assert set(engine.receipts()[-1].places) >= {
        "log",
        "memory",
        "vectors",
        "snapshots",
        "parameters",
        "trained evidence",
        "backups",
    }
    engine.close()
    for file in tmp_path.iterdir():
        assert b"zebraword" not in file.read_bytes(), file
        assert b'"u2"' not in file.read_bytes(), file
    with Engine.open(tmp_path / "c.db", encoder=BagOfWords()) as again, pytest.raises(Refused):
        again.observe(Event(user="u2", item="f1"))


def test_a_backup_is_listed_on_the_receipt(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    engine.observe_many(stream())
    copy = engine.backup(tmp_path / "copy.db")
    receipt = engine.forget("u1")
    receipt.wait(60)
    assert not receipt.is_clean
    assert str(copy) in receipt.places["backups"].what
    assert json.loads(json.dumps(receipt.to_dict()))["clean"] is False
    with Engine.open(copy, encoder=BagOfWords()) as restored:
        assert restored.export("u1")["records"]


def test_forgetting_nobody_says_so(opened: Open) -> None:
    engine = opened(items=films())
    with pytest.raises(UnknownId, match="nothing is known of user 'eve'"):
        engine.forget("eve")


def test_merge_is_as_if_all_had_been_the_users(opened: Open) -> None:
    engine, single = opened(items=films()), opened(items=films())
    for k in range(20):
        event = Event(user="guest" if k % 2 else "ann", item=f"f{k}", kind="like", time=T0 + 60 * k)
        engine.observe(event)
        single.observe(event.model_copy(update={"user": "ann"}))
    engine.merge("guest", into="ann")
    ours, theirs = engine.model.world.memory, single.model.world.memory
    row, other = engine.model.user("ann"), single.model.user("ann")
    assert row is not None
    assert other is not None
    assert (ours.ring_item[row] == theirs.ring_item[other]).all()
    np.testing.assert_allclose(ours.long[row], theirs.long[other], rtol=1e-5, atol=1e-6)
    assert {r.item for r in engine.recommend("ann", 60)}.isdisjoint({f"f{k}" for k in range(20)})
    engine.observe(Event(user="guest", item="f30", kind="like", time=T0 + 5000))
    assert engine.model.asker(engine.model.user("ann"), engine.now).history[
        -1
    ] == engine.model.world.catalogue.rows.get("f30")
    assert len(engine.export("ann")["records"]) == 23  # 21 events, the merge, the answer
    with pytest.raises(Refused, match="was merged into 'ann'"):
        engine.forget("guest")
    assert engine.forget("ann").wait(60)
    with pytest.raises(Refused):
        engine.observe(Event(user="guest", item="f1"))


def test_items_are_updated_retired_and_deleted(opened: Open) -> None:
    engine = opened(items=films())
    assert engine.add_items(films()).duplicates == 60
    engine.add_items([Item(id="f1", text="Quite another film", paths=[["War"]])])
    assert engine.item("f1").text == "Quite another film"
    row = engine.model.world.catalogue.rows.get("f1")
    assert row is not None
    assert engine.model.world.catalogue.cards[row].version == 2
    assert engine.model.world.catalogue.place(row).categories == (engine.model.world.taxonomy.categories.get("War"),)
    engine.retire("f2")
    assert "f2" not in [r.item for r in engine.recommend("x", 60)]
    engine.add_items([films()[2]])
    assert "f2" in [r.item for r in engine.recommend("x", 60)]
    engine.delete("f3")
    assert "f3" not in [r.item for r in engine.recommend("x", 60)]
    for act in (lambda: engine.add_items([films()[3]]), lambda: engine.observe(Event(user="u", item="f3"))):
        with pytest.raises(Refused, match="'f3' was deleted"):
            act()
    with pytest.raises(UnknownId, match="not in the catalogue"):
        engine.item("f3")
    assert engine.verify()


def test_events_are_learned_when_nothing_is_left_to_recommend(opened: Open) -> None:
    engine = opened(items=films(12))
    answer = engine.recommend("u1", 10)
    engine.observe_many(stream(40, items=12))
    for k in range(12):
        engine.retire(f"f{k}")
    first, last = answer[0].item, answer[9].item
    engine.observe(Event(user="u1", item=last, kind="like", request_id=answer.request_id, time=engine.now))
    engine.observe(Event(user="u1", item=first, kind="view", time=engine.now))
    assert all(np.isfinite(array).all() for name, array in engine.model.states().items() if "blend" in name)
    assert list(engine.recommend("u1", 5)) == []
    assert engine.verify()


def test_duplicates_do_no_harm(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    events = stream(60)
    assert engine.observe_many([*events, *events[:10]]).duplicates == 10
    before = {name: array.tobytes() for name, array in engine.model.states().items()}
    assert engine.observe_many(events).accepted == 0
    assert engine.observe(events[3]).duplicates == 1
    engine.close()
    again = opened(tmp_path / "c.db")
    assert again.observe_many(events).accepted == 0
    assert before == {name: array.tobytes() for name, array in again.model.states().items()}


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"user": "u", "item": "nowhere"}, "item 'nowhere' is not in the catalogue; add it"),
        ({"user": "u", "item": "f1", "time": 10_000_000_000.0}, "event.time: .* is in the future"),
        ({"user": "u", "item": "f1", "time": 1e15}, r"event\.time: .* \(not milliseconds\)"),
        ({"user": "u", "item": "f1", "value": float("nan")}, "event.value: nan"),
        ({"user": "u", "item": "f1", "value": "five"}, "event.value: 'five'"),
        ({"user": "u", "item": "f1", "knd": "like"}, "event.knd: 'like' can't be used; there is no such field"),
        ({"user": 7, "item": "f1"}, "event.user: 7"),
        ({"item": "f1"}, "event.user: None can't be used; give this field"),
        ({"user": "u", "item": "f1", "request_id": "r"}, "event.request_id: there is no answer 'r'"),
    ],
)
def test_bad_events_name_the_field_and_the_fix(opened: Open, bad: dict[str, Any], says: str) -> None:
    engine = opened(items=films(12))
    last = engine.store.last_seq()
    with pytest.raises(PenchantError, match=says):
        engine.observe_many([Event(user="u", item="f2"), bad])
    assert engine.store.last_seq() == last, "nothing half-written"


def test_a_new_category_takes_a_name_or_examples(opened: Open) -> None:
    engine = opened(items=films())
    engine.add_category("Western", examples=["cowboys and horses", "a sheriff", "a duel at noon"])
    assert "Western" in engine.model.world.taxonomy.categories.ids
    space = engine.model.space
    assert space is not None
    x = space.project(engine._book.of(["a sheriff and cowboys"]))[0]
    M_C = engine.model.world.heads.M_C(engine.model.world.taxonomy, x)
    assert engine.model.world.taxonomy.categories.ids[int(np.argmax(M_C))] == "Western"
    assert set(GENRES) < set(engine.model.world.taxonomy.categories.ids)
    assert engine.verify()
