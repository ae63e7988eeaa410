"""Candidates with all their parts while they are ranked, and each one's explanation: the parts with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import numpy as np

from penchant.interest.arrays import F64
from penchant.interest.asker import Asker
from penchant.interest.model import Model
from penchant.interest.reason import Reason
from penchant.interest.state import Scores
from penchant.interest.taxonomy import Taxonomy
from penchant.recommend.answer import Recommendation
from penchant.recommend.diversity import Order
from penchant.recommend.explanation import Explanation, Level, Terms
from penchant.recommend.request import RequestParts

BASE = Reason("base")
OF_HISTORY = frozenset(
    {"long", "recent", "last", "next", "follows", "together", "leads", "beside", "learned", "sequence"}
)


@dataclass(slots=True)
class Board:
    """Candidates of one question.

    Attributes:
        asker: who asks.
        base: rows [n], their scores by the model, and the parts of these.
        score: [n] with what the request and the policy add.
        request: what the request adds, by part; None without one.
        boosts: (name, amount) by candidate, of the policy and of what the user stated.
    """

    asker: Asker
    base: Scores
    score: F64
    request: RequestParts | None = None
    boosts: dict[int, list[tuple[str, float]]] = field(default_factory=dict[int, list[tuple[str, float]]])
    _order: Order | None = None
    _names: tuple[tuple[Level, str], ...] | None = None

    def boost(self, k: int, name: str, amount: float) -> None:
        """Candidate k gets so much more."""
        self.boosts.setdefault(k, []).append((name, amount))
        self.score[k] += amount
        self._order = None

    @property
    def order(self) -> Order:
        """Candidates [n], the best first."""
        if self._order is None:
            self._order = np.argsort(-self.score, kind="stable")
        return self._order

    def recommendation(
        self, model: Model, k: int, position: int, probability: float, moves: tuple[Reason, ...]
    ) -> Recommendation:
        """Candidate k at its position, from 1, shown with a probability; `moves`: why it doesn't stand by its score."""
        explanation = self.explanation(model, k, moves)
        card = model.world.catalogue.cards[int(self.base.rows[k])]
        return Recommendation(explanation.item, card.title, explanation.score, position, explanation, probability)

    def explanation(self, model: Model, k: int, moves: tuple[Reason, ...] = ()) -> Explanation:
        """The parts of candidate k's score; they sum to it."""
        names, values = self.names(), cast("list[float]", self.base.parts[:, k].tolist())
        boosts = self.boosts.get(k, ())
        if self.request is not None:
            values += self.request.values[:, k].tolist()
        if boosts:
            stated: tuple[tuple[Level, str], ...] = tuple(("policy", name) for name, _ in boosts)
            names = (*names, *stated)
            values += [amount for _, amount in boosts]
        row = int(self.base.rows[k])
        why = partial(_why, model, self.asker, names, row, self.request, k)
        return Explanation(
            Terms(names, values, why), float(sum(values)), item=model.world.catalogue.rows.ids[row], moves=moves
        )

    def names(self) -> tuple[tuple[Level, str], ...]:
        """Level and name of each part that every candidate has."""
        if self._names is None:
            asked = () if self.request is None else tuple(("request", name) for name in self.request.names)
            self._names = cast("tuple[tuple[Level, str], ...]", (*self.base.names, *asked))
        return self._names


def _why(
    model: Model, asker: Asker, names: Sequence[tuple[Level, str]], row: int, request: RequestParts | None, k: int,
    term: int,
) -> Reason:  # fmt: skip
    """The reason of a term of candidate k, the item `row`. Asked later, it holds no parts of all but the request's."""
    level, name = names[term]
    if level == "request" and request is not None:
        return request.reason(request.names.index(name), k)
    if level == "policy":
        op, _, node = name.partition(" ")
        return Reason(op, {"name": node}) if op in ("always", "more", "less") else Reason("boost", {"rule": name})
    return _reason(model, asker, level, name, row)


def _reason(model: Model, asker: Asker, level: str, name: str, row: int) -> Reason:
    if level == "intensity":
        if not len(asker.history) and name in OF_HISTORY:
            return Reason("no_history")
        return model.evidence[name].reason(asker, row)
    if level == "base":
        return BASE
    taxonomy, place = model.world.taxonomy, model.world.catalogue.place(row)
    if level == "category" and place.categories:
        lift = asker.lift_c
        c = max(place.categories, key=lift.__getitem__)
        return asker.once(
            f"category {c}", lambda: Reason("category", {"name": taxonomy.categories.ids[c], "lift": _times(lift[c])})
        )
    if level == "dimension" and place.dimensions:
        lift = asker.lift_d
        d = max(place.dimensions, key=lift.__getitem__)
        return asker.once(f"dimension {d}", lambda: _of_dimension(taxonomy, d, lift[d]))
    return BASE


def _of_dimension(taxonomy: Taxonomy, d: int, lift: float) -> Reason:
    category, dimension = taxonomy.path_of_dimension(d)
    return Reason("dimension", {"name": dimension, "category": category, "lift": _times(lift)})


def _times(lift: float) -> float:
    return round(float(np.exp(lift)), 1)
