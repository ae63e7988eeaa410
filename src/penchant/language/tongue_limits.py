"""Limits of price, length and year in other languages: their words are put into English, and read by the one reader.

"nicht länger als zwei Stunden" becomes "not longer than two hours". Only the few words of bounds, numbers and units are
put so; what was said is kept beside it, so that a constraint holds the words as they were said.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from penchant.language import constraint_words
from penchant.language.constraints import Constraint, FieldWord, opposite, read_constraints, said_for_good
from penchant.language.tongue_bounds import BOUNDS, words
from penchant.language.tongues import Tongue

Span = tuple[int, int]
FAR = 60  # characters between a refusal and the bound that it refuses
_REST = re.compile(r"[\s.!?…]*(?:$|[,;.!?])")


@dataclass(frozen=True, slots=True)
class _Piece:
    """[start, end) of the text as it was said, and what stands for it in English."""

    start: int
    end: int
    english: str | None  # None: as it was said


def has_limits(tongue: Tongue) -> bool:
    """Whether limits are read in this language."""
    return tongue.code in BOUNDS


def read_limits(
    text: str, tongue: Tongue, *, kept: Sequence[Span] = (), fields: Sequence[FieldWord] = (), stated: bool = False
) -> list[tuple[Constraint, Span]]:
    """The constraints of a folded text in another language; as `constraints.read_constraints`.

    Args:
        tongue: the language; one of those that `has_limits`.
        kept: parts that are not looked into: titles.
        fields: the catalogue's own fields, found by their names.
        stated: it is about the person: what is only liked is no constraint (see `constraints.said_for_good`).

    >>> from penchant.language.tongues import tongue
    >>> for code, text in (("de", "ein krimi unter zwei stunden"), ("fr", "pas plus de 20 euros"), ("es", "de los 90")):
    ...     [(limit, _)] = read_limits(text, tongue(code))
    ...     print(limit.text, limit.aspect, limit.low, limit.high, limit.open_high)
    unter zwei stunden length None 7200.0 True
    pas plus de 20 euros price None 20.0 False
    de los 90 year 1990.0 1999.0 False
    """
    pieces = _pieces(text, tongue, kept)
    english = ""
    places: list[tuple[int, int]] = []  # in English, of each piece
    for piece in pieces:
        said = text[piece.start : piece.end] if piece.english is None else piece.english
        places.append((len(english), len(english) + len(said)))
        english += said

    def there(at: int, *, end: bool) -> int:
        """A place of the English text, in the text as it was said."""
        for piece, (first, last) in zip(pieces, places, strict=True):
            if first <= at < last or (end and first < at <= last):
                return piece.start + at - first if piece.english is None else piece.end if end else piece.start
        return len(text)

    def here(at: int) -> int:
        for piece, (first, _) in zip(pieces, places, strict=True):
            if piece.start <= at < piece.end:
                return first + at - piece.start
        return len(english)

    hidden = [(here(start), here(start) + end - start) for start, end in kept]
    found: list[tuple[Constraint, Span]] = []
    for one, span in read_constraints(english, kept=hidden, fields=fields):
        start, end = there(span[0], end=False), there(span[1], end=True)
        if (refusal := _refusal(text, tongue, start, end)) and (turned := opposite(one)) is not None:
            one, (start, end) = turned, refusal
        if stated and not said_for_good(english, one, (here(start), here(end))):
            continue
        found.append((replace(one, text=text[start:end].strip(" ,")), (start, end)))
    return found


def _refusal(text: str, tongue: Tongue, start: int, end: int) -> Span | None:
    """Where a bound and the words that refuse it stand; None if none do.

    "I don't like films over two hours", "nothing over 50", and "films over two hours I don't like".
    """
    things = re.compile(rf"\s*(?:(?<!\w)(?:{BOUNDS[tongue.code].things})(?:(?<=')|(?!\w))\s*)*")
    for pattern in (tongue.against, tongue.bare):
        for match in pattern.finditer(text, max(0, start - FAR)):
            if match.start() >= start:
                break
            near = match.end() > start or things.fullmatch(text, match.end(), start)
            if near and match.end() < end and not tongue.mild.match(text, match.start()):
                return match.start(), end
    at = end + len(text[end:]) - len(text[end:].lstrip(" ,"))
    behind = tongue.behind.match(text, at) or tongue.against.match(text, at)
    if behind is None or not _REST.match(text, behind.end()):
        return None
    first = next((k for k in range(max(0, start - FAR), start) if things.fullmatch(text, k, start)), start)
    return first, behind.end()


def _pieces(text: str, tongue: Tongue, kept: Sequence[Span]) -> list[_Piece]:
    """The text in pieces, from the left, without a gap."""
    pattern, english = _table(tongue.code)
    found: list[_Piece] = []
    for match in pattern.finditer(text):
        said = english[int((match.lastgroup or "_0")[1:])].of(text, match.start()).rstrip()
        apart = " " if match.end() < len(text) and text[match.end()].isalnum() else ""
        found.append(_Piece(*match.span(), said + apart))
    pieces: list[_Piece] = []
    at = 0
    for piece in found:
        if any(piece.start < end and start < piece.end for start, end in kept):
            continue
        if piece.start > at:
            pieces.append(_Piece(at, piece.start, None))
        pieces.append(piece)
        at = piece.end
    return [*pieces, _Piece(at, len(text), None)] if at < len(text) else pieces


class _English:
    """What stands for a match in English: a fixed text, or one with numbers put into English words."""

    def __init__(self, text: str, pattern: str, numbers: dict[str, str]) -> None:
        self._text, self._numbers = text, numbers
        self._pattern = re.compile(pattern)

    def of(self, text: str, start: int) -> str:
        match = self._pattern.match(text, start)
        if match is None or not match.groups():
            return self._text
        return self._text.format(*(self._numbers.get(said, said.strip("'")) for said in match.groups() if said))


@functools.cache
def _table(code: str) -> tuple[re.Pattern[str], list[_English]]:
    """One pattern, its groups _0, _1, ... the entries of the language, and the English of each; earlier ones first."""
    bounds = BOUNDS[code]
    numbers, decades = words(bounds.numbers), words(bounds.decades)
    number, ten = (f"(?:{'|'.join(sorted(known, key=len, reverse=True))})" for known in (numbers, decades))
    parts = {
        "NUM": rf"(?:{number}|\d+)", "TENS": rf"(?:{ten}|'?\d0|(?:19|20)\d0)", "TEN_WORD": ten,
        "YEAR": rf"(?=(?:1[5-9]|20)\d\d(?! ?(?:\d|[€$£]|(?:{bounds.units})(?!\w))))",
    }  # fmt: skip
    rows: list[tuple[str, str]] = [
        (r"(?<![\d.,])(\d{1,3})\.(\d{3})(?![\d.,])", "{}{}"),
        (r"(?<![\d.,])(\d+),(\d{1,2})(?![\d,])", "{}.{}"),
    ]
    for pattern, english in bounds.entries():
        whole = re.sub("NUM|TENS|TEN_WORD|YEAR", lambda match: parts[match.group()], pattern)
        rows.append((rf"(?<![\w'])(?:{whole})(?:(?=\d)|(?<=')|(?!\w))", english))
    rows.append((r"(?<!\w)(no|not|nothing)(?!\w)", constraint_words.TITLE))  # no refusals in English
    rows.append((rf"(?<!\w)({number})(?= (?:{bounds.units})(?!\w))", "{}"))
    own = numbers | decades
    return (
        re.compile("|".join(f"(?P<_{k}>{_ungrouped(pattern)})" for k, (pattern, _) in enumerate(rows))),
        [_English(english, pattern, own) for pattern, english in rows],
    )


def _ungrouped(pattern: str) -> str:
    """The pattern with groups that are not counted, so that the last group that matched is the entry's own."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)
