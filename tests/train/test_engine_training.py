"""A trained sequence model is an entry of the log: replayed, kept, listed, and unlearned when someone is forgotten."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lives import T0, BagOfWords, Open, films, opened, stream  # noqa: F401 - opened is a fixture
from penchant import Engine, Event
from penchant.errors import ConfigError, Refused
from penchant.interest.evidence.sequence import Sequence
from penchant.trust.erase import settle

pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
SMALL: dict[str, Any] = {"dim": 8, "inner": 8, "epochs": 1, "device": "cpu", "negatives": 20}


def sequence_of(engine: Engine) -> Sequence:
    found = next(e for e in engine.model.evidences if e.name == "sequence")
    assert isinstance(found, Sequence)
    return found


def test_it_counts_at_once_and_replays_to_the_same_bits(opened: Open) -> None:  # noqa: F811
    engine = opened(items=films())
    engine.observe_many(stream())
    rows = engine.model.world.catalogue.live()
    asker = engine.model.asker(engine.model.user("u1"), engine.now)
    assert not sequence_of(engine).values(asker, rows).any()
    assert all(p.name != "sequence" for r in engine.recommend("u1") for p in r.explanation.parts)
    told: list[int] = []
    version = engine.train_sequence(**SMALL, progress=lambda epoch: told.append(epoch.number))
    assert told == [1]
    assert (version.evidence, version.epochs, version.version) == ("sequence", 1, engine.version)
    assert sequence_of(engine).values(asker, rows).std() > 0
    answer = engine.recommend("u1")
    assert any(p.name == "sequence" for r in answer for p in r.explanation.parts)
    for r in answer:
        assert sum(p.value for p in r.explanation.parts) == pytest.approx(r.score, abs=1e-9)
    engine.observe_many(stream(60, seed=3))
    engine.add_items(films(70)[55:])  # new ones, known by their vectors alone, and changed ones
    engine.observe_many(stream(60, seed=4, items=70))
    assert engine.verify()
    assert engine.trained() == [version]
    asker = engine.model.asker(engine.model.user("u1"), engine.now)
    assert np.isfinite(sequence_of(engine).values(asker, engine.model.world.catalogue.live())).all()


def test_a_snapshot_and_its_tail_is_the_whole_replay(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    engine = Engine.open(path, "movies", encoder=BagOfWords())
    engine.add_items(films())
    engine.observe_many(stream())
    engine.train_sequence(**SMALL)
    engine.save()
    engine.observe_many(stream(40, seed=5))
    engine.store.close()  # as if it had died
    with Engine.open(path, encoder=BagOfWords()) as again:
        again.add_items(films(65)[60:])
        again.observe_many(stream(20, seed=6, items=65))
        assert again.verify()


def test_a_new_fit_turns_it_with_the_space(opened: Open) -> None:  # noqa: F811
    engine = opened(items=films(30))
    engine.observe_many(stream(items=30))
    engine.train_sequence(**SMALL)
    asker = engine.model.asker(engine.model.user("u1"), engine.now)
    rows = np.arange(30, dtype=np.int32)
    before, fitted = sequence_of(engine).values(asker, rows), engine.model.fitted
    engine.add_items(films(400)[30:])
    assert engine.model.fitted != fitted
    after = sequence_of(engine).values(engine.model.asker(engine.model.user("u1"), engine.now), rows)
    assert np.corrcoef(before, after)[0, 1] > 0.9
    assert engine.verify()


def test_trained_again_the_older_one_stays_until_someone_is_forgotten(opened: Open, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "c.db"
    engine = opened(path, items=films())
    engine.observe_many(stream())
    clean = engine.forget("u6")
    assert clean.wait(30)
    assert clean.is_clean
    first = engine.train_sequence(**SMALL)
    second = engine.train_sequence(**SMALL)
    assert engine.trained() == [first, second]
    engine.observe_many([e for e in stream(40, seed=2) if e.user != "u6"])
    receipt = engine.forget("u5")
    assert receipt.wait(30)
    assert receipt.places["trained evidence"].clean_at is None
    assert engine.trained() == [first, second]
    third = engine.train_sequence(**SMALL)
    for worker in engine._workers:
        worker.join()
    assert engine.trained() == [third]
    assert all(r.is_clean for r in engine.receipts())
    assert engine.verify()
    # the state is that of a log which held neither the user nor the older trainings
    body = next(iter(engine.records(types=["trained"]))).body
    engine.close()
    assert len(path.read_bytes().split(body["weights"]["ids"]["f32"].encode())) == 2
    with Engine.open(path, encoder=BagOfWords()) as again:
        assert again.trained() == [third]


def test_a_user_forgotten_during_the_training_undoes_it(opened: Open) -> None:  # noqa: F811
    engine = opened(items=films())
    engine.observe_many(stream())
    with pytest.raises(Refused, match="forgotten during the training"):
        engine.train_sequence(**SMALL, progress=lambda epoch: engine.forget("u2") and None)
    assert engine.trained() == []


def test_a_training_that_meets_an_erasure_is_refused_or_owed(opened: Open) -> None:  # noqa: F811
    engine = opened(items=films())
    engine.observe_many(stream())
    over = threading.Event()
    outcome: list[object] = []

    def train() -> None:
        try:
            outcome.append(engine.train_sequence(**SMALL, progress=lambda epoch: over.set()))
        except Refused as error:
            outcome.append(error)

    forgetter, trainer = threading.Thread(target=engine.forget, args=("u2",)), threading.Thread(target=train)
    with engine._saving:  # both come up to the log, and whichever is first must leave nothing for the other to miss
        forgetter.start()
        while not engine.receipts():
            time.sleep(0.001)
        trainer.start()
        assert over.wait(60)
    forgetter.join(60)
    trainer.join(60)
    for worker in engine._workers:
        worker.join()
    (receipt,) = engine.receipts()
    if isinstance(outcome[0], Refused):
        assert engine.trained() == []
        assert receipt.is_clean
    else:
        assert engine.trained() == outcome
        assert receipt.places["trained evidence"].clean_at is None
        settle(engine.store)
        assert not engine.receipts()[0].is_clean
    later = engine.train_sequence(**SMALL)
    for worker in engine._workers:
        worker.join()
    assert engine.trained() == [later]
    assert engine.receipts()[0].is_clean
    assert engine.verify()


def test_events_meanwhile_are_kept(opened: Open) -> None:  # noqa: F811
    engine = opened(items=films())
    engine.observe_many(stream())
    seen = engine.version
    late = Event(user="u1", item="f3", kind="like", time=T0 + 1e6)
    version = engine.train_sequence(**SMALL, progress=lambda epoch: engine.observe(late) and None)
    assert version.seen_until <= seen < engine.version
    assert engine.now == T0 + 1e6
    assert engine.verify()


def test_refusals(opened: Open, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(Refused, match="nothing to train on"):
        opened(items=films()).train_sequence(**SMALL)
    without = opened(settings={"evidence": ["popular"]}, items=films())
    without.observe_many(stream())
    with pytest.raises(ConfigError, match=r"not in use; open with settings=.*sequence"):
        without.train_sequence(**SMALL)
    path = tmp_path / "c.db"
    opened(path, items=films()).close()
    with pytest.raises(Refused, match="only reads"):
        opened(path, read_only=True).train_sequence(**SMALL)
