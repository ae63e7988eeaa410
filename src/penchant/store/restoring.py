"""Going back to a backup: what must not be lost on the way, and the step that puts it in the catalogue's place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import insert, select

from penchant.errors import Refused
from penchant.store.connections import Connections
from penchant.store.faults import named
from penchant.store.schema import catalogue, tombstone
from penchant.store.tables import Tables


def carry(live: Tables, copy: Tables) -> int:
    """Have a copy of a catalogue know everybody whom the catalogue has forgotten, and every number that it has given.

    The copy's store knows nothing of it: open it anew.

    Returns:
        How many tombstones were new to it.

    Raises:
        Refused: it is no copy of this catalogue: its tombstones have another salt.
    """
    salt = select(catalogue.c.value).where(catalogue.c.name == "salt")
    with live.database.moment() as connection:
        ours = connection.execute(salt).scalar_one()
        digests = set(connection.execute(select(tombstone.c.digest)).scalars())
        highest = live.database.highest(connection)
    with copy.database.writing() as connection:
        if connection.execute(salt).scalar_one() != ours:
            raise Refused("the backup is of another catalogue", fix="take one that was made of this catalogue")
        new = digests - set(connection.execute(select(tombstone.c.digest)).scalars())
        if new:
            connection.execute(insert(tombstone), [{"digest": digest} for digest in sorted(new)])
        copy.database.keep_highest(connection, highest)
    return len(new)


def put_in(connections: Connections, source: Path) -> None:
    """Have a catalogue's file hold what another file holds: all of it or, if anything fails, nothing.

    It is one transaction, so that processes which read the file see the one or the other. The store that the
    connections are of knows nothing of it: open it anew.

    Args:
        source: a catalogue that nobody has open.

    Raises:
        StoreError: no space, or the source can't be read.
    """
    with connections.lock, named(connections.path), closing(sqlite3.connect(source)) as new:
        new.backup(connections.raw)
        connections.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
