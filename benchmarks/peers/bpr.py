"""BPR (Rendle et al. 2009): implicit's BayesianPersonalizedRanking.

The library has no fold-in for it, so a user's vector is learned here by BPR's own gradient steps on their up-to-date
history, with the items' vectors as trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from implicit.cpu.bpr import BayesianPersonalizedRanking
from task import Floats, Log, Rows

NAME, LIBRARY = "BPR", "implicit"
GRID = {
    "factors": [100, 32, 64],
    "learning_rate": [0.01, 0.05, 0.1],
    "regularization": [0.01, 0.001, 0.05],
    "iterations": [100, 300],
    "last": [0, 20],
}
VARIANTS = {"BPR": {}}
RETRAINED = True
STEPS, PAIRS, STEP = 40, 24, 0.3  # of fold-in: steps, pairs of taken and not taken in each, how far each goes


@dataclass
class Model:
    items: Floats
    regularization: float


def train(log: Log, settings: Mapping[str, Any]) -> Iterator[Model]:
    model = BayesianPersonalizedRanking(
        factors=settings["factors"], learning_rate=settings["learning_rate"], num_threads=1, random_state=1,
        regularization=settings["regularization"], iterations=settings["iterations"],
    )  # fmt: skip
    matrix = log.matrix()
    matrix = matrix[np.diff(matrix.indptr) > 0]
    model.fit(matrix, show_progress=False)
    yield Model(model.item_factors, settings["regularization"])


def scores(model: Model, histories: Sequence[Rows], users: Rows) -> Floats:
    rng = np.random.default_rng(1)
    items = model.items
    vectors = np.zeros((len(histories), items.shape[1]), np.float32)
    vectors[:, -1] = 1.0  # the last column of the items is their bias
    for _ in range(STEPS):
        taken = np.stack([history[rng.integers(0, len(history), PAIRS)] for history in histories])
        gap = items[taken] - items[rng.integers(0, len(items), taken.shape)]
        slope = 1.0 / (1.0 + np.exp(np.einsum("bpd,bd->bp", gap, vectors)))
        vectors += STEP * (np.einsum("bp,bpd->bd", slope, gap) / PAIRS - model.regularization * vectors)
        vectors[:, -1] = 1.0
    return vectors @ items.T
