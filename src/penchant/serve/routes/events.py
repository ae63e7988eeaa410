"""Events: one, a list, or a stream of lines. Each is durable and learned when its answer comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import APIRouter, Body, Request, Response

from penchant.engine.each import Outcome
from penchant.errors import Busy, Closing, PenchantError
from penchant.records import Event
from penchant.serve.access import Ingest
from penchant.serve.answering import IdempotencyKey, durable_id, reasons, stamp, written
from penchant.serve.lines import event_of, lines_of
from penchant.serve.problems import responses
from penchant.serve.service import Session
from penchant.serve.wire.events import EventsIn, EventsWritten, LineOutcome, RefusedEvent, StreamEnd

router = APIRouter(prefix="/events", tags=["events"])
LINES = "application/x-ndjson"
GROUP = 500  # lines written together


@router.post("", operation_id="add_events", summary="Tell what people did", responses=responses(404, 409))
async def add_events(
    session: Ingest, body: Annotated[EventsIn, Body()], idempotency_key: IdempotencyKey = None
) -> EventsWritten:
    """One event, or a list of up to 10,000. Durable and learned when this is answered; the user's next answer has it.

    An event with an `id` that was there before is a duplicate and changes nothing, so that a retry is harmless; where
    events have none, `Idempotency-Key` stands in. One event that can't be taken is a problem; in a list the others are
    taken and `refused` says which were not. Events of one user are learned in the order in which they are sent.
    """
    if not isinstance(body, list):
        [outcome] = await written(session, [body.to_record(durable_id("event", idempotency_key))])
        if isinstance(outcome, PenchantError):
            raise outcome
        return EventsWritten(
            **stamp(session, outcome.version), accepted=outcome.accepted, duplicates=outcome.duplicates
        )
    events = [one.to_record(durable_id("event", idempotency_key, k)) for k, one in enumerate(body)]
    outcomes = await written(session, events)
    refused = [
        RefusedEvent(index=k, id=events[k].id, **dict(zip(("type", "detail", "fix"), reasons(outcome), strict=True)))
        for k, outcome in enumerate(outcomes)
        if isinstance(outcome, PenchantError)
    ]
    taken = [outcome for outcome in outcomes if not isinstance(outcome, PenchantError)]
    return EventsWritten(
        **stamp(session, max((t.version for t in taken), default=None)), accepted=sum(t.accepted for t in taken),
        duplicates=sum(t.duplicates for t in taken), refused=refused,
    )  # fmt: skip


@router.post(
    "/stream", operation_id="stream_events", summary="Tell what people did, a line an event",
    responses=responses() | {
        200: {
            "description": "A line (`LineOutcome`) for each line that was sent, in order, then one (`StreamEnd`).",
            "content": {LINES: {"schema": {"type": "string"}, "example": (
                '{"line":1,"outcome":"accepted","version":17}\n'
                '{"done":true,"accepted":1,"duplicates":0,"refused":0,"version":17,"request_id":"…","took_ms":3.1}\n'
            )}},
        }
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "JSON lines, each an event as in `POST /events`. Empty lines are passed over.",
            "content": {LINES: {"schema": {"type": "string"}, "example": (
                '{"user":"ann","item":"dune","kind":"like","id":"c1"}\n{"user":"bob","item":"dune","id":"c2"}\n'
            )}},
        }
    },
    response_class=Response,
)  # fmt: skip
async def stream_events(session: Ingest, request: Request, idempotency_key: IdempotencyKey = None) -> Response:
    """Any number of events, read as they come and written in groups, so that a slow engine slows the sender down.

    A line that can't be used, or an event that can't be taken, is refused alone, with the reason. The answer begins
    when the last line was read. If the service stops meanwhile, the answer is a problem: send all again; events with an
    `id` (or under the same `Idempotency-Key`) that were taken count as duplicates then.
    """
    answer: list[bytes] = []
    taken = duplicates = refused = version = 0
    async for group in _groups(request.stream(), idempotency_key):
        outcomes = iter(await _patiently(session, [event for _, event in group if isinstance(event, Event)]))
        for number, given in group:
            outcome = next(outcomes) if isinstance(given, Event) else given
            line = _outcome(number, given, outcome)
            taken, duplicates = taken + (line.outcome == "accepted"), duplicates + (line.outcome == "duplicate")
            refused, version = refused + (line.outcome == "refused"), max(version, line.version or 0)
            answer.append(line.model_dump_json(exclude_none=True).encode())
    end = StreamEnd(**stamp(session, version or None), accepted=taken, duplicates=duplicates, refused=refused)
    answer.append(end.model_dump_json().encode())
    return Response(b"\n".join(answer) + b"\n", media_type=LINES)


async def _groups(
    stream: AsyncIterator[bytes], key: str | None
) -> AsyncIterator[list[tuple[int, Event | PenchantError]]]:
    """Numbered lines as events, or why they are none."""
    group: list[tuple[int, Event | PenchantError]] = []
    async for number, line in lines_of(stream):
        group.append((number, event_of(line, durable_id("event", key, number))))
        if len(group) >= GROUP:
            yield group
            group = []
    if group:
        yield group


async def _patiently(session: Session, events: list[Event]) -> list[Outcome]:
    """What became of the events; while the queue is full, wait."""
    while True:
        try:
            return await written(session, events) if events else []
        except Closing:
            raise
        except Busy as busy:
            await anyio.sleep(min(busy.retry_after, 1.0))


def _outcome(number: int, given: Event | PenchantError, outcome: Outcome) -> LineOutcome:
    id = given.id if isinstance(given, Event) else None
    if isinstance(outcome, PenchantError):
        type, detail, fix = reasons(outcome)
        return LineOutcome(line=number, outcome="refused", id=id, type=type, detail=detail, fix=fix)
    return LineOutcome(
        line=number, outcome="accepted" if outcome.accepted else "duplicate", version=outcome.version, id=id
    )
