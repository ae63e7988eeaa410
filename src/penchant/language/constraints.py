"""Constraints on an item's fields, out of a request: price, year, length, availability, and fields by their names.

A constraint is what was said ("under 50 dollars"); which field it is of, and in what unit that field counts, is found
by whoever knows the catalogue (`penchant.recommend.binding`). English and Chinese are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from penchant.language import constraint_words as words
from penchant.language import lexicon
from penchant.language.lexicon import HAN
from penchant.language.number_words import Number, numbers
from penchant.language.years import Years

Aspect = Literal["price", "year", "length", "availability", "field"]
Span = tuple[int, int]
MOST = 8  # constraints of one request
NEAR = 0.2  # "about 50": so far on either side
AROUND = 240  # letters before a bound in which a refusal of it is looked for; all of a long text would be slow
_SECONDS = (
    (words.HOURS, 3600.0), (words.MINUTES, 60.0), (words.SECONDS, 1.0), (words.DAYS, 86_400.0),
    (words.WEEKS, 604_800.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constraint:
    """What an item must have.

    Attributes:
        text: as it was said.
        aspect: price, year, length (in seconds), availability, or field (by its name).
        low, high: bounds; None: none on this side. A year may be relative to now: see `relative`.
        open_low, open_high: whether the bound itself is left out.
        name: of the field, for the aspect field.
        value: what the field must be, for a field of texts or of true and false.
        relative: low and high are years from now, 0 or less.
        refused: what it must not have: not between these bounds, not this value.
    """

    text: str
    aspect: Aspect
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    name: str = ""
    value: str | bool | None = None
    relative: bool = False
    refused: bool = False

    def to_dict(self) -> dict[str, Any]:
        """What isn't as it is unless said, JSON-able; `Constraint(**it)` reads it back.

        >>> Constraint("under $20", "price", high=20.0, open_high=True).to_dict()
        {'text': 'under $20', 'aspect': 'price', 'high': 20.0, 'open_high': True}
        """
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) != f.default}

    def replaces(self, other: Constraint) -> bool:
        """Whether it is about the same as an earlier one, so that both can't be meant."""
        if (self.aspect, self.name) != (other.aspect, other.name):
            return False
        sides = (self.low is not None and other.low is not None, self.high is not None and other.high is not None)
        return any(sides) or (self.value is not None and other.value is not None)


@dataclass(frozen=True, slots=True)
class FieldWord:
    """A field of the catalogue, as requests may name it.

    Attributes:
        name: the field.
        said: folded words for it, its name first.
        kind: number, flag (true or false) or text.
        values: folded texts that it has, for kind text.
    """

    name: str
    said: tuple[str, ...]
    kind: Literal["number", "flag", "text"]
    values: tuple[str, ...] = ()


def read_constraints(
    text: str, *, kept: Sequence[Span] = (), fields: Sequence[FieldWord] = ()
) -> list[tuple[Constraint, Span]]:
    """The constraints of a folded text (see `clauses.fold`), each with where it stands, from the left; at most 8.

    Args:
        kept: parts that are not looked into: titles.
        fields: the catalogue's own fields, found by their names.

    >>> for c, _ in read_constraints("a comedy from the nineties, shorter than two hours, under $20"):
    ...     print(c.aspect, c.low, c.high, c.open_high)
    year 1990.0 1999.0 False
    length None 7200.0 True
    price None 20.0 True
    >>> [(c.text, c.aspect, c.high) for c, _ in read_constraints("一百块以内的茶壶")]
    [('一百块以内', 'price', 100.0)]
    """
    return _Reader(text, kept).read(fields)


def said_for_good(text: str, constraint: Constraint, span: Span) -> bool:
    """Whether a constraint of a folded statement is a rule: not if it is only liked, or may be about anything.

    >>> for text in ("i like films from the nineties", "i only like films from the nineties", "a rating above 4"):
    ...     [(constraint, span)] = read_constraints(text)
    ...     print(said_for_good(text, constraint, span))
    False
    True
    False
    """
    start, end = span
    if constraint.aspect == "price" and not words.OF_MONEY.search(text):
        return False
    ends = [match for pattern in (lexicon.SENTENCE_END, lexicon.CONTRAST) for match in pattern.finditer(text)]
    first = max((match.end() for match in ends if match.end() <= start), default=0)
    last = min((match.start() for match in ends if match.start() >= end), default=len(text))
    around = f"{text[first:start]} {text[end:last]}"
    return not words.LIKED.search(around) or bool(words.ONLY.search(around))


class _Reader:
    """One text; what has been taken is hidden from what is looked for after it."""

    def __init__(self, text: str, kept: Sequence[Span]) -> None:
        self.text = text
        letters = list(text)
        for start, end in kept:
            letters[start:end] = words.TITLE * (end - start)
        self.numbers: list[Number] = numbers("".join(letters))[:256]
        self._years = Years(text, self._number)
        for k, number in enumerate(self.numbers):
            size = number.end - number.start
            letters[number.start : number.end] = chr(words.FIRST + k) + words.FILL * (size - 1)
        self.now = "".join(letters)
        self.found: list[tuple[Constraint, Span]] = []

    def read(self, fields: Sequence[FieldWord]) -> list[tuple[Constraint, Span]]:
        for field in fields:
            if any(word in self.now for word in field.said):
                self._field(field)
        for name, pattern in words.YEAR:
            self._each(pattern, lambda match, name=name: self._year(name, match))
        for sign, pattern in words.QUANTITY:
            self._each(pattern, lambda match, sign=sign: self._quantity(sign, match))
        self._each(words.FREE, lambda m: Constraint(self._said(m.span()), "price", high=0.0))
        self._each(words.AVAILABLE, self._available)
        return sorted(self.found, key=lambda one: one[1])[:MOST]

    def _each(self, pattern: re.Pattern[str], make: Callable[[re.Match[str]], Constraint | None]) -> None:
        at, most = 0, len(self.found) + MOST  # what a pattern finds further right can't be among the first
        while len(self.found) < most and (match := pattern.search(self.now, at)):
            at = max(match.end(), at + 1)
            made = make(match)
            if made is None:
                at = match.start() + 1
                continue
            start, end = match.span()
            if self._permitted(made, start, end):
                self._hide((start, end))
                continue
            if (after := words.REFUSED_AFTER.match(self.now, end)) and (turned := opposite(made)) is not None:
                end, made = after.end(), turned
            elif (refused := self._refused(start)) is not None and (turned := opposite(made)) is not None:
                start, made = refused, turned
            if of := words.OF.search(self.now, max(0, start - AROUND), start):
                start = of.start()
            self._take(made, (start, end))

    def _refused(self, at: int) -> int | None:
        """Where the words begin that refuse what is said at `at`; None if none do."""
        first = max(0, at - AROUND)
        if match := words.NOT_BEFORE.search(self.now, first, at):
            return match.start()
        kept = [match.end() for match in lexicon.NOT_DISLIKED.finditer(self.now, first, at)]
        for match in lexicon.DISLIKE.finditer(self.now, first, at):
            if match.end() not in kept and words.AFTER_REFUSAL.fullmatch(self.now, match.end(), at):
                return match.start()
        return None

    def _permitted(self, made: Constraint, start: int, end: int) -> bool:
        """Whether it is only said that it may be so: "I don't mind over two hours", "over 20 dollars is fine"."""
        if words.PERMITTED_BEFORE.search(self.now, max(0, start - AROUND), start):
            return True
        least = made.high is None and made.low is not None and made.aspect in ("price", "length")
        return least and words.PERMITTED_AFTER.match(self.now, end) is not None

    def _take(self, constraint: Constraint, span: Span) -> None:
        self.found.append((replace(constraint, text=self._said(span)), span))
        self._hide(span)

    def _hide(self, span: Span) -> None:
        start, end = span
        self.now = self.now[:start] + words.TITLE * (end - start) + self.now[end:]

    def _said(self, span: Span) -> str:
        return self.text[slice(*span)].strip(" ,，")

    def _number(self, sign: str | None) -> Number | None:
        return None if not sign else self.numbers[ord(sign[0]) - words.FIRST]

    def _year(self, name: str, match: re.Match[str]) -> Constraint | None:
        if words.COUNTED.match(self.now, match.end()):  # "up to 1500 euros"
            return None
        found = self._years.read(name, match)
        return None if found is None else Constraint("", "year", found.low, found.high, relative=found.relative)

    # -- quantities --------------------------------------------------------------------------------------------------

    def _quantity(self, sign: str, match: re.Match[str]) -> Constraint | None:
        amounts: list[tuple[Number, str]] = []
        for key, value in words.said(match):
            if key == "n" and (number := self._number(value)):
                amounts.append((number, ""))
            elif key == "u" and amounts:
                amounts[-1] = (amounts[-1][0], value)
        unit = "¥" if re.search("[$€£¥]|usd |rmb ", match.group()) else next((u for _, u in amounts if u), "")
        if not amounts or (not unit and not self._bare(match, amounts[-1][0])):
            return None
        aspect = _aspect(unit)[0]
        if (
            aspect == "length"
            and match.group().startswith("i")
            and sign == "le"
            and "have" in match.group()
            and "only" not in match.group()
        ):
            return None  # "I have two days off"
        if aspect == "length" and sign == "about" and not _is_length(match, self.now):
            return None
        values = [(number.value + 0.5 * ("half" in own)) * _aspect(own or unit)[1] for number, own in amounts]
        match sign:
            case "between" | "ge_le":
                if len(values) < 2 or (not unit and sign == "between" and "between" not in match.group()):
                    return None
                return Constraint("", aspect, min(values), max(values))
            case "lt" | "le":
                return Constraint("", aspect, high=values[0], open_high=sign == "lt")
            case "gt" | "ge":
                return Constraint("", aspect, low=values[0], open_low=sign == "gt")
            case _:
                low, high = (1 - NEAR) * values[0], (1 + NEAR) * values[0]
                return Constraint("", aspect, round(low, 6), round(high, 6))

    def _bare(self, match: re.Match[str], number: Number) -> bool:
        """A number without a unit is a price if nothing that is counted follows it; English words are none."""
        after = self.now[match.end() :]
        if not number.digits and not (HAN.match(self.text[number.start]) and number.value >= 10):
            return False
        return bool(
            re.match(r"\s*(?:$|[.,;!?，。；！？的]|(?:please|for|with|and|but|or|if|that|in|on|to)(?![a-z]))", after)
        )

    def _available(self, match: re.Match[str]) -> Constraint | None:
        if words.UNAVAILABLE.search(self.now, max(0, match.start() - AROUND), match.start()):
            return None
        return Constraint("", "availability", value=True)

    # -- fields by name ----------------------------------------------------------------------------------------------

    def _field(self, field: FieldWord) -> None:
        said = "|".join(re.escape(word) for word in sorted(field.said, key=len, reverse=True))
        name = rf"(?<![a-z])(?:{said})(?:s|es)?(?![a-z])"
        if field.kind == "number":
            self._number_field(field, name)
        elif field.kind == "flag":
            refused = r"(?:not |non-?|no |without |isn'?t |不|非|无|没有|不要)"
            pattern = re.compile(rf"(?P<no>{refused})?(?:any )?{name}")
            self._each(pattern, lambda m: Constraint("", "field", name=field.name, value=not m["no"]))
        elif field.values:
            values = "|".join(re.escape(value) for value in sorted(field.values, key=len, reverse=True))
            value = rf"(?<![a-z])(?P<value>{values})(?![a-z])"
            pattern = words.compiled(rf"{name}(?: is| of|:|：|=|是|为)?\s?{value}|{value}\s?{name}")
            self._each(pattern, lambda m: Constraint("", "field", name=field.name, value=dict(words.said(m))["value"]))

    def _number_field(self, field: FieldWord, name: str) -> None:
        between = r"(?: is| of| at|是|为|在)*\s?"
        for sign, (latin, han) in words.SIGNS.items():
            cue = rf"(?:(?<![a-z]){latin}(?![a-z])|(?:{han}))"
            pattern = words.compiled(
                rf"{name}{between}{cue}\s?(?P<n>{words.N}){words.NO_UNIT}"
                rf"|{cue}\s?(?P<n>{words.N})[ -]?(?:个|名|位|分)?{name}"
            )
            self._each(pattern, lambda m, sign=sign: self._bound(field, sign, m))
        for sign, after in (("le", words.AFTER_MOST), ("ge", words.AFTER_LEAST)):
            han = words.AFTER_MOST_HAN if sign == "le" else words.AFTER_LEAST_HAN
            pattern = words.compiled(
                rf"(?:{name}{between}(?P<n>{words.N})(?:分|个|名|位)?(?:{after}|{han})"
                rf"|(?P<n>{words.N})(?:{after}) {name}|(?P<n>{words.N})[ -]{name}{after})"
            )
            self._each(pattern, lambda m, sign=sign: self._bound(field, sign, m))
        exact = words.compiled(rf"{name}(?: is| of|:|=|是|为)\s?(?P<n>{words.N}){words.NO_UNIT}")
        self._each(exact, lambda m: self._bound(field, "eq", m))

    def _bound(self, field: FieldWord, sign: str, match: re.Match[str]) -> Constraint | None:
        number = self._number(dict(words.said(match)).get("n"))
        if number is None:
            return None
        low = number.value if sign in ("gt", "ge", "eq") else None
        high = number.value if sign in ("lt", "le", "eq") else None
        return Constraint("", "field", low, high, sign == "gt", sign == "lt", name=field.name)


def _aspect(unit: str) -> tuple[Aspect, float]:
    """What a unit measures, and how much one of it is; without a unit it is money."""
    for pattern, seconds in _SECONDS:
        if unit and re.fullmatch(pattern, unit):
            return "length", seconds
    return "price", 0.01 if unit == "cents" else 1.0


def _is_length(match: re.Match[str], text: str) -> bool:
    """ "A two-hour film" is of that length; "I have two days off" and "in 5 minutes" are not."""
    before, after = text[: match.start()], text[match.end() :]
    if re.search(r"(?:in|for|every|next|last|past|within|after|before|接下来|过)\s?(?:the |about )*$", before):
        return False
    long = re.match(
        r"(?:\s?long(?![a-z])|\s?(?:的|长的?|左右)|[ -](?:film|movie|song|course|video|track|lesson|class|one))",
        after,
    )
    return bool(long) or bool(re.search(r"(?:about|around|roughly|大概|大约|左右)", match.group()))


def opposite(one: Constraint) -> Constraint | None:
    """ "Nothing over 50": at most 50. None where it would make no sense.

    >>> opposite(Constraint("over 50", "price", low=50.0, open_low=True)).to_dict()
    {'text': 'over 50', 'aspect': 'price', 'high': 50.0}
    """
    if one.aspect == "availability":
        return None
    if isinstance(one.value, bool):
        return replace(one, value=not one.value)
    if one.value is not None or (one.low is not None and one.high is not None):
        return replace(one, refused=True)
    if one.aspect == "year":
        if one.high is not None:
            return replace(one, low=one.high + 1, high=None)
        assert one.low is not None
        return replace(one, low=None, high=one.low - 1)
    if one.high is not None:
        return replace(one, low=one.high, high=None, open_low=not one.open_high, open_high=False)
    return replace(one, low=None, high=one.low, open_low=False, open_high=not one.open_low)
