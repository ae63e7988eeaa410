"""Lines out of a body that comes in parts, with a bound on what is held; and the event that a line holds."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, cast

from penchant.errors import InvalidRecord, PenchantError
from penchant.records import Event
from penchant.serve.limits import check_json

LONGEST = 1 << 20  # bytes of one line
DEEPEST = 32  # arrays and objects within each other in a line


async def lines_of(parts: AsyncIterator[bytes], longest: int = LONGEST) -> AsyncIterator[tuple[int, bytes | None]]:
    """(number from 1, line) of each line that is not empty; None for one that is too long, which is passed over.

    Args:
        parts: bytes as they come.
        longest: bytes that one line may have.
    """
    number, held, skipping = 1, bytearray(), False
    async for part in parts:
        first = 0
        while (end := part.find(b"\n", first)) >= 0:
            held += part[first:end]
            if skipping or len(held) > longest:
                yield number, None
            elif line := bytes(held).strip():
                yield number, line
            number, first, skipping = number + 1, end + 1, False
            held.clear()
        held += part[first:]
        if len(held) > longest:
            skipping = True
            held.clear()
    if skipping:
        yield number, None
    elif line := bytes(held).strip():
        yield number, line


def event_of(line: bytes | None, id: str | None = None, time: float | None = None) -> Event | PenchantError:
    """The event of a line, or why it holds none.

    Args:
        line: as it came; None: it was too long.
        id, time: of an event that has none of its own.

    >>> event_of(b'{"user": "ann", "item": "dune"}', id="c1").id
    'c1'
    >>> str(event_of(b"[]"))
    "line: 'no object' can't be used; give one JSON object a line"
    """
    try:
        if line is None or len(line) > LONGEST:
            raise InvalidRecord("line", "too long", "give lines of at most 1 MiB")
        check_json(line, DEEPEST)
        given: Any = json.loads(line, parse_constant=_no_constant)
        if not isinstance(given, dict):
            raise InvalidRecord("line", "no object", "give one JSON object a line")
        fields = cast("dict[str, Any]", given)
        for name, value in (("id", id), ("time", time)):
            if value is not None and fields.get(name) is None:
                fields[name] = value
        if isinstance(given := fields.get("value"), bool | str):  # a record would take a text that reads like a number
            raise InvalidRecord("event.value", given, "give a number, not in quotes")
        return Event.read(fields)
    except PenchantError as error:
        return error
    except (ValueError, RecursionError, TypeError):
        return InvalidRecord("line", "no JSON", "give one JSON object a line, in UTF-8")


def _no_constant(name: str) -> float:
    raise ValueError(name)
