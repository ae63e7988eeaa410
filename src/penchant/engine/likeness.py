"""Searching the catalogue by words and by meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from penchant.engine.each import Each
from penchant.errors import InvalidRecord
from penchant.interest.arrays import F64, I32
from penchant.interest.catalogue import DELETED, Card
from penchant.recommend.policy import Facts, Filters, Policy, Rule, read_rules

MOST_FOUND = 1000
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Found:
    """An item that a search found.

    Attributes:
        item, title: which.
        score: words + meaning.
        words: share of the searched words that stand in its title, nodes or text fields, in [0, 1].
        meaning: cosine of its text and what is searched for, in [-1, 1].
        available: whether it may be recommended.
    """

    item: str
    title: str
    score: float
    words: float
    meaning: float
    available: bool


class Likeness(Each):
    """The methods that look for items by what they are, for nobody in particular."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._texts_of: dict[int, tuple[Card, str]] = {}  # by item row, what words are looked for in

    def search(self, text: str, n: int = 10, *, filters: Filters = None, retired: bool = False) -> list[Found]:
        """Items by words and by meaning, best first; an item's id is found too.

        Args:
            text: words, in any of the encoder's languages.
            n: how many, 1 to 1,000.
            filters: as `recommend`'s, of which only what allows or blocks counts.
            retired: whether items that are not recommended (retired, not available) are found too.

        Raises:
            InvalidRecord: nothing is searched for, or too much. ConfigError: a filter can't be read.

        >>> from penchant import Engine
        >>> engine = Engine.open(base="shop")
        >>> added = engine.add_items([{"id": "tea", "text": "green tea"}, {"id": "pot", "text": "iron pot"}])
        >>> [found.item for found in engine.search("teas from Japan, green ones", n=1)]
        ['tea']
        >>> engine.close()
        """
        if not text.strip():
            raise InvalidRecord("search.text", text, "give some words")
        if len(text) > 4000:
            raise InvalidRecord("search.text", text, "give at most 4,000 characters")
        if not 1 <= n <= MOST_FOUND:
            raise InvalidRecord("search.n", n, f"give 1 to {MOST_FOUND:,}")
        rules = read_rules(filters)
        meant = self._book.of([text], keep=False)
        with self._lock:
            catalogue, space = self.model.world.catalogue, self.model.space
            size = len(catalogue)
            rows = np.flatnonzero(catalogue.state[:size] != DELETED).astype(np.int32) if retired else catalogue.live()
            if not len(rows) or space is None:
                return []
            cosine = (catalogue.vectors[rows] @ space.project(meant)[0]).astype(np.float64)
        # titles only ever come and are replaced: looking through them all need keep nobody waiting
        words = self._word_shares(text, rows)
        best = self._allowed(rules, rows, np.argsort(-(words + cosine), kind="stable"), n)
        return [self._found(int(rows[k]), float(words[k]), float(cosine[k])) for k in best]

    def _found(self, row: int, words: float, meaning: float) -> Found:
        catalogue = self.model.world.catalogue
        return Found(
            catalogue.rows.ids[row], catalogue.cards[row].title, round(words + meaning, 6), round(words, 6),
            round(meaning, 6), bool(catalogue.shown[row]),
        )  # fmt: skip

    def _allowed(self, rules: tuple[Rule, ...], rows: I32, order: npt.NDArray[np.intp], n: int) -> list[int]:
        policy = Policy(rules)
        if not policy.rules:
            return order[:n].tolist()
        kept: list[int] = []
        for first in range(0, len(order), 500):
            part = order[first : first + 500].tolist()
            allowed = policy.judge([self._facts(int(rows[k])) for k in part]).allowed
            kept += [k for k, may in zip(part, allowed.tolist(), strict=True) if may]
            if len(kept) >= n:
                break
        return kept[:n]

    def _facts(self, row: int) -> Facts:
        catalogue, taxonomy = self.model.world.catalogue, self.model.world.taxonomy
        card, place = catalogue.cards[row], catalogue.place(row)
        paths = [(taxonomy.categories.ids[c],) for c in place.categories]
        paths += [taxonomy.path_of_dimension(d) for d in place.dimensions]
        return Facts(catalogue.rows.ids[row], card.fields, paths)

    def _word_shares(self, text: str, rows: I32) -> F64:
        """[n] share of the words that stand in what is said of each item."""
        words = list(dict.fromkeys(_WORD.findall(text.casefold())))[:32]
        kept = self._texts_of
        cards: list[Card] = self.model.world.catalogue.cards
        ids: list[str] = self.model.world.catalogue.rows.ids
        hits = np.zeros(len(rows))
        for k, row in enumerate(map(int, rows)):
            known = kept.get(row)
            if known is None or known[0] is not cards[row]:
                known = kept[row] = (cards[row], _said_of(ids[row], cards[row]))
            for word in words:
                if word in known[1]:
                    hits[k] += 1.0
        return hits / max(len(words), 1)


def _said_of(id: str, card: Card) -> str:
    fields = [value for value in card.fields.values() if isinstance(value, str)]
    fields += [entry for value in card.fields.values() if isinstance(value, list) for entry in value]
    return "\n".join([id, card.title, *(level for path in card.paths for level in path), *fields]).casefold()
