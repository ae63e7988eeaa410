"""What the tables' code needs of a database: SQLite's is `Connections`, PostgreSQL's is `PostgresConnections`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Table

from penchant.errors import PenchantError
from penchant.store.schema import escape

NumberedRow = tuple[int, str, "str | None", "str | None", "str | None", float, str]  # seq, then as in commit.Row


class Database(Protocol):
    """Connections to one catalogue's tables: one that writes, under a lock, and others that read meanwhile.

    Attributes:
        name: the catalogue's, for messages; without a password.
        lock: held by whoever uses the writing connection.
        conflict: the driver's error where a number or id is there already.
    """

    @property
    def name(self) -> str: ...

    @property
    def read_only(self) -> bool: ...

    @property
    def lock(self) -> threading.RLock: ...  # type: ignore[valid-type]

    @property
    def conflict(self) -> type[Exception]: ...

    def check_open(self) -> None:
        """Raise `StoreError` if closed, or carried into another process by a fork."""
        ...

    def check_writable(self) -> None:
        """Raise `StoreError` if closed or open for reading only."""
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees all that is committed; each statement its own view."""
        ...

    def moment(self) -> AbstractContextManager[Connection]:
        """A connection that sees the catalogue as it is when this begins, whatever is written meanwhile."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction, durable when the block ends and undone if it raises."""
        ...

    def undo(self) -> None:
        """Roll back what the writing connection has open; the database may have done it already."""
        ...

    def upsert(self, table: Table) -> Any:
        """An INSERT that knows ON CONFLICT."""
        ...

    def insert_rows(self, rows: Sequence[NumberedRow]) -> None:
        """Write these rows to the log, all or none, durable when this returns. The caller holds the lock."""
        ...

    def known(self, ids: Sequence[str]) -> dict[str, int]:
        """Numbers of those ids that are in the log. The caller holds the lock."""
        ...

    def highest(self, connection: Connection) -> int:
        """The highest number that the log has given, whatever was erased since."""
        ...

    def keep_highest(self, connection: Connection, number: int = 0) -> None:
        """Have `highest` be at least this number, and what it is now: to be called before entries are deleted."""
        ...

    def next_snapshot(self, connection: Connection) -> int:
        """A number for a snapshot that none had before."""
        ...

    def scrub(self) -> None:
        """Leave no byte of deleted rows in the database's files."""
        ...

    def fault(self, error: BaseException) -> PenchantError:
        """The error that tells a person what to do about the driver's."""
        ...

    def is_outage(self, error: Exception) -> bool:
        """Whether the error is the database's, whatever was to be written."""
        ...

    def is_lost(self, error: Exception) -> bool:
        """Whether the connection is gone, so that what was being committed may or may not be there."""
        ...

    def revive(self) -> None:
        """Connect and lock anew after a loss; raises `StoreError` if that fails or another writer came between."""
        ...


def escaped(row: NumberedRow) -> NumberedRow:
    """The row with its texts as PostgreSQL holds them.

    Raises:
        ValueError: the time is not a number, which PostgreSQL would take.
    """
    seq, type, id, user, item, time, body = row
    if time != time:
        raise ValueError("time is not a number")
    return seq, type, id and escape(id), user and escape(user), item and escape(item), float(time), body
