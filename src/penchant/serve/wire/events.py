"""Events over HTTP: one, a list, or a stream of lines."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag

from penchant.records import Event
from penchant.serve.wire.items import one_or_many
from penchant.serve.wire.stamp import USER, Context, Given, Id, Number, Time, Written

LIKE: dict[str, JsonValue] = {"user": "ann", "item": "dune", "kind": "like", "id": "c1f0a2"}
MOST = 10_000  # events in one list


class EventIn(Given):
    """What a user did with an item, at a time."""

    model_config = ConfigDict(json_schema_extra={"examples": [LIKE]})

    user: Id = Field(description=USER, examples=["ann"])
    item: Id = Field(description="What with; it must be in the catalogue.", examples=["dune"])
    kind: Id = Field(
        default="view", description="How: view, click, like, purchase, rating, skip, dislike, ...", examples=["like"]
    )
    time: Time = Field(default=None, description="When, UTC; null: now. At most 5 minutes ahead of the clock.")
    value: Number | None = Field(default=None, description="Rating, dwell seconds, ...; its meaning is the kind's.")
    id: Id | None = Field(default=None, description="Makes a retry harmless: the same id is learned once.")
    request_id: Id | None = Field(
        default=None, description="The answer this is feedback on: what stood above and was passed over is learned too."
    )
    context: Context = Field(
        default={}, max_length=16, description="Where and how: device, place, any name.", examples=[{"device": "tv"}]
    )

    def to_record(self, id: str | None = None) -> Event:
        """The record; `id` where it has none of its own."""
        return Event(
            user=self.user, item=self.item, kind=self.kind, time=self.time, value=self.value, id=self.id or id,
            request_id=self.request_id, context=self.context,
        )  # fmt: skip


EventsIn = Annotated[
    Annotated[EventIn, Tag("one")] | Annotated[list[EventIn], Field(max_length=MOST), Tag("many")],
    Discriminator(one_or_many),
]


class RefusedEvent(BaseModel):
    """An event of a list that was not taken, and why."""

    index: int = Field(description="Its place in the list, from 0.", examples=[3])
    id: str | None = Field(default=None, description="Its id, if it has one.")
    type: str = Field(description="Kind of problem, as problems have it.", examples=["urn:penchant:problem:unknown-id"])
    detail: str = Field(description="What happened.", examples=["item 'dune' is not in the catalogue"])
    fix: str = Field(default="", description="What to do.")


class EventsWritten(Written):
    """What became of the events: every one is accepted, a duplicate, or refused."""

    refused: list[RefusedEvent] = Field(default=[], description="Those of a list that were not taken.")


class LineOutcome(BaseModel):
    """What became of one line of a stream."""

    line: int = Field(description="Its number, from 1.", examples=[1])
    outcome: Literal["accepted", "duplicate", "refused"]
    version: int | None = Field(default=None, description="That has it; null if it was refused.")
    id: str | None = Field(default=None, description="The event's id, if it has one.")
    type: str | None = Field(default=None, description="Kind of problem, if it was refused.")
    detail: str | None = Field(default=None, description="What happened, if it was refused.")
    fix: str | None = Field(default=None, description="What to do, if it was refused.")


class StreamEnd(Written):
    """The last line of the answer to a stream."""

    refused: int = Field(description="How many lines were not taken.", examples=[0])
    done: Literal[True] = Field(default=True, description="Tells this line from the others.")
