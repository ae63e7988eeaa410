"""What PostgreSQL says when something is wrong, as one line that names the catalogue and the way out."""

from __future__ import annotations

import psycopg
from psycopg import errors as sql

from penchant.errors import InvalidRecord, PenchantError, StoreBusy, StoreError
from penchant.store.faults import origin

LOST = ("08", "57P01", "57P02", "57P03", "57P05")  # beginnings of the SQLSTATEs of a connection's end
STARTING = ("starting up", "in recovery mode", "shutting down", "not yet accepting connections")
REFUSED = ("password", "authentication", "no pg_hba.conf entry", "SSL")
RESTORE = "restore a backup (pg_restore, or penchant migrate-store from a copy)"


def is_lost(error: BaseException) -> bool:
    """Whether the error is a connection's end, or that none could be made."""
    error = origin(error)
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(LOST)


def is_starting(error: BaseException) -> bool:
    """Whether the server is there, but not ready yet."""
    return isinstance(error, psycopg.OperationalError) and any(words in str(error) for words in STARTING)


def said(error: BaseException) -> str:
    """The server's or the driver's own words, in one line."""
    diagnosis = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    text = (diagnosis or str(error)).strip().split("\n", 1)[0].removeprefix("connection is bad: ")
    return text if len(text) <= 200 else text[:197] + "..."


def of_postgres(error: BaseException, name: str) -> PenchantError:
    """The `StoreError`, `StoreBusy` or `InvalidRecord` that tells a person what to do about `error`."""
    error = origin(error)
    if isinstance(error, PenchantError):
        return error
    if isinstance(error, UnicodeEncodeError):
        return InvalidRecord("id", error.object, "give valid Unicode (it holds a lone surrogate)")
    if isinstance(error, sql.ProgramLimitExceeded) and "index row" in str(error):
        return InvalidRecord("id", "a very long text", "give ids of at most 1024 bytes")
    words = said(error)
    match error:
        case sql.DiskFull():
            return StoreError(
                f"{name} can't grow: the server's disk is full ({words})",
                fix="free space on it, then try again; nothing was half-written",
            )
        case sql.LockNotAvailable():
            return StoreBusy(f"{name} is locked by another program ({words})", fix="end it there, then try again")
        case sql.InsufficientPrivilege():
            return StoreError(
                f"{name}: {words}",
                fix="GRANT CREATE ON DATABASE to this user, or have its owner make the schema and grant ALL on it",
            )
        case sql.ReadOnlySqlTransaction():
            return StoreError(f"{name} only reads ({words})", fix="write to the primary server, with read_only=False")
        case sql.TooManyConnections():
            return StoreError(f"{name}: {words}", fix="raise the server's max_connections, or close other programs")
        case sql.DataCorrupted() | sql.IndexCorrupted():
            return StoreError(f"{name} is damaged ({words})", fix=RESTORE)
        case _ if not is_lost(error):
            return StoreError(f"{name}: {words}", fix="see the server's log")
        case _ if "does not exist" in words:
            return StoreError(f"{name}: {words}", fix="make it with createdb or CREATE ROLE, or correct the URL")
        case _ if any(part in words for part in REFUSED):
            return StoreError(
                f"{name}: the server refuses this user ({words})", fix="check user, password (PGPASSWORD) and sslmode"
            )
        case _:
            return StoreError(f"{name}: the server can't be reached ({words})", fix="see that it runs, then try again")
