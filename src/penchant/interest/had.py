"""What a user has had, in 64 bytes: a Bloom filter of one hash, so that it is not held against an item they have had
that it was not chosen again.

It may take an item for had that was not (at most every other one), never the other way round until it is half full;
from then on one eighth at a time is forgotten, in turn. What was had exactly lives in the store.

Source: Bloom, Space/time trade-offs in hash coding with allowable errors, 1970.
"""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import I32, U64, compiled, draw, mix

WORDS = 8
BITS = 64 * WORDS
SEED = np.uint64(0x5EED)


@compiled
def mark(words: U64, item: int) -> None:  # pragma: no cover - compiled
    """The item row has been had; words [8]."""
    bit = mix(SEED, np.uint64(item)) % np.uint64(BITS)
    words[bit // np.uint64(64)] |= np.uint64(1) << (bit % np.uint64(64))


@compiled
def has(words: U64, item: int) -> bool:  # pragma: no cover - compiled
    """Whether the item row may have been had."""
    bit = mix(SEED, np.uint64(item)) % np.uint64(BITS)
    return (words[bit // np.uint64(64)] >> (bit % np.uint64(64))) & np.uint64(1) == np.uint64(1)


@compiled
def make_room(words: U64, turn: int) -> None:  # pragma: no cover - compiled
    """Forget one word if more than half of the bits are set."""
    full = 0
    for k in range(WORDS):
        word = words[k]
        while word:
            word &= word - np.uint64(1)
            full += 1
    if full > BITS // 2:
        words[turn % WORDS] = 0


@compiled
def of(history: I32) -> U64:  # pragma: no cover - compiled
    """The filter of these item rows."""
    words = np.zeros(WORDS, np.uint64)
    for item in history:
        mark(words, item)
    return words


@compiled
def other(key: np.uint64, counter: int, pool: I32, item: int, had: U64) -> int:  # pragma: no cover - compiled
    """A row drawn uniformly from `pool`, of four tries the first that is not the item nor among those had; else -1."""
    if len(pool) == 0:
        return -1
    for k in range(4):
        row = pool[draw(key, counter + k, len(pool))]
        if row != item and not has(had, row):
            return row
    return -1
