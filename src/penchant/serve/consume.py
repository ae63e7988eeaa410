"""Messages of a stream as events: learned once each, acknowledged only after that, or told why not.

A stream brings every message at least once; an event's id, or where it has none the message's place in the stream,
makes it learned exactly once. What can't ever be learned is a refusal, which goes to the dead letters with its reason;
what can't be learned now (a full queue, a failing store, a service that is away) is tried again and holds the stream
back meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from penchant.engine import Learned
from penchant.engine.each import Outcome
from penchant.errors import Busy, InvalidRecord, PenchantError, Refused, UnknownId
from penchant.records import Event
from penchant.serve.answering import reasons
from penchant.serve.client import Client
from penchant.serve.lines import event_of

log = logging.getLogger("penchant.serve")
Fate = Literal["accepted", "duplicate", "refused"]
FATES: tuple[Fate, ...] = ("accepted", "duplicate", "refused")
LONGEST_WAIT = 5.0  # seconds between tries
FINAL = (InvalidRecord, UnknownId, Refused)  # another try would end the same


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a broker gave it.

    Attributes:
        body: as it came.
        place: names it for good, the same at each delivery: broker, stream, number, and when it entered the stream,
            so that a stream made anew doesn't repeat the names of the old one.
        time: when it entered the stream, UTC seconds: the time of an event that has none.
    """

    body: bytes
    place: str
    time: float | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message can't ever be learned: a problem's type, and what happened and what to do in words."""

    type: str
    reason: str


@dataclass(slots=True)
class Tally:
    """What a consumer has done since it started, and how far it is behind.

    Attributes:
        accepted, duplicate, refused: messages by what became of them.
        lag: messages of the stream not acknowledged yet; None: not known.
        lags: the same of each partition that this consumer reads, by number, where a stream has partitions.
        waits: messages that are being learned.
        failing: nothing can be learned now.
    """

    accepted: int = 0
    duplicate: int = 0
    refused: int = 0
    lag: int | None = None
    lags: dict[int, int] = field(default_factory=dict[int, int])
    waits: int = 0
    failing: bool = False

    def to_dict(self) -> dict[str, int | bool | None]:
        """All of it, JSON-able."""
        return {
            "accepted": self.accepted, "duplicates": self.duplicate, "refused": self.refused, "lag": self.lag,
            "waits": self.waits, "failing": self.failing,
        }  # fmt: skip


class Taker(Protocol):
    """What takes events: a catalogue's writer."""

    def submit(self, events: Sequence[Event]) -> Future[list[Outcome]]:
        """See `penchant.serve.writer.Writer.submit`."""
        ...


class Intake:
    """Learns messages in the order in which `take` is called.

    >>> from penchant import Engine
    >>> from penchant.serve.writer import Writer
    >>> engine = Engine.open(base="shop")
    >>> added = engine.add_items([{"id": "tea", "text": "green tea"}])
    >>> intake = Intake(Writer(engine))
    >>> message = Message(b'{"user": "ann", "item": "tea"}', place="nats:events:1")
    >>> asyncio.run(intake.take(message)), asyncio.run(intake.take(message)), intake.tally.accepted
    ('accepted', 'duplicate', 1)
    >>> asyncio.run(intake.take(Message(b"{}", place="nats:events:2"))).type
    'urn:penchant:problem:invalid-record'
    >>> engine.close()
    """

    def __init__(self, taker: Taker) -> None:
        self.tally = Tally()
        self._taker = taker
        self._turn = asyncio.Lock()

    async def take(self, message: Message) -> Fate | Refusal:
        """What became of the message, once that is durable; waits as long as nothing can be learned."""
        self.tally.waits += 1
        try:
            event = event_of(message.body, message.place, message.time)
            outcome = event if isinstance(event, PenchantError) else await self._learned(event)
        finally:
            self.tally.waits -= 1
        if isinstance(outcome, Learned):
            fate: Fate = "accepted" if outcome.accepted else "duplicate"
            setattr(self.tally, fate, getattr(self.tally, fate) + 1)
            return fate
        self.tally.refused += 1
        type, detail, fix = reasons(outcome)
        return Refusal(type, f"{detail}; {fix}" if fix else detail)

    async def _learned(self, event: Event) -> Outcome:
        wait = 0.05
        while True:
            try:
                [outcome] = await asyncio.wrap_future(await self._queued(event))
            except PenchantError as error:
                outcome = error
            except Exception as error:  # nobody foresaw it: the message is kept until it can be learned
                outcome = PenchantError(f"{type(error).__name__} while learning")
            if isinstance(outcome, (Learned, *FINAL)):
                self._note(None)
                return outcome
            self._note(outcome)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    async def _queued(self, event: Event) -> Future[list[Outcome]]:
        """The event in the queue, in its turn; while that is full, those behind wait, too."""
        async with self._turn:
            while True:
                try:
                    return self._taker.submit([event])
                except Busy as busy:
                    await asyncio.sleep(min(busy.retry_after, LONGEST_WAIT))

    def _note(self, error: PenchantError | None) -> None:
        if error is not None and not self.tally.failing:
            log.error("nothing can be learned now, tried again: %s: %s", type(error).__name__, error)
        elif error is None and self.tally.failing:
            log.info("messages are learned again")
        self.tally.failing = error is not None


class Remote:
    """A running service as what a writer writes to, for a catalogue has one writing process.

    Args:
        client: with a key of role ingest.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def observe_each(self, events: Sequence[Event]) -> list[Outcome]:
        """As `Engine.observe_each`.

        Raises:
            PenchantError: the service could not be reached, or would not take them.
        """
        answer = self._client.stream_events(events)
        if len(answer.lines) != len(events):
            raise Busy("the service's answer is of other events", fix="send them again")
        outcomes: list[Outcome] = []
        for line in answer.lines:
            if line.outcome == "refused":
                outcomes.append(_refused(line.type or "", line.detail or "", line.fix or ""))
            else:
                taken = line.outcome == "accepted"
                outcomes.append(Learned(line.version or 0, int(taken), int(not taken)))
        return outcomes


def _refused(kind: str, detail: str, fix: str) -> PenchantError:
    slug = kind.rpartition(":")[2]
    if slug == "invalid-record":
        return InvalidRecord(detail.removesuffix(" can't be used") or "event", None, fix)
    if slug in ("unknown-id", "refused", "unreadable"):
        return (UnknownId if slug == "unknown-id" else Refused)(detail, fix=fix)
    return PenchantError(detail, fix=fix)


async def unless(stop: asyncio.Event, work: Any) -> bool:
    """Whether the work was done before `stop` was set; raises what it raises."""
    doing, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if doing.done():
        doing.result()
        return True
    doing.cancel()
    await asyncio.wait({doing})
    return False


def told(tally: Tally) -> str:
    """The tally in one line of JSON."""
    return json.dumps(tally.to_dict())
