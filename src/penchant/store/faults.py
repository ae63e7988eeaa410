"""What the database says when something is wrong, as one line that names the file and the way out."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from penchant.errors import InvalidRecord, PenchantError, StoreBusy, StoreError

FULL = {sqlite3.SQLITE_FULL}
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
SHORT_OF_SPACE = 1 << 20  # bytes; an I/O error with less than this left is a full disk
RESTORE = "restore a backup, or read what is whole with penchant.store.salvage"


def origin(error: BaseException) -> BaseException:
    """The driver's own error inside SQLAlchemy's."""
    return getattr(error, "orig", None) or error


def code(error: BaseException) -> int:
    """SQLite's primary result code, 0 if there is none."""
    return int(getattr(origin(error), "sqlite_errorcode", None) or 0) & 0xFF


def is_damage(error: BaseException) -> bool:
    """Whether the error says that the file itself is damaged."""
    return code(error) in DAMAGED or "Could not decode to UTF-8" in str(error)


def of_store(error: BaseException, path: Path | None) -> PenchantError:
    """The `StoreError`, `StoreBusy` or `InvalidRecord` that tells a person what to do about `error`."""
    error, name = origin(error), path or ":memory:"
    if isinstance(error, PenchantError):
        return error
    if isinstance(error, UnicodeEncodeError):
        return InvalidRecord("id", error.object, "give valid Unicode (it holds a lone surrogate)")
    number = code(error)
    if number in FULL or (isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}):
        return StoreError(_full(path), fix="free space or raise the limit, then try again; nothing was half-written")
    if number == sqlite3.SQLITE_IOERR:
        free = _free(path)
        if free is not None and free < SHORT_OF_SPACE:
            return StoreError(_full(path), fix="free space, then try again; nothing was half-written")
        return StoreError(f"{name}: the disk reports an error ({error})", fix="check the disk, then try again")
    if number in BUSY:
        return StoreBusy(f"{name} is locked by another program ({error})", fix="close it there, then try again")
    if is_damage(error):
        return StoreError(f"{name} is damaged ({error})", fix=RESTORE)
    if number == sqlite3.SQLITE_READONLY:
        return StoreError(f"{name} can't be written to ({error})", fix="check its permissions and those of its folder")
    if number == sqlite3.SQLITE_CANTOPEN:
        return StoreError(f"{name} can't be opened ({error})", fix="check the path, the permissions and the folder")
    if isinstance(error, OSError):
        return StoreError(f"{name}: {error.strerror or error}", fix="check the path and its permissions")
    return StoreError(f"{name}: {error}", fix="run `penchant doctor` on it")


@contextmanager
def named(path: Path | None) -> Generator[None]:
    """Errors of the database inside the block leave it as penchant's own, naming `path`."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning, SQLAlchemyError, OSError, UnicodeEncodeError) as error:
        raise of_store(error, path) from error


def _free(path: Path | None) -> int | None:
    try:
        return shutil.disk_usage(path.parent).free if path else None
    except OSError:
        return None


def _full(path: Path | None) -> str:
    free = _free(path)
    left = "" if free is None else f" ({free / 2**20:,.1f} MiB free on its disk)"
    return f"{path or ':memory:'} can't grow{left}"
