"""Event log, vectors and snapshots: the contract and its implementations."""

from __future__ import annotations

from pathlib import Path

from penchant.errors import StoreError
from penchant.store.base import Arrays, Counts, Erased, Snapshot, Store
from penchant.store.postgres_address import SCHEMES, Address
from penchant.store.salvage import Salvaged, salvage
from penchant.store.sqlite import SqliteStore

__all__ = ["Arrays", "Counts", "Erased", "Salvaged", "Snapshot", "SqliteStore", "Store", "open_store", "salvage"]


def open_store(url: str | Path, *, read_only: bool = False) -> Store:
    """The store at a path or URL.

    A path, ":memory:" or `sqlite:///path` is an SQLite file; `postgresql://user@host/database?catalogue=name` is a
    catalogue in PostgreSQL, of which a database holds any number.

    Raises:
        StoreBusy: another writer holds it.
        StoreError: unknown kind of URL, or it can't be opened.
        MissingExtra: PostgreSQL's driver isn't installed.

    >>> store = open_store(":memory:")
    >>> store.last_seq()
    0
    >>> store.close()
    """
    if isinstance(url, Path):
        return SqliteStore(url, read_only=read_only)
    scheme, separator, rest = url.partition("://")
    if not separator:
        return SqliteStore(url, read_only=read_only)
    if scheme in SCHEMES:
        Address.of(url)  # tells plainly where the driver, which the next line needs, isn't installed
        from penchant.store.postgres import PostgresStore

        return PostgresStore(url, read_only=read_only)
    if scheme != "sqlite":
        raise StoreError(
            f"{scheme}:// is not a kind of store",
            fix="give a path, ':memory:', sqlite:///path or postgresql://user@host/database?catalogue=name",
        )
    # as in SQLAlchemy: three slashes and a relative path, four and an absolute one
    return SqliteStore(rest.removeprefix("/") or ":memory:", read_only=read_only)
