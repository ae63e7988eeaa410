"""Looking back: what changed a profile, and the tree as it stood at a version."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lives import GENRES, T0, BagOfWords, Open, films, stream
from penchant import Engine, Event, Profile
from penchant.errors import Refused, UnknownId

steps = st.lists(
    st.sampled_from(["like", "skip", "say", "more", "never", "undo", "guest", "merge", "other", "reset"]), max_size=14
)


def _play(engine: Engine, step: str, k: int) -> None:
    time = T0 + 60.0 * k
    match step:
        case "like" | "skip":
            engine.observe(Event(user="ann", item=f"f{5 * k % 60}", kind=step, time=time))
        case "guest":
            engine.observe(Event(user="guest", item=f"f{7 * k % 60}", kind="like", time=time))
        case "other":
            engine.observe(Event(user="bob", item=f"f{k % 60}", kind="like", time=time))
        case "say":
            engine.tell("ann", f"i like {GENRES[k % 6]}", time=time)
        case "undo":
            if engine.model.world.wishes.of.get(
                engine.model.user("ann") if engine.model.user("ann") is not None else -1
            ):
                engine.edit("ann", op="undo", time=time)
        case "reset":
            for user in ("ann", "guest")[k % 2 :]:
                if engine.model.user(user) is not None:
                    engine.reset_profile(user)
        case "merge":
            if engine.model.user("guest") is not None:
                engine.merge("guest", "ann")
        case _:
            engine.edit("ann", GENRES[k % 6], "more" if step == "more" else "never", time=time)


def _tree(profile: Profile) -> dict[tuple[str, ...], tuple[float, float, tuple[str, ...]]]:
    return {node.path: (node.share, node.intensity, node.edits) for node in profile.walk()}


@settings(max_examples=25)
@given(steps)
def test_the_latest_version_looked_back_on_is_the_profile(plan: list[str]) -> None:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(films(60))
        for k, step in enumerate(plan):
            _play(engine, step, k)
        then = engine.profile_then("ann", engine.version)
        now = engine.profile("ann", at=then.at)
        assert then.version == engine.version
        ours, theirs = _tree(then), _tree(now)
        assert ours.keys() == theirs.keys()
        for path, (share, intensity, edits) in ours.items():
            assert share == pytest.approx(theirs[path][0], abs=1e-3), path
            assert intensity == pytest.approx(theirs[path][1], abs=1e-3), path
            assert edits == theirs[path][2], path
        assert [s.text for s in then.statements] == [s.text for s in now.statements]


def test_every_change_has_a_version_and_can_be_looked_back_on(opened: Open) -> None:
    engine = opened(items=films(60))
    engine.observe(Event(user="ann", item="f1", kind="like", time=T0, id="one"))
    engine.tell("ann", "no more horror", time=T0 + 1, id="said")
    engine.observe(Event(user="guest", item="f2", kind="like", time=T0 + 2))
    engine.edit("ann", "War", "never", time=T0 + 3, id="edited")
    before = engine.version
    engine.merge("guest", "ann")
    engine.edit("ann", op="undo", undoes="edited", time=T0 + 4)
    changes = engine.changes("ann")
    assert [(c.type, c.what) for c in changes] == [
        ("edit", "undo"), ("merge", "guest"), ("edit", "never"), ("event", "like"), ("utterance", "no more horror"),
        ("event", "like"),
    ]  # fmt: skip
    assert [c.version for c in changes] == sorted((c.version for c in changes), reverse=True)
    assert (changes[2].path, changes[2].id, changes[-1].item) == (("War",), "edited", "f1")
    older = engine.changes("ann", 2, before=changes[1].version)
    assert older == changes[2:4]
    assert engine.profile_then("ann", before).node("War").edits == ("never",)
    assert engine.profile_then("ann", engine.version).node("War").edits == ()
    first = engine.profile_then("ann", changes[-1].version)
    assert first.statements == ()
    assert sum(node.weight for node in first.nodes) < sum(node.weight for node in engine.profile("ann").nodes)
    assert engine.profile_then("ann", 0).is_new


def test_interests_start_over_and_nothing_is_erased(opened: Open) -> None:
    engine = opened(items=films(60))
    engine.observe_many(stream(100))
    engine.tell("u1", "more comedy", time=T0)
    engine.edit("u1", "War", "never", time=T0)
    before, others = engine.profile("u1"), engine.profile("u2").to_dict()
    had = {event.item for event in engine.events() if event.user == "u1" and event.kind in ("view", "like", "rating")}
    shared = {name: a.tobytes() for name, a in engine.model.states().items() if not name.startswith("memory.")}
    was = engine.version
    assert engine.reset_profile("u1", id="once").accepted == 1
    after = engine.profile("u1")
    stranger = engine.profile("nobody")
    assert (after.is_new, after.statements) == (True, ())
    assert _tree(after) == _tree(stranger)
    assert not any(node.events for node in after.walk())
    assert engine.profile("u2").to_dict() == others | {"version": engine.version}
    assert shared == {name: a.tobytes() for name, a in engine.model.states().items() if not name.startswith("memory.")}
    assert not had & {r.item for r in engine.recommend("u1", 60)}, "what they have had is not shown again"
    # again does nothing, nor does a late retry of the same
    assert engine.reset_profile("u1").accepted == 0
    engine.observe(Event(user="u1", item="f3", kind="like", time=T0 + 1e6))
    assert engine.reset_profile("u1", id="once").accepted == 0
    assert not engine.profile("u1").is_new
    assert [note.item for node in engine.profile("u1").nodes for note in node.events][:1] == ["f3"]
    # nothing is erased
    assert engine.profile_then("u1", was).node("War").edits == before.node("War").edits == ("never",)
    assert [c.type for c in engine.changes("u1", 3)] == ["event", "reset", "edit"]
    assert {"event", "utterance", "edit", "reset"} <= {r["type"] for r in engine.export("u1")["records"]}
    assert engine.verify()
    with pytest.raises(UnknownId):
        engine.reset_profile("nobody")


def test_a_guests_reset_is_of_the_guest_until_they_are_merged(opened: Open) -> None:
    engine = opened(items=films(60))
    engine.observe(Event(user="ann", item="f1", kind="like", time=T0))
    engine.observe(Event(user="guest", item="f2", kind="like", time=T0 + 1))
    engine.reset_profile("guest")
    engine.observe(Event(user="guest", item="f3", kind="like", time=T0 + 2))
    engine.merge("guest", "ann")
    assert {note.item for node in engine.profile("ann").walk() for note in node.events} == {"f1", "f3"}
    engine.reset_profile("guest")  # who is ann by now
    assert engine.profile("ann").is_new
    assert engine.profile_then("ann", engine.version).is_new
    assert not {"f1", "f2", "f3"} & {r.item for r in engine.recommend("ann", 60)}


def test_looking_back_changes_nothing(opened: Open) -> None:
    engine = opened(items=films(60))
    engine.observe_many(stream(100))
    engine.tell("u1", "more comedy", time=T0)
    before = {name: array.tobytes() for name, array in engine.model.states().items()}
    said = engine.model.world.wishes.meta()
    for change in engine.changes("u1", 100):
        engine.profile_then("u1", change.version)
    assert {name: array.tobytes() for name, array in engine.model.states().items()} == before
    assert engine.model.world.wishes.meta() == said
    assert engine.verify()


def test_nothing_is_told_of_the_forgotten(opened: Open) -> None:
    engine = opened(items=films(12))
    assert engine.changes("nobody") == []
    engine.observe(Event(user="ann", item="f1"))
    engine.forget("ann").wait(30)
    for look in (lambda: engine.changes("ann"), lambda: engine.profile_then("ann", 99)):
        with pytest.raises(Refused):
            look()
