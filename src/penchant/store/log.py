"""The log: drafts become numbered entries, in one order, and are found again by number, id, user, item and type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice
from typing import Any, cast

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Select, delete, func, select

from penchant.errors import InvalidRecord, PenchantError, StoreError
from penchant.records import Ack, Draft, Entry, EntryType
from penchant.store.base import Counts
from penchant.store.commit import AGAIN, INTERRUPTED, GroupCommit, Row, Ticket
from penchant.store.database import Database, NumberedRow
from penchant.store.faults import RESTORE
from penchant.store.schema import log

PAGE = 500  # entries read at a time, so that no cursor stays open while the caller works
NAMES = 500  # users in one look-up, well under SQLite's limit on variables

# json.dumps builds a new encoder on every call with settings of one's own
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode
# an expression has no index: beside a user or an item, SQLite must not take the type's, which is the longer list
_type = log.c.type.concat("")


class Log:
    """The log's table: appending in groups and reading in pages.

    Args:
        connections: where the table is.
    """

    def __init__(self, connections: Database) -> None:
        self._connections = connections
        self._group = GroupCommit(self._commit)
        self._last = self._intended = self._read_last()
        self._unsure = False  # whether a commit was cut off, so that the highest number is to be looked up

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

    def counts(self, *, until: int | None = None) -> Counts:
        """See `Store.counts`."""
        within = [] if until is None else [log.c.seq <= until]

        def number(what: ColumnElement[int], *types: EntryType) -> int:
            return int(self._fetch(select(what).where(log.c.type.in_(types), *within))[0][0])

        each_item, each_user = func.count(log.c.item.distinct()), func.count(log.c.user.distinct())
        return Counts(
            events=number(func.count(), "event"), items=number(each_item, "item") - number(each_item, "delete"),
            users=number(each_user, "event", "utterance", "edit", "merge"),
        )  # fmt: skip

    def prune(self, type: EntryType, keep: int) -> int:
        """See `Store.prune`."""
        newest = select(log.c.seq).where(log.c.type == type).order_by(log.c.seq.desc()).offset(keep).limit(1)
        with self._connections.writing() as connection:
            last = connection.execute(newest).scalar()
            if last is None:
                return 0
            self._connections.keep_highest(connection)
            return connection.execute(delete(log).where(log.c.type == type, log.c.seq <= last)).rowcount

    def _entry(self, row: Sequence[Any]) -> Entry:
        seq, type, id, user, item, time, body = row
        try:
            return Entry(seq, type, time, json.loads(body), id, user, item)
        except (ValueError, TypeError):
            raise StoreError(f"{self._connections.name}: entry {seq} of the log is damaged", fix=RESTORE) from None

    def _read_last(self) -> int:
        with self._connections.reading() as connection:
            return self._connections.highest(connection)

    def _commit(self, group: Sequence[Ticket]) -> None:
        """Write a group durably; if it can't be, write each ticket alone so that one's fault is not another's."""
        connections = self._connections
        with connections.lock:
            fault = self._attempt(group)
            if fault is not None and connections.is_lost(fault):
                fault = self._resume(group)
            if fault is None:
                return
            if len(group) > 1 and not self._is_nobodys(fault):
                for ticket in group:
                    self._commit([ticket])
                return
            for ticket in group:
                ticket.error = self._blame(ticket, fault)

    def _attempt(self, group: Sequence[Ticket]) -> Exception | None:
        """Write the group; what went wrong, if anything did."""
        try:
            self._connections.check_writable()
            if self._unsure:
                self._last, self._unsure = self._read_last(), False
            if not self._write_new(group):
                self._write(group)
        except Exception as error:
            self._connections.undo()
            return error
        except BaseException:
            self._unsure = True
            self._connections.undo()
            raise
        return None

    def _resume(self, group: Sequence[Ticket]) -> Exception | None:
        """Connect anew and see whether the group is there: nobody else can have written meanwhile."""
        self._unsure = True
        try:
            self._connections.revive()
            self._last = self._read_last()
        except PenchantError as error:
            return type(error)(f"{error.what}; {INTERRUPTED}", fix=f"{error.fix}; {AGAIN}")
        self._unsure = False
        return None if self._last >= self._intended else self._attempt(group)

    def _write_new(self, group: Sequence[Ticket]) -> bool:
        """Write the group if none of its ids was there before: the usual case, which needs no look-up."""
        seq = self._last
        if len(group) == 1 and len(group[0].rows) == 1:
            group[0].acks = [Ack(seq + 1)]
            rows: list[NumberedRow] = [(seq + 1, *group[0].rows[0])]
        else:
            rows = []
            for ticket in group:
                first = seq + 1
                for row in ticket.rows:
                    seq += 1
                    rows.append((seq, *row))
                ticket.acks = [Ack(number) for number in range(first, seq + 1)]
        try:
            self._insert(rows)
        except self._connections.conflict:
            self._connections.undo()
            return False
        return True

    def _write(self, group: Sequence[Ticket]) -> None:
        """Write those rows of the group whose id is new, and acknowledge the others with the number they had."""
        seq = self._last
        ids = [row[1] for ticket in group for row in ticket.rows if row[1] is not None]
        known = self._connections.known(ids)
        rows: list[NumberedRow] = []
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
        if rows:
            self._insert(rows)

    def _insert(self, rows: Sequence[NumberedRow]) -> None:
        self._intended = rows[-1][0]
        self._connections.insert_rows(rows)
        self._last = self._intended

    def _is_nobodys(self, fault: Exception) -> bool:
        return isinstance(fault, PenchantError) or self._connections.is_outage(fault)

    def _blame(self, ticket: Ticket, fault: Exception) -> Exception:
        """The error for this caller; if a field of its own rows is at fault, the one that names it."""
        if not self._is_nobodys(fault):
            for row in ticket.rows:
                for name, value in zip(("type", "id", "user", "item", "time"), row, strict=False):
                    if not _is_usable(name, value):
                        return InvalidRecord(f"draft.{name}", value, "give a finite time and ids of valid Unicode")
        return self._connections.fault(fault)


def row_of(draft: Draft) -> Row:
    """The draft as the table holds it, without its number.

    Raises:
        InvalidRecord: the body is not JSON-able.

    >>> row_of(Draft("event", 5.0, {"kind": "view"}, user="ann", item="dune"))
    ('event', None, 'ann', 'dune', 5.0, '{"kind":"view"}')
    """
    try:
        if draft.type == "answer" and (quick := _quickly(draft.body)) is not None:
            return draft.type, draft.id, draft.user, draft.item, draft.time, quick
        body = _encode(draft.body)
        if not body.isascii():
            try:
                body.encode()
            except UnicodeEncodeError:  # a lone surrogate has no UTF-8, but it has an escape
                body = _encode_ascii(draft.body)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRecord("draft.body", draft.body, f"give what JSON can hold ({error})") from None
    return draft.type, draft.id, draft.user, draft.item, draft.time, body


def _quickly(body: Mapping[str, Any]) -> str | None:
    """The body of an answer, hundreds of floats: six times faster than by `json`, which takes less for JSON, too."""
    try:
        text = to_json(body).decode()
    except (TypeError, ValueError, RecursionError):
        return None
    return None if "NaN" in text or "Infinity" in text else text  # such a number, or in a title: `json` tells which


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
