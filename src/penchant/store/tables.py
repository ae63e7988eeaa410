"""What stores of both databases share: the tables' code under the names of the contract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from penchant.records import Ack, Draft, Entry, EntryType
from penchant.store.base import Counts, Erased, Snapshot
from penchant.store.database import Database
from penchant.store.erasure import Erasure
from penchant.store.log import Log
from penchant.store.schema import meta
from penchant.store.snapshots import Snapshots, sweep
from penchant.store.vectors import Vectors


class Tables:
    """The tables of one catalogue, opened and ready; `check`, `backup` and `close` are the database's own."""

    def _use(self, connections: Database) -> None:
        """Begin, once the tables are there."""
        if not connections.read_only:
            with connections.writing() as connection:
                sweep(connection)
        self.database = connections
        self._log = Log(connections)
        self._vectors = Vectors(connections)
        self._snapshots = Snapshots(connections)
        self._erasure = Erasure(connections, self._snapshots.saving)

    def append(self, drafts: Sequence[Draft]) -> list[Ack]:
        """See `Store.append`."""
        return self._log.append(drafts)

    def last_seq(self) -> int:
        """See `Store.last_seq`."""
        return self._log.last_seq()

    def entries(
        self,
        *,
        after: int = 0,
        until: int | None = None,
        types: Iterable[EntryType] | None = None,
        user: str | None = None,
        item: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Entry]:
        """See `Store.entries`."""
        return self._log.entries(
            after=after, until=until, types=types, user=user, item=item, newest_first=newest_first, limit=limit
        )

    def entry_of(self, id: str) -> Entry | None:
        """See `Store.entry_of`."""
        return self._log.entry_of(id)

    def engaged(self, users: Sequence[str], *, until: int | None = None) -> dict[str, int]:
        """See `Store.engaged`."""
        return self._log.engaged(users, until=until)

    def counts(self, *, until: int | None = None) -> Counts:
        """See `Store.counts`."""
        return self._log.counts(until=until)

    def put_vectors(self, encoder: str, vectors: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """See `Store.put_vectors`."""
        self._vectors.put(encoder, vectors)

    def get_vectors(self, encoder: str, hashes: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """See `Store.get_vectors`."""
        return self._vectors.get(encoder, hashes)

    def drop_vectors(self, encoder: str, hashes: Sequence[str]) -> int:
        """See `Store.drop_vectors`."""
        return self._vectors.drop(encoder, hashes)

    def save_snapshot(self, snapshot: Snapshot, *, keep: int = 2) -> None:
        """See `Store.save_snapshot`."""
        self._snapshots.save(snapshot, keep=keep)

    def snapshots(self) -> Iterator[Snapshot]:
        """See `Store.snapshots`."""
        return self._snapshots.newest_first()

    def drop_snapshots(self) -> int:
        """See `Store.drop_snapshots`."""
        return self._snapshots.drop()

    def block(self, user: str) -> None:
        """See `Store.block`."""
        self._erasure.block(user)

    def is_blocked(self, user: str) -> bool:
        """See `Store.is_blocked`."""
        return self._erasure.is_blocked(user)

    def erase(self, user: str, *, vectors: Mapping[str, Sequence[str]]) -> Erased:
        """See `Store.erase`."""
        return self._erasure.erase(user, vectors)

    def drop_entries(self, seqs: Sequence[int]) -> int:
        """See `Store.drop_entries`."""
        return self._erasure.drop(seqs)

    def prune(self, type: EntryType, keep: int) -> int:
        """See `Store.prune`."""
        return self._log.prune(type, keep)

    def set_meta(self, key: str, value: Any) -> None:
        """See `Store.set_meta`."""
        text = json.dumps(value, allow_nan=False)
        with self.database.writing() as connection:
            statement = self.database.upsert(meta).values(key=key, value=text)
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": text}))

    def get_meta(self, key: str) -> Any:
        """See `Store.get_meta`."""
        with self.database.reading() as connection:
            text = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
        return None if text is None else json.loads(text)
