"""The state is a fold over the log: batches, restarts, snapshots and replays change no bit."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lives import T0, BagOfWords, Open, assert_same, films, stream
from penchant import Engine, Event
from penchant.errors import ConfigError, EncoderMismatch
from penchant.interest.model import Model
from penchant.interest.replay import catch_up

lives = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def replayed(engine: Engine) -> Model:
    model = Model(engine.settings, engine._book)
    catch_up(model, engine.store, engine.encoder.id)
    return model


@lives
@given(cuts=st.lists(st.integers(0, 120), max_size=4), seed=st.integers(0, 50))
def test_observe_many_is_looped_observe(cuts: list[int], seed: int) -> None:
    events = stream(120, seed=seed)
    one = Engine.open(base="movies", encoder=BagOfWords())
    many = Engine.open(base="movies", encoder=BagOfWords())
    with one, many:
        for engine in (one, many):
            engine.add_items(films())
        for event in events:
            one.observe(event)
        edges = [0, *sorted(cuts), len(events)]
        for first, last in itertools.pairwise(edges):
            many.observe_many(events[first:last])
        assert_same(one, many)


def test_replay_from_nothing_gives_the_same_bits(opened: Open) -> None:
    engine = opened(items=films())
    engine.observe_many(stream())
    engine.tell("u1", "no more horror")
    engine.edit("u2", "Comedy", "more")
    engine.merge("u3", into="u4")
    engine.retire("f9")
    engine.add_items(films(70)[50:])
    engine.observe_many(stream(40, seed=9))
    assert engine.verify()


@lives
@given(stops=st.lists(st.tuples(st.integers(1, 150), st.booleans()), max_size=3), seed=st.integers(0, 20))
def test_snapshot_and_tail_is_whole_replay(
    tmp_path_factory: pytest.TempPathFactory, stops: list[tuple[int, bool]], seed: int
) -> None:
    path = tmp_path_factory.mktemp("lives") / "catalogue.db"
    events = stream(150, seed=seed)
    whole = Engine.open(base="movies", encoder=BagOfWords())
    whole.add_items(films())
    whole.observe_many(events)
    engine = Engine.open(path, "movies", encoder=BagOfWords())
    engine.add_items(films())
    done = 0
    for stop, snapshot in sorted(stops):
        engine.observe_many(events[done:stop])
        done = max(done, stop)
        if snapshot:
            engine.save()
        engine.store.close() if not snapshot else engine.close()
        engine = Engine.open(path, encoder=BagOfWords())
    engine.observe_many(events[done:])
    assert_same(whole, engine)
    engine.close()
    whole.close()


def test_a_changed_setting_rebuilds_the_state(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    first = opened(path, items=films())
    first.observe_many(stream())
    first.close()
    changed = Engine.open(path, "movies", {"learn": {"eta_i": 0.3}}, encoder=BagOfWords())
    fresh = Engine.open(":memory:", "movies", {"learn": {"eta_i": 0.3}}, encoder=BagOfWords())
    with changed, fresh:
        fresh.add_items(films())
        fresh.observe_many(stream())
        for name, array in fresh.model.states().items():
            assert array.tobytes() == changed.model.states()[name].tobytes(), name


def test_other_rules_open_from_the_snapshot_and_change_no_bit(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    engine = opened(path, items=films())
    engine.observe_many(stream())
    before = engine.recommend("u1", n=10)
    states = {name: array.copy() for name, array in engine.model.states().items()}
    version = engine.version
    engine.close()
    rules = [{"action": "block", "path": ["Horror"]}, {"action": "boost", "path": ["War"], "amount": 0.5}]
    settings = engine.settings.model_dump(mode="json")
    ruled = opened(path, settings=settings | {"policy": settings["policy"] | {"rules": rules}})
    assert ruled.snapshot_version >= version > 0
    now = ruled.model.states()
    assert now.keys() == states.keys()
    assert all(now[name].tobytes() == states[name].tobytes() for name in states)
    after = {one.item: one for one in ruled.recommend("u1", n=10)}
    assert not any(path[0] == "Horror" for item in after for path in ruled.item(item).paths)
    both = [(one, after[one.item]) for one in before if one.item in after]
    assert both
    for old, new in both:
        boost = [part for part in new.explanation.parts if part.level == "policy"]
        assert new.score == pytest.approx(old.score + 0.5 * bool(boost), abs=1e-12)
        assert [p for p in new.explanation.parts if p not in boost] == list(old.explanation.parts)
    assert ruled.verify()
    ruled.close()
    repeating = opened(path, settings=settings | {"policy": {"repeats": True, "rules": rules}})
    assert repeating.snapshot_version == 0  # what may come again is learned from: rebuilt
    assert repeating.verify()


def test_rules_that_can_not_be_read_never_reach_the_log(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    engine = opened(path, items=films(5))
    settings = engine.settings.model_dump(mode="json")
    engine.close()
    with pytest.raises(ConfigError, match="limit"):
        opened(path, settings=settings | {"policy": {"rules": [{"action": "cap", "path": ["War"]}]}})
    assert len(opened(path).recommend("u1", n=3)) == 3


def test_late_events_and_a_clock_that_goes_back(opened: Open) -> None:
    engine = opened(items=films())
    engine.observe_many(stream())
    now = engine.now
    engine.observe(Event(user="u1", item="f3", kind="like", time=T0 - 86_400 * 400))
    engine.observe(Event(user="u1", item="f4", kind="like", time=T0 + 1.0))
    assert engine.now == now
    history = engine.model.asker(engine.model.user("u1"), engine.now).times
    assert list(history) == sorted(history)
    assert engine.verify()


def test_another_encoder_is_refused(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    opened(path, items=films()).close()

    class Other(BagOfWords):
        id = "other"

    with pytest.raises(EncoderMismatch, match="bag-of-words-64"):
        Engine.open(path, encoder=Other())


def test_asking_changes_nothing(opened: Open) -> None:
    engine = opened(items=films())
    engine.observe_many(stream())
    before = {name: array.tobytes() for name, array in engine.model.states().items()}
    meta = engine.model.meta()
    for user in ("u1", "u2", "stranger", ""):
        engine.recommend(
            user, 5, "a funny film, no war", filters="year > 1970", context={"device": "tv"}, diversity="mmr"
        )
        engine.recommend(user, history=[{"item": "f5", "kind": "like"}], exploration=1.0)
        engine.profile(user or "x")
        engine.explain(user=user, item="f3")
    engine.similar("f1")
    engine._journal.flush()
    assert meta == engine.model.meta()
    assert before == {name: array.tobytes() for name, array in engine.model.states().items()}


def test_the_larger_the_catalogue_the_rarer_a_snapshot(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", {"snapshot_every": 100}, items=films(60))
    assert engine.snapshot_interval == 100
    engine.add_items(films(1200))
    assert engine.snapshot_interval == 300
    engine.save()
    begun = engine.version
    engine.observe_many(stream(250, items=1200))
    engine.observe_many(stream(60, seed=1, items=1200))
    engine.close()
    kept = [snapshot.seq for snapshot in opened(tmp_path / "c.db", {"snapshot_every": 100}).store.snapshots()]
    assert not [seq for seq in kept if begun < seq < begun + 300], "none before the interval is over"
