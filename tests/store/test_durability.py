"""Acknowledged means durable: killed writers, full disks, power cuts and damaged files, all of them real."""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from penchant.errors import StoreError
from penchant.records import Draft, Entry
from penchant.store import Snapshot, SqliteStore, salvage

HERE = Path(__file__).resolve().parent
PAGE = 4096


def draft(number: int) -> Draft:
    return Draft(
        "event", float(number), {"text": f"{number} " * 40}, id=f"e{number}", user=f"u{number % 9}", item="dune"
    )


def fill(store: SqliteStore, size: int = 300) -> list[Entry]:
    """Some hundred entries, a few a transaction."""
    for start in range(0, size, 10):
        store.append([draft(number) for number in range(start, start + 10)])
    return list(store.entries())


def test_killed_at_random_moments(tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / "append_until_killed.py"), str(tmp_path / "a.db"), "30", str(random.random())]
    command[-1] = str(random.randrange(1 << 30))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=100, check=False)
    assert done.returncode == 0, f"seed {command[-1]}: {done.stderr}"
    assert int(done.stdout) > 100


# a full disk


@contextmanager
def tiny_disk(folder: Path, mebibytes: int) -> Iterator[None]:
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can't be mounted here (that takes root)")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def append_until_full(store: SqliteStore) -> tuple[int, StoreError]:
    """How many single appends were acknowledged, and what ended them."""
    for number in range(100_000):
        try:
            store.append([Draft("event", 0.0, {"text": "x" * 3000}, id=f"n{number}")])
        except StoreError as error:
            return number, error
    raise AssertionError("the disk never filled")


def test_full_disk(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    with tiny_disk(folder, 6):
        ballast = folder / "ballast"
        ballast.write_bytes(b"x" * (2 << 20))
        with SqliteStore(folder / "a.db") as store:
            store.save_snapshot(Snapshot(0, {"whole": True}, {"a": np.ones(10)}))
            count, error = append_until_full(store)
            assert str(folder / "a.db") in str(error)
            assert "MiB free" in str(error)
            assert "free space" in error.fix
            assert len(list(store.entries())) == count > 10  # what was acknowledged, and nothing else
            with pytest.raises(StoreError, match="can't grow"):
                store.append([draft(n) for n in range(500)])
            with pytest.raises(StoreError, match="can't grow"):
                store.save_snapshot(Snapshot(1, {}, {"a": np.random.default_rng(0).normal(size=400_000)}))
            with pytest.raises(StoreError, match="can't grow"):
                store.backup(folder / "copy.db")
            assert sorted(path.name for path in folder.iterdir() if "copy" in path.name) == []
            ballast.unlink()
            store.append([Draft("event", 0.0, {"text": "space again"}, id="after")])
            assert [found.meta for found in store.snapshots()] == [{"whole": True}]
            assert store.check() == []
        with SqliteStore(folder / "a.db") as store:
            assert [entry.id for entry in store.entries()] == [*(f"n{number}" for number in range(count)), "after"]


def test_file_size_limit(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with SqliteStore(tmp_path / "a.db") as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
        try:
            count, error = append_until_full(store)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert str(tmp_path / "a.db") in str(error)
        assert error.fix
        assert len(list(store.entries())) == count
        assert store.append([draft(0)])[0].seq == count + 1
        assert store.check() == []


def test_an_open_store_outlives_a_commit_that_fails(tmp_path: Path) -> None:
    """Callers in one group with a full disk all get the error; afterwards all can write again."""
    with SqliteStore(tmp_path / "a.db") as store:
        fill(store, 10)
        store._connections.raw.execute("PRAGMA max_page_count = 12")  # type: ignore[attr-defined]
        errors: list[Exception] = []

        def work(thread: int) -> None:
            try:
                store.append([Draft("event", 0.0, {"text": "x" * 9000}, id=f"{thread}-{n}") for n in range(20)])
            except StoreError as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(errors) == 4
        assert len(list(store.entries())) == 10
        store._connections.raw.execute("PRAGMA max_page_count = 100000")  # type: ignore[attr-defined]
        work(0)
        assert len(errors) == 4
        assert [entry.seq for entry in store.entries()] == list(range(1, 31))


# power cuts: what is on disk at some moment, without the process that wrote it


def copied(source: Path, target: Path) -> Path:
    shutil.copy(source, target)
    if Path(f"{source}-wal").exists():
        shutil.copy(f"{source}-wal", f"{target}-wal")
    return target


def test_power_cut_while_writing(tmp_path: Path) -> None:
    acknowledged = 0
    stop = threading.Event()
    with SqliteStore(tmp_path / "a.db") as store:

        def work() -> None:
            nonlocal acknowledged
            while not stop.is_set():
                store.append([draft(acknowledged)])
                acknowledged += 1

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for number in range(12):
                before = acknowledged
                copy = copied(tmp_path / "a.db", tmp_path / f"{number}.db")
                with SqliteStore(copy) as found:
                    there = [entry.id for entry in found.entries()]
                    assert len(there) >= before
                    assert there == [f"e{n}" for n in range(len(there))]
                    assert found.check() == []
        finally:
            stop.set()
            thread.join()
    assert acknowledged > 12


@pytest.mark.parametrize("damage", ["cut", "garbage at the end", "garbage inside", "gone"])
def test_damaged_write_ahead_file(tmp_path: Path, damage: str) -> None:
    draw = random.Random(damage)
    with SqliteStore(tmp_path / "a.db") as store:
        entries = fill(store)
        for number in range(8):
            copy = copied(tmp_path / "a.db", tmp_path / f"{damage} {number}.db")
            beside = Path(f"{copy}-wal")
            data = beside.read_bytes()
            place = draw.randrange(len(data) // 3, len(data))
            if damage == "cut":
                beside.write_bytes(data[:place])
            elif damage == "garbage at the end":
                beside.write_bytes(data + draw.randbytes(5000))
            elif damage == "garbage inside":
                beside.write_bytes(data[:place] + draw.randbytes(100) + data[place + 100 :])
            else:
                beside.unlink()
            if damage == "gone":  # the tables themselves were only there
                with SqliteStore(copy) as found:
                    assert list(found.entries()) == []
                continue
            with SqliteStore(copy) as found:
                there = list(found.entries())
                assert there == entries[: len(there)]  # up to the last whole commit
                assert len(there) % 10 == 0
                assert len(there) == 300 if damage == "garbage at the end" else 0 < len(there) <= 300
                assert found.check() == []
                assert found.append([Draft("event", 0.0)])[0].seq == len(there) + 1


# damage to the database file itself


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A closed catalogue of one file."""
    path = tmp_path / "sound.db"
    with SqliteStore(path) as store:
        fill(store)
        store.block("forgotten")
        store.set_meta("name", "kept")
        store.put_vectors("one", {"h": np.ones(3, np.float32)})
    assert not Path(f"{path}-wal").exists()
    return path


def what_can_be_read(path: Path) -> tuple[list[Entry], list[str]]:
    """Entries until the first error, and every complaint; each complaint must name the file and a way out."""
    found: list[Entry] = []
    told: list[str] = []
    try:
        with SqliteStore(path) as store:
            told += store.check()
            for entry in store.entries():
                found.append(entry)
    except StoreError as error:
        told.append(f"{error}")
        if str(path) not in str(error) or "salvage" not in error.fix:
            raise
    return found, told


def test_a_page_of_zeroes_anywhere(sound: Path, tmp_path: Path) -> None:
    with SqliteStore(sound) as store:
        entries = list(store.entries())
    data = sound.read_bytes()
    unread = 0
    for page in range(1, len(data) // PAGE):
        copy = tmp_path / f"{page}.db"
        copy.write_bytes(data[: page * PAGE] + bytes(PAGE) + data[(page + 1) * PAGE :])
        found, told = what_can_be_read(copy)
        assert told or found == entries
        assert all(entry in entries for entry in found)
        target = tmp_path / f"{page} saved.db"
        try:
            result = salvage(copy, target)
        except StoreError as error:
            if str(copy) not in str(error):
                raise
            unread += 1
            continue
        with SqliteStore(target) as saved:
            there = {entry.seq: entry for entry in saved.entries()}
            assert len(there) == result.entries
            lost = {seq for first, last in result.damaged for seq in range(first, last + 1)}
            assert {entry.seq: entry for entry in entries if entry.seq not in lost} == there
            assert saved.last_seq() == 300
            assert saved.check() == []
    assert unread <= 3  # roots of the schema or of the log: there a backup is all that helps


@pytest.mark.parametrize("place", [0, 16])
def test_damaged_header(sound: Path, place: int) -> None:
    data = bytearray(sound.read_bytes())
    data[place : place + 84] = b"\xff" * 84
    sound.write_bytes(data)
    found, told = what_can_be_read(sound)
    assert not found
    assert "is damaged" in told[0]


@pytest.mark.parametrize("lost", [1, 2000, PAGE, 3 * PAGE + 17])
def test_torn_end(sound: Path, tmp_path: Path, lost: int) -> None:
    with SqliteStore(sound) as store:
        entries = list(store.entries())
    sound.write_bytes(sound.read_bytes()[:-lost])
    found, told = what_can_be_read(sound)
    assert told or found == entries
    assert all(entry in entries for entry in found)
    result = salvage(sound, tmp_path / "saved.db")
    with SqliteStore(tmp_path / "saved.db") as saved:
        assert len(list(saved.entries())) == result.entries > 200
        assert all(entry in entries for entry in saved.entries())


def test_salvaging_a_sound_catalogue_copies_it(sound: Path, tmp_path: Path) -> None:
    with SqliteStore(sound) as store:
        store.erase("u3", vectors={})
        store.append([draft(1000)])
        entries = list(store.entries())
    target = tmp_path / "saved.db"
    assert salvage(sound, target).damaged == []
    with SqliteStore(target) as saved:
        assert list(saved.entries()) == entries
        assert saved.is_blocked("forgotten")
        assert saved.get_meta("name") == "kept"
        assert saved.get_vectors("one", ["h"]).keys() == {"h"}
        assert saved.append([draft(2000)])[0].seq == entries[-1].seq + 1
    with pytest.raises(StoreError, match="exists"):
        salvage(sound, target)
    with pytest.raises(StoreError, match="doesn't exist"):
        salvage(tmp_path / "nowhere.db", tmp_path / "other.db")


def test_a_damaged_snapshot_is_passed_over(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        store.append([draft(n) for n in range(9)])
        for seq in (1, 2, 3):
            store.save_snapshot(Snapshot(seq, {"seq": seq}, {"a": np.arange(5) + seq, "b": np.zeros(9000)}), keep=3)
        damage: list[Callable[[], object]] = [
            lambda: raw.execute("UPDATE snapshot_array SET data = zeroblob(40) WHERE snapshot = 3 AND name = 'a'"),
            lambda: raw.execute("DELETE FROM snapshot_array WHERE snapshot = 2 AND name = 'b'"),
        ]
        raw = store._connections.raw  # type: ignore[attr-defined]
        for step, left in zip(damage, ([2, 1], [1]), strict=True):
            step()
            assert [found.seq for found in store.snapshots()] == left
        assert [line for line in store.check() if "snapshot after entry" in line] == [
            "the snapshot after entry 2 is damaged and will be passed over",
            "the snapshot after entry 3 is damaged and will be passed over",
        ]
        raw.execute("UPDATE snapshot_array SET data = x'00' WHERE name = 'b'")  # no longer what zlib packed
        raw.execute("UPDATE snapshot SET meta = '{' WHERE id = 1")
        assert list(store.snapshots()) == []


def test_a_damaged_body_names_its_entry(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "a.db")) as store:
        store.append([draft(n) for n in range(3)])
        store._connections.raw.execute("UPDATE log SET body = '{' WHERE seq = 2")  # type: ignore[attr-defined]
        with pytest.raises(StoreError, match="entry 2 of the log is damaged"):
            list(store.entries())
        assert store.check() == ["1 entries have a body that is not JSON"]
