"""A torn file under an engine: a cut write-ahead log costs the last groups at most, and the state is the log's."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from lives import BagOfWords, assert_same, films, stream
from penchant import Engine
from penchant.errors import StoreError

EVENTS = stream(120)
GROUP = 6
PAGE = 4096


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a process that was killed during an import leaves: a database and its write-ahead log."""
    folder = tmp_path_factory.mktemp("left")
    engine = Engine.open(folder / "live.db", "movies", encoder=BagOfWords())
    engine.add_items(films())
    engine.observe_many(EVENTS[:30])
    engine.save()
    engine.store._connections.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[attr-defined]
    for first in range(30, len(EVENTS), GROUP):
        engine.observe_many(EVENTS[first : first + GROUP])
    for name in ("", "-wal"):
        shutil.copy(f"{folder}/live.db{name}", f"{folder}/left.db{name}")
    engine.store.close()
    return folder / "left.db"


def copied(left: Path, to: Path) -> Path:
    for name in ("", "-wal"):
        shutil.copy(f"{left}{name}", f"{to}{name}")
    return to


def is_a_beginning(path: Path) -> int:
    """How many events are there, which must be the first of the stream, group by group, learned once."""
    with Engine.open(path, encoder=BagOfWords()) as engine:
        logged = [event.id for event in engine.events()]
        assert logged == [event.id for event in EVENTS[: len(logged)]]
        assert (len(logged) - 30) % GROUP == 0, "no part of a group"
        assert engine.model.learned == len(logged)
        assert engine.verify()
        # it goes on where it is
        assert engine.observe_many(EVENTS).duplicates == len(logged)
        with Engine.open(base="movies", encoder=BagOfWords()) as whole:
            whole.add_items(films())
            whole.observe_many(EVENTS)
            assert_same(whole, engine)
    return len(logged)


def test_nothing_torn_is_everything(left: Path, tmp_path: Path) -> None:
    assert is_a_beginning(copied(left, tmp_path / "c.db")) == len(EVENTS)


@pytest.mark.parametrize("seed", range(6))
def test_a_cut_write_ahead_log_costs_the_last_groups_only(left: Path, tmp_path: Path, seed: int) -> None:
    path = copied(left, tmp_path / "c.db")
    wal = Path(f"{path}-wal")
    draw = random.Random(seed)
    os.truncate(wal, draw.randrange(wal.stat().st_size))
    assert 30 <= is_a_beginning(path) < len(EVENTS)


def test_a_torn_last_page_of_the_write_ahead_log(left: Path, tmp_path: Path) -> None:
    path = copied(left, tmp_path / "c.db")
    with Path(f"{path}-wal").open("r+b") as file:
        file.seek(-PAGE // 2, os.SEEK_END)
        file.write(b"\x00" * (PAGE // 2))
    assert is_a_beginning(path) == len(EVENTS) - GROUP


def test_a_torn_database_is_told_in_one_line(left: Path, tmp_path: Path) -> None:
    path = copied(left, tmp_path / "c.db")
    Path(f"{path}-wal").unlink()
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StoreError, match="damaged") as caught:
        Engine.open(path, encoder=BagOfWords())
    assert "\n" not in str(caught.value)
    assert "salvage" in str(caught.value)
    with pytest.raises(StoreError):  # and again: nothing is left open or locked
        Engine.open(path, encoder=BagOfWords())
