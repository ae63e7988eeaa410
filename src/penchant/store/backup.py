"""A consistent copy of a catalogue, taken while writing goes on."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from penchant.errors import StoreError
from penchant.store.connections import Connections
from penchant.store.faults import named
from penchant.store.lock import WriterLock


def backup(connections: Connections, target: Path) -> None:
    """Copy the catalogue to `target`, on disk when this returns; an older copy of that name is replaced in one step.

    Raises:
        StoreBusy: the target is a catalogue that somebody writes to.
        StoreError: no space, no such folder, or the target has a write-ahead file and so may be in use.
    """
    if connections.path is not None and target.resolve() == connections.path.resolve():
        raise StoreError(f"{target.resolve()} is the catalogue itself", fix="give another file for the copy")
    put_in_place(target, lambda part: _copy(connections, part))


def put_in_place(target: Path, write: Callable[[Path], None]) -> None:
    """Have `write` make a file beside the target, then put it in the target's place in one step.

    Raises:
        StoreBusy, StoreError: see `backup`.
    """
    target = target.resolve()
    if not target.parent.is_dir():
        raise StoreError(f"{target.parent} is not a folder", fix="create it")
    beside = Path(f"{target}-wal")
    if beside.exists() and beside.stat().st_size:
        raise StoreError(f"{target} may be in use: {beside.name} is beside it", fix="give another file for the copy")
    lock = WriterLock(target)
    part = target.with_name(f"{target.name}.part")
    try:
        with named(target):
            part.unlink(missing_ok=True)
            write(part)
            _sync(part)
            part.replace(target)
            _sync(target.parent)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        lock.release()


def _copy(connections: Connections, part: Path) -> None:
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        if connections.path is None:
            with connections.lock:
                connections.check_open()
                connections.raw.backup(copy)
        else:
            # one read transaction, so the copy is of one moment and needn't start again when somebody writes
            with closing(connections.fresh()) as source:
                source.execute("BEGIN")
                source.execute("SELECT count(*) FROM catalogue").fetchone()
                source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it


def _sync(path: Path) -> None:
    """Have the disk hold a file, or the names in a folder."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
