"""The spelling of a text as a vector: hashed pieces of its words, rare ones counting more.

Where labels are few, two texts that share words are likely to share a label, which an encoder's vectors smooth over;
and a word with a typing error still shares most of its pieces with the right one.

Source: feature hashing, Weinberger et al. 2009 (signed, so that collisions cancel out on average); subword pieces as in
Bojanowski et al. 2017.
"""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from penchant.interest.arrays import F32, unit

WORD = re.compile(r"\w+")
SHORTEST, LONGEST = 2, 5
MOST_CHARACTERS = 2_000


def pieces(text: str) -> Iterator[str]:
    """Pieces of 2 to 5 characters of every word, its two ends marked by a space. Width and case of letters are evened.

    >>> list(pieces("To"))
    [' t', 'to', 'o ', ' to', 'to ', ' to ']
    >>> list(pieces("ＴＯ")) == list(pieces("to"))
    True
    """
    for word in WORD.findall(unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold()):
        ended = f" {word} "
        for n in range(SHORTEST, LONGEST + 1):
            for start in range(len(ended) - n + 1):
                yield ended[start : start + n]


class Spelling:
    """Texts to unit vectors of their pieces; how rare a piece is was counted at `fit`.

    Attributes:
        dim: numbers in a vector.
        idf: [dim] log of texts over texts that have a piece there, as counted; what was never counted is rare.

    >>> spelling = Spelling(64)
    >>> a, b, c = spelling.encode(["freeze my account", "freze my acount", "play some jazz"])
    >>> bool(a @ b > 0.5 > a @ c)
    True
    """

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.idf: F32 = np.ones(dim, np.float32)

    def fit(self, texts: Sequence[str]) -> None:
        """Count how many of the texts have a piece in each place."""
        counts = np.zeros(self.dim, np.int64)
        for text in texts:
            counts[list({place for place, _ in self._places(text)})] += 1
        self.idf = (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32)

    def encode(self, texts: Sequence[str]) -> F32:
        """Unit vectors [n, dim]; a text without letters or digits gives zeros."""
        out = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            counts: dict[tuple[int, int], int] = {}
            for found in self._places(text):
                counts[found] = counts.get(found, 0) + 1
            for (place, sign), n in counts.items():
                out[row, place] += sign * (1 + math.log(n))
        return unit(out * self.idf)

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        for piece in pieces(text):
            hashed = zlib.crc32(piece.encode("utf-8", "surrogatepass"))
            yield hashed % self.dim, 1 if hashed >> 31 else -1
