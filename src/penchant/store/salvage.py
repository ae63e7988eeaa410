"""Reading what is whole in a damaged catalogue, into a new one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penchant.errors import StoreError
from penchant.store.connections import Connections
from penchant.store.faults import named
from penchant.store.schema import prepare

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
    connections = Connections(target)
    try:
        with connections.alone() as connection:
            prepare(connection, target, read_only=False)
        with named(path), closing(_open(path)) as source:
            last = _last(source)
            damaged: list[tuple[int, int]] = []
            entries = 0
            connections.raw.execute("BEGIN IMMEDIATE")
            for rows in _ranges(source, 1, last, damaged):
                connections.raw.executemany("INSERT OR IGNORE INTO log VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
                entries += len(rows)
            connections.raw.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'log'", (last,))
            _copy_rest(source, connections.raw)
            connections.raw.execute("COMMIT")
        return Salvaged(entries, damaged)
    finally:
        connections.close()


def _open(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise StoreError(f"{path} doesn't exist", fix="give the path of a catalogue")
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)


def _last(source: sqlite3.Connection) -> int:
    """The highest number in the log, from whichever place can still be read."""
    for query in ("SELECT seq FROM sqlite_sequence WHERE name = 'log'", "SELECT max(seq) FROM log"):
        with suppress(sqlite3.DatabaseError):
            found = source.execute(query).fetchone()
            if found and found[0]:
                return int(found[0])
    source.execute("SELECT count(*) FROM log").fetchone()  # raises if the tables themselves are lost
    return 0


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
        except (sqlite3.DatabaseError, ValueError):
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
