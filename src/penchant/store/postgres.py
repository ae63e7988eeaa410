"""The store for many: a catalogue in PostgreSQL, in a database schema of its own, beside others."""

from __future__ import annotations

from pathlib import Path

from penchant.store.copying import copy_to_file
from penchant.store.integrity import POSTGRES, counted, of_postgres_settings, problems
from penchant.store.postgres_address import Address
from penchant.store.postgres_connections import PostgresConnections
from penchant.store.tables import Tables
from penchant.store.versions import prepare


class PostgresStore(Tables):
    """A catalogue in PostgreSQL 16 or newer; implements `Store`.

    One writer a catalogue holds an advisory lock for as long as it is connected; others follow it with `read_only`.

    Args:
        url: `postgresql://user@host:port/database?catalogue=shop`; the catalogue, by default `main`, is the schema
            `penchant_shop` of that database, made if it isn't there.
        read_only: follow a catalogue that another process may be writing to.

    Raises:
        StoreBusy: another writer holds the catalogue; the message names its process.
        StoreError: no such server, database or right; a newer schema; not there (read_only).
        MissingExtra: psycopg isn't installed.
    """

    path = None

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self._connections = PostgresConnections(Address.of(url), read_only=read_only)
        try:
            if not read_only:
                self._connections.prepare_schema()
            with self._connections.alone() as connection:
                prepare(connection, self._connections.name, read_only=read_only)
            if not read_only:
                self._connections.claim()
            self._use(self._connections)
        except BaseException:
            self.close()
            raise

    @property
    def lasting(self) -> bool:
        """See `Store`."""
        return True

    def check(self) -> list[str]:
        """See `Store.check`."""
        return problems(self._connections, self._snapshots, (of_postgres_settings, counted(POSTGRES)))

    def backup(self, target: Path) -> None:
        """See `Store.backup`; the copy is an SQLite file, which `penchant migrate-store` brings back."""
        with self._connections.moment() as connection:
            copy_to_file(connection, self._connections, Path(target))

    def close(self) -> None:
        """See `Store.close`."""
        self._connections.close()

    def __enter__(self) -> PostgresStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
