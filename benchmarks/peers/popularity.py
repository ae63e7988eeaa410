"""Popularity: how often each item was taken so far; each event weighs half after `half_life` later ones (0: never)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from task import Floats, Log, Rows

NAME, LIBRARY = "popularity", "numpy"
GRID = {"half_life": [0, 500, 1000, 2500, 5000, 10_000, 25_000, 100_000]}
VARIANTS = {"popularity": {"half_life": 0}, "popularity (recent)": {}}
RETRAINED = False


@dataclass
class Model:
    counts: Floats
    growth: float
    weight: float = 1.0


def train(log: Log, settings: Mapping[str, Any]) -> Iterator[Model]:
    half_life = settings["half_life"]
    model = Model(np.zeros(log.items), 2.0 ** (1.0 / half_life) if half_life else 1.0)
    for item in log.item.tolist():
        _count(model, item)
    yield model


def scores(model: Model, histories: Sequence[Rows], users: Rows) -> Floats:
    return np.broadcast_to(model.counts, (len(histories), len(model.counts)))


def learn(model: Model, user: int, history: Rows, item: int, value: float) -> None:
    _count(model, item)


def _count(model: Model, item: int) -> None:
    # later events weigh more, instead of all earlier ones less
    model.weight *= model.growth
    model.counts[item] += model.weight
    if model.weight > 1e100:
        model.counts /= model.weight
        model.weight = 1.0
