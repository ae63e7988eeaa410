"""A condition on an item's fields: a small language of its own, read by a small parser; nothing is ever executed.

    test    = test "or" test | test "and" test | "not" test | "(" test ")" | compare | value
    compare = value (sign value)+ | value "between" value "and" value
    sign    = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in"
    value   = name | `any name` | number | text in quotes | true | false | "[" constants "]" | "(" constants ")"

Python's own `ast` has no `between`, runs out of stack on hostile text, and points at bytes, not characters.

Meaning, where it isn't plain:

- A comparison with a field that the item lacks is false, `!=` and `not in` too; `not price < 5` is then true.
- Values that can't be compared (a text with a number) make the comparison false, never an error.
- A list matches when any entry does, as in `category == 'books'` and `tags in ['new', 'sale']`; `!=` and `not in` when
  none does.
- `in` a text looks for a part of it.
- A name alone is true when the field is there and not false, 0 or empty.
- `id`, `category`, `dimension` (lists) and `available` are the item's own, whatever its fields are called.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple, NoReturn

from penchant.errors import ConfigError
from penchant.recommend.comparison import (
    Compare,
    Test,
    Value,
    all_of,
    any_of,
    compare_constant,
    comparisons,
    has_entry,
    negated,
    number_between,
    truth,
)
from penchant.records import FieldValue

MAX_LENGTH = 2000
MAX_DEPTH = 32
SPECIAL_NAMES = frozenset({"id", "category", "dimension", "available"})

_ALLOWED = (
    "write field names, numbers, 'texts', [lists], true, false, and, or, not, in, between ... and ..., "
    "==, !=, <, <=, >, >= and parentheses"
)
_MAX_DIGITS = 40
_WORDS = frozenset({"and", "or", "not", "in", "between", "true", "false", "True", "False", "None", "null"})
_PYTHON_ONLY = frozenset({"lambda", "if", "else", "for", "is", "await", "yield", "async"})
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<name>[^\W\d]\w*)
    |(?P<quoted>`[^`]+`)
    |(?P<sign><=|>=|==|!=|[<>()\[\],-])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t"}


class _Token(NamedTuple):
    kind: str  # number, text, name, quoted, sign, word, end
    text: str
    column: int  # from 1


class Condition:
    """A compiled condition; call it with an item's fields.

    Attributes:
        text: as it was written.
        names: the field names it looks at.
        test: the same as calling it, without the method call in between (for loops over many items).
    """

    __slots__ = ("names", "test", "text")

    def __init__(self, text: str, names: frozenset[str], test: Test) -> None:
        self.text, self.names, self.test = text, names, test

    def __call__(self, fields: Mapping[str, FieldValue]) -> bool:
        return self.test(fields)

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"


@lru_cache(maxsize=1024)
def compile_condition(text: str) -> Condition:
    """The condition written in `text`, at most 2,000 characters, nested at most 32 deep.

    Raises:
        ConfigError: not a condition; names the column and what is allowed.

    >>> cheap = compile_condition("price <= 20 and 'sale' in tags and not adult and year between 1990 and 2000")
    >>> cheap({"price": 9.5, "tags": ["sale", "new"], "year": 1994})
    True
    >>> cheap({"price": "cheap", "tags": ["sale"], "year": 1994})
    False
    >>> compile_condition("price + 2 < 5")
    Traceback (most recent call last):
    ...
    penchant.errors.ConfigError: condition: column 7: '+' can't be used; write field names, numbers, 'texts', [lists], \
true, false, and, or, not, in, between ... and ..., ==, !=, <, <=, >, >= and parentheses
    """
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigError(f"condition: {text!r} is not a text", fix="write it in quotes")
    if len(text) > MAX_LENGTH:
        raise ConfigError(f"condition: {len(text)} characters are too many", fix=f"use at most {MAX_LENGTH}")
    parser = _Parser(_tokens(text))
    test = parser.whole()
    return Condition(text, frozenset(parser.names), test)


def _refuse(column: int, what: str, fix: str = _ALLOWED) -> NoReturn:
    raise ConfigError(f"condition: column {column}: {what}", fix=fix)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            if text[at] in "'\"`":
                _refuse(at + 1, "the quote is not closed", "close it with the same mark")
            if text[at] == "=":
                _refuse(at + 1, "'=' can't be used", "compare with ==")
            _refuse(at + 1, f"{text[at]!r} can't be used")
        kind = found.lastgroup or ""
        word = found.group()
        if kind == "name" and word in _PYTHON_ONLY:
            _refuse(at + 1, f"{word!r} can't be used")
        if kind != "space":
            tokens.append(_Token("word" if kind == "name" and word in _WORDS else kind, word, at + 1))
        at = found.end()
    tokens.append(_Token("end", "", len(text) + 1))
    return tokens


class _Parser:
    """Recursive descent, one token ahead; every method leaves `at` behind what it read."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0
        self.names: set[str] = set()

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> str | None:
        """The current token's text if it is one of these words or signs, and step over it."""
        token = self.token
        if token.kind in ("word", "sign") and token.text in texts:
            self.at += 1
            return token.text
        return None

    def need(self, text: str) -> None:
        if self.take(text) is None:
            self.unexpected(f"write {text!r} here")

    def unexpected(self, fix: str = _ALLOWED) -> NoReturn:
        token = self.token
        what = "it ends too early" if token.kind == "end" else f"{token.text!r} can't stand here"
        _refuse(token.column, what, fix)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            _refuse(self.token.column, "it is nested too deeply", f"nest at most {MAX_DEPTH} deep")

    def whole(self) -> Test:
        test = _as_test(self.either())
        if self.token.kind != "end":
            self.unexpected()
        return test

    def either(self) -> Test | Value:
        return self.joined("or", self.both, any_of)

    def both(self) -> Test | Value:
        return self.joined("and", self.negation, all_of)

    def joined(
        self, word: str, part: Callable[[], Test | Value], join: Callable[[tuple[Test, ...]], Test]
    ) -> Test | Value:
        first = part()
        if not (self.token.kind == "word" and self.token.text == word):
            return first
        tests = [_as_test(first)]
        while self.take(word):
            tests.append(_as_test(part()))
        return join(tuple(tests))

    def negation(self) -> Test | Value:
        if self.take("not") is None:
            return self.comparison()
        self.deeper()
        test = negated(_as_test(self.negation()))
        self.depth -= 1
        return test

    def comparison(self) -> Test | Value:
        column = self.token.column
        left = self.operand()
        tests: list[Test] = []
        while (sign := self.sign()) is not None:
            if not isinstance(left, Value):
                _refuse(column, "a test can't be compared", "compare fields and constants")
            if sign == "between":
                low = self.value()
                self.need("and")
                tests += _between(left, low, self.value())
                break
            right = self.value()
            tests.append(_compare(left, sign, right))
            left = right
        return all_of(tuple(tests)) if tests else left

    def sign(self) -> str | None:
        """The comparison that starts here, if any, and step over it."""
        if self.token.text == "not" and self.token.kind == "word":
            self.at += 1
            self.need("in")
            return "not in"
        return self.take("==", "!=", "<", "<=", ">", ">=", "in", "between")

    def value(self) -> Value:
        column = self.token.column
        operand = self.operand()
        if not isinstance(operand, Value):
            _refuse(column, "a test can't be compared", "compare fields and constants")
        return operand

    def operand(self) -> Test | Value:
        token = self.token
        if self.take("("):
            return self.parenthesis()
        if self.take("["):
            return Value(constant=self.constants("]", []))
        if token.kind in ("name", "quoted"):
            self.at += 1
            name = token.text.strip("`")
            self.names.add(name)
            return Value(name=name)
        return Value(constant=self.constant())

    def parenthesis(self) -> Test | Value:
        """What follows "(": a test in parentheses, or a list of constants."""
        if self.take(")"):
            return Value(constant=[])
        self.deeper()
        column = self.token.column
        inner = self.either()
        self.depth -= 1
        if self.take(","):
            if not isinstance(inner, Value) or inner.name is not None or isinstance(inner.constant, list):
                _refuse(column, "a list holds constants only", "write numbers, 'texts', true or false in it")
            return Value(constant=self.constants(")", [inner.constant]))
        self.need(")")
        return inner

    def constants(self, end: str, so_far: list[str | int | float | bool]) -> list[str | int | float | bool]:
        while self.take(end) is None:
            so_far.append(self.constant())
            if self.token.text != end:
                self.need(",")
        return so_far

    def constant(self) -> str | int | float | bool:
        minus = self.take("-") is not None
        token = self.token
        if token.kind == "number":
            self.at += 1
            number = _number(token)
            return -number if minus else number
        if minus:
            self.unexpected("write a number after the minus")
        if token.kind == "text":
            self.at += 1
            return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), token.text[1:-1])
        if (word := self.take("true", "True", "false", "False")) is not None:
            return word in ("true", "True")
        if token.text in ("None", "null") and token.kind == "word":
            _refuse(token.column, f"{token.text} can't be compared", "write `not name` for a missing field")
        if token.kind == "name":
            self.unexpected("a list holds constants only: write numbers, 'texts', true or false in it")
        self.unexpected()


def _number(token: _Token) -> int | float:
    if len(token.text) > _MAX_DIGITS:
        _refuse(token.column, "the number is too long", f"use at most {_MAX_DIGITS} characters")
    try:
        number = int(token.text) if token.text.replace("_", "").isdecimal() else float(token.text)
    except ValueError:
        _refuse(token.column, f"{token.text!r} is not a number", "write 12, 1_000, 0.5 or 2e6")
    if not math.isfinite(number):
        _refuse(token.column, "the number is too large", "use at most 1e308")
    return number


def _as_test(found: Test | Value) -> Test:
    return truth(found) if isinstance(found, Value) else found


def _between(value: Value, low: Value, high: Value) -> list[Test]:
    if value.name is not None and isinstance(low.constant, int | float) and isinstance(high.constant, int | float):
        return [number_between(value.name, low.constant, high.constant)]
    return [_compare(low, "<=", value), _compare(value, "<=", high)]


def _compare(left: Value, sign: str, right: Value) -> Test:
    """The test `left sign right`, made for its shape once so that it runs fast on every item."""
    compare: Compare = comparisons[sign]
    if left.name is not None and right.name is None:
        return compare_constant(left.name, sign, right.constant)
    if left.name is None and right.name is None:
        outcome = compare(left.constant, right.constant)
        return lambda _: outcome
    if left.name is None:
        constant, name = left.constant, right.name
        if sign == "in" and name is not None and not isinstance(constant, list):
            return has_entry(constant, name)
        return lambda fields: compare(constant, fields.get(name))  # type: ignore[arg-type]
    first, second = left.name, right.name
    return lambda fields: compare(fields.get(first), fields.get(second))  # type: ignore[arg-type]
