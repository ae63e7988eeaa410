"""Which items a rule matches, by row, kept from one question to the next.

A filter that few items pass can't be met from what was gathered by taste: everything has to be looked at. Judged item
by item, 100,000 take seconds, and everybody else waits; a rule's matches are found once, then kept up with every item.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from penchant.interest.arrays import I32, Flags
from penchant.interest.catalogue import Card
from penchant.interest.model import Model
from penchant.recommend.condition import SPECIAL_NAMES, Condition, compile_condition
from penchant.recommend.policy import Facts, Path, Rule
from penchant.records import FieldValue

KEPT = 64  # rules whose matches are kept, a byte an item each; the least recently asked leaves first
STALE = 4096  # changed items of one rule that are remembered; beyond that its matches are found anew


@dataclass(slots=True)
class _Matches:
    """A rule's matches [items], and the rows that were changed since they were found."""

    of: Flags
    stale: set[int] = field(default_factory=set[int])


class Matching:
    """Matches of rules among the items of one model.

    Args:
        facts: what a condition may look at in an item (its row), where fields alone don't do.
    """

    def __init__(self, facts: Callable[[int], Facts]) -> None:
        self._facts = facts
        self._kept: OrderedDict[tuple[str | None, Path | None], _Matches] = OrderedDict()

    def clear(self) -> None:
        """The items or the tree changed as a whole."""
        self._kept.clear()

    def changed(self, row: int) -> None:
        """An item was added or changed."""
        for key, matches in list(self._kept.items()):
            matches.stale.add(row)
            if len(matches.stale) > STALE:
                del self._kept[key]

    def permitted(self, model: Model, rules: Iterable[Rule], rows: I32) -> tuple[I32, dict[str, int]]:
        """Rows that every filter among the rules lets through, and how many each rule kept out: the first that did."""
        blocked: dict[str, int] = {}
        for rule in rules:
            if rule.action not in ("allow", "block"):
                continue
            keep = self._of(model, rule)[rows] == (rule.action == "allow")
            if out := len(rows) - int(keep.sum()):
                blocked[rule.name] = blocked.get(rule.name, 0) + out
            rows = rows[keep]
        return rows, blocked

    def _of(self, model: Model, rule: Rule) -> Flags:
        """[items] whether the rule matches."""
        key, items = (rule.when, rule.path), len(model.world.catalogue)
        matches = self._kept.get(key)
        known = 0 if matches is None else len(matches.of)
        rows = np.arange(known, items, dtype=np.int32)
        if matches is None:
            matches = self._kept[key] = _Matches(np.zeros(0, np.bool_))
        if len(rows):
            matches.of = np.concatenate((matches.of, np.zeros(len(rows), np.bool_)))
        if matches.stale:
            rows = np.union1d(rows, np.fromiter(matches.stale, np.int32, len(matches.stale)))
            matches.stale.clear()
        if len(rows):
            matches.of[rows] = self._matched(model, rule, rows)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return matches.of

    def _matched(self, model: Model, rule: Rule, rows: I32) -> Flags:
        """[n] whether the rule matches these rows."""
        catalogue = model.world.catalogue
        found = np.ones(len(rows), np.bool_)
        if rule.path is not None:
            node = model.world.taxonomy.find(rule.path)
            if node is None:
                return np.zeros(len(rows), np.bool_)
            category, dimension = node
            places = catalogue.dimensions if dimension >= 0 else catalogue.categories
            found = (places[rows] == (dimension if dimension >= 0 else category)).any(1)
        if rule.when is not None:
            looked: list[int] = rows[found].tolist()
            found[found] = np.fromiter(self._met(model, compile_condition(rule.when), looked), np.bool_, len(looked))
        return found

    def _met(self, model: Model, condition: Condition, rows: list[int]) -> Iterator[bool]:
        """Whether each of these rows meets a condition."""
        catalogue, test = model.world.catalogue, condition.test
        cards: list[Card] = catalogue.cards
        if SPECIAL_NAMES.isdisjoint(condition.names):
            yield from (test(cards[row].fields) for row in rows)
            return
        ids: list[str] = catalogue.rows.ids
        nodes: dict[tuple[bytes, bytes], dict[str, FieldValue]] = {}  # by where an item stands
        for row in rows:
            place = catalogue.categories[row].tobytes(), catalogue.dimensions[row].tobytes()
            if place not in nodes:
                names = self._facts(row).names
                nodes[place] = {name: names[name] for name in ("category", "dimension")}
            card = cards[row]
            yield test({**card.fields, **nodes[place], "id": ids[row], "available": card.available})
