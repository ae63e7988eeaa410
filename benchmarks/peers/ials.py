"""iALS (Hu, Koren and Volinsky 2008): implicit's AlternatingLeastSquares; users are folded in by its own solver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from task import Floats, Log, Rows, matrix_of

NAME, LIBRARY = "iALS", "implicit"
GRID = {
    "factors": [64, 128, 32],
    "regularization": [30.0, 10.0, 100.0, 0.01],
    "alpha": [3.0, 1.0, 10.0],
    "iterations": [15],
    "last": [0, 20, 50, 10],
}
VARIANTS = {"iALS (whole)": {"last": 0}, "iALS (last 20)": {"last": 20}, "iALS (tuned last)": {}}
RETRAINED = True


def train(log: Log, settings: Mapping[str, Any]) -> Iterator[AlternatingLeastSquares]:
    model = AlternatingLeastSquares(
        factors=settings["factors"], regularization=settings["regularization"], alpha=settings["alpha"],
        iterations=settings["iterations"], num_threads=1, random_state=1,
    )  # fmt: skip
    model.fit(log.matrix(), show_progress=False)
    yield model


def scores(model: AlternatingLeastSquares, histories: Sequence[Rows], users: Rows) -> Floats:
    factors = model.recalculate_user(np.arange(len(histories)), matrix_of(histories, len(model.item_factors)))
    return factors @ model.item_factors.T
