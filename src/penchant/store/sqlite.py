"""The default store: one SQLite file (WAL, synchronous FULL), or ":memory:"."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from penchant.errors import StoreError
from penchant.records import Ack, Draft, Entry, EntryType
from penchant.store.backup import backup
from penchant.store.base import Erased, Snapshot
from penchant.store.connections import Connections
from penchant.store.erasure import Erasure
from penchant.store.integrity import problems
from penchant.store.lock import WriterLock
from penchant.store.log import Log
from penchant.store.schema import meta, prepare
from penchant.store.snapshots import Snapshots, sweep
from penchant.store.vectors import Vectors


class SqliteStore:
    """A catalogue in one SQLite file; implements `Store`.

    Args:
        path: the file, made if it isn't there; ":memory:" keeps everything in memory, for as long as the store is open.
        read_only: follow a catalogue that another process may be writing to.

    Raises:
        StoreBusy: another writer holds the catalogue; the message names its process.
        StoreError: not a catalogue, damaged, of a newer schema, or not there (read_only).

    >>> with SqliteStore(":memory:") as store:
    ...     store.append([Draft("event", 5.0, {"kind": "view"}, id="e1", user="ann", item="dune")])
    ...     store.append([Draft("event", 5.0, {"kind": "view"}, id="e1", user="ann", item="dune")])
    ...     [(entry.seq, entry.user, entry.body) for entry in store.entries()]
    [Ack(seq=1, duplicate=False)]
    [Ack(seq=1, duplicate=True)]
    [(1, 'ann', {'kind': 'view'})]
    """

    def __init__(self, path: str | Path, *, read_only: bool = False) -> None:
        self.path = None if str(path) == ":memory:" else Path(path).expanduser().absolute()
        self._lock: WriterLock | None = None
        if self.path is None and read_only:
            raise StoreError(":memory: holds nothing to read", fix="give the path of a catalogue")
        if read_only and self.path is not None and not self.path.is_file():
            raise StoreError(f"{self.path} doesn't exist", fix="open it once for writing")
        if self.path is not None and self.path.is_dir():
            raise StoreError(f"{self.path} is a folder", fix="give the path of a file in it")
        if self.path is not None and not read_only:
            self._lock = WriterLock(self.path)
        try:
            self._open(read_only)
        except BaseException:
            self.close()
            raise

    def _open(self, read_only: bool) -> None:
        self._connections = Connections(self.path, read_only=read_only)
        with self._connections.alone() as connection:
            prepare(connection, self.path, read_only=read_only)
        if not read_only:
            with self._connections.writing() as connection:
                sweep(connection)
        self._log = Log(self._connections)
        self._vectors = Vectors(self._connections)
        self._snapshots = Snapshots(self._connections)
        self._erasure = Erasure(self._connections, self._snapshots.saving)

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
        with self._connections.writing() as connection:
            statement = insert(meta).values(key=key, value=text)
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": text}))

    def get_meta(self, key: str) -> Any:
        """See `Store.get_meta`."""
        with self._connections.reading() as connection:
            text = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
        return None if text is None else json.loads(text)

    def check(self) -> list[str]:
        """See `Store.check`."""
        return problems(self._connections, self._snapshots)

    def backup(self, target: Path) -> None:
        """See `Store.backup`."""
        backup(self._connections, Path(target))

    def close(self) -> None:
        """See `Store.close`."""
        connections: Connections | None = getattr(self, "_connections", None)
        if connections is not None:
            connections.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
