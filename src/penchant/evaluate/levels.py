"""What the levels say before an event is known: category, dimension and intensity; and what certainty is worth.

Four ways name the next item's node: the heads alone (M_C and M_D of x_t), the profile (their posterior with the user's
own counts), the user's own counts alone, and the majority (the population's most frequent). An item of several nodes is
of each in part, as the heads learn it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from penchant.evaluate.exchange import Floats
from penchant.interest.arrays import F64, I32
from penchant.interest.asker import Asker
from penchant.interest.model import Model
from penchant.interest.profile import HIGH
from penchant.interest.tree import CERTAIN, SHRINK
from penchant.metrics import Bin, Classification, auc, calibration_error, classification, reliability, rmse

LEVELS = ("category", "dimension")
WAYS = ("heads", "profile", "own counts", "majority")
GUESSES = ("head", "the item's mean", "the user's mean", "the mean")
BANDS = (0.0, 0.2, 0.4, 0.6, 0.8)  # of certainty: from each to below the next
BINS = 20
MEAN_OF = 5.0  # events at the overall mean, added to an item's or a user's own before their mean is read


@dataclass(frozen=True, slots=True)
class Node:
    """How well one way names the node of a level."""

    figures: Classification
    calibration_error: float
    curve: list[Bin]


@dataclass(frozen=True, slots=True)
class Band:
    """Nodes that the profile holds with a certainty between `low` and `high`.

    Attributes:
        count: how many nodes were looked at, all predictions together.
        error: calibration error of their shares.
        skill: 1 - squared error of the shares over that of the population's; above 0: the profile knows more.
        curve: reliability of their shares.
        rated: events of such a node, and the RMSE of the node's intensity and of the overall mean on them.
    """

    low: float
    high: float
    count: int
    error: float
    skill: float
    curve: list[Bin]
    rated: int
    rmse: float
    rmse_mean: float


@dataclass(slots=True)
class Levels:
    """Figures by level.

    Attributes:
        names: of the nodes of each level, by row.
        nodes: by level and way.
        counts: by level, how many predictions there were.
        intensity: RMSE and AUC (of an intensity of at least 0.5) by way of guessing, and how many were guessed.
        certainty: by level, bands of certainty.
    """

    names: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    counts: dict[str, int] = field(default_factory=dict[str, int])
    nodes: dict[str, dict[str, Node]] = field(default_factory=dict[str, dict[str, Node]])
    intensity: dict[str, dict[str, float | None]] = field(default_factory=dict[str, dict[str, float | None]])
    guessed: int = 0
    certainty: dict[str, list[Band]] = field(default_factory=dict[str, list[Band]])

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        told: dict[str, Any] = {
            level: {
                "predictions": self.counts[level],
                **{way: self._node(level, node) for way, node in ways.items()},
                "by certainty of the profile": [asdict(band) for band in self.certainty[level]],
            }
            for level, ways in self.nodes.items()
        }
        return {**told, "intensity": {"predictions": self.guessed, **self.intensity}}

    def _node(self, level: str, node: Node) -> dict[str, Any]:
        names = self.names[level]
        classes = {names[row]: asdict(figures) for row, figures in node.figures.classes.items()}
        return {
            "accuracy": node.figures.accuracy,
            "macro": asdict(node.figures.macro),
            "weighted": asdict(node.figures.weighted),
            "calibration error": node.calibration_error,
            "reliability": [asdict(point) for point in node.curve],
            "classes": classes,
        }


class LevelLog:
    """Notes what is said of each event before it is learned."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.said: dict[str, dict[str, list[int]]] = {level: {way: [] for way in WAYS} for level in LEVELS}
        self.sure: dict[str, dict[str, list[float]]] = {level: {way: [] for way in WAYS} for level in LEVELS}
        self.true: dict[str, list[I32]] = {level: [] for level in LEVELS}
        self.hits: dict[str, Floats] = {level: np.zeros((len(BANDS), BINS, 3)) for level in LEVELS}  # count, Σp, Σy
        self.squares: dict[str, Floats] = {level: np.zeros((len(BANDS), 2)) for level in LEVELS}
        self.rated: dict[str, Floats] = {level: np.zeros((len(BANDS), 3)) for level in LEVELS}
        self.guesses: dict[str, list[float]] = {guess: [] for guess in GUESSES}
        self.strengths: list[float] = []
        self._sum: dict[object, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def learn(self, user: str, item: int, strength: float, *, shared: bool = True) -> None:
        """An event that is no secret any more; `shared`: to anybody but its user too."""
        keys: tuple[object, ...] = (user, item, None) if shared else (user,)
        for key in keys:
            told = self._sum[key]
            told[0] += strength
            told[1] += 1

    def note(self, asker: Asker, user: str, item: int, strength: float) -> None:
        """What is said of the asker's next event: an item, with this intensity."""
        catalogue, taxonomy = self.model.world.catalogue, self.model.world.taxonomy
        parents = taxonomy.category_of[: len(taxonomy.dimensions)]
        mean = self._mean(None, 0.0)
        whole = asker.share_c[parents] * asker.share_d
        p_c, p_d = asker.population
        self._nodes("category", catalogue.categories[item], (asker.M_C, asker.share_c, asker.pro_c, p_c))
        self._certainty(
            "category", catalogue.categories[item], asker.share_c, p_c, asker.pro_c, asker.con_c, strength, mean
        )
        ways = (asker.M_C[parents] * asker.M_D, whole, asker.pro_d, p_c[parents] * p_d)
        self._nodes("dimension", catalogue.dimensions[item], ways)
        self._certainty(
            "dimension", catalogue.dimensions[item], whole, ways[3], asker.pro_d, asker.con_d, strength, mean
        )
        of_item = self._mean(item, mean)
        for guess, value in zip(GUESSES, (self._head(asker, item), of_item, self._mean(user, mean), mean), strict=True):
            self.guesses[guess].append(value)
        self.strengths.append(strength)

    def report(self) -> Levels:
        """The figures of all that was noted."""
        taxonomy, levels = self.model.world.taxonomy, Levels()
        dimensions = [" › ".join(taxonomy.path_of_dimension(d)) for d in range(len(taxonomy.dimensions))]
        levels.names = {"category": list(taxonomy.categories.ids), "dimension": dimensions}
        for level in LEVELS:
            if not self.true[level]:
                continue
            true = np.array(self.true[level])
            levels.counts[level] = len(true)
            levels.nodes[level] = {way: self._node(level, way, true) for way in WAYS}
            levels.certainty[level] = list(self._bands(level))
        levels.guessed = len(self.strengths)
        high = np.array(self.strengths) >= HIGH
        for guess, values in self.guesses.items():
            levels.intensity[guess] = {"rmse": rmse(values, self.strengths), "auc": auc(values, high)}
        return levels

    # -- noting ------------------------------------------------------------------------------------------------------

    def _mean(self, key: object, mean: float) -> float:
        total, count = self._sum.get(key, (0.0, 0.0))
        shrink = 0.0 if key is None else MEAN_OF
        return (total + shrink * mean) / (count + shrink) if count + shrink else 0.0

    def _nodes(self, level: str, true: I32, ways: Sequence[F64]) -> None:
        if true[0] < 0 or not len(ways[0]):  # an item of no node
            return
        self.true[level].append(true.copy())
        population = ways[-1]
        for way, p in zip(WAYS, ways, strict=True):
            told = p if p.any() else population  # of one without counts only the population is known
            best = int(np.argmax(told))
            self.said[level][way].append(best)
            self.sure[level][way].append(float(told[best]) / max(float(told.sum()), 1e-12))

    def _certainty(
        self, level: str, true: I32, share: F64, population: F64, pro: F64, con: F64, strength: float, mean: float
    ) -> None:
        nodes = true[true >= 0]
        if not len(nodes):
            return
        weight = pro + con
        band = np.searchsorted(BANDS, weight / (weight + CERTAIN), side="right") - 1
        y = np.zeros(len(share))
        y[nodes] = 1.0 / len(nodes)
        bins = band * BINS + np.minimum((share * BINS).astype(int), BINS - 1)
        hits, squares = self.hits[level], self.squares[level]
        for part, weights in enumerate((None, share, y)):
            hits[..., part] += np.bincount(bins, weights, len(BANDS) * BINS).reshape(hits.shape[:2])
        for part, said in enumerate((share, population)):
            squares[:, part] += np.bincount(band, (said - y) ** 2, len(BANDS))
        shown = (pro[nodes] - con[nodes]) / (weight[nodes] + SHRINK)
        errors = np.stack(
            [np.ones(len(nodes)), (shown - strength) ** 2, np.full(len(nodes), (mean - strength) ** 2)], 1
        )
        np.add.at(self.rated[level], band[nodes], errors)

    def _head(self, asker: Asker, item: int) -> float:
        """M_I of the event: z(w_I · φ) is the score where α is all on intensity."""
        blend, nothing = self.model.blend, np.zeros(1)
        phi = self.model.phi(asker, np.array([item], np.int32))
        z, _ = blend.parts(phi, nothing, nothing, np.array([-1e9, -1e9, 0.0]), asker.situation)
        return float(blend.M_I(z)[0])

    # -- telling -----------------------------------------------------------------------------------------------------

    def _node(self, level: str, way: str, true: I32) -> Node:
        said, sure = np.array(self.said[level][way]), self.sure[level][way]
        right = (true == said[:, None]).any(1) / (true >= 0).sum(1)
        return Node(classification(said, true), calibration_error(sure, right), reliability(sure, right))

    def _bands(self, level: str) -> Sequence[Band]:
        told: list[Band] = []
        for k, low in enumerate(BANDS):
            count, p, y = self.hits[level][k].T
            total = float(count.sum())
            if not total:
                continue
            own, population = self.squares[level][k]
            n, square, base = self.rated[level][k]
            curve = [Bin(float(p[b] / count[b]), float(y[b] / count[b]), int(count[b])) for b in np.flatnonzero(count)]
            told.append(Band(
                low, BANDS[k + 1] if k + 1 < len(BANDS) else 1.0, int(total), float(np.abs(p - y).sum() / total),
                float(1 - own / population) if population else 0.0, curve, int(n),
                float(np.sqrt(square / n)) if n else 0.0, float(np.sqrt(base / n)) if n else 0.0,
            ))  # fmt: skip
        return told
