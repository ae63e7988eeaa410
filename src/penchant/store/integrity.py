"""What a catalogue says about its own soundness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, text

from penchant.errors import StoreError
from penchant.store.database import Database
from penchant.store.snapshots import Snapshots

SQLITE = {
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
POSTGRES = {
    "{} entries have a body that is not JSON": "SELECT count(*) FROM log WHERE NOT (body IS JSON)",
    "{} vectors are empty or not made of whole float32 numbers": (
        "SELECT count(*) FROM vector WHERE length(data) = 0 OR length(data) % 4 <> 0"
    ),
    "{} snapshots are newer than the log": (
        "SELECT count(*) FROM snapshot WHERE seq > greatest((SELECT coalesce(max(seq), 0) FROM log), "
        "(SELECT value::bigint FROM catalogue WHERE name = 'highest'))"
    ),
    "{} erasures are not finished: open the catalogue for writing": (
        "SELECT count(*) FROM catalogue WHERE name = 'unfinished'"
    ),
}


def problems(
    connections: Database, snapshots: Snapshots, looks: Sequence[Callable[[Connection], list[str]]]
) -> list[str]:
    """Every problem found, in words, each look independently of the others; empty when sound."""
    found: list[str] = []
    for look in looks:
        found += _told(connections, look)
    try:
        found += [f"the snapshot after entry {seq} is damaged and will be passed over" for seq in snapshots.damaged()]
    except StoreError as error:
        found.append(error.what)
    return list(dict.fromkeys(found))


def _told(connections: Database, look: Callable[[Connection], list[str]]) -> list[str]:
    try:
        with connections.reading() as connection:
            return look(connection)
    except StoreError as error:
        connections.check_open()
        return [error.what]


def of_sqlite(connection: Connection) -> list[str]:
    """Problems of the file itself."""
    lines = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
    return [str(line) for line in lines if line != "ok"]


def of_postgres_settings(connection: Connection) -> list[str]:
    """Settings of the server under which an acknowledgement says less than it should."""
    off = ("fsync", "full_page_writes")
    return [
        f"the server runs with {name} = off: a power cut may damage it or lose what was acknowledged"
        for name in off
        if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off"
    ]


def counted(queries: Mapping[str, str]) -> Callable[[Connection], list[str]]:
    """A look that tells each text whose query counts anything."""

    def look(connection: Connection) -> list[str]:
        counts = {words: connection.execute(text(query)).scalar_one() for words, query in queries.items()}
        return [words.format(count) for words, count in counts.items() if count]

    return look
