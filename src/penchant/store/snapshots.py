"""Snapshots: a model's state as JSON and plain arrays, in checked parts inside the catalogue's own file.

The parts go in first, a few megabytes a transaction so that appends get their turn; the row in `snapshot`, written
last, makes them a snapshot. So one exists whole or not at all.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator
from hashlib import blake2b
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, delete, func, insert, not_, select

from penchant.errors import StoreError
from penchant.store.base import Snapshot
from penchant.store.database import Database
from penchant.store.schema import snapshot, snapshot_array

FORMAT = 1
PART = 4 << 20  # bytes before packing
SAMPLE = 1 << 16  # bytes that are packed on trial
PAYS = 0.7  # packed size over plain size below which packing is worth the time


class Snapshots:
    """The snapshots' tables.

    Args:
        connections: where the tables are.
    """

    def __init__(self, connections: Database) -> None:
        self._connections = connections
        self.saving = threading.Lock()  # held while parts are written, so that an erasure never leaves half a save

    def save(self, new: Snapshot, *, keep: int = 2) -> None:
        """See `Store.save_snapshot`.

        Raises:
            ValueError: an array that is not of plain numbers, or a meta that is not JSON-able.
        """
        if keep < 1:
            raise ValueError(f"keep is {keep}; give 1 or more")
        meta = json.dumps(new.meta, allow_nan=False, separators=(",", ":"))
        arrays = {name: _plain(name, array) for name, array in new.arrays.items()}
        digest = blake2b(meta.encode(), digest_size=32)
        with self.saving:
            number = self._next_number()
            try:
                for name in sorted(arrays):
                    self._save_array(number, name, arrays[name], digest)
                with self._connections.writing() as connection:
                    values = {"id": number, "seq": new.seq, "schema_version": FORMAT, "meta": meta}
                    connection.execute(insert(snapshot).values(**values, checksum=digest.hexdigest()))
                    self._prune(connection, number, new.seq, keep)
            except BaseException:
                self._sweep()  # gives a full disk its space back
                raise

    def _next_number(self) -> int:
        with self._connections.writing() as connection:
            sweep(connection)
            return self._connections.next_snapshot(connection)

    def _save_array(self, number: int, name: str, array: npt.NDArray[Any], digest: blake2b) -> None:
        shape = json.dumps(array.shape)
        digest.update(f"{name}\0{array.dtype.str}\0{shape}\0".encode())
        data = array.reshape(-1).view(np.uint8)
        packs = len(data) > 256 and len(zlib.compress(data[:SAMPLE].data, 1)) < PAYS * len(data[:SAMPLE])
        for part, start in enumerate(range(0, max(len(data), 1), PART)):
            piece = data[start : start + PART].tobytes()
            digest.update(piece)
            row = {
                "snapshot": number,
                "name": name,
                "part": part,
                "dtype": array.dtype.str,
                "shape": shape,
                "packing": "zlib" if packs else "none",
                "data": zlib.compress(piece, 1) if packs else piece,
            }
            with self._connections.writing() as connection:
                connection.execute(insert(snapshot_array).values(**row))

    @staticmethod
    def _prune(connection: Connection, number: int, seq: int, keep: int) -> None:
        """Remove an older one of the same seq, and the oldest beyond `keep`."""
        connection.execute(delete(snapshot).where(snapshot.c.seq == seq, snapshot.c.id != number))
        kept = select(snapshot.c.id).order_by(snapshot.c.seq.desc()).limit(keep)
        connection.execute(delete(snapshot).where(not_(snapshot.c.id.in_(kept))))
        sweep(connection)

    def _sweep(self) -> None:
        try:
            with self._connections.writing() as connection:
                sweep(connection)
        except StoreError:  # no space even for that: the next save or opening does it
            return

    def newest_first(self) -> Iterator[Snapshot]:
        """See `Store.snapshots`."""
        query = select(snapshot).where(snapshot.c.schema_version == FORMAT).order_by(snapshot.c.seq.desc())
        with self._connections.reading() as connection:
            rows = connection.execute(query).all()
        for number, seq, _, meta, checksum in rows:
            found = self._read(number, seq, meta, checksum)
            if found is not None:
                yield found

    def damaged(self) -> list[int]:
        """Numbers (seq) of snapshots that can't be read."""
        with self._connections.reading() as connection:
            rows = connection.execute(select(snapshot).where(snapshot.c.schema_version == FORMAT)).all()
        return [row[1] for row in rows if self._read(row[0], row[1], row[3], row[4]) is None]

    def _read(self, number: int, seq: int, meta: str, checksum: str) -> Snapshot | None:
        digest = blake2b(meta.encode(), digest_size=32)
        try:
            arrays = {name: self._read_array(number, name, digest) for name in self._names(number)}
            if digest.hexdigest() != checksum:
                return None
            return Snapshot(seq, json.loads(meta), arrays)
        except (StoreError, ValueError, TypeError, zlib.error):
            return None

    def _names(self, number: int) -> list[str]:
        query = select(snapshot_array.c.name).where(snapshot_array.c.snapshot == number).distinct()
        with self._connections.reading() as connection:
            return sorted(connection.execute(query).scalars())

    def _read_array(self, number: int, name: str, digest: blake2b) -> npt.NDArray[Any]:
        columns = snapshot_array.c
        query = select(columns.dtype, columns.shape, columns.packing, columns.data)
        query = query.where(columns.snapshot == number, columns.name == name)
        raw = bytearray()
        first: tuple[str, str] | None = None
        with self._connections.reading() as connection:
            for part in count():  # one at a time: a driver may keep all that a query gives in memory
                row = connection.execute(query.where(columns.part == part)).first()
                if row is None:
                    break
                dtype, shape, packing, data = row
                first = first or (dtype, shape)
                raw += zlib.decompress(data) if packing == "zlib" else data
        dtype, shape = first or ("", "")
        digest.update(f"{name}\0{dtype}\0{shape}\0".encode())
        digest.update(raw)
        return np.frombuffer(raw, dtype=np.dtype(dtype)).reshape(json.loads(shape))

    def drop(self) -> int:
        """See `Store.drop_snapshots`."""
        with self.saving, self._connections.writing() as connection:
            return drop_snapshots(connection)


def drop_snapshots(connection: Connection) -> int:
    """Delete all snapshots inside the caller's transaction; returns how many there were."""
    number = connection.execute(select(func.count()).select_from(snapshot)).scalar_one()
    connection.execute(delete(snapshot))
    sweep(connection)
    return number


def sweep(connection: Connection) -> None:
    """Delete parts that belong to no snapshot."""
    connection.execute(delete(snapshot_array).where(not_(snapshot_array.c.snapshot.in_(select(snapshot.c.id)))))


def _plain(name: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array as it is stored: contiguous, of bool, whole, real or complex numbers."""
    if array.dtype.kind not in "biufc":
        raise ValueError(f"array {name!r} has dtype {array.dtype}; give bool or numbers")
    return np.ascontiguousarray(array).reshape(array.shape)
