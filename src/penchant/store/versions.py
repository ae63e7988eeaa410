"""The schema version of a catalogue: a new one is made at the newest, an older one is brought up to it."""

from __future__ import annotations

import secrets
from pathlib import Path

from sqlalchemy import Connection, insert, inspect, text

from penchant.errors import StoreError
from penchant.store import schema
from penchant.store.schema import APPLICATION_ID, catalogue, metadata

SCHEMA = "SELECT oid FROM pg_namespace WHERE nspname = current_schema"
UPGRADE = "upgrade penchant (pip install -U penchant)"


def prepare(connection: Connection, name: Path | str | None, *, read_only: bool) -> None:
    """Create the tables of a new catalogue, or bring an older one to this version, in one transaction.

    Raises:
        StoreError: another program's database, a newer schema, or an older one opened for reading only.
    """
    name, newest = name or ":memory:", schema.SCHEMA_VERSION
    is_sqlite = connection.dialect.name == "sqlite"
    version = _of_file(connection, name) if is_sqlite else _of_tables(connection, name)
    if version > newest:
        raise StoreError(f"{name} has schema version {version}, this penchant knows up to {newest}", fix=UPGRADE)
    if version == newest:
        return
    if read_only:
        what = f"has schema version {version}, older than {newest}" if version else "holds no catalogue yet"
        raise StoreError(f"{name} {what}", fix="open it once for writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
    try:
        if version == 0:
            _create(connection, newest)
        else:
            _upgrade(connection, version, newest)
        if is_sqlite:
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.exec_driver_sql(f"PRAGMA user_version = {newest}")
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise


def _create(connection: Connection, newest: int) -> None:
    metadata.create_all(connection, checkfirst=False)
    if connection.dialect.name == "postgresql":
        # vectors are read in thousands and don't get smaller: whole in their row, as far as a page holds it
        connection.exec_driver_sql("ALTER TABLE vector ALTER COLUMN data SET STORAGE EXTERNAL")
        connection.exec_driver_sql("ALTER TABLE vector SET (toast_tuple_target = 8160)")
        connection.exec_driver_sql("ALTER TABLE snapshot_array ALTER COLUMN data SET STORAGE EXTERNAL")
    connection.execute(insert(catalogue).values(name="salt", value=secrets.token_hex(32)))
    _stamp(connection, newest)


def _stamp(connection: Connection, version: int) -> None:
    """Note the version where the migrations look for it."""
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": f"{version:04}"})


def _upgrade(connection: Connection, version: int, newest: int) -> None:
    from penchant.store.migrations import upgrade

    if connection.dialect.name == "sqlite" and "alembic_version" not in inspect(connection).get_table_names():
        _stamp(connection, version)  # made before there were migrations
    upgrade(connection, newest)


def _of_file(connection: Connection, name: Path | str) -> int:
    """The version of an SQLite file, 0 for a new one."""
    version, application = pragma(connection, "user_version"), pragma(connection, "application_id")
    if application != APPLICATION_ID and (version or application or inspect(connection).get_table_names()):
        raise StoreError(f"{name} is a database of another program", fix="give the path of a catalogue or a new one")
    return version


def _of_tables(connection: Connection, name: Path | str) -> int:
    """The version of a PostgreSQL schema, 0 for a new one."""
    there = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = (" + SCHEMA + ")"
    tables = set(connection.exec_driver_sql(there).scalars())
    if "alembic_version" in tables and "catalogue" in tables:
        return int(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
    if tables:
        raise StoreError(f"{name} is a schema of another program", fix="give another ?catalogue=name")
    return 0


def pragma(connection: Connection, name: str) -> int:
    """A whole-number PRAGMA of this database."""
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
