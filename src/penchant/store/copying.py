"""Copying a catalogue's tables from one database to the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Table, func, insert, select, update

from penchant.store.backup import put_in_place
from penchant.store.connections import Connections
from penchant.store.database import Database
from penchant.store.schema import catalogue, log, meta, snapshot, snapshot_array, tombstone, vector
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


def _batches(source: Connection, table: Table):
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
