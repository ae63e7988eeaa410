"""The audit log: which key did which admin act when, and how it ended. Rows are only ever added."""

from __future__ import annotations

import time as clock
from dataclasses import dataclass

from sqlalchemy import Column, Engine, Float, Integer, String, Table, insert, select
from sqlalchemy.exc import SQLAlchemyError

from penchant.errors import StoreError
from penchant.serve.ledger import metadata

OPERATOR = "operator"  # who sits at the machine: `penchant keys`, not a key

_audit = Table(
    "audit", metadata,
    Column("seq", Integer, primary_key=True), Column("time", Float, nullable=False),
    Column("who", String, nullable=False), Column("tenant", String, nullable=False),
    Column("act", String, nullable=False), Column("outcome", String, nullable=False),
    Column("about", String, nullable=False), Column("request_id", String, nullable=False),
    info={"append only": True}, sqlite_autoincrement=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """One admin act.

    Attributes:
        seq: its number in the log.
        time: UTC seconds.
        who: public id of the key, or "operator".
        tenant: whose catalogue.
        act: what, as "DELETE /users/{id}" or "keys create".
        outcome: HTTP status, or "done".
        about: a key's public id, a setting's name; never personal text.
        request_id: of the request, "" for none.
    """

    seq: int
    time: float
    who: str
    tenant: str
    act: str
    outcome: str
    about: str
    request_id: str


class Audit:
    """Writes and reads the log of a ledger."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(
        self, who: str, tenant: str, act: str, outcome: str | int = "done", *, about: str = "", request_id: str = ""
    ) -> None:
        """Add an act.

        Raises:
            StoreError: it can't be written.
        """
        row = {
            "time": clock.time(), "who": who, "tenant": tenant, "act": act[:200], "outcome": str(outcome),
            "about": about[:200], "request_id": request_id,
        }  # fmt: skip
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_audit).values(row))
        except SQLAlchemyError as error:
            raise StoreError("the audit log can't be written", fix="check the file of keys and its disk") from error

    def read(self, tenant: str | None = None, *, after: int = 0, limit: int = 100) -> list[Act]:
        """Acts in order, after a number; of one tenant if named."""
        query = select(_audit).where(_audit.c.seq > after).order_by(_audit.c.seq).limit(limit)
        if tenant is not None:
            query = query.where(_audit.c.tenant == tenant)
        with self._engine.connect() as connection:
            return [Act(*row) for row in connection.execute(query)]
