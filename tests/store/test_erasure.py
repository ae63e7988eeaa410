"""Forgetting reaches the bytes of the files."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from penchant.errors import StoreError
from penchant.records import Draft
from penchant.store import Snapshot, SqliteStore

USER, WORDS = "anastasia-7f3a", "my-most-private-wish"


def traces(folder: Path) -> list[str]:
    """Files that hold a byte string of the user."""
    needles = [USER.encode(), WORDS.encode(), USER.encode("utf-16-le")]
    return [file.name for file in folder.iterdir() if any(needle in file.read_bytes() for needle in needles)]


def live(store: SqliteStore, seed: int) -> None:
    """A life of a catalogue: rows in random order, so that pages split and leave copies behind; one user among many."""
    draw = random.Random(seed)
    for round in range(40):
        batch = [
            Draft("event", 0.0, {"text": "x" * draw.randrange(300)}, user=f"u{draw.random()}", item=f"i{draw.random()}")
            for _ in range(40)
        ]
        batch += [
            Draft(
                "utterance", 0.0, {"text": f"{WORDS} {'y' * draw.choice([5, 9000])}"}, id=f"{USER}/{round}", user=USER
            ),
            Draft("event", 0.0, {"by": USER}, user=USER, item=f"i{draw.random()}"),
        ]
        draw.shuffle(batch)
        store.append(batch)
    store.put_vectors("one", {USER: np.ones(4, np.float32), "kept": np.ones(4, np.float32)})
    store.save_snapshot(Snapshot(5, {"users": [USER]}, {"ids": np.frombuffer(USER.encode(), np.uint8)}))


@pytest.mark.parametrize("seed", range(3))
def test_no_byte_is_left(tmp_path: Path, seed: int) -> None:
    with SqliteStore(tmp_path / "a.db") as store:
        live(store, seed)
        assert traces(tmp_path)
        others = [entry for entry in store.entries() if entry.user != USER]
        store.block(USER)
        erased = store.erase(USER, vectors={"one": [USER]})
        assert (erased.log, erased.vectors, erased.snapshots) == (80, 1, 1)
        assert traces(tmp_path) == []
        assert list(store.entries()) == others
        assert store.is_blocked(USER)
        assert store.check() == []
        store.append([Draft("event", 0.0, user="bob")])
    assert traces(tmp_path) == []
    with SqliteStore(tmp_path / "a.db") as store:
        assert store.last_seq() == 40 * 42 + 1
        assert store.is_blocked(USER)


def test_deleting_alone_would_leave_bytes(tmp_path: Path) -> None:
    """Why `erase` rewrites the file: this is what SQLite keeps without that, even with secure_delete."""
    with SqliteStore(tmp_path / "a.db") as store:
        live(store, 0)
    with closing(sqlite3.connect(tmp_path / "a.db")) as raw:
        raw.execute("DELETE FROM log WHERE user = ?", (USER,))
        raw.commit()
    assert traces(tmp_path)


def test_a_tombstone_tells_nothing(tmp_path: Path) -> None:
    from hashlib import sha256

    digests: set[bytes] = set()
    for name in ("a.db", "b.db"):
        with SqliteStore(tmp_path / name) as store:
            store.block(USER)
            digests |= {row[0] for row in store._connections.raw.execute("SELECT digest FROM tombstone")}
    assert traces(tmp_path) == []
    assert len(digests) == 2  # each catalogue has its own salt
    assert sha256(USER.encode()).digest() not in digests


def test_an_erasure_that_was_held_up_is_finished_later(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a.db") as store, closing(sqlite3.connect(tmp_path / "a.db")) as other:
        live(store, 0)
        store._connections.raw.execute("PRAGMA busy_timeout = 20")
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM log").fetchone()  # keeps the old pages alive
        with pytest.raises(StoreError, match=r"rows are gone, but their bytes are still in the file: .*is being read"):
            store.erase(USER, vectors={})
        assert list(store.entries(user=USER)) == []
        assert traces(tmp_path)
        assert store.check() == ["1 erasures are not finished: open the catalogue for writing"]
        other.execute("ROLLBACK")
    with SqliteStore(tmp_path / "a.db") as store:
        assert traces(tmp_path) == ["a.db"]  # the vector, which was not asked for
        assert store.check() == []
        store.erase("nobody", vectors={"one": [USER]})
        assert traces(tmp_path) == []
