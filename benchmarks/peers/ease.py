"""EASE (Steck 2019): rectools' EASEModel; a history's scores are its rows of the weights, summed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from rectools.models import EASEModel
from rectools_data import dataset_of, place
from task import Floats, Log, Rows, matrix_of

NAME, LIBRARY = "EASE", "rectools"
GRID = {"regularization": [500.0, 50.0, 100.0, 200.0, 1000.0, 2000.0, 5000.0], "last": [0, 20, 50, 10, 5, 3]}
VARIANTS = {"EASE (whole)": {"last": 0}, "EASE (last 20)": {"last": 20}, "EASE (tuned last)": {}}
RETRAINED = True


def train(log: Log, settings: Mapping[str, Any]) -> Iterator[Floats]:
    dataset = dataset_of(log.user, log.item)
    model = EASEModel(regularization=settings["regularization"]).fit(dataset)
    rows = place(dataset)
    weight = np.zeros((log.items, log.items), np.float32)
    weight[np.ix_(rows, rows)] = model.weight
    yield weight


def scores(model: Floats, histories: Sequence[Rows], users: Rows) -> Floats:
    return matrix_of(histories, len(model)) @ model
