"""The log: drafts become numbered entries, in one order, and are found again by number, id, user, item and type."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, delete, func, insert, select
from sqlalchemy.dialects import sqlite

from penchant.errors import InvalidRecord, PenchantError, StoreError
from penchant.records import Ack, Draft, Entry, EntryType
from penchant.store.commit import GroupCommit, Row, Ticket
from penchant.store.connections import Connections
from penchant.store.faults import RESTORE, of_store
from penchant.store.schema import log

PAGE = 500  # entries read at a time, so that no cursor stays open while the caller works
NAMES = 500  # ids in one look-up, well under SQLite's limit on variables

# json.dumps builds a new encoder on every call with settings of one's own
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode
# an expression has no index: beside a user or an item, SQLite must not take the type's, which is the longer list
_type = log.c.type.concat("")
_insert = str(insert(log).compile(dialect=sqlite.dialect(paramstyle="qmark")))


class Log:
    """The log's table: appending in groups and reading in pages.

    Args:
        connections: where the table is.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._group = GroupCommit(self._commit)
        self._last = self._read_last()

    def append(self, drafts: Sequence[Draft]) -> list[Ack]:
        """See `Store.append`. A draft that can't be written fails its own call only."""
        if not drafts:
            return []
        return self._group.submit([row_of(draft) for draft in drafts])

    def last_seq(self) -> int:
        """See `Store.last_seq`."""
        if self._connections.read_only:
            return self._read_last()
        self._connections.check_open()
        return self._last

    def entries(
        self,
        *,
        after: int = 0,
        until: int | None = None,
        types: Iterable[EntryType] | None = None,
        user: str | None = None,
        item: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Entry]:
        """See `Store.entries`."""
        self._connections.check_open()
        last = self.last_seq()
        until = last if until is None else min(until, last)
        kinds = None if types is None else sorted(set(types))
        narrow: list[ColumnElement[bool]] = []
        if user is not None:
            narrow.append(log.c.user == user)
        if item is not None:
            narrow.append(log.c.item == item)
        size = PAGE if limit is None else max(0, min(limit, PAGE))
        if kinds is None:
            streams = [self._pages(narrow, after, until, newest_first, size)]
        elif narrow:
            streams = [self._pages([*narrow, _type.in_(kinds)], after, until, newest_first, size)]
        else:  # one type at a time: its index gives the log's order, that of several types does not
            streams = [self._pages([log.c.type == kind], after, until, newest_first, size) for kind in kinds]
        entries = merge(*streams, key=_seq, reverse=newest_first) if len(streams) != 1 else streams[0]
        return islice(entries, max(0, limit)) if limit is not None else iter(entries)

    def _pages(
        self, narrow: list[ColumnElement[bool]], after: int, until: int, newest_first: bool, size: int
    ) -> Iterator[Entry]:
        query = select(log).where(*narrow).order_by(log.c.seq.desc() if newest_first else log.c.seq).limit(size)
        while size and after < until:
            page = self._fetch(query.where(log.c.seq > after, log.c.seq <= until))
            for row in page:
                yield self._entry(row)
            if len(page) < size:
                return
            if newest_first:
                until = page[-1][0] - 1
            else:
                after = page[-1][0]

    def _fetch(self, query: Select[*tuple[Any, ...]]) -> list[Any]:
        with self._connections.reading() as connection:
            return list(connection.execute(query).all())

    def entry_of(self, id: str) -> Entry | None:
        """See `Store.entry_of`."""
        rows = self._fetch(select(log).where(log.c.id == id))
        return self._entry(rows[0]) if rows else None

    def engaged(self, users: Sequence[str], *, until: int | None = None) -> dict[str, int]:
        """See `Store.engaged`."""
        counts: dict[str, int] = {}
        names = list(dict.fromkeys(users))
        for start in range(0, len(names), NAMES):
            query = select(log.c.item, func.count()).where(
                log.c.user.in_(names[start : start + NAMES]), log.c.item.is_not(None), _type == "event"
            )
            if until is not None:
                query = query.where(log.c.seq <= until)
            for item, count in self._fetch(query.group_by(log.c.item)):
                counts[item] = counts.get(item, 0) + count
        return counts

    def prune(self, type: EntryType, keep: int) -> int:
        """See `Store.prune`."""
        newest = select(log.c.seq).where(log.c.type == type).order_by(log.c.seq.desc()).offset(keep).limit(1)
        with self._connections.writing() as connection:
            last = connection.execute(newest).scalar()
            if last is None:
                return 0
            return connection.execute(delete(log).where(log.c.type == type, log.c.seq <= last)).rowcount

    def _entry(self, row: Sequence[Any]) -> Entry:
        seq, type, id, user, item, time, body = row
        try:
            return Entry(seq, type, time, json.loads(body), id, user, item)
        except (ValueError, TypeError):
            raise StoreError(f"{self._connections.path}: entry {seq} of the log is damaged", fix=RESTORE) from None

    def _read_last(self) -> int:
        with self._connections.reading() as connection:
            found = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'log'").scalar()
            return int(found or 0)

    def _commit(self, group: Sequence[Ticket]) -> None:
        """Write a group durably; if it can't be, write each ticket alone so that one's fault is not another's."""
        connections = self._connections
        with connections.lock:
            try:
                connections.check_writable()
                if not self._write_new(group):
                    self._write(group)
                return
            except BaseException as error:
                connections.undo()
                if not isinstance(error, Exception):
                    raise
                fault = error
            if len(group) > 1 and not isinstance(fault, PenchantError | sqlite3.OperationalError):
                for ticket in group:
                    self._commit([ticket])
                return
            for ticket in group:
                ticket.error = self._blame(ticket, fault)

    def _write_new(self, group: Sequence[Ticket]) -> bool:
        """Write the group if none of its ids was there before: the usual case, which needs no look-up."""
        raw, seq = self._connections.raw, self._last
        try:
            if len(group) == 1 and len(group[0].rows) == 1:
                raw.execute(_insert, (seq + 1, *group[0].rows[0]))  # a transaction of its own
                self._last = seq + 1
                group[0].acks = [Ack(seq + 1)]
                return True
            rows: list[tuple[Any, ...]] = []
            for ticket in group:
                first = seq + 1
                for row in ticket.rows:
                    seq += 1
                    rows.append((seq, *row))
                ticket.acks = [Ack(number) for number in range(first, seq + 1)]
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany(_insert, rows)
            raw.execute("COMMIT")
        except sqlite3.IntegrityError:
            self._connections.undo()
            return False
        self._last = seq
        return True

    def _write(self, group: Sequence[Ticket]) -> None:
        """Write those rows of the group whose id is new, and acknowledge the others with the number they had."""
        raw, seq = self._connections.raw, self._last
        raw.execute("BEGIN IMMEDIATE")
        known = self._known([row[1] for ticket in group for row in ticket.rows if row[1] is not None])
        rows: list[tuple[Any, ...]] = []
        for ticket in group:
            acks: list[Ack] = []
            for row in ticket.rows:
                id = row[1]
                if id is not None and id in known:
                    acks.append(Ack(known[id], duplicate=True))
                    continue
                seq += 1
                if id is not None:
                    known[id] = seq
                rows.append((seq, *row))
                acks.append(Ack(seq))
            ticket.acks = acks
        raw.executemany(_insert, rows)
        raw.execute("COMMIT")
        self._last = seq

    def _known(self, ids: Sequence[str]) -> dict[str, int]:
        """Numbers of those ids that are in the log."""
        known: dict[str, int] = {}
        for start in range(0, len(ids), NAMES):
            some = ids[start : start + NAMES]
            marks = ",".join("?" * len(some))
            known.update(self._connections.raw.execute(f"SELECT id, seq FROM log WHERE id IN ({marks})", some))
        return known

    def _blame(self, ticket: Ticket, fault: Exception) -> Exception:
        """The error for this caller; if a field of its own rows is at fault, the one that names it."""
        if not isinstance(fault, PenchantError | sqlite3.OperationalError):
            for row in ticket.rows:
                for name, value in zip(("type", "id", "user", "item", "time"), row, strict=False):
                    if not _is_usable(name, value):
                        return InvalidRecord(f"draft.{name}", value, "give a finite time and ids of valid Unicode")
        return of_store(fault, self._connections.path)


def row_of(draft: Draft) -> Row:
    """The draft as the table holds it, without its number.

    Raises:
        InvalidRecord: the body is not JSON-able.

    >>> row_of(Draft("event", 5.0, {"kind": "view"}, user="ann", item="dune"))
    ('event', None, 'ann', 'dune', 5.0, '{"kind":"view"}')
    """
    try:
        body = _encode(draft.body)
        if not body.isascii():
            try:
                body.encode()
            except UnicodeEncodeError:  # a lone surrogate has no UTF-8, but it has an escape
                body = _encode_ascii(draft.body)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRecord("draft.body", draft.body, f"give what JSON can hold ({error})") from None
    return draft.type, draft.id, draft.user, draft.item, draft.time, body


def _seq(entry: Entry) -> int:
    return entry.seq


def _is_usable(name: str, value: object) -> bool:
    if name == "time":
        return isinstance(value, int | float) and value == value  # only NaN differs from itself
    if value is None:
        return name != "type"
    try:
        return bool(cast(str, value).encode()) or name != "type"
    except (UnicodeEncodeError, AttributeError):
        return False
