"""What a condition's comparisons mean on values of any type: none can raise, what can't be compared is false."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from penchant.records import FieldValue

Test = Callable[[Mapping[str, FieldValue]], bool]
Compare = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Value:
    """One side of a comparison: the field called `name`, or else a constant."""

    name: str | None = None
    constant: Any = None


def truth(value: Value) -> Test:
    """A value alone: there, and not false, 0 or empty."""
    if value.name is None:
        outcome = bool(value.constant)
        return lambda _: outcome
    name = value.name
    return lambda fields: bool(fields.get(name))


def negated(test: Test) -> Test:
    """The opposite of a test."""
    return lambda fields: not test(fields)


def all_of(tests: tuple[Test, ...]) -> Test:
    """True when every test is; in order, and no further than the first that fails."""
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda fields: first(fields) and second(fields)
    if len(tests) == 3:
        first, second, third = tests
        return lambda fields: first(fields) and second(fields) and third(fields)

    def test(fields: Mapping[str, FieldValue]) -> bool:
        for one in tests:  # noqa: SIM110 - a plain loop takes half the time of all() over a generator
            if not one(fields):
                return False
        return True

    return test


def any_of(tests: tuple[Test, ...]) -> Test:
    """True when one of the tests is."""
    if len(tests) == 2:
        first, second = tests
        return lambda fields: first(fields) or second(fields)

    def test(fields: Mapping[str, FieldValue]) -> bool:
        for one in tests:  # noqa: SIM110
            if one(fields):
                return True
        return False

    return test


def alike(left: Any, right: Any) -> bool:
    """Whether two scalars are of types that can be compared: both numbers (true and false count), or both texts."""
    if isinstance(left, int | float):
        return isinstance(right, int | float)
    return isinstance(left, str) and isinstance(right, str)


def equal(left: Any, right: Any) -> bool:
    """`==`; a list equals a scalar when any entry does.

    >>> equal(["books", "films"], "books"), equal(3, "3"), equal(None, None)
    (True, False, False)
    """
    if isinstance(left, list):
        return left == right if isinstance(right, list) else right in left
    if isinstance(right, list):
        return left in right
    return alike(left, right) and left == right


def unequal(left: Any, right: Any) -> bool:
    """`!=`; false when a side is missing or the types differ."""
    if left is None or right is None:
        return False
    if isinstance(left, list) or isinstance(right, list):
        return not equal(left, right)
    return alike(left, right) and left != right


def within(left: Any, right: Any) -> bool:
    """`in`: an entry of a list, a common entry of two lists, a part of a text.

    >>> within("sale", ["sale", "new"]), within("un", "Dune"), within(["a", "b"], ["b"]), within(3, "3")
    (True, True, True, False)
    """
    if isinstance(right, list):
        if isinstance(left, list):
            return any(entry in right for entry in left)  # pyright: ignore[reportUnknownVariableType]
        return left is not None and left in right
    return isinstance(right, str) and isinstance(left, str) and left in right


def without(left: Any, right: Any) -> bool:
    """`not in`; false when a side is missing or `right` is neither list nor text."""
    if left is None or not (isinstance(right, list) or (isinstance(right, str) and isinstance(left, str))):
        return False
    return not within(left, right)


def _ordered(compare: Compare) -> Compare:
    return lambda left, right: alike(left, right) and compare(left, right)


comparisons: dict[str, Compare] = {
    "==": equal,
    "!=": unequal,
    "in": within,
    "not in": without,
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
}

_ORDER: dict[str, Compare] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def compare_constant(name: str, sign: str, constant: Any) -> Test:
    """The test `name sign constant`, specialised: this is what nearly every condition is made of."""
    compare = comparisons[sign]
    if sign not in _ORDER or not isinstance(constant, int | float):
        return lambda fields: compare(fields.get(name), constant)
    order = _ORDER[sign]

    def test(fields: Mapping[str, FieldValue]) -> bool:
        value = fields.get(name)
        return isinstance(value, (int, float)) and order(value, constant)

    return test


def number_between(name: str, low: float, high: float) -> Test:
    """The test `name between low and high`, specialised."""

    def test(fields: Mapping[str, FieldValue]) -> bool:
        value = fields.get(name)
        return isinstance(value, (int, float)) and low <= value <= high

    return test


def has_entry(constant: Any, name: str) -> Test:
    """The test `constant in name`, specialised."""

    def test(fields: Mapping[str, FieldValue]) -> bool:
        value = fields.get(name)
        return constant in value if isinstance(value, list) else within(constant, value)

    return test
