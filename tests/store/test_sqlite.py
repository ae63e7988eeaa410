"""What is particular to the SQLite file: who may open it, its schema, its plans, its errors."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest

from penchant.errors import StoreBusy, StoreError
from penchant.records import Draft
from penchant.store import Snapshot, SqliteStore, open_store


def event(user: str, item: str = "dune") -> Draft:
    return Draft("event", 0.0, {"kind": "view"}, user=user, item=item)


def run(code: str, *arguments: str) -> str:
    """What a Python process of its own prints."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout


# one writer, many readers


def test_one_writer(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with SqliteStore(path) as store:
        with pytest.raises(StoreBusy, match=rf"a\.db is being written to by process {os.getpid()}"):
            SqliteStore(path)
        os.symlink(path, tmp_path / "other name.db")
        with pytest.raises(StoreBusy):
            SqliteStore(tmp_path / "other name.db")
        store.append([event("ann")])
    with SqliteStore(path) as store:
        assert store.last_seq() == 1
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["a.db", "other name.db"]


def test_a_writer_elsewhere_is_named_and_read_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    code = """
        import os, sys
        from penchant.records import Draft
        from penchant.store import SqliteStore
        store = SqliteStore(sys.argv[1])
        for line in sys.stdin:
            store.append([Draft("event", 0.0, user=line.strip())])
            print(os.getpid(), flush=True)
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", textwrap.dedent(code), str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as other:
        assert other.stdin is not None
        assert other.stdout is not None

        def tell(user: str) -> int:
            assert other.stdin is not None
            assert other.stdout is not None
            other.stdin.write(f"{user}\n")
            other.stdin.flush()
            return int(other.stdout.readline())

        pid = tell("ann")
        with pytest.raises(StoreBusy, match=f"process {pid}; close it there, or open it here with read_only=True"):
            SqliteStore(path)
        with SqliteStore(path, read_only=True) as reader, SqliteStore(path, read_only=True) as second:
            assert [entry.user for entry in reader.entries()] == ["ann"]
            tell("bob")
            assert reader.last_seq() == second.last_seq() == 2
            assert [entry.user for entry in reader.entries(after=1)] == ["bob"]
            other.kill()
            other.wait()
        with SqliteStore(path) as store:  # a killed writer leaves no lock behind
            assert store.last_seq() == 2


def test_a_reader_only_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with pytest.raises(StoreError, match="doesn't exist; open it once for writing"):
        SqliteStore(path, read_only=True)
    with SqliteStore(path) as store, SqliteStore(path, read_only=True) as reader:
        store.append([event("ann")])
        assert not reader.is_blocked("ann")
        store.block("ann")
        assert reader.is_blocked("ann")
        for call in (
            lambda: reader.append([event("bob")]),
            lambda: reader.block("bob"),
            lambda: reader.set_meta("a", 1),
            lambda: reader.save_snapshot(Snapshot(0, {}, {})),
            lambda: reader.erase("ann", vectors={}),
        ):
            with pytest.raises(StoreError, match="open for reading only"):
                call()
        assert reader.check() == []
        reader.backup(tmp_path / "copy.db")
        with SqliteStore(tmp_path / "copy.db") as copy:
            assert copy.last_seq() == 1


def test_a_fork_does_not_inherit_the_store(tmp_path: Path) -> None:
    code = """
        import os, sys
        from penchant.errors import StoreError
        from penchant.store import SqliteStore
        store = SqliteStore(sys.argv[1])
        if os.fork() == 0:
            for call in (store.last_seq, lambda: list(store.entries()), lambda: store.set_meta("a", 1)):
                try:
                    call()
                except StoreError as error:
                    print(error, flush=True)
            os._exit(0)
        os.wait()
        store.set_meta("a", 2)
        print(store.get_meta("a"))
    """
    lines = run(code, str(tmp_path / "a.db")).splitlines()
    assert lines == ["the store was opened by another process before a fork; open it anew in this one"] * 3 + ["2"]


# what kind of file it is


def test_paths_of_any_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a b.db", "100%25.db", "what?mode=ro#x.db", "目录.db", "'quoted'.db"):
        with SqliteStore(name) as store:
            store.append([event("ann")])
        assert Path(name).is_file()
        with SqliteStore(tmp_path / name, read_only=True) as store:
            assert store.last_seq() == 1
    for url, path in (("sqlite:///b.db", "b.db"), (f"sqlite:///{tmp_path}/c.db", "c.db"), (Path("d.db"), "d.db")):
        open_store(url).close()
        assert (tmp_path / path).is_file()
    store = open_store("sqlite://")
    store.close()
    assert not list(tmp_path.glob("*memory*"))


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("nowhere/a.db", "create its folder"),
        (".", "is a folder; give the path of a file"),
        ("mysql://localhost/a", "mysql:// is not a kind of store"),
    ],
)
def test_paths_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, complaint: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match=complaint):
        open_store(path)
    assert list(tmp_path.iterdir()) == []


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    text, foreign = tmp_path / "notes.txt", tmp_path / "photos.db"
    text.write_text("not a database, but long enough to look like one" * 100)
    with closing(sqlite3.connect(foreign)) as raw:
        raw.execute("CREATE TABLE photo (id INTEGER)")
        raw.commit()
    before = text.read_bytes()
    with pytest.raises(StoreError, match="is damaged"):
        SqliteStore(text)
    with pytest.raises(StoreError, match="a database of another program"):
        SqliteStore(foreign)
    assert text.read_bytes() == before
    with closing(sqlite3.connect(foreign)) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("photo",)]


def test_a_newer_schema(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA user_version = 99")
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"has schema version 99, this penchant knows up to 1; upgrade"):
            SqliteStore(path, read_only=read_only)


# how it works inside


def test_files_are_written_through(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        raw = store._connections.raw
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("PRAGMA synchronous").fetchone() == (2,)


def test_look_ups_use_the_short_index() -> None:
    with SqliteStore(":memory:") as store:
        store.append([event("ann")] * 9)
        raw, seen = store._connections.raw, []
        raw.set_trace_callback(seen.append)
        list(store.entries(user="ann", types=["event", "item"], after=3, limit=5, newest_first=True))
        list(store.entries(item="dune", types=["event"]))
        list(store.entries(types=["item"]))
        list(store.entries(after=1))
        store.entry_of("a")
        store.engaged(["ann", "bob"], until=9)
        raw.set_trace_callback(None)
        queries = [line for line in seen if "FROM log" in line]
        plans = [" / ".join(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")) for query in queries]
    expected = [
        "log_user (user=?",
        "log_item (item=?",
        "log_type (type=?",
        "PRIMARY KEY",
        "log_id (id=?",
        "log_user (user=?",
    ]
    assert len(plans) == len(expected)
    for plan, part in zip(plans, expected, strict=True):
        assert part in plan
    assert not [plan for plan in plans[:-1] if "TEMP B-TREE" in plan]  # found in the log's order, not sorted


def test_a_locked_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with SqliteStore(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        store._connections.raw.execute("PRAGMA busy_timeout = 20")
        other.execute("BEGIN IMMEDIATE")
        for call in (lambda: store.append([event("ann")]), lambda: store.append([event("ann")] * 3)):
            with pytest.raises(StoreBusy, match="locked by another program"):
                call()
        with pytest.raises(StoreBusy, match="locked by another program"):
            store.set_meta("a", 1)
        other.execute("ROLLBACK")
        assert store.append([event("ann")])[0].seq == 1


def test_check_finds_what_the_log_rules_out(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        store.append([event("ann")] * 3)
        raw = store._connections.raw
        raw.execute("UPDATE sqlite_sequence SET seq = 2 WHERE name = 'log'")
        raw.execute("INSERT INTO vector VALUES ('one', 'h', x'010203')")
        store.save_snapshot(Snapshot(7, {}, {}))
        assert store.check() == [
            "1 entries have a number above the highest one given",
            "1 vectors are empty or not made of whole float32 numbers",
            "1 snapshots are newer than the log",
        ]


def test_backup_does_not_overwrite_what_is_in_use(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store, SqliteStore(tmp_path / "b.db") as other:
        other.append([event("bob")])
        with pytest.raises(StoreError, match="is the catalogue itself"):
            store.backup(tmp_path / "a.db")
        with pytest.raises(StoreError, match="may be in use"):
            store.backup(tmp_path / "b.db")
        with pytest.raises(StoreError, match="is not a folder; create it"):
            store.backup(tmp_path / "nowhere" / "b.db")
        assert other.last_seq() == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db", "b.db"]


def test_backup_while_writing_goes_on(tmp_path: Path) -> None:
    import threading

    with SqliteStore(tmp_path / "a.db") as store:
        store.append([event(f"u{n}") for n in range(5000)])
        stop = threading.Event()

        def work() -> None:
            while not stop.is_set():
                store.append([event("ann")])

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for number in range(4):
                before = store.last_seq()
                store.backup(tmp_path / f"copy {number}.db")
                after = store.last_seq()
                with SqliteStore(tmp_path / f"copy {number}.db") as copy:
                    assert before <= copy.last_seq() <= after + 1
                    assert len(list(copy.entries())) == copy.last_seq()
                    assert copy.check() == []
        finally:
            stop.set()
            thread.join()
