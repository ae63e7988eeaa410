"""Copying a catalogue's tables from one database to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update

from penchant.errors import StoreError
from penchant.store.backup import put_in_place
from penchant.store.connections import Connections
from penchant.store.database import Database
from penchant.store.schema import catalogue, log, meta, snapshot, snapshot_array, tombstone, vector
from penchant.store.tables import Tables
from penchant.store.versions import prepare

BATCH = 500
WHOLE = (tombstone, meta, vector, log)
Progress = Callable[[int, int], None]


def copy_tables(
    source: Connection,
    database: Database,
    target: Connection,
    target_database: Database,
    *,
    snapshots: bool,
    progress: Progress | None = None,
) -> None:
    """Copy every row into a catalogue that is new, inside its transaction, with the tombstones' salt and the numbers.

    Args:
        source: reads from one moment.
        snapshots: whether to take them along; the state can be made from the log without.
        progress: called with (rows copied, rows in all).
    """
    tables = (*WHOLE, snapshot_array, snapshot) if snapshots else WHOLE
    total = sum(source.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
    done = 0
    for table in tables:
        for rows in _batches(source, table):
            target.execute(insert(table), rows)
            done += len(rows)
            if progress is not None:
                progress(done, total)
    salt = source.execute(select(catalogue.c.value).where(catalogue.c.name == "salt")).scalar_one()
    target.execute(update(catalogue).where(catalogue.c.name == "salt").values(value=salt))
    target_database.keep_highest(target, database.highest(source))
    if snapshots:
        last = source.execute(select(func.max(snapshot.c.id))).scalar() or 0
        while target_database.next_snapshot(target) <= last:
            if target.dialect.name == "sqlite":  # which numbers on from the highest by itself
                break


def _batches(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    size = 1 if table is snapshot_array else BATCH
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=size)
    with source.execute(query) as result:
        for rows in result.mappings().partitions(size):
            yield [dict(row) for row in rows]


def copy_to_file(source: Connection, database: Database, target: Path) -> None:
    """Write the catalogue to an SQLite file, on disk when this returns; an older copy of that name is replaced."""

    def write(part: Path) -> None:
        connections = Connections(part)
        try:
            with connections.alone() as connection:
                prepare(connection, part, read_only=False)
            with connections.writing() as connection:
                copy_tables(source, database, connection, connections, snapshots=True)
            with connections.alone() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        finally:
            connections.close()
            for leftover in (Path(f"{part}-wal"), Path(f"{part}-shm")):
                with suppress(OSError):
                    leftover.unlink(missing_ok=True)

    put_in_place(target, write)


def digest(connection: Connection, table: Table) -> str:
    """SHA-256 over a table's rows, the same in both databases for the same rows."""
    total = sha256()
    for rows in _batches(connection, table):
        for row in rows:
            total.update(repr(tuple(row.values())).encode())
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Copied:
    """What `copy_catalogue` copied: entries of the log, the highest number given, and the log's digest."""

    entries: int
    last_seq: int
    digest: str


def copy_catalogue(source: Tables, target: Tables, progress: Progress | None = None) -> Copied:
    """Copy all but the snapshots into a catalogue that holds nothing, whole or not at all, and compare.

    The target's store knows nothing of it: open it anew.

    Args:
        source: open for writing, so that nobody else writes meanwhile.

    Raises:
        StoreError: the target holds something, or what came there is not what left here.
    """
    ours, theirs = source.database, target.database
    with theirs.reading() as connection:
        if theirs.highest(connection) or any(connection.execute(select(table).limit(1)).first() for table in WHOLE):
            raise StoreError(f"{theirs.name} is not empty", fix="give a catalogue that isn't there yet")
    with ours.moment() as connection:
        with theirs.writing() as other:
            copy_tables(connection, ours, other, theirs, snapshots=False, progress=progress)
        with theirs.moment() as other:
            for table in WHOLE:
                if digest(connection, table) != digest(other, table):
                    raise StoreError(
                        f"{theirs.name}: the table {table.name} is not what {ours.name} holds",
                        fix="remove the copy, then try again",
                    )
            entries = other.execute(select(func.count()).select_from(log)).scalar_one()
            return Copied(entries, theirs.highest(other), digest(other, log))
