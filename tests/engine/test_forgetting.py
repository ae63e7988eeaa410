"""Forgetting while everything else goes on: nothing enters behind it, nothing is kept of it, and a crash is made up."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lives import T0, BagOfWords, Open, films, stream
from penchant import Engine, Event, reembed
from penchant.engine import lives
from penchant.engine.gate import Gate
from penchant.errors import Refused, StoreError
from penchant.store import Snapshot


def held(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The engine's replays wait until this is set."""
    go, replay = threading.Event(), engine._replay

    def later() -> None:
        assert go.wait(30)
        replay()

    monkeypatch.setattr(engine, "_replay", later)
    return go


def test_no_snapshot_is_kept_of_what_is_not_unlearned_yet(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(tmp_path / "c.db", {"snapshot_every": 100}, items=films())
    engine.observe_many(stream())
    go = held(engine, monkeypatch)
    receipt = engine.forget("u1")
    engine.observe_many(stream(seed=8, users=1))  # u0, enough of it for a snapshot
    engine.save()
    assert [*engine.store.snapshots()] == []
    go.set()
    assert receipt.wait(30)
    assert receipt.is_clean
    engine.save()
    kept = [*engine.store.snapshots()]
    assert kept
    assert all("u1" not in snapshot.meta["users"] for snapshot in kept)
    assert engine.verify()


def test_who_is_forgotten_during_a_replay_is_not_in_its_state(
    opened: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    engine.observe_many(stream())
    read, go, catch_up, first = threading.Event(), threading.Event(), lives.catch_up, [True]

    def slowly(*given: object) -> None:
        catch_up(*given)  # type: ignore[arg-type]
        if first and first.pop():
            read.set()
            assert go.wait(30)

    monkeypatch.setattr(lives, "catch_up", slowly)
    saved, save = list[Snapshot](), engine.store.save_snapshot
    monkeypatch.setattr(engine.store, "save_snapshot", lambda snapshot: (saved.append(snapshot), save(snapshot)))
    one = engine.forget("u1")
    assert read.wait(30)
    other = engine.forget("u2")  # the first replay has read their events already
    go.set()
    assert one.wait(30)
    assert other.wait(30)
    assert not {"u1", "u2"} & set(engine.model.world.users.ids)
    assert saved
    assert not [snapshot.seq for snapshot in saved if {"u1", "u2"} & set(snapshot.meta["users"])]
    assert engine.verify()


def test_no_record_enters_behind_its_user_being_forgotten(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(items=films())
    engine.observe_many(stream())
    inside, go, append = threading.Event(), threading.Event(), engine.store.append

    def slowly(drafts: list) -> list:
        if drafts and drafts[0].id == "late":
            inside.set()
            assert go.wait(30)
        return append(drafts)

    monkeypatch.setattr(engine.store, "append", slowly)
    observer = threading.Thread(target=engine.observe, args=(Event(user="u1", item="f1", time=T0, id="late"),))
    observer.start()
    assert inside.wait(30)
    forgetter = threading.Thread(target=engine.forget, args=("u1",))
    forgetter.start()
    forgetter.join(0.2)
    assert forgetter.is_alive(), "it waits for the event that is on its way to the log"
    go.set()
    observer.join(30)
    forgetter.join(30)
    assert [*engine.store.entries(user="u1")] == []
    with pytest.raises(Refused, match="'u1' was forgotten"):
        engine.observe(Event(user="u1", item="f1"))


def test_an_answer_under_way_is_not_logged_behind_it(opened: Open) -> None:
    engine = opened(items=films())
    engine.observe_many(stream())
    write, go = engine._journal._write, threading.Event()

    def slowly(drafts: list) -> object:
        assert go.wait(30)
        return write(drafts)

    engine._journal._write = slowly
    answer, other = engine.recommend("u1", 3), engine.recommend("u2", 3)
    forgetter = threading.Thread(target=engine.forget, args=("u1",))
    engine._journal.flush = lambda: None  # as if it had been given just after the flush
    forgetter.start()
    forgetter.join(30)
    go.set()
    del engine._journal.flush
    engine._journal.flush()
    assert [*engine.store.entries(user="u1")] == []
    assert [e.id for e in engine.records(types=["answer"])] == [f"answer:{other.request_id}"]
    assert answer.request_id != other.request_id


def test_the_same_words_can_be_said_by_another_afterwards(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    engine.tell("u1", "zebraword please")
    assert engine.forget("u1").wait(30)
    engine.tell("u2", "zebraword please")
    engine.store.close()  # no snapshot: what is learned must be in the file
    again = opened(tmp_path / "c.db")
    assert again.profile("u2").statements
    assert again.verify()


def test_saving_and_forgetting_at_once_block_nobody(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    engine.observe_many(stream())
    failed: list[BaseException] = []

    def repeat(act: Callable[[int], object], times: int) -> None:
        try:
            for k in range(times):
                act(k)
        except BaseException as error:
            failed.append(error)

    def talk(k: int) -> None:
        engine.tell("u6", f"more comedy please, word{k}")
        engine.recommend("u6", 3, "a comedy")

    acts: list[tuple[Callable[[int], object], int]] = [
        (lambda k: engine.save(), 15),
        (lambda k: engine.forget(f"u{k}"), 5),
        (lambda k: engine.observe(Event(user="u6", item=f"f{k}", time=T0 + k)), 40),
        (talk, 15),
        (lambda k: engine.add_items([{"id": f"new{k}", "text": f"a new film {k}", "paths": [["War"]]}]), 15),
    ]
    threads = [threading.Thread(target=repeat, args=act, daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "two of them wait for each other"
    assert not failed, failed
    for worker in engine._workers:
        worker.join(60)
    assert engine.verify()
    assert {*engine.model.world.users.ids} == {"u5", "u6"}
    assert len(engine.receipts()) == 5
    assert all(receipt.is_clean for receipt in engine.receipts())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("moment", ["kept", "blocked", "erased", "replaying"])
def test_a_crash_while_forgetting_is_made_up(tmp_path: Path, moment: str) -> None:
    path = tmp_path / "c.db"
    with Engine.open(path, "movies", encoder=BagOfWords()) as engine:
        engine.add_items(films())
        engine.observe_many(stream())
        engine.tell("u1", "zebraword please")
        engine.merge("u2", into="u1")
    child = os.fork()
    if child == 0:
        try:
            engine = Engine.open(path, encoder=BagOfWords())

            def die(*_: object, **__: object) -> None:
                os.kill(os.getpid(), signal.SIGKILL)

            match moment:
                case "kept":
                    engine.store.block = die  # type: ignore[method-assign]
                case "blocked":
                    engine.store.erase = die  # type: ignore[method-assign,assignment]
                case "erased":
                    engine._book.drop = die  # type: ignore[method-assign,assignment]
                case _:
                    engine._replay = die  # type: ignore[method-assign]
            engine.forget("u1").wait(30)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with Engine.open(path, encoder=BagOfWords()) as engine:
        if moment == "kept":  # nobody was blocked yet, and the caller never heard that anybody was
            assert engine.export("u1")["ids"] == ["u1", "u2"]
            assert engine.forget("u1").wait(30)
        for user in ("u1", "u2"):
            with pytest.raises(Refused, match="was forgotten"):
                engine.observe(Event(user=user, item="f1"))
            assert [*engine.store.entries(user=user)] == []
        assert engine.receipts()[-1].is_clean, str(engine.receipts()[-1])
        assert not {"u1", "u2"} & set(engine.model.world.users.ids)
        assert engine.verify()
    for file in tmp_path.iterdir():
        for trace in (b"zebraword", b'"u1"', b'"u2"'):
            assert trace not in file.read_bytes(), (file, trace)


def test_an_erasure_that_failed_is_tried_again(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    engine.observe_many(stream())

    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full", fix="free space")

    monkeypatch.setattr(engine.store, "erase", full)
    with pytest.raises(StoreError, match="full"):
        engine.forget("u1")
    with pytest.raises(Refused, match="was forgotten"):
        engine.recommend("u1")
    monkeypatch.undo()
    assert engine.forget("u1").wait(30)
    assert [*engine.store.entries(user="u1")] == []
    assert engine.verify()
    with pytest.raises(Refused, match="was forgotten"):
        engine.forget("u1")


def test_vectors_of_every_encoder_go(tmp_path: Path) -> None:
    class Longer(BagOfWords):
        id, dim = "longer", 128

    path = tmp_path / "c.db"

    with Engine.open(path, "movies", encoder=BagOfWords()) as engine:
        engine.add_items(films())
        engine.tell("u1", "zebraword please")
        said = next(engine.records(types=["utterance"])).body["clauses"][0]["hash"]
    reembed(path, Longer())

    def holders() -> set[str]:
        with closing(sqlite3.connect(path)) as file:
            return {row[0] for row in file.execute("SELECT encoder FROM vector WHERE hash = ?", (said,))}

    assert holders() == {BagOfWords.id, Longer.id}
    with Engine.open(path, encoder=Longer()) as engine:
        assert engine.forget("u1").wait(30)
    assert holders() == set()


def test_versions_never_go_back(opened: Open, tmp_path: Path) -> None:
    engine = opened(tmp_path / "c.db", items=films())
    engine.observe_many(stream(30, users=2))
    version = engine.observe(Event(user="last", item="f1", time=T0)).version
    assert engine.forget("last").wait(30)
    assert engine.version >= version
    engine.store.drop_snapshots()  # they are a cache
    engine.store.close()
    again = opened(tmp_path / "c.db")
    assert again.recommend("u1").version >= version


def test_the_gate_shuts_when_all_have_passed() -> None:
    gate, order = Gate(), list[str]()
    inside, go = threading.Event(), threading.Event()

    def passes() -> None:
        with gate.passing():
            inside.set()
            assert go.wait(30)
            with gate.passing():  # again, though somebody waits to shut it
                order.append("passed")

    def shuts() -> None:
        with gate.shut():
            order.append("shut")

    one, other = threading.Thread(target=passes), threading.Thread(target=shuts)
    one.start()
    assert inside.wait(30)
    other.start()
    other.join(0.1)
    assert order == []
    go.set()
    one.join(30)
    other.join(30)
    assert order == ["passed", "shut"]
    with gate.passing():
        order.append("open")
    assert order[-1] == "open"
