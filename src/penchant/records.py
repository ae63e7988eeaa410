"""What comes in: items, events, utterances and edits, validated; and the log's own entry.

A record is checked once, at the door. Times are UTC seconds since 1970 (float); a datetime, an ISO 8601 text or a
number is accepted, a naive datetime counts as UTC. Ids are any text of 1 to 1,024 bytes in UTF-8.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, field_validator, model_validator

from penchant.errors import InvalidRecord

MAX_ID_BYTES = 1024
MAX_TEXT = 100_000
MAX_PATHS = 8
FieldValue = str | int | float | bool | list[str] | None
Op = Literal["more", "less", "never", "always", "undo"]


def _id(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("give a text; numbers as ids are written in quotes")
    if not value:
        raise ValueError("give at least one character")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise ValueError("give valid Unicode (it holds a lone surrogate)") from None
    if size > MAX_ID_BYTES:
        raise ValueError(f"give at most {MAX_ID_BYTES} bytes (it has {size})")
    if "\x00" in value:
        raise ValueError("give a text without NUL characters")
    return value


def _text(value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise ValueError(f"give at most {MAX_TEXT} characters (it has {len(value)})")
        # what can't be stored as UTF-8 is replaced, never refused: text is data
        return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ")
    return value


def to_seconds(value: Any) -> float | None:
    """UTC seconds since 1970 of a number, datetime or ISO 8601 text; None stays None.

    Raises:
        ValueError: not a time, or not finite, or before 1900 or after 9999.

    >>> to_seconds("1970-01-02T00:00:00Z"), to_seconds(datetime(1970, 1, 1, 0, 0, 5)), to_seconds(None)
    (86400.0, 5.0, None)
    """
    if value is None:
        return None
    if isinstance(value, bool):
        raise ValueError("give seconds since 1970, a datetime or an ISO 8601 text")
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            try:
                value = float(value)
            except ValueError:
                raise ValueError("give seconds since 1970, a datetime or an ISO 8601 text") from None
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("give seconds since 1970, a datetime or an ISO 8601 text")
    if not -2_208_988_800 <= value <= 253_402_300_799:
        raise ValueError("give a time between the years 1900 and 9999, in seconds (not milliseconds)")
    return float(value)


Id = Annotated[str, BeforeValidator(_id)]
Text = Annotated[str, BeforeValidator(_text)]
Time = Annotated[float | None, BeforeValidator(to_seconds)]


class Record(BaseModel):
    """Base of what comes in. Bad input raises `InvalidRecord`, which names the field, the value and the fix."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=False)
    noun: ClassVar[str] = "record"

    def __init__(self, /, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise invalid(self.noun, error) from None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """The record from a mapping, as the constructor would make it."""
        return cls(**data)


def invalid(noun: str, error: ValidationError) -> InvalidRecord:
    """The first of pydantic's complaints as one `InvalidRecord`."""
    first = error.errors()[0]
    where = ".".join([noun, *(str(part) for part in first["loc"])])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        return InvalidRecord(where, None, "give this field")
    if first["type"] == "extra_forbidden":
        return InvalidRecord(where, first["input"], "there is no such field; check the spelling")
    return InvalidRecord(where, first["input"], message[:1].lower() + message[1:])


class Item(Record):
    """A thing that can be recommended. Adding the same id again updates it.

    Args:
        id: any text.
        text: what it is, in words, in any language the encoder knows; the first line is its title.
        paths: places in the tree, each one or more levels from general to particular; at most 8.
        fields: further named values that filters, rules and requests may use (price, year, language, ...); a name has
            at most 1,024 bytes.
        images: paths or addresses of pictures (kept; used by encoders that read pictures, from local files alone).
        audio: paths of sound files, likewise.
        vectors: vectors made elsewhere, by encoder id; the engine's encoder is not asked if its id is here.
        available: False hides it from recommendations.
        time: when it appeared, UTC; None: when it was added.

    Raises:
        InvalidRecord: a field can't be used.

    >>> Item(id="dune", text="Dune, a novel by Frank Herbert", paths=[["books", "science fiction"]]).title
    'Dune, a novel by Frank Herbert'
    """

    noun = "item"
    id: Id
    text: Text = ""
    paths: tuple[tuple[Text, ...], ...] = ()
    fields: dict[str, FieldValue] = {}
    images: tuple[Text, ...] = ()
    audio: tuple[Text, ...] = ()
    vectors: dict[str, tuple[float, ...]] = {}
    available: bool = True
    time: Time = None

    @property
    def title(self) -> str:
        """First line of the text, at most 120 characters; the id if there is no text."""
        line = self.text.strip().split("\n", 1)[0].strip()
        return (line if len(line) <= 120 else line[:117] + "...") or self.id

    @field_validator("paths")
    @classmethod
    def _paths(cls, paths: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        cleaned: dict[tuple[str, ...], None] = {}
        for path in paths:
            levels = tuple(level.strip() for level in path)
            if not levels or not all(levels):
                raise ValueError("give every path at least one level, and no empty level")
            if any(len(level) > 200 for level in levels) or len(levels) > 12:
                raise ValueError("give levels of at most 200 characters, 12 levels a path")
            cleaned[levels] = None
        if len(cleaned) > MAX_PATHS:
            raise ValueError(f"give at most {MAX_PATHS} paths (it has {len(cleaned)})")
        return tuple(cleaned)

    @field_validator("fields")
    @classmethod
    def _fields(cls, fields: dict[str, FieldValue]) -> dict[str, FieldValue]:
        for name, value in fields.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"give a finite number for {name!r}, or leave it out")
            if (size := len(name.encode("utf-8", "surrogatepass"))) > MAX_ID_BYTES:
                raise ValueError(f"give {name[:40] + '...'!r} a name of at most {MAX_ID_BYTES} bytes (it has {size})")
        return fields

    @field_validator("vectors")
    @classmethod
    def _vectors(cls, vectors: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        for name, vector in vectors.items():
            if not vector or not all(math.isfinite(x) for x in vector):
                raise ValueError(f"give finite numbers in the vector {name!r}")
        return vectors


class Event(Record):
    """What a user did with an item, at a time.

    Args:
        user: who.
        item: what with; it must be in the catalogue.
        kind: how, e.g. view, click, like, purchase, rating, skip, dislike; the domain says what each means.
        time: when, UTC; None: now.
        value: rating, dwell seconds, play count, ...; what it means depends on the kind.
        id: makes a retry harmless: the same id is learned once.
        request_id: the answer this is feedback on.
        context: where and how: device, place, any name.

    Raises:
        InvalidRecord: a field can't be used.

    >>> Event(user="ann", item="dune", kind="purchase").kind
    'purchase'
    >>> Event(user="", item="dune")
    Traceback (most recent call last):
    ...
    penchant.errors.InvalidRecord: event.user: '' can't be used; give at least one character
    """

    noun = "event"
    user: Id
    item: Id
    kind: Id = "view"
    time: Time = None
    value: float | None = None
    id: Id | None = None
    request_id: Id | None = None
    context: dict[str, Text] = {}

    @field_validator("value")
    @classmethod
    def _value(cls, value: float | None) -> float | None:
        if value is not None and not math.isfinite(value):
            raise ValueError("give a finite number, or leave it out")
        return value

    @field_validator("context")
    @classmethod
    def _context(cls, context: dict[str, str]) -> dict[str, str]:
        if len(context) > 16 or any(len(k) > 64 or len(v) > 256 for k, v in context.items()):
            raise ValueError("give at most 16 entries, names of 64 and values of 256 characters")
        return context


class Utterance(Record):
    """What a user said: a wish, a like or a dislike in words.

    >>> Utterance(user="ann", text="我想找本科幻小说").user
    'ann'
    """

    noun = "utterance"
    user: Id
    text: Text
    time: Time = None
    id: Id | None = None

    @field_validator("text")
    @classmethod
    def _said(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("say something")
        if len(text) > 4000:
            raise ValueError("say it in at most 4,000 characters")
        return text


class Edit(Record):
    """A user's own change to their profile: more or less of a node, never or always, or undo of an earlier edit.

    Args:
        path: the node, category or (category, dimension).
        op: more, less, never, always, undo.
        undoes: for undo: id of the edit or utterance to take back; None: the latest one that stands.

    >>> Edit(user="ann", path=["books", "horror"], op="never").op
    'never'
    """

    noun = "edit"
    user: Id
    path: tuple[Text, ...] = ()
    op: Op
    time: Time = None
    id: Id | None = None
    undoes: Id | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.op != "undo" and (not self.path or not all(level.strip() for level in self.path)):
            raise ValueError("give the path of a node, e.g. ['books', 'horror']")
        return self


EntryType = Literal[
    "item",
    "event",
    "utterance",
    "edit",
    "settings",
    "fit",
    "warm",
    "retire",
    "delete",
    "merge",
    "reset",
    "answer",
    "trained",
    "rollback",
    "restore",
]


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before the log has numbered it.

    Attributes:
        type: what kind of record.
        time: event time, UTC seconds.
        body: what the fold needs, JSON-able.
        id: idempotency key, unique in the log among records of all types; None: never a duplicate.
        user, item: external ids this record is about, for look-ups and erasure.
    """

    type: EntryType
    time: float
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    id: str | None = None
    user: str | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as it stands in the log; `seq` grows by one or more from entry to entry."""

    seq: int
    type: EntryType
    time: float
    body: dict[str, Any]
    id: str | None = None
    user: str | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Ack:
    """The store's word that a draft is durable: its number, and whether it had been there before."""

    seq: int
    duplicate: bool = False
