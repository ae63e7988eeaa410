"""Connections to one catalogue in PostgreSQL: one that writes and holds its lock, a pool that reads meanwhile."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, Table, create_engine, func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from penchant.errors import PenchantError, StoreBusy, StoreError
from penchant.store.database import NumberedRow, escaped
from penchant.store.guard import Guard
from penchant.store.postgres_address import Address
from penchant.store.postgres_faults import is_lost, is_starting, of_postgres
from penchant.store.schema import catalogue, escape, log, unescape

Raw = psycopg.Connection[tuple[Any, ...]]
OLDEST = 160000  # the version of server from which on this is known to work
PATIENCE = 10.0  # seconds for which a lost server is waited for, before the first error
LOCK_SECONDS = 0.5  # for which the lock of a process that was just killed is waited for
READING_SECONDS = 5  # for which an erasure waits until nobody reads the tables that it rewrites
COLUMNS = '(seq, type, id, "user", item, "time", body)'
REWRITTEN = ("log", "vector", "snapshot", "snapshot_array", "meta", "catalogue")


class PostgresConnections(Guard):
    """The writing connection, which holds the catalogue's advisory lock, and reading ones; implements `Database`.

    A lost connection is a lost lock, and everything is written through that connection: nothing can be written
    without the lock. It is made and locked anew where it was lost, and goes on if no other writer came between, which
    a token in the catalogue tells.

    Attributes:
        raw: the driver's own writing connection.
    """

    conflict = psycopg.errors.UniqueViolation

    def __init__(self, address: Address, *, read_only: bool = False) -> None:
        super().__init__(address.name, read_only=read_only)
        self.address = address
        self.lock = threading.RLock()
        self._token = secrets.token_hex(16)
        self._claimed = self._superseded = False
        self._waits = True  # whether the server was there when last tried
        self._engine = self._make(self._connect, QueuePool, pool_size=2, max_overflow=-1, pool_pre_ping=True)
        self._writers = self._make(self._connect_locked, NullPool)
        self._main: Connection | None = None
        with self.named():
            if not read_only:
                self._main = self._writers.connect()

    def _make(self, connect: Any, pool: Any, **more: Any) -> Engine:
        return create_engine(
            "postgresql+psycopg://", creator=connect, poolclass=pool, isolation_level="AUTOCOMMIT",
            use_native_hstore=False, **more,
        )  # fmt: skip

    def _connect(self, read_only: bool = True) -> Raw:
        """A session of the catalogue's schema. A server that is just starting is waited for."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                raw: Raw = psycopg.connect(**self.address.arguments, autocommit=True)
                break
            except psycopg.OperationalError as error:
                if not is_starting(error) or time.monotonic() > until:
                    raise
                time.sleep(0.05)
        settings = (
            "SELECT set_config('search_path', %s, false), set_config('default_transaction_read_only', %s, false), "
            "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' "
            "ELSE current_setting('synchronous_commit') END, false), current_setting('server_encoding')"
        )
        try:
            row = raw.execute(settings, (f'"{self.address.schema}"', "on" if read_only else "off")).fetchone()
            if raw.info.server_version < OLDEST:
                raise StoreError(f"{self.name}: the server is older than PostgreSQL 16", fix="use a newer server")
            if row is None or row[3] != "UTF8":
                raise StoreError(
                    f"{self.name}: the database's encoding is not UTF8", fix="make it with ENCODING 'UTF8'"
                )
        except BaseException:
            raw.close()
            raise
        return raw

    def _connect_locked(self) -> Raw:
        raw = self._connect(read_only=False)
        try:
            until = time.monotonic() + LOCK_SECONDS
            while not _one(raw, "SELECT pg_try_advisory_lock(%s)", self.address.key):
                if time.monotonic() > until:
                    raise StoreBusy(
                        f"{self.name} is being written to by {self._holder(raw)}",
                        fix="close it there, or open it here with read_only=True",
                    )
                time.sleep(0.05)
            if self._claimed and _one(raw, "SELECT value FROM catalogue WHERE name = 'writer'") != self._token:
                self._superseded = True
                raise self._another()
        except BaseException:
            raw.close()
            raise
        return raw

    def _holder(self, raw: Raw) -> str:
        query = (
            "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND "
            "((classid::bigint << 32) | objid::bigint) = %s AND objsubid = 1 AND granted AND "
            "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return str(_one(raw, query, self.address.key) or "another program").removeprefix("penchant: ")

    def _another(self) -> StoreError:
        return StoreError(f"{self.name}: another process has written to it meanwhile", fix="open it anew")

    def prepare_schema(self) -> None:
        """Make the database schema, where this user may and it isn't there."""
        with self.alone():
            if not _one(self.raw, "SELECT 1 FROM pg_namespace WHERE nspname = %s", self.address.schema):
                self.raw.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(self.address.schema)))

    def claim(self) -> None:
        """Leave this writer's token, once the tables are there."""
        with self.writing() as connection:
            self._note(connection, "writer", self._token)
        self._claimed = True

    @property
    def raw(self) -> Raw:
        """The driver's writing connection."""
        assert self._main is not None
        return cast(Raw, self._main.connection.driver_connection)

    @contextmanager
    def named(self) -> Generator[None]:
        """Errors of the database inside the block leave it as penchant's own."""
        try:
            yield
        except (psycopg.Error, SQLAlchemyError, OSError, UnicodeEncodeError) as error:
            raise of_postgres(error, self.name) from error

    def check_writable(self) -> None:
        """See `Database.check_writable`."""
        super().check_writable()
        if self._superseded:
            raise self._another()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """See `Database.reading`."""
        self.check_open()
        with self.named(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def moment(self) -> Generator[Connection]:
        """See `Database.moment`."""
        with self.reading() as connection:
            connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield connection
            finally:
                with suppress(SQLAlchemyError):
                    connection.exec_driver_sql("ROLLBACK")

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """See `Database.writing`."""
        self.check_writable()
        with self.lock, self.named():
            self._begin()
            try:
                assert self._main is not None
                yield self._main
                self.raw.execute("COMMIT")
            except BaseException:
                self.undo()
                raise

    def _begin(self) -> None:
        try:
            self._usable()
            self.raw.execute("BEGIN")
        except psycopg.Error as error:
            if not is_lost(error):
                raise
            self.revive()
            self.raw.execute("BEGIN")

    def _usable(self) -> None:
        if self._main is None or self._main.invalidated or self.raw.closed:
            raise psycopg.OperationalError("the connection was lost")

    @contextmanager
    def alone(self) -> Generator[Connection]:
        """The writing connection outside any transaction; a reader's own."""
        self.check_open()
        if self.read_only:
            with self.reading() as connection:
                yield connection
            return
        with self.lock, self.named():
            self._begin()
            self.raw.execute("ROLLBACK")
            assert self._main is not None
            yield self._main

    def undo(self) -> None:
        """See `Database.undo`."""
        with suppress(psycopg.Error, AssertionError, SQLAlchemyError):
            if self.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                self.raw.execute("ROLLBACK")

    def upsert(self, table: Table) -> Any:
        """See `Database.upsert`."""
        return upsert(table)

    def insert_rows(self, rows: Sequence[NumberedRow]) -> None:
        """See `Database.insert_rows`: one statement, which is a transaction of its own."""
        self._usable()
        rows = [escaped(row) for row in rows]
        if len(rows) == 1:
            self.raw.execute(f"INSERT INTO log {COLUMNS} VALUES (%s, %s, %s, %s, %s, %s, %s)", rows[0])
            return
        with self.raw.cursor() as cursor, cursor.copy(f"COPY log {COLUMNS} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def known(self, ids: Sequence[str]) -> dict[str, int]:
        """See `Database.known`."""
        self._usable()
        found = self.raw.execute("SELECT id, seq FROM log WHERE id = ANY(%s)", ([escape(id) for id in ids],))
        return {unescape(id): seq for id, seq in found}

    def highest(self, connection: Connection) -> int:
        """See `Database.highest`."""
        kept = select(catalogue.c.value).where(catalogue.c.name == "highest").scalar_subquery()
        last, noted = connection.execute(select(select(func.max(log.c.seq)).scalar_subquery(), kept)).one()
        return max(last or 0, int(noted or 0))

    def keep_highest(self, connection: Connection, number: int = 0) -> None:
        """See `Database.keep_highest`."""
        self._note(connection, "highest", str(max(number, self.highest(connection))))

    def _note(self, connection: Connection, name: str, value: str) -> None:
        statement = upsert(catalogue).values(name=name, value=value)
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

    def next_snapshot(self, connection: Connection) -> int:
        """See `Database.next_snapshot`."""
        return int(connection.execute(text("SELECT nextval('snapshot_id_seq')")).scalar_one())

    def scrub(self) -> None:
        """Rewrite the tables and their indexes into new files.

        A deleted row stays in its page, and VACUUM alone leaves its bytes there. What the server's write-ahead log
        holds goes when that is recycled.
        """
        with self.alone() as connection:
            oldest = connection.exec_driver_sql("SELECT pg_current_xact_id()::xid").scalar_one()
            connection.exec_driver_sql(f"SET lock_timeout = '{READING_SECONDS}s'")
            try:
                connection.exec_driver_sql(f"VACUUM (FULL) {', '.join(REWRITTEN)}")
            finally:
                with suppress(SQLAlchemyError):
                    connection.exec_driver_sql("RESET lock_timeout")
            watching = "SELECT pid FROM pg_stat_activity WHERE age(backend_xmin) >= age(%s::xid) AND pid <> %s"
            found = connection.exec_driver_sql(watching, (str(oldest), self.raw.info.backend_pid)).first()
            if found is not None:
                raise StoreError(
                    f"{self.name} is being read by server process {found[0]}",
                    fix="end the long reading in the other program",
                )

    def fault(self, error: BaseException) -> PenchantError:
        """See `Database.fault`."""
        return of_postgres(error, self.name)

    def is_outage(self, error: Exception) -> bool:
        """See `Database.is_outage`."""
        return isinstance(error, psycopg.OperationalError)

    def is_lost(self, error: Exception) -> bool:
        """See `Database.is_lost`."""
        return is_lost(error)

    def revive(self) -> None:
        """See `Database.revive`. The server is waited for, but not again by each who comes while it stays away."""
        self.check_writable()
        until = time.monotonic() + (PATIENCE if self._waits else 0)
        with self.lock:
            self._drop_main()
            while True:
                try:
                    with self.named():
                        self._main = self._writers.connect()
                    self._waits = True
                    return
                except StoreError as error:
                    if self._superseded or isinstance(error, StoreBusy) or time.monotonic() > until:
                        self._waits = False
                        raise
                    time.sleep(0.1)

    def _drop_main(self) -> None:
        main, self._main = self._main, None
        if main is not None:
            with suppress(SQLAlchemyError, psycopg.Error):
                main.invalidate()
                main.close()

    def close(self) -> None:
        """Close every connection, and with the writing one the lock; a second call does nothing."""
        with self.lock:
            if self._closed:
                return
            self._closed = True
            if self._is_ours():
                self._drop_main()
                self._engine.dispose()


def _one(raw: Raw, query: str, *values: Any) -> Any:
    row = raw.execute(query, values).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None
