"""A catalogue of an older schema, with data in it, is moved up when it is opened for writing; in both databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, inspect

from penchant.errors import StoreError
from penchant.records import Draft
from penchant.store import Snapshot, Store, migrations, open_store, schema
from penchant.store.connections import Connections
from penchant.store.postgres_address import Address
from penchant.store.postgres_connections import PostgresConnections
from penchant.store.schema import SCHEMA_VERSION
from postgres import Server

NEXT = """
from alembic import op
import sqlalchemy as sa

revision, down_revision = "{revision:04}", "{before:04}"


def upgrade():
    op.create_table("half", sa.Column("a", sa.Integer))
    with op.batch_alter_table("vector") as vector:
        vector.add_column(sa.Column("norm", sa.Double))
    op.execute("UPDATE vector SET norm = 2.5")
    {more}
"""
MASTER = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
STORAGE = (
    "SELECT relname, attname, attstorage::text, array_to_string(reloptions, ',') FROM pg_attribute "
    "JOIN pg_class ON pg_class.oid = attrelid "
    "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "WHERE nspname = current_schema AND attnum > 0 ORDER BY 1, 2"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a catalogue that isn't there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "a.db")
    server: Server = request.getfixturevalue("postgres_server")
    return server.url()


def connect(url: str) -> Connections | PostgresConnections:
    return PostgresConnections(Address.of(url)) if "://" in url else Connections(Path(url))


def shape(connection: Connection) -> dict[str, object]:
    """The tables as the database itself describes them."""
    if connection.dialect.name == "sqlite":
        return {name: "".join(sql.split()) for name, sql in connection.exec_driver_sql(MASTER)}
    look = inspect(connection)
    tables: dict[str, object] = {
        table: (
            [{**column, "type": repr(column["type"])} for column in look.get_columns(table)],
            look.get_pk_constraint(table),
            sorted(str(index) for index in look.get_indexes(table)),
        )
        for table in look.get_table_names()
    }
    return tables | {"storage": connection.exec_driver_sql(STORAGE).all()}


def live(store: Store) -> None:
    store.append([Draft("event", 1.0, {"n": n}, id=f"e{n}", user="ann", item="dune") for n in range(20)])
    store.put_vectors("one", {"h": np.ones(3, np.float32)})
    store.save_snapshot(Snapshot(20, {"m": 1}, {"a": np.arange(3)}))
    store.block("bob")
    store.set_meta("k", [1])


def check_lived(store: Store) -> None:
    assert [entry.body["n"] for entry in store.entries()] == list(range(20))
    assert store.get_vectors("one", ["h"])["h"].tolist() == [1, 1, 1]
    assert [found.meta for found in store.snapshots()] == [{"m": 1}]
    assert store.is_blocked("bob")
    assert store.get_meta("k") == [1]
    assert store.append([Draft("event", 2.0, id="e0"), Draft("event", 2.0)])[1].seq == 21
    assert store.check() == []


def test_the_newest_migration_is_the_schema_version() -> None:
    assert migrations.scripts().get_current_head() == f"{SCHEMA_VERSION:04}"


def test_migrations_make_what_a_new_catalogue_has(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    other = request.getfixturevalue("postgres_server").url() if "://" in url else str(tmp_path / "b.db")
    open_store(url).close()
    with closing(connect(url)) as made, made.alone() as connection:
        expected = shape(connection)
    with closing(connect(other)) as moved:
        if isinstance(moved, PostgresConnections):
            moved.prepare_schema()
        with moved.alone() as connection:
            migrations.upgrade(connection, SCHEMA_VERSION)
        with moved.alone() as connection:
            assert shape(connection) == expected
            salt = connection.exec_driver_sql("SELECT value FROM catalogue WHERE name = 'salt'").scalar_one()
            assert len(salt) == 64


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Adds one more migration, which ends with this line of code, as a later release would."""

    def add(line: str) -> None:
        folder = tmp_path / f"steps {len(line)}"
        folder.mkdir()
        step = NEXT.format(revision=SCHEMA_VERSION + 1, before=SCHEMA_VERSION, more=line)
        (folder / "m_next.py").write_text(step)
        monkeypatch.setattr(migrations, "PLACES", [migrations.PLACES[0], str(folder)])
        monkeypatch.setattr(schema, "SCHEMA_VERSION", SCHEMA_VERSION + 1)

    return add


def test_an_older_catalogue_is_moved_up(url: str, newer: Callable[[str], None]) -> None:
    with closing(open_store(url)) as store:
        live(store)
    newer("raise OSError('power cut')")
    with pytest.raises(StoreError, match=rf"has schema version {SCHEMA_VERSION}, older than .; open it once for writ"):
        open_store(url, read_only=True)
    with pytest.raises(StoreError, match="power cut"):
        open_store(url)
    with closing(connect(url)) as connections, connections.alone() as connection:
        assert not inspect(connection).has_table("half")  # all of it or nothing
        assert "norm" not in [column["name"] for column in inspect(connection).get_columns("vector")]
    newer("op.drop_table('half')")
    with closing(connect(url)) as connections, connections.alone() as connection:
        before = connection.exec_driver_sql("SELECT value FROM catalogue WHERE name = 'salt'").scalar_one()
    with closing(open_store(url)) as store:
        check_lived(store)
    with closing(open_store(url, read_only=True)) as reader:
        assert reader.last_seq() == 21
    with closing(connect(url)) as connections, connections.alone() as connection:
        assert connection.exec_driver_sql("SELECT norm FROM vector").scalars().all() == [2.5]
        after = connection.exec_driver_sql("SELECT value FROM catalogue WHERE name = 'salt'").scalar_one()
        assert after == before
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [
            f"{SCHEMA_VERSION + 1:04}"
        ]


def test_a_newer_catalogue_is_refused(url: str, newer: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    newer("op.drop_table('half')")
    open_store(url).close()
    monkeypatch.setattr(schema, "SCHEMA_VERSION", SCHEMA_VERSION)
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"this penchant knows up to .; upgrade penchant"):
            open_store(url, read_only=read_only)


def first_release(path: Path) -> None:
    """A catalogue as penchant 0.1.0 made it: numbered by SQLite's own mark, before there were migrations."""
    with closing(open_store(path)) as store:
        live(store)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DROP TABLE alembic_version")
        raw.execute("PRAGMA user_version = 1")


def test_a_catalogue_of_the_first_release(tmp_path: Path, newer: Callable[[str], None]) -> None:
    first_release(tmp_path / "a.db")
    with closing(open_store(tmp_path / "a.db", read_only=True)) as reader:
        assert reader.last_seq() == 20
    with closing(open_store(tmp_path / "a.db")) as store:
        check_lived(store)
    first_release(tmp_path / "b.db")
    newer("op.drop_table('half')")
    with closing(open_store(tmp_path / "b.db")) as store:
        check_lived(store)
    with closing(sqlite3.connect(tmp_path / "b.db")) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION + 1,)
        assert raw.execute("SELECT norm FROM vector").fetchall() == [(2.5,)]
