"""Group commit: calls that arrive while one is being written to disk share the next write.

The first to come leads: it takes all that wait, commits them in one transaction with one fsync, and hands the lead to
the first that came meanwhile. Nobody waits longer than the commit under way and their own.
Source: the write queue of LevelDB (Dean and Ghemawat, 2011); DeWitt et al., "Implementation Techniques for Main Memory
Database Systems", SIGMOD 1984.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from penchant.errors import StoreError
from penchant.records import Ack

Row = tuple[str, "str | None", "str | None", "str | None", float, str]  # type, id, user, item, time, body
MAX_GROUP_ROWS = 20_000
INTERRUPTED = "the commit was interrupted and may or may not be on disk"
AGAIN = "send the records again with the same ids"


class Ticket:
    """One caller's rows, and what became of them."""

    __slots__ = ("acks", "done", "error", "leads", "rows", "wake")

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.acks: list[Ack] = []
        self.error: Exception | None = None
        self.done = self.leads = False
        self.wake: threading.Lock | None = None


class GroupCommit:
    """Gathers tickets and commits them in groups.

    Args:
        commit: writes a group durably and sets `acks` or `error` of each ticket. It runs in one thread at a time.

    >>> def commit(group):
    ...     for ticket in group:
    ...         ticket.acks = [Ack(1)]
    >>> GroupCommit(commit).submit([("event", None, "ann", "dune", 0.0, "{}")])
    [Ack(seq=1, duplicate=False)]
    """

    def __init__(self, commit: Callable[[Sequence[Ticket]], None]) -> None:
        self._commit = commit
        self._mutex = threading.Lock()
        self._waiting: list[Ticket] = []
        self._led = False

    def submit(self, rows: Sequence[Row]) -> list[Ack]:
        """Acknowledgements of the rows, once their group is on disk.

        Raises:
            Exception: what `commit` set as this ticket's error.
        """
        ticket = Ticket(rows)
        with self._mutex:
            self._waiting.append(ticket)
            if not self._led:
                self._led = ticket.leads = True
            else:
                ticket.wake = threading.Lock()
                ticket.wake.acquire()
        try:
            if ticket.wake is not None:
                ticket.wake.acquire()  # until done, or given the lead
            if not ticket.done:
                self._lead(ticket)
        except BaseException:
            self._abandon(ticket)
            raise
        if ticket.error is not None:
            raise ticket.error
        return ticket.acks

    def _lead(self, leader: Ticket) -> None:
        with self._mutex:
            group = self._take()
        try:
            self._commit(group)
        except BaseException as error:  # interrupted: followers must neither hang nor believe they were written
            for ticket in group:
                ticket.error = error if isinstance(error, Exception) else StoreError(INTERRUPTED, fix=AGAIN)
            raise
        finally:
            with self._mutex:
                for ticket in group:
                    ticket.done = True
                    if ticket.wake is not None and ticket is not leader:
                        ticket.wake.release()
                leader.leads = False
                self._pass_on()

    def _abandon(self, ticket: Ticket) -> None:
        """The caller was interrupted (Ctrl-C): leave the queue, and don't keep a lead that nobody would take up."""
        with self._mutex:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                if ticket.leads:
                    self._pass_on()

    def _take(self) -> list[Ticket]:
        """The first ticket and as many more as make a group of bounded size."""
        size = count = 0
        for ticket in self._waiting:
            size += len(ticket.rows)
            if count and size > MAX_GROUP_ROWS:
                break
            count += 1
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group

    def _pass_on(self) -> None:
        if not self._waiting:
            self._led = False
            return
        heir = self._waiting[0]
        heir.leads = True
        assert heir.wake is not None
        heir.wake.release()
