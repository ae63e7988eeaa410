"""Constraints bound to the catalogue's fields, as conditions for the policy; what can't be bound is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median_low

from penchant.errors import ConfigError
from penchant.interest.fields import FieldsSeen
from penchant.language.constraints import Constraint
from penchant.language.reference import Comparison
from penchant.recommend.policy import Rule
from penchant.records import FieldValue

_NOUNS = {
    "price": ("price", "价格"), "year": ("year", "年份"), "length": ("length", "时长"),
    "availability": ("availability", "库存"), "field": ("field", "字段"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bound:
    """A constraint and what became of it.

    Attributes:
        text: as it was said.
        condition: on the items' fields, as filters have it (see `penchant.recommend.condition`); "" if not applied.
        why: why it is not applied, "" if it is: missing (no item has such a field, `about` names it) or nothing
            (there is nothing to compare with).
        about: the field, or what the constraint is about.
    """

    text: str
    condition: str = ""
    why: str = ""
    about: str = ""

    @property
    def applied(self) -> bool:
        """Whether the answer keeps to it."""
        return bool(self.condition)

    def rule(self, said: str = "request") -> Rule:
        """As a rule of the policy, named by where it was said."""
        return Rule(action="allow", when=self.condition, name=f"{said}: {self.text}")

    def line(self, language: str = "en") -> str:
        """In words."""
        if self.applied:
            return f"= {self.text}: {self.condition}"
        noun = _NOUNS.get(self.about, (self.about, self.about))[language == "zh"]
        if self.why == "nothing":
            reason = ("没有可比较的" if language == "zh" else "there is nothing to compare with") + f" ({noun})"
        else:
            reason = f"没有商品带有{noun}" if language == "zh" else f"no item has a {noun}"
        return f"! {self.text}: {'未应用，' if language == 'zh' else 'not applied, '}{reason}"

    def to_dict(self) -> dict[str, str | bool]:
        """JSON-able."""
        return {
            "text": self.text, "about": self.about, "applied": self.applied, "condition": self.condition,
            "why": self.why,
        }  # fmt: skip


def bind(constraints: Iterable[Constraint], seen: FieldsSeen, at: float) -> tuple[Bound, ...]:
    """Conditions for constraints.

    Args:
        seen: the fields that there are.
        at: now, UTC seconds; "this year" is meant from here.

    >>> from penchant.language.constraints import read_constraints
    >>> seen = FieldsSeen()
    >>> seen.see({"price": 12, "runtime": 110})
    >>> said = [c for c, _ in read_constraints("under 20 dollars, at most two hours, from the nineties")]
    >>> for one in bind(said, seen, 0.0):
    ...     print(one.line())
    = under 20 dollars: price < 20
    = at most two hours: runtime <= 120
    ! from the nineties: not applied, no item has a year
    """
    return tuple(_bound(one, seen, at) for one in constraints)


def _bound(one: Constraint, seen: FieldsSeen, at: float) -> Bound:
    name = one.name if one.aspect == "field" else seen.of(one.aspect)
    if name is None and one.aspect == "availability":
        return Bound(one.text, "available", about="available")
    if name is None or name not in seen.seen:
        return Bound(one.text, why="missing", about=name or one.aspect)
    condition = _condition(one, name, seen, at)
    if one.refused:
        condition = f"not ({condition})"
    try:
        Rule(action="allow", when=condition)
    except ConfigError:  # a field with a name that no condition can hold
        return Bound(one.text, why="missing", about=name)
    return Bound(one.text, condition, about=name)


def _condition(one: Constraint, name: str, seen: FieldsSeen, at: float) -> str:
    field, low, high = quoted(name), one.low, one.high
    if one.aspect == "availability":
        return f"{field} > 0" if seen.seen[name].kind == "number" else field
    if isinstance(one.value, bool):
        return field if one.value else f"not {field}"
    if one.value is not None:
        values = ", ".join(text_of(value) for value in seen.texts(name, one.value)) or text_of(one.value)
        return f"{field} in [{values}]" if ", " in values else f"{field} == {values}"
    if one.relative:
        year = datetime.fromtimestamp(at, UTC).year
        low, high = (None if low is None else low + year), (None if high is None else high + year)
    if one.aspect == "year" and seen.seen[name].is_date:  # texts that begin with the year
        parts = [f"{field} >= '{int(low)}'"] if low is not None else []
        parts += [f"{field} < '{int(high) + 1}'"] if high is not None else []
        return " and ".join(parts)
    scale = seen.seconds(name) if one.aspect == "length" else 1.0
    if low is not None and low == high:
        return f"{field} == {number(low / scale)}"
    parts = [] if low is None else [f"{field} {'>' if one.open_low else '>='} {number(low / scale)}"]
    parts += [] if high is None else [f"{field} {'<' if one.open_high else '<='} {number(high / scale)}"]
    return " and ".join(parts)


def compare(one: Comparison, rows: Sequence[Mapping[str, FieldValue]], seen: FieldsSeen) -> Bound:
    """A condition for a comparison with items (their fields): with the middle one of them, if there are several.

    >>> from penchant.language.reference import Comparison
    >>> seen = FieldsSeen()
    >>> seen.see({"runtime": 155})
    >>> compare(Comparison("shorter", "length", -1), [{"runtime": 155}], seen).condition
    'runtime < 155'
    """
    name = seen.of(one.aspect)
    if name is None:
        return Bound(one.text, why="missing", about=one.aspect)
    field, values = quoted(name), [row[name] for row in rows if row.get(name) is not None]
    if seen.seen[name].is_date:
        years = sorted(value[:4] for value in values if isinstance(value, str) and value[:4].isdecimal())
        if not years:
            return Bound(one.text, why="nothing", about=name)
        year = int(years[len(years) // 2])
        return Bound(one.text, f"{field} >= '{year + 1}'" if one.sign > 0 else f"{field} < '{year}'", about=name)
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if not numbers:
        return Bound(one.text, why="nothing", about=name)
    return Bound(one.text, f"{field} {'>' if one.sign > 0 else '<'} {number(median_low(numbers))}", about=name)


def number(value: float) -> str:
    """As a condition has it.

    >>> number(20.0), number(19.99), number(1e6)
    ('20', '19.99', '1000000')
    """
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(round(value, 6))


def quoted(name: str) -> str:
    """A field's name as a condition has it."""
    return name if name.isidentifier() and name.isascii() and name.islower() and name not in _WORDS else f"`{name}`"


_WORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "between",
        "true",
        "false",
        "none",
        "null",
        "lambda",
        "if",
        "else",
        "for",
        "is",
        "await",
        "yield",
        "async",
        "id",
        "category",
    ]
)


def text_of(value: str) -> str:
    """A text in quotes, as a condition has it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
