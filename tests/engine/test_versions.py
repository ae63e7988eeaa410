"""What the model was: listed from the log, compared, and brought back by new records that replay to the same bits."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lives import BagOfWords, Open, films, held, stream
from penchant import Engine, Event, Item, reembed
from penchant.errors import EncoderMismatch, InvalidRecord, Refused
from penchant.interest.evidence.sequence import Sequence as SequenceEvidence
from penchant.interest.sequence.settings import SequenceSettings
from penchant.interest.sequence.weights import Trained
from penchant.records import Draft


class Longer(BagOfWords):
    """Another encoder: twice as many places."""

    id = "bag-of-words-128"
    dim = 128


def trained(engine: Engine, seed: int) -> int:
    """A sequence model of random weights goes to the log as training leaves one; returns its version."""
    rng = np.random.default_rng(seed)
    d, f, dim = 8, 8, engine.model.world.dim
    shapes: dict[str, tuple[int, ...]] = {
        "ids": (3, d), "W_v": (dim, d), "bias": (1, 32), "W_1": (d, f), "b_1": (f,), "W_2": (f, d), "b_2": (d,),
        **dict.fromkeys(("W_q", "W_k", "W_z", "W_o"), (d, d)),
        **{f"{part}_{k}": (d,) for part in "gc" for k in (1, 2, 3)},
    }  # fmt: skip
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    settings = SequenceSettings.read({"dim": d, "inner": f, "heads": 1})
    body = Trained(settings, ["f0", "f1", "f2"], weights, 0.0, 1.0, engine.version, 1).to_body(engine.encoder.id)
    return engine._write([Draft("trained", float(seed), body)]).version


def of_sequence(engine: Engine) -> SequenceEvidence:
    return next(e for e in engine.model.evidences if isinstance(e, SequenceEvidence))


def values(engine: Engine, user: str = "u1") -> np.ndarray[Any, Any]:
    """What the trained sequence model says of 30 items."""
    asker = engine.model.asker(engine.model.user(user), engine.now)
    return of_sequence(engine).values(asker, np.arange(30, dtype=np.int32))


def whats(engine: Engine) -> list[str]:
    return [one.what for one in engine.versions()]


def test_changes_are_listed_with_what_was_before_and_after(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    engine = opened(path, items=films(20))
    engine.observe_many(stream(30, items=20))
    engine.close()
    assert [(one.what, one.summary) for one in engine_versions(opened, path)] == [
        ("settings", "made for movies"), ("fit", "fitted on 20 items"),
    ]  # fmt: skip
    rules = [{"action": "block", "path": ["War"]}]
    settings = {"half_life": {"long": 30}, "policy": {"rules": rules}, "evidence": ["long", "next", "sequence"]}
    engine = opened(path, {"base": "movies", **settings})
    first = trained(engine, 1)
    second = trained(engine, 2)
    *_, changed, one, two = engine.versions()
    assert {f.name: (f.before, f.after) for f in changed.fields}["half_life.long"] == (730.0, 30.0)
    assert "half_life.long: 730 → 30" in changed.summary
    assert 'policy.rules: + {"action": "block", "path": ["War"]}' in changed.summary
    assert "− recent" in changed.summary
    assert [(f.name, f.before, f.after) for t in (one, two) for f in t.fields] == [
        ("sequence", None, first), ("sequence", first, second),
    ]  # fmt: skip
    engine.add_items(films(400)[20:])
    assert engine.versions()[-1].what == "fit"
    assert engine.versions()[-1].summary.startswith("fitted on 400 items; induced.Comedy: + ")
    numbers = [one.version for one in engine.versions()]
    assert numbers == sorted(numbers)
    assert numbers[-1] <= engine.version


def engine_versions(opened: Open, path: Path) -> list[Any]:
    engine = opened(path)
    found = engine.versions()
    engine.close()
    return found


def test_induced_nodes_are_told(opened: Open) -> None:
    engine = opened(items=[Item(id=f"a{k}", text=f"{'cat' if k % 2 else 'moon rocket'} {k}") for k in range(40)])
    [_, fit] = engine.versions()
    [field] = fit.fields
    assert field.name == "induced."  # the categories themselves
    assert field.before is None
    assert {node.path[0] for node in engine.tree()} <= set(field.after)


def test_a_difference_tells_fields_counts_and_weights_at_hand(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    engine = opened(path, items=films(20))
    engine.observe_many(stream(30, items=20))
    before, weights = engine.version, engine.overview().weights
    engine.close()
    engine = opened(path, {"base": "movies", "half_life": {"long": 30}})
    training = trained(engine, 1)
    engine.observe_many(stream(10, seed=2, items=20, users=9))
    engine.delete("f3")
    found = engine.diff(before)
    assert [(f.name, f.before, f.after) for f in found.settings] == [("half_life.long", 730.0, 30.0)]
    assert found.encoder is None
    assert [(f.name, f.before, f.after) for f in found.trainings] == [("sequence", None, training)]
    counts = {f.name: (f.before, f.after) for f in found.counts}
    assert counts["events"] == (30, 40)
    assert counts["items"] == (20, 19)
    assert counts["users"][1] == engine.overview().users
    assert found.weights is None
    assert engine.diff(engine.version).weights == ()
    engine.store.drop_snapshots()
    steps: list[tuple[int, int]] = []
    replayed = engine.diff(before, weights=True, progress=lambda done, total: steps.append((done, total))).weights
    assert replayed is not None
    assert steps
    told = {f.name: (f.before, f.after) for f in replayed}
    now = engine.overview().weights
    for name, weight in told.items():
        if name.startswith("weight."):
            assert weight == (weights[name[7:]], now[name[7:]])
    assert any(name.startswith("alpha.") for name in told)
    back = engine.diff(engine.version, before)
    assert [(f.name, f.before, f.after) for f in back.settings] == [("half_life.long", 30.0, 730.0)]
    assert str(back).startswith(f"version {engine.version} → {before}\n  half_life.long: 30 → 730\n")


@pytest.mark.parametrize("bad", [0, -1, 10_000, True])
def test_versions_that_are_not_there_are_told_by_field(opened: Open, bad: int) -> None:
    engine = opened(items=films(6))
    last = engine.version
    for field, act in (
        ("diff.before", lambda: engine.diff(bad)), ("diff.after", lambda: engine.diff(1, bad)),
        ("roll_back.version", lambda: engine.roll_back(bad)),
    ):  # fmt: skip
        with pytest.raises(InvalidRecord, match=f"{field}: .* give a version from 1 to {last}$") as told:
            act()
        assert "\n" not in str(told.value)
    assert engine.version == last


def test_settings_come_back_and_what_was_learned_stays(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    engine = opened(path, {"base": "movies"}, items=films())
    engine.observe_many(stream(60))
    before = engine.version
    engine.close()
    engine = opened(path, {"base": "movies", "half_life": {"long": 3}, "exploration": 0.5})
    later = engine.version
    engine.observe_many(stream(60, seed=2))
    engine.tell("u1", "no war films")
    log = [*engine.store.entries(until=engine.version)]
    steps: list[tuple[int, int]] = []
    done = engine.roll_back(before, progress=lambda done, total: steps.append((done, total)))
    assert (done.accepted, done.version) == (1, engine.version)
    assert steps
    assert engine.settings.half_life.long == 730
    assert engine.settings.exploration == 0
    assert engine.model.learned == 120
    assert engine.profile("u1").statements
    assert [*engine.store.entries(until=log[-1].seq)] == log  # nothing is rewritten
    assert engine.verify()
    last = engine.versions()[-1]
    assert (last.what, last.version) == ("rollback", done.version)
    assert last.summary.startswith(f"back to version {before}: exploration: 0.5 → 0; half_life.long: 3 → 730")
    assert engine.diff(before).settings == ()
    again = engine.roll_back(before)
    assert (again.accepted, again.duplicates, again.version) == (0, 1, done.version)
    engine.observe_many(stream(20, seed=4))
    engine.roll_back(later)  # a roll back can be rolled back
    assert engine.settings.exploration == 0.5
    assert engine.model.learned == 140
    assert engine.verify()
    engine.close()
    engine = opened(path)
    assert engine.settings.half_life.long == 3
    assert engine.verify()


def test_rules_come_back_at_once(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    opened(path, items=films()).close()
    rules = [{"action": "block", "path": ["War"]}]
    engine = opened(path, {"base": "movies", "policy": {"rules": rules}})
    engine.observe_many(stream(20))
    blocked = engine.version
    assert not any(["War"] in [list(p) for p in engine.item(r.item).paths] for r in engine.recommend("u1", n=60))
    engine.roll_back(1)
    steps: list[int] = []
    assert any(["War"] in [list(p) for p in engine.item(r.item).paths] for r in engine.recommend("u1", n=60))
    engine.roll_back(blocked, progress=lambda done, total: steps.append(total))
    assert max(steps, default=0) <= 2  # from a snapshot, not from nothing
    assert not any(["War"] in [list(p) for p in engine.item(r.item).paths] for r in engine.recommend("u1", n=60))
    assert engine.verify()


def test_the_encoder_comes_back(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    engine = opened(path, items=films())
    engine.observe_many(stream(60))
    engine.tell("u1", "more comedy please")
    old = trained(engine, 1)
    before = engine.version
    engine.close()
    reembed(path, Longer())
    engine = opened(path, encoder=Longer())
    assert engine.versions()[-1].summary == "encoder: bag-of-words-64 → bag-of-words-128"
    assert not of_sequence(engine).trained
    engine.add_items(films(70)[60:])
    engine.observe_many(stream(20, seed=2, items=70))
    engine.tell("u2", "no horror at all")
    newer = engine.version
    found = engine.diff(before)
    assert found.encoder is not None
    assert (found.encoder.before, found.encoder.after) == (BagOfWords.id, Longer.id)
    with pytest.raises(EncoderMismatch, match=f"version {before} had encoder bag-of-words-64, not bag-of-words-128"):
        engine.roll_back(before, encoder=Longer())
    assert engine.diff(before, before, weights=True).weights == ()  # the older encoder's vectors are still there
    engine.roll_back(before, encoder=BagOfWords())
    assert engine.encoder.id == BagOfWords.id
    assert engine.verify()
    assert of_sequence(engine).trained
    assert engine.diff(before).trainings == ()
    assert engine.versions()[-1].fields[0].after == BagOfWords.id
    assert engine.diff(before).encoder is None
    assert engine.profile("u2").statements
    assert engine.recommend("u2", request="something with war")
    engine.add_items(films(75)[70:])
    engine.observe_many(stream(20, seed=3, items=75))
    assert engine.verify()
    engine.roll_back(newer, encoder=Longer())
    assert engine.verify()
    assert engine.diff(newer).trainings == ()
    assert old in [t.version for t in engine.trained()]
    engine.close()
    engine = opened(path, encoder=Longer())
    assert engine.verify()
    assert engine.model.learned == 100


def test_words_and_items_that_come_meanwhile_are_in_the_encoder_gone_back_to(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    opened(path, items=films(20)).close()
    reembed(path, Longer())
    engine = opened(path, encoder=Longer())
    engine.observe_many(stream(30, items=20))
    writing: list[threading.Thread] = []

    def write() -> None:
        engine.tell("u1", "nothing with zebras, more comedy")
        engine.add_items([Item(id="late", text="came while all was embedded anew", paths=[["War"]])])

    def meanwhile(done: int, total: int) -> None:
        if not writing:
            writing.append(threading.Thread(target=write))
            writing[0].start()
            writing[0].join(30)

    engine.roll_back(2, encoder=BagOfWords(), progress=meanwhile)
    assert not writing[0].is_alive()
    assert engine.encoder.id == BagOfWords.id
    assert engine.item("late").text
    assert engine.profile("u1").statements
    assert engine.verify()
    assert engine.recommend("u1", request="a comedy")


def test_trainings_come_back_and_go(opened: Open) -> None:
    engine = opened(items=films(30))
    engine.observe_many(stream(60, items=30))
    none = engine.version
    first = trained(engine, 1)
    said = values(engine)
    assert said.std() > 0
    second = trained(engine, 2)
    engine.roll_back(first)
    assert values(engine) == pytest.approx(said)
    assert engine.versions()[-1].summary == f"back to version {first}: sequence: {second} → {first}"
    assert engine.verify()
    assert engine.roll_back(first).duplicates == 1
    engine.roll_back(none)
    assert not of_sequence(engine).trained
    assert not values(engine).any()
    assert engine.verify()
    engine.add_items(films(400)[30:])  # a new fit: another space
    engine.observe_many(stream(20, seed=3, items=400))
    engine.roll_back(first)
    assert np.corrcoef(values(engine), said)[0, 1] > 0.5
    assert engine.verify()
    engine.save()
    assert [t.epochs for t in engine.trained()] == [1, 1, 1, 0, 1]


def test_people_are_answered_meanwhile_and_their_records_are_kept(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    opened(path, items=films()).close()
    engine = opened(path, {"base": "movies", "half_life": {"long": 3}})
    engine.observe_many(stream(60))
    wrote: list[int] = []

    def while_it_replays(done: int, total: int) -> None:
        if not wrote:
            wrote.append(engine.observe(Event(user="new", item="f1", kind="like")).version)
            assert engine.recommend("new", n=3)
            with pytest.raises(Refused, match="another roll back is under way"):
                engine.roll_back(1)

    engine.roll_back(1, progress=while_it_replays)
    assert wrote
    assert engine.model.learned == 61
    assert engine.verify()


def test_who_is_forgotten_meanwhile_is_not_learned_anew(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    opened(path, items=films()).close()
    engine = opened(path, {"base": "movies", "half_life": {"long": 3}})
    engine.observe_many(stream(60))
    receipts: list[Any] = []

    def forget(done: int, total: int) -> None:
        if not receipts:
            receipts.append(engine.forget("u1"))

    engine.roll_back(1, progress=forget)
    assert receipts[0].wait(30)
    assert receipts[0].is_clean
    assert "u1" not in engine.model.world.users.ids
    assert engine.settings.half_life.long == 730
    assert engine.verify()


def test_readers_follow(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    opened(path, items=films()).close()
    writer = opened(path, {"base": "movies", "half_life": {"long": 3}})
    writer.observe_many(stream(60))
    reader = opened(path, read_only=True)
    assert reader.settings.half_life.long == 3
    with pytest.raises(Refused, match="this engine only reads"):
        reader.roll_back(1)
    writer.roll_back(1)
    release, thread = held(writer)  # the writer's own lock is no concern of a reader
    assert reader.refresh() == writer.version
    release.set()
    thread.join()
    assert reader.settings == writer.settings
    for name, array in writer.model.states().items():
        assert array.tobytes() == reader.model.states()[name].tobytes(), name
    assert reader.verify()
