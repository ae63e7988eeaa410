"""Lines out of a body that comes in parts, with a bound on what is held."""

from __future__ import annotations

from collections.abc import AsyncIterator

LONGEST = 1 << 20  # bytes of one line


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
