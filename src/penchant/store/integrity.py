"""What a catalogue says about its own soundness."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from penchant.errors import StoreError
from penchant.store.connections import Connections
from penchant.store.snapshots import Snapshots

COUNTS = {
    "{} entries have a body that is not JSON": "SELECT count(*) FROM log WHERE NOT json_valid(body)",
    "{} entries have a number above the highest one given": (
        "SELECT count(*) FROM log WHERE seq > (SELECT seq FROM sqlite_sequence WHERE name = 'log')"
    ),
    "{} vectors are empty or not made of whole float32 numbers": (
        "SELECT count(*) FROM vector WHERE length(data) = 0 OR length(data) % 4"
    ),
    "{} snapshots are newer than the log": (
        "SELECT count(*) FROM snapshot WHERE seq > (SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'log')"
    ),
    "{} erasures are not finished: open the catalogue for writing": (
        "SELECT count(*) FROM catalogue WHERE name = 'unfinished'"
    ),
}


def problems(connections: Connections, snapshots: Snapshots) -> list[str]:
    """Every problem found, in words, each found independently of the others; empty when sound."""
    found: list[str] = []
    for look in (_of_sqlite, _of_catalogue):
        found += _told(connections, look)
    try:
        found += [f"the snapshot after entry {seq} is damaged and will be passed over" for seq in snapshots.damaged()]
    except StoreError as error:
        found.append(error.what)
    return list(dict.fromkeys(found))


def _told(connections: Connections, look: Callable[[Connection], list[str]]) -> list[str]:
    try:
        with connections.reading() as connection:
            return look(connection)
    except StoreError as error:
        connections.check_open()
        return [error.what]


def _of_sqlite(connection: Connection) -> list[str]:
    lines = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
    return [str(line) for line in lines if line != "ok"]


def _of_catalogue(connection: Connection) -> list[str]:
    counts = {text: connection.exec_driver_sql(query).scalar_one() for text, query in COUNTS.items()}
    return [text.format(count) for text, count in counts.items() if count]
