"""What every answer holds, and the types that many requests share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, WithJsonSchema

from penchant.errors import InvalidRecord
from penchant.records import MAX_ID_BYTES, to_seconds

_TIME: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "minimum": -2_208_988_800, "maximum": 253_402_300_799},
        {"type": "string", "format": "date-time"},
        {"type": "null"},
    ],
    "description": "UTC seconds since 1970, or ISO 8601.",
}


def _whole(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError("input should be a valid integer")
    return value


# as the contract has them: no text that reads like one, no flag for a number; 5.0 is an integer of JSON
Int = Annotated[int, BeforeValidator(_whole)]
Count = Annotated[int, Field(ge=0), BeforeValidator(_whole)]  # its `ge` outside would stand in the contract as "ge"
Number = Annotated[float, Strict()]
Flag = Annotated[bool, Strict()]
Time = Annotated[float | None, BeforeValidator(to_seconds), WithJsonSchema(_TIME)]
Id = Annotated[str, Field(min_length=1, max_length=MAX_ID_BYTES)]
Context = dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=256)]]
Path = Annotated[list[str], Field(max_length=12)]

USER = "Who: any text, at most 1,024 bytes. Nobody needs to be announced first."


class Given(BaseModel):
    """Base of requests: a field that there isn't is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Stamped(BaseModel):
    """What every answer holds."""

    request_id: str = Field(description="Names this answer.", examples=["0b6a4f1c2d3e4f5061728394a5b6c7d8"])
    version: int = Field(
        description="Number of the last log entry that the model had learned; it never falls.", examples=[4711]
    )
    took_ms: float = Field(description="Milliseconds from the request's coming to this answer.", examples=[2.4])


class Page(Stamped):
    """A part of a list."""

    next: str | None = Field(default=None, description="`cursor` of the next part; null: this was the last.")


class Written(Stamped):
    """What was written: durable, and in every answer of this version or later."""

    accepted: int = Field(description="How many were new.", examples=[1])
    duplicates: int = Field(
        default=0, description="How many had been there before, by their ids or content; nothing happened to them."
    )


def place_of(cursor: str | None) -> int:
    """The place that a cursor stands for, 0 for none.

    Raises:
        InvalidRecord: it is not one that was given out.

    >>> place_of(None), place_of(cursor_of(17))
    (0, 17)
    """
    if cursor is None:
        return 0
    if not cursor.startswith("c") or not cursor[1:].isascii() or not cursor[1:].isdecimal() or len(cursor) > 19:
        raise InvalidRecord("cursor", cursor, "give `next` of the part before as it came")
    return int(cursor[1:])


def cursor_of(place: int) -> str:
    """The cursor that stands for a place."""
    return f"c{place}"
