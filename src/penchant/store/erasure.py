"""Forgetting a user: a tombstone that doesn't hold the id, and rows removed down to the bytes of the files.

A deleted row leaves copies behind in a database's files, so an erasure rewrites them (`Database.scrub`). That costs
time in proportion to the catalogue, as does replaying it without the user.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select

from penchant.errors import StoreError
from penchant.store.base import Erased
from penchant.store.database import Database
from penchant.store.schema import catalogue, log, tombstone
from penchant.store.snapshots import drop_snapshots
from penchant.store.vectors import drop_vectors


class Erasure:
    """Tombstones and erasures of one catalogue.

    Args:
        connections: where the tables are.
        saving: held while a snapshot is being saved, so that none with the user's traces appears afterwards.
    """

    def __init__(self, connections: Database, saving: AbstractContextManager[object]) -> None:
        self._connections, self._saving = connections, saving
        with connections.reading() as connection:
            salt = connection.execute(select(catalogue.c.value).where(catalogue.c.name == "salt")).scalar_one()
            self._none = connection.execute(select(tombstone.c.digest).limit(1)).first() is None
            unfinished = self._is_unfinished(connection)
        self._salt = bytes.fromhex(salt)
        if unfinished and not connections.read_only:
            self._scrub()

    def block(self, user: str) -> None:
        """See `Store.block`."""
        with self._connections.writing() as connection:
            statement = self._connections.upsert(tombstone).on_conflict_do_nothing()
            connection.execute(statement.values(digest=self._digest(user)))
        self._none = False

    def is_blocked(self, user: str) -> bool:
        """See `Store.is_blocked`."""
        self._connections.check_open()
        if self._none and not self._connections.read_only:  # the one writer knows that nobody was forgotten yet
            return False
        with self._connections.reading() as connection:
            found = connection.execute(select(tombstone.c.digest).where(tombstone.c.digest == self._digest(user)))
            return found.first() is not None

    def erase(self, user: str, vectors: Mapping[str, Sequence[str]]) -> Erased:
        """See `Store.erase`."""
        with self._saving:
            with self._connections.writing() as connection:
                self._connections.keep_highest(connection)
                erased = Erased(
                    log=connection.execute(delete(log).where(log.c.user == user)).rowcount,
                    vectors=sum(drop_vectors(connection, encoder, hashes) for encoder, hashes in vectors.items()),
                    snapshots=drop_snapshots(connection),
                )
                self._begin(connection)
            self._scrub()
        return erased

    def drop(self, seqs: Sequence[int]) -> int:
        """See `Store.drop_entries`."""
        with self._saving:
            with self._connections.writing() as connection:
                self._connections.keep_highest(connection)
                dropped = sum(connection.execute(delete(log).where(log.c.seq == seq)).rowcount for seq in seqs)
                drop_snapshots(connection)
                self._begin(connection)
            self._scrub()
        return dropped

    def _begin(self, connection: Connection) -> None:
        if not self._is_unfinished(connection):
            connection.execute(insert(catalogue).values(name="unfinished", value="erasure"))

    def _scrub(self) -> None:
        """Leave no byte of deleted rows in the files; finished here, or by the next call or opening."""
        try:
            self._connections.scrub()
            with self._connections.writing() as connection:
                connection.execute(delete(catalogue).where(catalogue.c.name == "unfinished"))
        except StoreError as error:
            fix = f"{error.fix}; the bytes go when the catalogue is next opened or a user next erased"
            what = f"the rows are gone, but their bytes are still in the file: {error.what}"
            raise type(error)(what, fix=fix) from error

    @staticmethod
    def _is_unfinished(connection: Connection) -> bool:
        return connection.execute(select(catalogue.c.name).where(catalogue.c.name == "unfinished")).first() is not None

    def _digest(self, user: str) -> bytes:
        return sha256(self._salt + user.encode("utf-8", "surrogatepass")).digest()
