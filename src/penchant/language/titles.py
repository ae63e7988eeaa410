"""Titles of the catalogue in what was said, found before anything else: "No Country for Old Men" refuses nothing.

A title counts where it is in quotation marks or behind words of likeness ("like Dune", 像《沙丘》), where it is
written as a title is (No Way Out), or where it is too long to stand there by chance. "Never again" is no title;
"Never Again" is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from penchant.language.clauses import fold
from penchant.language.lexicon import HAN

Span = tuple[int, int]
MOST = 200_000  # titles kept; those of later items are not found in words
LONGEST = 12  # words of a title
LONG = 4  # words that are a title in small letters too
LONG_HAN = 5  # signs
POSITIONS = 512  # places of a text that are looked at

_YEAR = re.compile(r"\s*[(（]\s*(?:19|20)\d\d\s*[)）].*$")
_INVERTED = re.compile(r"^(.*), (the|a|an|le|la|les|il|el|der|die|das)$")
_BELOW = re.compile(r"\s*(?:[:：,，(（|]|\s[-–—]\s).*$")
_LETTERS = "[^\\W_\u3400-\u9fff]+"
_WORD = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*|[\u3400-\u9fff]+")
_QUOTED = re.compile(
    r'《([^》]{1,80})》|"([^"]{1,80})"|“([^”]{1,80})”|「([^」]{1,80})」|\'(?<!\w\')([^\']{2,80})\'(?!\w)'
)
_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "de",
        "for",
        "from",
        "in",
        "la",
        "le",
        "nor",
        "of",
        "on",
        "or",
        "so",
        "the",
        "to",
        "up",
        "via",
        "with",
        "yet",
    ]
)
# what stands behind "like" and is a title only in quotation marks
_NOT_ALONE = frozenset(
    [
        "it",
        "its",
        "that",
        "this",
        "these",
        "those",
        "them",
        "they",
        "him",
        "her",
        "he",
        "she",
        "me",
        "us",
        "you",
        "one",
        "ones",
        "what",
        "which",
        "who",
        "all",
        "most",
        "both",
        "another",
        "others",
        "more",
        "less",
        "new",
        "old",
        "good",
        "great",
        "nice",
        "something",
        "anything",
        "nothing",
        "everything",
        "here",
        "there",
        "now",
        "then",
        "today",
        "always",
        "never",
        "crazy",
        "hell",
        "home",
        "night",
        "love",
        "life",
        "war",
        "horror",
        "comedy",
        "crime",
        "drama",
        "action",
        "music",
        "rock",
        "jazz",
    ]
)
_LIKENESS = re.compile(
    r"(?:(?<![a-z])(?:like|similar to|in the (?:style|vein|spirit) of|along the lines of|reminiscent of"
    r"|comparable to|akin to"
    r"|as (?:good|funny|dark|scary) as|more of|than)|像|类似于?|跟|和|与|如同|仿照|比)\s?$"
)


@dataclass(frozen=True, slots=True)
class Title:
    """A title in a text.

    Attributes:
        start, end: where it stands in the folded text, without quotation marks.
        row: of the item, -1 if it is quoted and no item has it.
        text: as folded.
    """

    start: int
    end: int
    row: int
    text: str


class Titles:
    """Titles by their folded words.

    >>> titles = Titles()
    >>> titles.put(0, "No Country for Old Men (2007)")
    >>> titles.put(1, "Matrix, The (1999)")
    >>> [(t.row, t.text) for t in titles.find("something like the matrix, or no country for old men")]
    [(1, 'the matrix'), (0, 'no country for old men')]
    """

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._longest_han = 0

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, row: int, title: str) -> None:
        """An item has this title; the first item of several keeps it."""
        if len(self._rows) >= MOST:
            return
        for key in _keys(title):
            if len(key) >= 2:
                self._rows.setdefault(key, row)
                if HAN.search(key):
                    self._longest_han = max(self._longest_han, min(len(key), 40))

    def find(self, text: str) -> list[Title]:
        """The titles in a text, as it was typed; none overlap."""
        folded = fold(text)
        cased = _cased(text, folded)
        found: list[Title] = []

        def free(start: int, end: int) -> bool:
            return all(end <= one.start or one.end <= start for one in found)

        for match in _QUOTED.finditer(folded):
            inner = next(k for k in range(1, 6) if match[k] is not None)
            key = _key(match[inner])
            if key and free(*match.span(inner)):
                found.append(Title(*match.span(inner), self._rows.get(key, -1), match[inner]))
        for start, end, key in self._windows(folded):
            row = self._rows.get(key)
            if row is not None and free(start, end) and self._counts(folded, cased, start, end, key):
                found.append(Title(start, end, row, folded[start:end]))
        return sorted(found, key=lambda one: one.start)

    def _windows(self, folded: str) -> Iterator[tuple[int, int, str]]:
        """(start, end, key) of what might be a title, the longest at each place first."""
        words = list(_WORD.finditer(folded))[:POSITIONS]
        for first in range(len(words)):
            for last in range(min(first + LONGEST, len(words)) - 1, first - 1, -1):
                start, end = words[first].start(), words[last].end()
                yield start, end, " ".join(word.group() for word in words[first : last + 1])
        if self._longest_han:
            for start in [k for k, sign in enumerate(folded) if HAN.match(sign)][:POSITIONS]:
                for end in range(min(start + self._longest_han, len(folded)), start + 1, -1):
                    yield start, end, folded[start:end]

    def _counts(self, folded: str, cased: str, start: int, end: int, key: str) -> bool:
        behind = _LIKENESS.search(folded[:start]) is not None
        if HAN.search(key):
            return len(key) >= LONG_HAN or behind
        words = key.split()
        if behind and not all(word in _NOT_ALONE or word in _SMALL for word in words):
            return True
        if len(words) >= LONG:
            return True
        given = _WORD.findall(cased[start:end])
        titled = all(word[0].isupper() for word in given if word.casefold() not in _SMALL)
        # a name of one word, or a text that is all in capitals, says nothing
        return len(words) >= 2 and titled and len(given) >= 2 and not cased.isupper()


def _cased(text: str, folded: str) -> str:
    """The text with single spaces, as it was typed, if its places are those of the folded one; else the folded one."""
    spaced = " ".join(text.split())
    return spaced if len(spaced) == len(folded) else folded


def _key(text: str) -> str:
    """Words between single spaces; signs as they are."""
    return text if HAN.search(text) else " ".join(_WORD.findall(text))


def _keys(title: str) -> Iterator[str]:
    """What an item is called: its title without a year, an article moved to the front, and the part before a colon.

    >>> list(_keys("Matrix, The (1999)")), list(_keys("Galaxy Quest (1999): actors in space"))
    (['the matrix', 'matrix'], ['galaxy quest'])
    >>> list(_keys("Dune, a novel by Frank Herbert"))
    ['dune a novel by frank herbert', 'dune']
    """
    whole = _YEAR.sub("", fold(title)).strip()
    if inverted := _INVERTED.match(whole):
        whole = f"{inverted[2]} {inverted[1]}"
    keys = [_key(whole), _key(_BELOW.sub("", whole))]
    keys += [keys[0].removeprefix("the ")] if keys[0].startswith("the ") else []
    yield from dict.fromkeys(key for key in keys if key)
