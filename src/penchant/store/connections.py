"""Connections to one SQLite database: one that writes, a pool that reads meanwhile."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.pool import QueuePool, StaticPool

from penchant.errors import PenchantError, StoreError
from penchant.store.database import NumberedRow
from penchant.store.faults import named, of_store
from penchant.store.guard import Guard
from penchant.store.schema import log

BUSY_SECONDS = 5.0
PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 4000",  # pages: 16 MB, so that a page written often is copied back once
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -32768",
    "PRAGMA temp_store = FILE",
)
_insert = str(insert(log).compile(dialect=sqlite.dialect(paramstyle="qmark")))
NAMES = 500  # ids in one look-up, well under SQLite's limit on variables


class Connections(Guard):
    """The writing connection with its lock, and reading ones; implements `Database`.

    ":memory:" (path None) has a single connection, so there a reader waits for the lock.

    Attributes:
        path: the database file, None in memory.
        lock: held by whoever uses `raw` or `writing`.
        raw: the driver's own connection, for the path where every microsecond counts.
    """

    conflict = sqlite3.IntegrityError

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        super().__init__(str(path or ":memory:"), read_only=read_only)
        self.path = path
        self.lock = threading.RLock()
        self._engine = self._make_engine()
        try:
            with named(path):
                self._main: Connection = self._engine.connect()
                self.raw = self._driver(self._main)
        except BaseException:
            self._engine.dispose()
            raise

    def _make_engine(self) -> Engine:
        if self.path is None:
            return create_engine("sqlite://", creator=self._connect, poolclass=StaticPool, isolation_level="AUTOCOMMIT")
        return create_engine(
            "sqlite://",
            creator=self._connect,
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=-1,
            isolation_level="AUTOCOMMIT",
        )

    def _connect(self) -> sqlite3.Connection:
        # isolation_level=None: transactions begin and end where this package says so, and nowhere else
        name = f"{self.path.as_uri()}?mode={'ro' if self.read_only else 'rwc'}" if self.path else "file::memory:"
        raw = sqlite3.connect(
            name, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            if not self.read_only and self.path is not None:
                raw.execute("PRAGMA journal_mode = WAL")
            for line in PRAGMAS:
                raw.execute(line)
        except BaseException:
            raw.close()
            raise
        return raw

    @staticmethod
    def _driver(connection: Connection) -> sqlite3.Connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        return raw

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A connection that sees all that is committed; each statement its own view."""
        self.check_open()
        with named(self.path):
            if self.path is None:
                with self.lock:
                    yield self._main
            else:
                with self._engine.connect() as connection:
                    yield connection

    @contextmanager
    def moment(self) -> Generator[Connection]:
        """See `Database.moment`."""
        with self.reading() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """A transaction, durable when the block ends and undone if it raises."""
        self.check_writable()
        with self.lock, named(self.path):
            self.raw.execute("BEGIN IMMEDIATE")
            try:
                yield self._main
                self.raw.execute("COMMIT")
            except BaseException:
                self.undo()
                raise

    @contextmanager
    def alone(self) -> Generator[Connection]:
        """The writing connection outside any transaction, for PRAGMA and VACUUM."""
        self.check_open()
        with self.lock, named(self.path):
            yield self._main

    def undo(self) -> None:
        """Roll back what the writing connection has open; SQLite may have done it already."""
        with suppress(sqlite3.Error):
            if self.raw.in_transaction:
                self.raw.execute("ROLLBACK")

    def upsert(self, table: Table) -> Any:
        """See `Database.upsert`."""
        return upsert(table)

    def insert_rows(self, rows: Sequence[NumberedRow]) -> None:
        """See `Database.insert_rows`."""
        if len(rows) == 1:
            self.raw.execute(_insert, rows[0])  # a transaction of its own
            return
        self.raw.execute("BEGIN IMMEDIATE")
        self.raw.executemany(_insert, rows)
        self.raw.execute("COMMIT")

    def known(self, ids: Sequence[str]) -> dict[str, int]:
        """See `Database.known`."""
        known: dict[str, int] = {}
        for start in range(0, len(ids), NAMES):
            some = ids[start : start + NAMES]
            marks = ",".join("?" * len(some))
            known.update(self.raw.execute(f"SELECT id, seq FROM log WHERE id IN ({marks})", some))
        return known

    def highest(self, connection: Connection) -> int:
        """See `Database.highest`."""
        return self._given(connection, "log")

    def keep_highest(self, connection: Connection, number: int = 0) -> None:
        """See `Database.keep_highest`; AUTOINCREMENT does it, but for a number that came from elsewhere."""
        if number > self.highest(connection):
            connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'log'")
            connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES ('log', ?)", (number,))

    def next_snapshot(self, connection: Connection) -> int:
        """See `Database.next_snapshot`."""
        return self._given(connection, "snapshot") + 1

    @staticmethod
    def _given(connection: Connection, table: str) -> int:
        found = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).scalar()
        return int(found or 0)

    def scrub(self) -> None:
        """Rewrite the file and truncate the write-ahead file.

        SQLite leaves copies of deleted rows behind: in free pages, in the unused part of pages whose rows moved, in
        the write-ahead file. `PRAGMA secure_delete` covers only the first.
        """
        if self.path is None:
            return
        with self.alone() as connection:
            connection.exec_driver_sql("VACUUM")
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            if busy:
                raise StoreError(f"{self.name} is being read", fix="end the long reading in the other program")

    def fault(self, error: BaseException) -> PenchantError:
        """See `Database.fault`."""
        return of_store(error, self.path)

    def is_outage(self, error: Exception) -> bool:
        """See `Database.is_outage`."""
        return isinstance(error, sqlite3.OperationalError)

    def is_lost(self, error: Exception) -> bool:
        """See `Database.is_lost`: a file can't be lost so."""
        return False

    def revive(self) -> None:
        """See `Database.revive`."""
        self.check_open()

    def fresh(self) -> sqlite3.Connection:
        """A driver connection of the caller's own, to be closed by it (files only)."""
        self.check_open()
        return self._connect()

    def close(self) -> None:
        """Close every connection; a second call does nothing."""
        with self.lock:
            if self._closed:
                return
            self._closed = True
            if self._is_ours():
                self._main.close()
                self._engine.dispose()
