"""Alembic's migrations of a catalogue's tables, in both databases: a file each in `versions`, numbered from 0001."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

PLACES = [str(Path(__file__).parent / "versions")]


def scripts() -> ScriptDirectory:
    """The steps, as alembic knows them."""
    return ScriptDirectory(str(Path(__file__).parent), version_locations=PLACES)


def upgrade(connection: Connection, to: int) -> None:
    """Take the steps up to this version, inside the caller's transaction."""
    found = scripts()

    def steps(now: str, _: MigrationContext) -> Any:
        return found._upgrade_revs(f"{to:04}", now)  # pyright: ignore[reportPrivateUsage]

    # the caller begins and commits
    context = MigrationContext.configure(connection, opts={"fn": steps, "transactional_ddl": False})
    with Operations.context(context):
        context.run_migrations()
