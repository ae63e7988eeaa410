"""The default store: one SQLite file (WAL, synchronous FULL), or ":memory:"."""

from __future__ import annotations

from pathlib import Path

from penchant.errors import StoreError
from penchant.store.backup import backup
from penchant.store.connections import Connections
from penchant.store.integrity import SQLITE, counted, of_sqlite, problems
from penchant.store.lock import WriterLock
from penchant.store.tables import Tables
from penchant.store.versions import prepare


class SqliteStore(Tables):
    """A catalogue in one SQLite file; implements `Store`.

    Args:
        path: the file, made if it isn't there; ":memory:" keeps everything in memory, for as long as the store is open.
        read_only: follow a catalogue that another process may be writing to.

    Raises:
        StoreBusy: another writer holds the catalogue; the message names its process.
        StoreError: not a catalogue, damaged, of a newer schema, or not there (read_only).

    >>> from penchant.records import Draft
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
        self._use(self._connections)

    @property
    def lasting(self) -> bool:
        """See `Store`."""
        return self.path is not None

    def check(self) -> list[str]:
        """See `Store.check`."""
        return problems(self._connections, self._snapshots, (of_sqlite, counted(SQLITE)))

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
