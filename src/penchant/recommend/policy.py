"""Policy: rules that allow, block, boost or cap candidates; standing or for one request, for everybody or personal.

- allow: the item must match every allow rule there is (a filter).
- block: the item must match no block rule.
- boost: `amount` is added to the score of what matches, as a part with the rule's name.
- cap: at most `limit` of what matches in one list.

A rule matches by `when` (a condition on fields), by `path` (a node, or what lies under it), or by both together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from penchant.errors import ConfigError
from penchant.recommend.condition import SPECIAL_NAMES, Condition, compile_condition
from penchant.records import FieldValue

Path = tuple[str, ...]
UNAVAILABLE = "not available"
MAX_RULES = 256
_NO_FIELDS: dict[str, FieldValue] = {}


@dataclass(slots=True)
class Facts:
    """What rules may look at in one candidate. Keep it with the item: what is derived from it is derived once.

    Attributes:
        id: the item.
        fields: its fields.
        paths: its nodes, (category,) or (category, dimension).
        available: False: never shown.
    """

    id: str
    fields: Mapping[str, FieldValue] = field(default_factory=lambda: _NO_FIELDS)
    paths: Sequence[Path] = ()
    available: bool = True
    _nodes: frozenset[Path] | None = field(default=None, init=False, repr=False, compare=False)
    _names: dict[str, FieldValue] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def nodes(self) -> frozenset[Path]:
        """The nodes and what they lie under."""
        if self._nodes is None:
            self._nodes = frozenset(path[:depth] for path in self.paths for depth in range(1, len(path) + 1))
        return self._nodes

    @property
    def names(self) -> dict[str, FieldValue]:
        """The fields with id, category, dimension and available, as conditions see them."""
        if self._names is None:
            self._names = {
                **self.fields,
                "id": self.id,
                "category": list(dict.fromkeys(path[0] for path in self.paths if path)),
                "dimension": list(dict.fromkeys(path[1] for path in self.paths if len(path) > 1)),
                "available": self.available,
            }
        return self._names


class Rule(BaseModel):
    """One rule.

    Args:
        action: allow, block, boost or cap.
        when: a condition on the item's fields, e.g. "price <= 20 and not adult".
        path: a node, (category,) or (category, dimension); it matches what lies under it too.
        amount: of boost: added to the score; may be negative.
        limit: of cap: at most so many in a list, from 0.
        name: shown where the rule acted; made from the rest if not given.
        personal: it comes from a profile (never, always).

    Raises:
        ConfigError: the rule can't work; names the field.

    >>> Rule(action="block", when="adult").name
    'block adult'
    >>> Rule(action="boost", path=("books", "horror"))
    Traceback (most recent call last):
    ...
    penchant.errors.ConfigError: rule 'boost books / horror': amount: boost needs one; give a number other than 0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    action: Literal["allow", "block", "boost", "cap"]
    when: str | None = None
    path: Path | None = None
    amount: float | None = None
    limit: int | None = None
    name: str = ""
    personal: bool = False

    def __init__(self, /, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise _config_error(error) from None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.name:
            about = [" / ".join(self.path)] if self.path else []
            about += [self.when] if self.when else []
            object.__setattr__(self, "name", f"{self.action} {' and '.join(about)}")
        if not self.when and not self.path:
            raise self._error("when: it matches nothing", "give a condition (when) or a node (path)")
        if self.path is not None and not all(self.path):
            raise self._error("path: it has an empty level", "give the node, e.g. ['books', 'horror']")
        if self.when is not None:
            try:
                compile_condition(self.when)
            except ConfigError as error:
                raise self._error(f"when: {error.what}", error.fix) from None
        if (self.action == "boost") != (self.amount is not None):
            needs = "boost needs one" if self.action == "boost" else "only boost has one"
            raise self._error(
                f"amount: {needs}", "give a number other than 0" if self.amount is None else "leave it out"
            )
        if self.amount is not None and (not math.isfinite(self.amount) or self.amount == 0):
            raise self._error(f"amount: {self.amount} does nothing good", "give a finite number other than 0")
        if (self.action == "cap") != (self.limit is not None):
            needs = "cap needs one" if self.action == "cap" else "only cap has one"
            raise self._error(f"limit: {needs}", "give a count, from 0" if self.limit is None else "leave it out")
        if self.limit is not None and self.limit < 0:
            raise self._error(f"limit: {self.limit} is too small", "give a count, from 0")
        return self

    def _error(self, what: str, fix: str) -> ConfigError:
        return ConfigError(f"rule {self.name!r}: {what}", fix=fix)


def _config_error(error: ValidationError) -> ConfigError:
    first = error.errors()[0]
    inner = first.get("ctx", {}).get("error")
    if isinstance(inner, ConfigError):
        return inner
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return ConfigError(f"rule: {where} is missing", fix="give this field")
    if first["type"] == "extra_forbidden":
        return ConfigError(f"rule: there is no field {where!r}", fix=f"use {', '.join(Rule.model_fields)}")
    return ConfigError(f"rule: {where}: {first['input']!r} can't be used", fix=first["msg"])


def never(paths: Iterable[Sequence[str]]) -> tuple[Rule, ...]:
    """Rules that keep a profile's `never` nodes out.

    >>> [rule.name for rule in never([["books", "horror"]])]
    ['never books / horror']
    """
    return tuple(
        Rule(action="block", path=tuple(path), name=f"never {' / '.join(path)}", personal=True) for path in paths
    )


def always(paths: Iterable[Sequence[str]], amount: float) -> tuple[Rule, ...]:
    """Rules that add `amount` to what lies under a profile's `always` nodes.

    >>> [(rule.name, rule.amount) for rule in always([["books"]], 2.0)]
    [('always books', 2.0)]
    """
    return tuple(
        Rule(action="boost", path=tuple(path), amount=amount, name=f"always {' / '.join(path)}", personal=True)
        for path in paths
    )


Filters = str | Rule | Mapping[str, Any] | Sequence["str | Rule | Mapping[str, Any]"] | None


def read_rules(filters: Filters) -> tuple[Rule, ...]:
    """Rules as requests and settings files give them: conditions (allowed if true), rules, or mappings of a rule.

    Raises:
        ConfigError: one can't be read, or there are more than 256.

    >>> [rule.name for rule in read_rules(["price <= 20", {"action": "cap", "path": ["books"], "limit": 2}])]
    ['allow price <= 20', 'cap books']
    """
    if filters is None:
        return ()
    given = [filters] if isinstance(filters, str | Rule | Mapping) else filters
    if len(given) > MAX_RULES:
        raise ConfigError(f"filters: {len(given)} rules are too many", fix=f"give at most {MAX_RULES}")
    return tuple(_read_rule(one) for one in given)


def _read_rule(given: object) -> Rule:
    if isinstance(given, Rule):
        return given
    if isinstance(given, str):
        return Rule(action="allow", when=given)
    if isinstance(given, Mapping):
        return Rule(**{str(name): value for name, value in given.items()})  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise ConfigError(f"filters: {given!r} is not a rule", fix="give a condition in quotes, or a mapping with action")


@dataclass(slots=True)
class Verdict:
    """What the policy says of n candidates.

    Attributes:
        allowed: bool [n].
        why: [n] name of the rule that keeps it out, else None.
        boosts: [n] (rule name, amount) of each boost that applies.
        caps: [n] indices into `limits` of each cap that applies.
        limits: [caps] at most so many in a list.
    """

    allowed: npt.NDArray[np.bool_]
    why: list[str | None]
    boosts: list[tuple[tuple[str, float], ...]]
    caps: list[tuple[int, ...]]
    limits: list[int]

    def take(self, order: Iterable[int], n: int) -> list[int]:
        """The first n of `order` that are allowed and within every cap."""
        left = list(self.limits)
        taken: list[int] = []
        for i in order:
            if len(taken) >= n:
                break
            caps = self.caps[i]
            if not self.allowed[i] or not all(left[cap] > 0 for cap in caps):
                continue
            for cap in caps:
                left[cap] -= 1
            taken.append(int(i))
        return taken


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A rule ready to be matched."""

    rule: Rule
    condition: Condition | None
    special: bool  # the condition looks at names that aren't fields

    def matches(self, candidates: Sequence[Facts], among: Iterable[int]) -> list[int]:
        path = self.rule.path
        found = among if path is None else [i for i in among if path in candidates[i].nodes]
        if self.condition is None:
            return list(found)
        test = self.condition.test
        if self.special:
            return [i for i in found if test(candidates[i].names)]
        return [i for i in found if test(candidates[i].fields)]


class Policy:
    """Rules, compiled once; `judge` applies them to the candidates of one answer.

    >>> policy = Policy([Rule(action="block", when="adult"), Rule(action="cap", path=("books",), limit=1)])
    >>> seen = policy.judge([Facts("a", {"adult": True}), Facts("b", {}, [("books",)]), Facts("c", {}, [("books",)])])
    >>> seen.why, seen.take([0, 1, 2], n=3)
    (['block adult', None, None], [1])
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self.rules = tuple(rules)
        self._compiled = [_compile(rule) for rule in self.rules]
        self._paths = frozenset(rule.path for rule in self.rules if rule.path is not None)

    def merged(self, rules: Iterable[Rule]) -> Policy:
        """This policy and further rules, for one request or one user."""
        added = tuple(rules)
        return Policy(self.rules + added) if added else self

    def rule(self, name: str) -> Rule | None:
        """The first rule of this name."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def judge(self, candidates: Sequence[Facts]) -> Verdict:
        """What holds for each candidate; the first rule that keeps one out, in the rules' order, is named in `why`."""
        n = len(candidates)
        why: list[str | None] = [None if facts.available else UNAVAILABLE for facts in candidates]
        boosts: list[tuple[tuple[str, float], ...]] = [()] * n
        caps: list[tuple[int, ...]] = [()] * n
        limits: list[int] = []
        everything = range(n)
        under = [i for i in everything if not self._paths.isdisjoint(candidates[i].nodes)] if self._paths else []
        for one in self._compiled:
            rule = one.rule
            matched = one.matches(candidates, everything if rule.path is None else under)
            if rule.action == "allow":
                kept = set(matched)
                matched = [i for i in everything if i not in kept]
            if rule.action in ("allow", "block"):
                for i in matched:
                    why[i] = why[i] or rule.name
            elif rule.amount is not None:
                for i in matched:
                    boosts[i] = (*boosts[i], (rule.name, rule.amount))
            elif rule.limit is not None:
                for i in matched:
                    caps[i] = (*caps[i], len(limits))
                limits.append(rule.limit)
        return Verdict(np.array([reason is None for reason in why], dtype=np.bool_), why, boosts, caps, limits)


def _compile(rule: Rule) -> _Compiled:
    condition = None if rule.when is None else compile_condition(rule.when)
    return _Compiled(rule, condition, condition is not None and not SPECIAL_NAMES.isdisjoint(condition.names))
