"""The tables of a catalogue. `migrations` holds the steps from one version of them to the next."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Double, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator

SCHEMA_VERSION = 1  # number of the newest of the migrations
APPLICATION_ID = 0x504E4348  # "PNCH", so that another program's database is not taken for a catalogue


def escape(text: str) -> str:
    """The text as PostgreSQL holds it, which knows no NUL character; `unescape` turns it back.

    >>> escape("plain"), escape("a\\x00b"), unescape(escape("a\\x00\\x01"))
    ('plain', 'a\\x010b', 'a\\x00\\x01')
    """
    if "\x00" in text or "\x01" in text:
        return text.replace("\x01", "\x011").replace("\x00", "\x010")
    return text


def unescape(text: str) -> str:
    """What `escape` was given."""
    return text.replace("\x010", "\x00").replace("\x011", "\x01") if "\x01" in text else text


class EscapedText(TypeDecorator[str]):
    """Text of any characters in PostgreSQL, compared byte by byte."""

    impl = Text(collation="C")
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else escape(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else unescape(value)


metadata = MetaData()
Name = Text().with_variant(EscapedText(), "postgresql")
Number = BigInteger().with_variant(Integer(), "sqlite")  # SQLite's own numbering is of INTEGER only, of as many bits

# seq comes from the one writer and never repeats, whatever is erased: SQLite's AUTOINCREMENT remembers the highest one,
# for PostgreSQL it is noted in `catalogue` when entries go.
log = Table(
    "log",
    metadata,
    Column("seq", Number, primary_key=True),
    Column("type", Text, nullable=False),
    Column("id", Name),
    Column("user", Name),
    Column("item", Name),
    Column("time", Double, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("log_id", log.c.id, unique=True, sqlite_where=log.c.id.is_not(None), postgresql_where=log.c.id.is_not(None))
# Each of these yields its rows in the log's order: every SQLite index ends with seq, one of PostgreSQL must say so.
for _column in (log.c.user, log.c.item, log.c.type):
    _given = None if _column is log.c.type else _column.is_not(None)
    Index(f"log_{_column.name}", _column, sqlite_where=_given).ddl_if(dialect="sqlite")
    Index(f"log_{_column.name}_seq", _column, log.c.seq, postgresql_where=_given).ddl_if(dialect="postgresql")

vector = Table(
    "vector",
    metadata,
    Column("encoder", Name, primary_key=True),
    Column("hash", Name, primary_key=True),
    Column("data", LargeBinary, nullable=False),  # float32, little-endian
)

# A snapshot exists once its row here does; parts without one are leftovers of a save that was cut off.
snapshot = Table(
    "snapshot",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Number, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("meta", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    sqlite_autoincrement=True,
)
snapshot_array = Table(
    "snapshot_array",
    metadata,
    Column("snapshot", Integer, primary_key=True, autoincrement=False),
    Column("name", Name, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("dtype", Text, nullable=False),
    Column("shape", Text, nullable=False),
    Column("packing", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

tombstone = Table("tombstone", metadata, Column("digest", LargeBinary, primary_key=True), sqlite_with_rowid=False)
meta = Table("meta", metadata, Column("key", Name, primary_key=True), Column("value", Text, nullable=False))
# What the store itself needs to know: the salt of the tombstones, an erasure that is not finished.
catalogue = Table("catalogue", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
