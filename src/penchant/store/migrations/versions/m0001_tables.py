"""The tables of the first release. What is here is never changed; later steps change what it made."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    """Make them."""
    postgres = op.get_context().dialect.name == "postgresql"
    name = sa.Text(collation="C") if postgres else sa.Text()
    number = sa.BigInteger() if postgres else sa.Integer()
    op.create_table(
        "log",
        sa.Column("seq", number, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("id", name),
        sa.Column("user", name),
        sa.Column("item", name),
        sa.Column("time", sa.Double, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("log_id", "log", ["id"], unique=True, **_where("id"))
    for column in ("user", "item", "type"):
        columns = [column, "seq"] if postgres else [column]
        where: dict[str, Any] = {} if column == "type" else _where(column)
        op.create_index(f"log_{column}_seq" if postgres else f"log_{column}", "log", columns, **where)
    op.create_table(
        "vector",
        sa.Column("encoder", name, primary_key=True),
        sa.Column("hash", name, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "snapshot",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("seq", number, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("meta", sa.Text, nullable=False),
        sa.Column("checksum", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "snapshot_array",
        sa.Column("snapshot", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", name, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("dtype", sa.Text, nullable=False),
        sa.Column("shape", sa.Text, nullable=False),
        sa.Column("packing", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table("tombstone", sa.Column("digest", sa.LargeBinary, primary_key=True), sqlite_with_rowid=False)
    op.create_table("meta", sa.Column("key", name, primary_key=True), sa.Column("value", sa.Text, nullable=False))
    catalogue = op.create_table(
        "catalogue", sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False)
    )
    if postgres:
        op.execute("ALTER TABLE vector ALTER COLUMN data SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE vector SET (toast_tuple_target = 8160)")
        op.execute("ALTER TABLE snapshot_array ALTER COLUMN data SET STORAGE EXTERNAL")
    op.execute(sa.insert(catalogue).values(name="salt", value=secrets.token_hex(32)))


def _where(column: str) -> dict[str, Any]:
    given = sa.column(column).is_not(None)
    return {"sqlite_where": given, "postgresql_where": given}
