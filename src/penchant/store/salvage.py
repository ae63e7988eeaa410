"""Reading what is whole in a damaged catalogue, into a new one."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penchant.errors import StoreError
from penchant.store.connections import Connections
from penchant.store.faults import named
from penchant.store.versions import prepare

LONGEST_TEAR = 1 << 30  # bytes missing at the end that are made up with zeroes
STRIDE = 1024  # numbers read at once; halved around damage
COPIED = ("tombstone", "meta", "vector")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What `salvage` found: entries copied, and the ranges of numbers (first, last) in which some couldn't be read."""

    entries: int
    damaged: list[tuple[int, int]]


def salvage(path: str | Path, target: str | Path) -> Salvaged:
    """Copy every entry that can be read, with its number, into a new catalogue; tombstones, meta and vectors too.

    Args:
        path: the damaged catalogue; only read.
        target: a file that doesn't exist yet.

    Raises:
        StoreError: nothing at all can be read, or the target exists.
    """
    path, target = Path(path).resolve(), Path(target).resolve()
    if target.exists():
        raise StoreError(f"{target} exists", fix="give the name of a new file")
    if not path.is_file():
        raise StoreError(f"{path} doesn't exist", fix="give the path of a catalogue")
    part = target.with_name(f"{target.name}.part")
    connections = Connections(target)
    try:
        with connections.alone() as connection:
            prepare(connection, target, read_only=False)
        with named(path):
            _duplicate(path, part)
            with closing(sqlite3.connect(part)) as source:
                return _copy(path, source, connections.raw)
    except BaseException:
        connections.close()
        target.unlink(missing_ok=True)
        raise
    finally:
        connections.close()
        for leftover in (part, Path(f"{part}-wal"), Path(f"{part}-shm")):
            leftover.unlink(missing_ok=True)


def _duplicate(path: Path, part: Path) -> None:
    """A copy to work on, so that the damaged file stays as it is, with a torn end made up (SQLite wants it whole)."""
    shutil.copyfile(path, part)
    beside = Path(f"{path}-wal")
    if beside.exists():
        shutil.copyfile(beside, f"{part}-wal")
    with part.open("r+b") as file:
        header = file.read(32)
        size = int.from_bytes(header[16:18], "big")
        length = (65536 if size == 1 else size) * int.from_bytes(header[28:32], "big")
        actual = part.stat().st_size
        if header.startswith(b"SQLite format 3") and actual < length <= actual + LONGEST_TEAR:
            file.truncate(length)


def _copy(path: Path, source: sqlite3.Connection, raw: sqlite3.Connection) -> Salvaged:
    last = _last(source)
    damaged: list[tuple[int, int]] = []
    entries = 0
    raw.execute("BEGIN IMMEDIATE")
    for rows in _ranges(source, 1, last, damaged):
        raw.executemany("INSERT OR IGNORE INTO log VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        entries += len(rows)
    if damaged and not entries:
        raise StoreError(f"{path}: no entry of the log can be read", fix="restore a backup")
    raw.execute("DELETE FROM sqlite_sequence WHERE name = 'log'")
    raw.execute("INSERT INTO sqlite_sequence VALUES ('log', ?)", (last,))
    _copy_rest(source, raw)
    raw.execute("COMMIT")
    return Salvaged(entries, damaged)


def _last(source: sqlite3.Connection) -> int:
    """The highest number in the log, from whichever places can still be read."""
    found: list[int] = []
    fault: sqlite3.DatabaseError | None = None
    for query in (
        "SELECT seq FROM sqlite_sequence WHERE name = 'log'",
        "SELECT max(seq) FROM log NOT INDEXED",
        "SELECT max(seq) FROM log INDEXED BY log_type",
    ):
        try:
            found += [row[0] or 0 for row in source.execute(query)]
        except sqlite3.DatabaseError as error:
            fault = error
    if not max(found, default=0) and fault is not None:
        raise fault
    return max(found, default=0)


def _ranges(
    source: sqlite3.Connection, first: int, last: int, damaged: list[tuple[int, int]]
) -> Iterator[list[tuple[Any, ...]]]:
    """Rows by ranges of numbers; a range that can't be read is halved until what is lost is a single number."""
    todo = [(start, min(start + STRIDE - 1, last)) for start in range(first, last + 1, STRIDE)][::-1]
    while todo:
        low, high = todo.pop()
        try:
            query = "SELECT seq, type, id, user, item, time, body FROM log WHERE seq BETWEEN ? AND ? ORDER BY seq"
            rows = source.execute(query, (low, high)).fetchall()
            for row in rows:
                json.loads(row[6])
            yield rows
        except (sqlite3.DatabaseError, ValueError, TypeError):
            if low < high:
                middle = (low + high) // 2
                todo += [(middle + 1, high), (low, middle)]
            elif damaged and damaged[-1][1] == low - 1:
                damaged[-1] = (damaged[-1][0], low)
            else:
                damaged.append((low, low))


def _copy_rest(source: sqlite3.Connection, raw: sqlite3.Connection) -> None:
    """Tombstones with their salt, meta and vectors, as far as they can be read."""
    steps: list[Callable[[], object]] = []
    for table in COPIED:
        width = len(raw.execute(f"SELECT * FROM {table} LIMIT 0").description)
        marks = ", ".join("?" * width)
        steps.append(
            lambda table=table, marks=marks: raw.executemany(
                f"INSERT OR IGNORE INTO {table} VALUES ({marks})", source.execute(f"SELECT * FROM {table}")
            )
        )
    steps.append(
        lambda: raw.executemany(
            "UPDATE catalogue SET value = ? WHERE name = 'salt'",
            source.execute("SELECT value FROM catalogue WHERE name = 'salt'").fetchall(),
        )
    )
    for step in steps:
        with suppress(sqlite3.DatabaseError):
            step()
