"""Connections to one SQLite database: one that writes, a pool that reads meanwhile."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import QueuePool, StaticPool

from penchant.errors import StoreError
from penchant.store.faults import named

BUSY_SECONDS = 5.0
PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 4000",  # pages: 16 MB, so that a page written often is copied back once
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -32768",
    "PRAGMA temp_store = FILE",
)


class Connections:
    """The writing connection with its lock, and reading ones.

    ":memory:" (path None) has a single connection, so there a reader waits for the lock.

    Attributes:
        path: the database file, None in memory.
        lock: held by whoever uses `raw` or `writing`.
        raw: the driver's own connection, for the path where every microsecond counts.
    """

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        self.path, self.read_only = path, read_only
        self.lock = threading.RLock()
        self._pid = os.getpid()
        self._closed = False
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

    def check_open(self) -> None:
        """Raise `StoreError` if closed, or carried into another process by a fork."""
        if self._closed:
            raise StoreError("the store is closed", fix="open it anew")
        if os.getpid() != self._pid:
            raise StoreError("the store was opened by another process before a fork", fix="open it anew in this one")

    def check_writable(self) -> None:
        """Raise `StoreError` if closed or open for reading only."""
        self.check_open()
        if self.read_only:
            raise StoreError(f"{self.path} is open for reading only", fix="open it with read_only=False")

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
            # a forked child must not touch its parent's database, not even to close it
            if os.getpid() == self._pid:
                self._main.close()
                self._engine.dispose()
