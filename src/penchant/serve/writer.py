"""One writer a catalogue: events of all callers in one bounded queue, written in groups, each with its own outcome.

While one group is on its way to disk the next one gathers, so that the more callers there are, the larger the groups;
nobody waits for company. The queue keeps the order of submission, and with it every user's own order.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from penchant.engine import Learned
from penchant.engine.each import Outcome
from penchant.errors import Busy, Closing
from penchant.records import Event

GROUP = 64  # events learned in one go; an answer waits at most for one such group


class Observer(Protocol):
    """What a writer writes to: an engine."""

    def observe_each(self, events: Sequence[Event]) -> list[Outcome]:
        """See `penchant.engine.each.Each.observe_each`."""
        ...


@dataclass(slots=True)
class _Job:
    """Events of one caller, what became of them so far, and the caller's future."""

    events: Sequence[Event]
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    future: Future[list[Outcome]] = field(default_factory=Future[list[Outcome]])

    @property
    def left(self) -> int:
        return len(self.events) - len(self.outcomes)


class Writer:
    """Takes events from any thread or event loop and writes them in groups by one thread of its own.

    Args:
        engine: what it writes to.
        capacity: events that may wait; more are refused with `Busy`.
        group: events written together at most.

    >>> from penchant import Engine
    >>> engine = Engine.open(base="shop")
    >>> added = engine.add_items([{"id": "tea", "text": "green tea"}])
    >>> writer = Writer(engine)
    >>> [learned] = writer.submit([Event(user="ann", item="tea")]).result()
    >>> learned.accepted
    1
    >>> writer.drain(), engine.close()
    (True, None)
    """

    def __init__(self, engine: Observer, *, capacity: int = 10_000, group: int = GROUP) -> None:
        if capacity < 1 or group < 1:
            raise ValueError("capacity and group are at least 1")
        self.capacity = capacity
        self._engine, self._group = engine, group
        self.counts = {"accepted": 0, "duplicate": 0, "refused": 0, "failed": 0}  # events by what became of them
        self._jobs: deque[_Job] = deque()
        self._waiting = 0
        self._seconds = 0.001  # a running mean of what one event takes, for Retry-After
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def depth(self) -> int:
        """Events that wait or are being written."""
        return self._waiting

    def submit(self, events: Sequence[Event]) -> Future[list[Outcome]]:
        """Queue events; the future holds for each what it was learned as, or why it was not.

        A list longer than the capacity is taken when nothing else waits.

        Raises:
            Busy: the queue is full.
            Closing: the writer takes no more.
        """
        job = _Job(tuple(events))
        if not job.events:
            job.future.set_result([])
            return job.future
        with self._changed:
            if self._closing:
                raise Closing("the service is shutting down", fix="send it again in a few seconds", retry_after=5)
            if self._waiting and self._waiting + len(job.events) > self.capacity:
                wait = min(60, max(1, math.ceil(self._waiting * self._seconds)))
                raise Busy(f"{self._waiting} events wait to be written", fix="send it again later", retry_after=wait)
            self._waiting += len(job.events)
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="penchant-writer", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return job.future

    async def put(self, events: Sequence[Event]) -> list[Outcome]:
        """`submit`, awaited. If the caller is cancelled meanwhile, events not yet begun are not written.

        Raises:
            Busy, Closing: as `submit`. StoreError: nothing could be written.
        """
        return await asyncio.wrap_future(self.submit(events))

    def drain(self, timeout: float | None = None) -> bool:
        """Take nothing more and write what waits; False if `timeout` seconds passed before that was done."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)
            return not thread.is_alive()
        return True

    # -- the writing thread ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (parts := self._next()) is not None:
            events = [event for job, n in parts for event in job.events[len(job.outcomes) : len(job.outcomes) + n]]
            started = time.perf_counter()
            try:
                outcomes = self._engine.observe_each(events)
            except BaseException as error:  # a full disk, say: each of these callers is told
                self._fail(parts, error)
                continue
            self._seconds += 0.1 * ((time.perf_counter() - started) / len(events) - self._seconds)
            self._settle(parts, outcomes)

    def _next(self) -> list[tuple[_Job, int]] | None:
        """Jobs of the next group, and how many of each one's events are in it; None: there will be no more."""
        with self._changed:
            while True:
                parts: list[tuple[_Job, int]] = []
                room = self._group
                for job in list(islice(self._jobs, self._group)):
                    if not job.future.running() and not job.future.set_running_or_notify_cancel():
                        self._jobs.remove(job)  # its caller is gone
                        self._waiting -= job.left
                        continue
                    parts.append((job, min(room, job.left)))
                    room -= parts[-1][1]
                    if not room:
                        break
                if parts:
                    return parts
                if self._jobs:  # only callers who are gone stood in front
                    continue
                if self._closing:
                    return None
                self._changed.wait()

    def _settle(self, parts: list[tuple[_Job, int]], outcomes: list[Outcome]) -> None:
        first = 0
        done: list[_Job] = []
        for outcome in outcomes:
            taken = isinstance(outcome, Learned)
            self.counts["refused" if not taken else "accepted" if outcome.accepted else "duplicate"] += 1
        for job, n in parts:
            job.outcomes += outcomes[first : first + n]
            first += n
            if not job.left:
                done.append(job)
        with self._changed:
            self._waiting -= first
            for job in done:
                self._jobs.remove(job)
        for job in done:
            job.future.set_result(job.outcomes)

    def _fail(self, parts: list[tuple[_Job, int]], error: BaseException) -> None:
        self.counts["failed"] += sum(job.left for job, _ in parts)
        with self._changed:
            for job, _ in parts:
                self._waiting -= job.left
                self._jobs.remove(job)
        for job, _ in parts:
            job.future.set_exception(error)
