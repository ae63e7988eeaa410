"""A request in words as additive parts: nodes that are asked for, nodes to keep clear of, meaning, and age.

Each part is scaled by the spread of the base scores over the candidates, so that words move a list about as far
whatever the domain: `request.category` 2 means two standard deviations for the node that is asked for most. Within what
is asked for the scores order the list as ever: nodes that are alternatives don't add up, and the meaning of words that
name nodes has been heard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from penchant.interest.arrays import F32, F64, I32
from penchant.interest.evidence import Reason
from penchant.interest.model import Model
from penchant.interest.taxonomy import SEPARATOR
from penchant.language.lexicon import LIST
from penchant.language.nodes import Noun, share_named
from penchant.language.strength import strength_of
from penchant.language.utterance import Reading
from penchant.records import FieldValue

LEAST = 0.3  # of a spread; catalogues that have learned come to 0.6 to 1.2, new ones to almost nothing
AVOID = 2.0  # what is refused counts so many times what is asked for
_NEW = re.compile(
    r"\b(not (too|so|that|very) old|not old|recent|newer|newest|latest|new|modern)\b"
    r"|不要太老|不太老|别太老|不老|新一点|较新|最新|新出|近年|近几年"
)
_OLD = re.compile(r"\b(old|older|classic|classics|vintage)\b|老一点|老片|老电影|经典|怀旧|古老")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read.

    Attributes:
        text: the words.
        reading: its clauses.
        vector: [d] projected meaning of what is wished for; zero if nothing is.
        wished, refused: weight by (category row, dimension row or -1).
        age: 1 newer ones, -1 older ones, 0 not said.
        like: title of the item that the answer is to be like, "" if there is none.
        strength: of what is wished for: 0.5, 1 or 1.5; its meaning counts so much.
        either: whether the wished nodes are alternatives ("dramas or war films", or one that is less sure), not to be
            had together.
        named: share of the words of what is wished for that name wished nodes.
    """

    text: str
    reading: Reading
    vector: F32
    wished: dict[tuple[int, int], float]
    refused: dict[tuple[int, int], float]
    age: int
    like: str = ""
    strength: float = 1.0
    either: bool = False
    named: float = 0.0


def understand(model: Model, text: str, reading: Reading, vector: F32) -> Asked:
    """Bind a reading to the model's tree."""

    def rows(nodes: Mapping[tuple[str, ...], float]) -> dict[tuple[int, int], float]:
        return {node: w for path, w in nodes.items() if (node := model.world.taxonomy.find(path)) is not None}

    said = reading.rest
    age = 1 if _NEW.search(said) else (-1 if _OLD.search(said) else 0)
    wishes = [clause for clause in reading.clauses if clause.polarity > 0]
    strength = max((clause.strength for clause in wishes), default=strength_of(said))
    wished = rows(reading.nodes(1))
    listed = any(len(clause.nodes) > 1 and LIST.search(clause.topic) for clause in wishes)
    sure = sum(weight >= 1.0 for clause in wishes for _, weight in clause.nodes)
    noun = Noun(model.settings.noun, model.settings.noun_zh)
    named = share_named(reading.wished, [path[-1].split(SEPARATOR)[-1] for path in reading.nodes(1)], noun)
    return Asked(
        text, reading, vector, wished, rows(reading.nodes(-1)), age, strength=strength,
        either=listed or sure < 2, named=named,
    )  # fmt: skip


def beside(model: Model, asked: Asked | None, row: int) -> Asked:
    """What is asked for, drawn to what is like an item (row): to its meaning, and to its categories if no words are."""
    catalogue = model.world.catalogue
    vector, title = catalogue.vectors[row], catalogue.cards[row].title
    if asked is None:
        nodes = {(category, -1): 1.0 for category in catalogue.place(row).categories}
        return Asked("", Reading(), vector, nodes, {}, 0, title)
    both = vector + asked.vector
    return replace(asked, vector=both / max(float(np.linalg.norm(both)), 1e-9), like=title)


@dataclass(frozen=True, slots=True)
class RequestParts:
    """Parts [P, n] of a request for n candidates, their names, and reasons by (part, candidate)."""

    names: tuple[str, ...]
    values: F64
    asked: Asked
    model: Model
    rows: I32

    def reason(self, part: int, candidate: int) -> Reason:
        """Why this part is what it is for this candidate."""
        name, row = self.names[part], int(self.rows[candidate])
        if self.asked.like and (name == "request_meaning" or not self.asked.text):
            return Reason("similar", {"item": self.asked.like})
        if name in ("request_category", "request_dimension"):
            hit = self._hits(row, self.asked.wished, name == "request_dimension")
            return Reason(name, {"name": hit or self._hits(None, self.asked.wished, name == "request_dimension")})
        if name == "request_avoid":
            return Reason(name, {"text": self._hits(None, self.asked.refused, None)})
        return Reason(name, {"text": self.asked.text})

    def _hits(self, row: int | None, nodes: Mapping[tuple[int, int], float], dimensions: bool | None) -> str:
        """Names of the nodes (of those where the item stands, if a row is given), joined by ', '."""
        taxonomy = self.model.world.taxonomy
        place = self.model.world.catalogue.place(row) if row is not None else None
        names: list[str] = []
        for c, d in nodes:
            if dimensions is not None and (d >= 0) != dimensions:
                continue
            if place and not (d in place.dimensions if d >= 0 else c in place.categories):
                continue
            names.append(taxonomy.path_of_dimension(d)[1] if d >= 0 else taxonomy.categories.ids[c])
        return ", ".join(names)


def spread_of(score: F64) -> float:
    """Standard deviation of the base scores [n], in which counts what is asked and stated; 1 where they don't differ.

    >>> spread_of(np.array([0.1])), spread_of(np.array([-0.1, 0.1])), spread_of(np.array([-0.8, 0.8]))
    (1.0, 0.3, 0.8)
    """
    deviation = float(score.std()) if len(score) else 0.0
    return max(deviation, LEAST) if deviation > 1e-6 else 1.0


def request_parts(model: Model, asked: Asked, rows: I32, score: F64) -> RequestParts:
    """What the request adds for candidates [n] with these base scores [n]."""
    weights, catalogue = model.settings.request, model.world.catalogue
    spread = spread_of(score)
    n_c, n_d = len(model.world.taxonomy.categories), len(model.world.taxonomy.dimensions)
    wish_c, wish_d, refuse_c, refuse_d = np.zeros(n_c), np.zeros(n_d), np.zeros(n_c), np.zeros(n_d)
    for nodes, on_c, on_d in ((asked.wished, wish_c, wish_d), (asked.refused, refuse_c, refuse_d)):
        for (c, d), weight in nodes.items():
            if d >= 0:
                on_d[d] = max(on_d[d], weight)
            else:
                on_c[c] = max(on_c[c], weight)
    if not asked.wished and not asked.refused and asked.vector.any() and n_c:
        # no node is named: let M_C read the words, as it reads x_t
        M_C = model.world.heads.M_C(model.world.taxonomy, asked.vector)
        wish_c = np.where(n_c * M_C > 2.0, M_C / M_C.max(), 0.0) * 0.5
    wished = _most if asked.either else _summed
    meaning = weights.meaning * (1.0 if asked.like else 1.0 - weights.heard * asked.named)
    columns = [
        ("request_category", spread * weights.category * wished(catalogue.categories, wish_c, rows)),
        ("request_dimension", spread * weights.dimension * wished(catalogue.dimensions, wish_d, rows)),
        ("request_avoid", -AVOID * spread * weights.category * (
            _summed(catalogue.categories, refuse_c, rows) + _summed(catalogue.dimensions, refuse_d, rows))),
        ("request_meaning", asked.strength * spread * meaning * _standard(catalogue.vectors[rows] @ asked.vector)),
        ("request_age", 0.5 * spread * asked.age * _standard(_ages(model, rows))),
    ]  # fmt: skip
    kept = [(name, values) for name, values in columns if values.any()]
    values = np.stack([v for _, v in kept]) if kept else np.zeros((0, len(rows)))
    return RequestParts(tuple(name for name, _ in kept), values, asked, model, rows)


def _summed(nodes: I32, weight: F64, rows: I32) -> F64:
    """[n] sum of the weights of the nodes where each item stands."""
    places = nodes[rows]
    if not len(weight) or not weight.any():
        return np.zeros(len(rows))
    return (np.append(weight, 0.0)[places]).sum(1)


def _most(nodes: I32, weight: F64, rows: I32) -> F64:
    """[n] the largest of the weights of the nodes where each item stands."""
    return np.append(weight, 0.0)[nodes[rows]].max(1) if weight.any() else np.zeros(len(rows))


def _standard(values: F32 | F64) -> F64:
    """[n] in standard deviations from their mean; zeros if they don't differ."""
    wide = values.astype(np.float64)
    deviation = float(wide.std()) if len(wide) else 0.0
    return (wide - wide.mean()) / deviation if deviation > 1e-9 else np.zeros(len(wide))


def _ages(model: Model, rows: I32) -> F64:
    """[n] the field `year` where the items have one, capped to what most have; else when they appeared."""
    cards = model.world.catalogue.cards
    years = np.array([_year(cards[row].fields.get("year")) for row in map(int, rows)])
    known = np.isfinite(years)
    if not len(rows) or known.mean() < 0.5:
        return model.world.catalogue.time[rows]
    low, high = np.percentile(years[known], [10, 99])
    return np.where(known, np.clip(years, low, high), np.median(years[known]))


def _year(value: FieldValue) -> float:
    if isinstance(value, str) and len(value) < 20 and value.strip().isdecimal():
        value = int(value)
    return float(value) if isinstance(value, int | float) and 1000 < value < 3000 else np.nan
