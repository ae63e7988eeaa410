"""Drift in an engine: noticed, told, learned faster from, and part of the state like everything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lives import GENRES, T0, BagOfWords, Open, assert_same
from penchant import Engine, Event, Item
from penchant.config import Learn
from penchant.errors import MissingExtra
from penchant.interest.continual import drift as module

WATCHED = {
    "learn": {"drift": True, "drift_delta": 0.002, "boost": 10.0, "boost_for": 50},
    "evidence": ["popular"],
}
CALM = 1200


def shelf() -> list[Item]:
    """Films of one genre each, told by their words."""
    return [Item(id=f"f{k}", text=f"{GENRES[k % 6]} film {k}", paths=[[GENRES[k % 6]]], time=T0) for k in range(60)]


def life(change: bool = True, user: str = "u") -> list[Event]:
    """Everybody stays with a genre of theirs; after a while, if there is a change, what they take is any film."""
    found: list[Event] = []
    for k in range(CALM + 400):
        who = k % 12
        genre = who % 3 if k < CALM or not change else (k + k // 12) % 6
        item = f"f{genre + 6 * (k // 12 % 10)}"
        found.append(Event(id=f"e{k}", user=f"{user}{who}", item=item, kind="like", time=T0 + 60.0 * k))
    return found


@pytest.fixture
def river() -> None:
    pytest.importorskip("river", reason="the extra drift is not installed")


def test_nothing_is_watched_unless_it_is_asked_for(opened: Open) -> None:
    engine = opened(items=shelf())
    engine.observe_many(life()[:50])
    assert engine.overview().drifts is None
    assert not [name for name in engine.model.states() if name.startswith("drifts.")]


def test_without_river_the_setting_is_refused_and_never_reaches_the_log(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.db"
    opened(path, items=shelf()).close()
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"penchant\[drift\]"):
        opened(path, {"learn": {"drift": True}})
    assert opened(path).settings.learn == Learn()


@pytest.mark.usefixtures("river")
def test_a_change_is_noticed_and_told_and_without_one_nothing_is(opened: Open) -> None:
    calm, changed = opened(settings=WATCHED, items=shelf()), opened(settings=WATCHED, items=shelf())
    calm.observe_many(life(change=False))
    changed.observe_many(life())
    told = calm.overview().drifts
    assert told is not None
    assert not [one for one in told if one.after > one.before]
    seen = [one for one in changed.overview().drifts or () if one.after > one.before]
    assert seen
    for one in seen:
        assert one.category in GENRES
        assert one.learned > CALM
        assert one.time == T0 + 60.0 * (one.learned - 1)
        assert 0 <= one.before < one.after <= 1
        assert 0 <= one.left < 50


@pytest.mark.usefixtures("river")
def test_from_the_event_on_that_shows_a_change_steps_are_larger(opened: Open) -> None:
    same = {**WATCHED, "learn": {"drift": True, "drift_delta": 0.002, "boost": 1.0}}
    fast, even = opened(settings=WATCHED, items=shelf()), opened(settings=same, items=shelf())
    events, k = life(), CALM
    fast.observe_many(events[:k])
    before = fast.model.world.heads.W_C.copy()
    while not any(one.left for one in fast.overview().drifts or ()):
        before = fast.model.world.heads.W_C.copy()
        fast.observe(events[k])
        k += 1
    even.observe_many(events[: k - 1])
    assert even.model.world.heads.W_C.tobytes() == before.tobytes(), "until then nothing is changed"
    even.observe(events[k - 1])
    large, small = (np.linalg.norm(engine.model.world.heads.W_C - before) for engine in (fast, even))
    assert large > 2 * small > 0


@pytest.mark.usefixtures("river")
def test_it_is_part_of_the_state_bit_for_bit(tmp_path: Path) -> None:
    whole = Engine.open(":memory:", "movies", WATCHED, encoder=BagOfWords())
    whole.add_items(shelf())
    whole.observe_many(life())
    path = tmp_path / "c.db"
    for first, last in ((0, CALM + 30), (CALM + 30, CALM + 200), (CALM + 200, CALM + 400)):
        with Engine.open(path, "movies", WATCHED, encoder=BagOfWords()) as engine:
            if not first:
                engine.add_items(shelf())
            engine.observe_many(life()[first:last])
    with Engine.open(path, encoder=BagOfWords()) as engine:
        assert engine.snapshot_version == engine.version
        assert engine.overview().drifts == whole.overview().drifts
        assert_same(whole, engine)
        assert engine.verify()
    whole.close()


@pytest.mark.usefixtures("river")
def test_forgetting_leaves_the_drifts_of_a_log_that_never_had_them(opened: Open) -> None:
    with_them, without = opened(settings=WATCHED, items=shelf()), opened(settings=WATCHED, items=shelf())
    events = life()
    with_them.observe_many(events)
    without.observe_many([event for event in events if event.user != "u0"])
    assert with_them.forget("u0").wait(60)
    assert with_them.overview().drifts == without.overview().drifts
