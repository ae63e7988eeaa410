"""A catalogue moves from one database to the other and back, and nothing of it changes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lives import BagOfWords, assert_same, films, stream
from penchant import Engine
from penchant.engine.moving import migrate_store
from penchant.errors import StoreBusy, StoreError
from penchant.records import Draft
from penchant.store import open_store
from postgres import Server


def live(path: str | Path) -> Engine:
    engine = Engine.open(path, "movies", encoder=BagOfWords())
    engine.add_items(films())
    engine.observe_many(stream(150))
    engine.forget("u3").wait(60)
    engine.tell("u1", "no horror, please")
    engine.observe_many(stream(40, seed=2, users=3))
    engine.recommend("u1", 5)
    return engine


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "shop.db"
    live(path).close()
    return path


def test_there_and_back(source: Path, postgres_server: Server, tmp_path: Path) -> None:
    url, back = postgres_server.url(), tmp_path / "back.db"
    before = source.read_bytes()
    steps: list[str] = []
    moved = migrate_store(source, url, progress=lambda what, done, total: steps.append(what))
    assert list(dict.fromkeys(steps)) == ["copying", "replaying", "comparing"]
    assert source.read_bytes() == before
    returned = migrate_store(url, back)
    assert (moved.entries, moved.last_seq, moved.digest) == (returned.entries, returned.last_seq, returned.digest)
    assert moved.version == returned.version == moved.last_seq
    assert moved.to_dict()["source"] == returned.target.replace(str(back), str(source))
    with (
        Engine.open(source, encoder=BagOfWords()) as one,
        Engine.open(url, encoder=BagOfWords()) as two,
        Engine.open(back, encoder=BagOfWords()) as three,
    ):
        for other in (two, three):
            assert_same(one, other)
            assert other.verify()
            assert other.store.check() == []
            assert list(other.records()) == list(one.records())
            assert other.store.is_blocked("u3")
            assert not other.store.is_blocked("u1")
            assert next(other.store.snapshots()).seq == moved.version
            # the numbers go on where they were, whatever was erased at the log's end
            assert other.observe_many(stream(1, seed=7)).version == one.version + 1


def test_numbers_given_are_not_given_again(postgres_server: Server, tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "a.db")) as store:
        store.append([Draft("event", 0.0, user="ann")] * 5)
        store.append([Draft("event", 0.0, user="bob", id="\x00\x01")])
        store.erase("ann", vectors={})
        store.drop_entries([6])
    url = postgres_server.url()
    moved = migrate_store(tmp_path / "a.db", url)
    assert (moved.entries, moved.last_seq, moved.version) == (0, 6, 6)
    migrate_store(url, tmp_path / "b.db")
    for place in (url, tmp_path / "b.db"):
        with closing(open_store(place)) as store:
            assert store.append([Draft("event", 0.0)])[0].seq == 7


def test_what_is_refused(source: Path, postgres_server: Server, tmp_path: Path) -> None:
    url = postgres_server.url()
    with closing(open_store(url)) as store:
        store.set_meta("a", 1)
    with pytest.raises(StoreError, match="is not empty; give a catalogue that isn't there yet"):
        migrate_store(source, url)
    with pytest.raises(StoreError, match="is not empty"):
        migrate_store(url, source)
    with pytest.raises(StoreError, match=r"nowhere\.db doesn't exist"):
        migrate_store(tmp_path / "nowhere.db", url)
    nowhere = postgres_server.url()
    with pytest.raises(StoreError, match="holds no catalogue yet"):
        migrate_store(nowhere, tmp_path / "b.db")
    with pytest.raises(StoreError, match="holds no catalogue yet"):  # nor was one made by asking
        open_store(nowhere, read_only=True)
    with closing(open_store(source)), pytest.raises(StoreBusy):
        migrate_store(source, nowhere)
    with pytest.raises(StoreBusy):
        migrate_store(source, source)


def test_a_copy_that_is_not_the_same_is_told(
    source: Path, postgres_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from penchant.store import copying

    copy_tables = copying.copy_tables

    def carelessly(source, database, target, *rest, **more) -> None:  # type: ignore[no-untyped-def]
        copy_tables(source, database, target, *rest, **more)
        target.exec_driver_sql("UPDATE log SET time = time + 1e-6 WHERE seq = 70")

    monkeypatch.setattr(copying, "copy_tables", carelessly)
    with pytest.raises(StoreError, match="the table log is not what"):
        migrate_store(source, postgres_server.url())
    monkeypatch.undo()

    # the same log, but vectors that are others: the tables say so first, so they are made to agree
    with closing(sqlite3.connect(source)) as raw:
        assert raw.execute("SELECT count(*) FROM vector").fetchone()[0] > 50
    monkeypatch.setattr(copying, "digest", lambda connection, table: "same")

    def otherwise(source, database, target, *rest, **more) -> None:  # type: ignore[no-untyped-def]
        copy_tables(source, database, target, *rest, **more)
        target.exec_driver_sql("UPDATE log SET item = 'f1' WHERE type = 'event' AND item = 'f0'")

    monkeypatch.setattr(copying, "copy_tables", otherwise)
    with pytest.raises(StoreError, match="replays to another state"):
        migrate_store(source, tmp_path / "b.db")


def test_nothing_is_left_of_a_copy_that_was_cut_off(source: Path, postgres_server: Server) -> None:
    url = postgres_server.url()

    def cut(what: str, done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate_store(source, url, progress=cut)
    assert migrate_store(source, url, replay=False).version is None
