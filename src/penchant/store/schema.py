"""The tables of a catalogue, its schema version and the steps from one version to the next."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Column, Connection, Double, Index, Integer, LargeBinary, MetaData, Table, Text, insert, inspect

from penchant.errors import StoreError

SCHEMA_VERSION = 1
APPLICATION_ID = 0x504E4348  # "PNCH", so that another program's database is not taken for a catalogue

metadata = MetaData()

# seq comes from the one writer and never repeats: AUTOINCREMENT remembers the highest one, whatever is erased.
log = Table(
    "log",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("id", Text),
    Column("user", Text),
    Column("item", Text),
    Column("time", Double, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)
# Every SQLite index ends with seq, so each of these yields its rows in the log's order.
Index("log_id", log.c.id, unique=True, sqlite_where=log.c.id.is_not(None), postgresql_where=log.c.id.is_not(None))
Index("log_user", log.c.user, sqlite_where=log.c.user.is_not(None), postgresql_where=log.c.user.is_not(None))
Index("log_item", log.c.item, sqlite_where=log.c.item.is_not(None), postgresql_where=log.c.item.is_not(None))
Index("log_type", log.c.type)

vector = Table(
    "vector",
    metadata,
    Column("encoder", Text, primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("data", LargeBinary, nullable=False),  # float32, little-endian
)

# A snapshot exists once its row here does; parts without one are leftovers of a save that was cut off.
snapshot = Table(
    "snapshot",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("meta", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    sqlite_autoincrement=True,
)
snapshot_array = Table(
    "snapshot_array",
    metadata,
    Column("snapshot", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("dtype", Text, nullable=False),
    Column("shape", Text, nullable=False),
    Column("packing", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

tombstone = Table("tombstone", metadata, Column("digest", LargeBinary, primary_key=True), sqlite_with_rowid=False)
meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
# What the store itself needs to know: the salt of the tombstones, an erasure that is not finished.
catalogue = Table("catalogue", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))


def _create(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.execute(insert(catalogue).values(name="salt", value=secrets.token_hex(32)))


# MIGRATIONS[n] takes a catalogue from version n to n + 1, inside one transaction.
MIGRATIONS: dict[int, Callable[[Connection], None]] = {0: _create}


def prepare(connection: Connection, path: Path | None, *, read_only: bool) -> None:
    """Create the tables of a new catalogue, or bring an older one to this version, in one transaction.

    Raises:
        StoreError: another program's database, a newer schema, or an older one opened for reading only.
    """
    name = path or ":memory:"
    version = pragma(connection, "user_version")
    application = pragma(connection, "application_id")
    if application != APPLICATION_ID and (version or application or inspect(connection).get_table_names()):
        raise StoreError(f"{name} is a database of another program", fix="give the path of a catalogue or a new one")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{name} has schema version {version}, this penchant knows up to {SCHEMA_VERSION}",
            fix="upgrade penchant (pip install -U penchant)",
        )
    if version == SCHEMA_VERSION:
        return
    if read_only:
        what = f"has schema version {version}, older than {SCHEMA_VERSION}" if version else "holds no catalogue yet"
        raise StoreError(f"{name} {what}", fix="open it once for writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        for step in range(version, SCHEMA_VERSION):
            MIGRATIONS[step](connection)
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def pragma(connection: Connection, name: str) -> int:
    """A whole-number PRAGMA of this database."""
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
