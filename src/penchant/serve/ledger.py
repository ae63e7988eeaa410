"""The database beside the catalogues that holds keys and the audit log: SQLite, readable by its owner only."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from sqlalchemy import Engine, MetaData, event
from sqlalchemy import create_engine as connect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from penchant.errors import StoreError

metadata = MetaData()


def open_ledger(path: Path) -> Engine:
    """The database, made if it isn't there, with all tables of `metadata`.

    Raises:
        StoreError: it can't be made or read.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        engine = connect(f"sqlite:///{path}")
        event.listen(engine, "connect", _prepare)
        with engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                if table.info.get("append only"):
                    for act in ("UPDATE", "DELETE"):
                        connection.exec_driver_sql(
                            f"CREATE TRIGGER IF NOT EXISTS {table.name}_no_{act.lower()} BEFORE {act} ON {table.name} "
                            f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
                        )
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}", fix="check the folder and its permissions") from None
    except SQLAlchemyError as error:
        raise StoreError(
            f"{path}: {getattr(error, 'orig', None) or error}", fix="check that it is a file of keys"
        ) from None
    return engine


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
