"""Vectors by encoder and content hash: made once, kept as float32, never encoded again on replay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, delete, select

from penchant.store.database import Database
from penchant.store.schema import vector

Vector = npt.NDArray[np.float32]
BATCH = 500  # vectors in one statement


class Vectors:
    """The vectors' table. Vectors read from it share the database's bytes and can't be written to.

    Args:
        connections: where the table is.
    """

    def __init__(self, connections: Database) -> None:
        self._connections = connections

    def put(self, encoder: str, vectors: Mapping[str, Vector]) -> None:
        """See `Store.put_vectors`."""
        statement = self._connections.upsert(vector).on_conflict_do_nothing()
        rows: list[dict[str, Any]] = []
        for hash, values in vectors.items():
            if values.ndim != 1:
                raise ValueError(f"vector {hash!r} has shape {values.shape}; give one dimension")
            rows.append({"encoder": encoder, "hash": hash, "data": values.astype("<f4").tobytes()})
        for some in batches(rows):
            with self._connections.writing() as connection:
                connection.execute(statement, some)

    def get(self, encoder: str, hashes: Sequence[str]) -> dict[str, Vector]:
        """See `Store.get_vectors`."""
        found: dict[str, Vector] = {}
        query = select(vector.c.hash, vector.c.data).where(vector.c.encoder == encoder)
        for some in batches(hashes):
            with self._connections.reading() as connection:
                for hash, data in connection.execute(query.where(vector.c.hash.in_(some))):
                    found[hash] = np.frombuffer(data, dtype="<f4")
        return found

    def drop(self, encoder: str, hashes: Sequence[str]) -> int:
        """See `Store.drop_vectors`."""
        if not hashes:
            return 0
        with self._connections.writing() as connection:
            return drop_vectors(connection, encoder, hashes)


def drop_vectors(connection: Connection, encoder: str, hashes: Sequence[str]) -> int:
    """Delete these vectors inside the caller's transaction; returns how many were there."""
    base = delete(vector).where(vector.c.encoder == encoder)
    return sum(connection.execute(base.where(vector.c.hash.in_(some))).rowcount for some in batches(hashes))


def batches(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Slices of at most `BATCH`."""
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))
