"""Candidates with all their parts while they are ranked, and each one's explanation: the parts with their reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import numpy as np

from penchant.interest.arrays import F64
from penchant.interest.asker import Asker
from penchant.interest.model import Model
from penchant.interest.reason import Reason
from penchant.interest.state import Scores
from penchant.recommend.answer import Recommendation
from penchant.recommend.diversity import Order
from penchant.recommend.explanation import Explanation, Level, Part
from penchant.recommend.request import RequestParts

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
        values: list[float] = self.base.parts[:, k].tolist()
        if self.request is not None:
            values += self.request.values[:, k].tolist()
        values += [amount for _, amount in self.boosts.get(k, ())]
        item = model.world.catalogue.rows.ids[int(self.base.rows[k])]
        return Explanation(partial(self._parts, model, k, values), float(sum(values)), item=item, moves=moves)

    def _parts(self, model: Model, k: int, values: list[float]) -> Iterator[Part]:
        """Made only when they are read: ten items have some two hundred, and most are never looked at."""
        row, told = int(self.base.rows[k]), iter(values)
        for (level, name), value in zip(self.base.names, told, strict=False):
            if value != 0 or level == "base":
                yield Part(cast("Level", level), name, value, partial(_reason, model, self.asker, level, name, row))
        if self.request is not None:
            for (p, name), value in zip(enumerate(self.request.names), told, strict=False):
                yield Part("request", name, value, partial(self.request.reason, p, k))
        for (name, _), value in zip(self.boosts.get(k, ()), told, strict=True):
            op, _, node = name.partition(" ")
            reason = Reason(op, {"name": node}) if op in ("always", "more", "less") else Reason("boost", {"rule": name})
            yield Part("policy", name, value, reason)


def _reason(model: Model, asker: Asker, level: str, name: str, row: int) -> Reason:
    if level == "intensity":
        if not len(asker.history) and name in OF_HISTORY:
            return Reason("no_history")
        return model.evidence[name].reason(asker, row)
    if level == "base":
        return Reason("base")
    taxonomy, place = model.world.taxonomy, model.world.catalogue.place(row)
    if level == "category" and place.categories:
        best = max(place.categories, key=lambda c: asker.lift_c[c])
        return Reason("category", {"name": taxonomy.categories.ids[best], "lift": _times(asker.lift_c[best])})
    if level == "dimension" and place.dimensions:
        best = max(place.dimensions, key=lambda d: asker.lift_d[d])
        category, dimension = taxonomy.path_of_dimension(best)
        return Reason("dimension", {"name": dimension, "category": category, "lift": _times(asker.lift_d[best])})
    return Reason("base")


def _times(lift: float) -> float:
    return round(float(np.exp(lift)), 1)
