"""Vowpal Wabbit's online linear learner: logistic loss, adaptive, normalised, invariant steps (its defaults).

An example says whether an item was taken. Its features are the item and each pair of it and one of the last items of
the history, which weighs less the older that is. An event is one positive example and some with items drawn at random.
All items are ranked from the weights, which is what `predict` adds up (tests hold the two together): asking it about
every item takes a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from task import Floats, Log, Rows
from vowpalwabbit import Workspace

NAME, LIBRARY = "Vowpal Wabbit", "vowpalwabbit"
GRID = {"negatives": [10, 4, 20], "window": [10, 20, 5], "decay": [0.9, 0.8], "rate": [0.5, 0.1, 1.0]}
VARIANTS = {"Vowpal Wabbit": {}}
RETRAINED = False


@dataclass
class Model:
    vw: Workspace
    negatives: int
    ages: Floats  # weight of the last item, of the last but one …
    rng: np.random.Generator
    alone: Floats  # [items] weights, as in VW
    pair: Floats  # [items had, items] weights, as in VW
    base: int

    @property
    def count(self) -> int:
        return len(self.alone)


def train(log: Log, settings: Mapping[str, Any]) -> Iterator[Model]:
    bits = max(18, int(np.ceil(np.log2(log.items * (log.items + 2)))))
    vw = Workspace(f"--quiet --loss_function logistic --learning_rate {settings['rate']} -b {bits} --random_seed 1")
    ages = settings["decay"] ** np.arange(settings["window"])
    model = Model(
        vw, settings["negatives"], ages, np.random.default_rng(1), np.zeros(log.items),
        np.zeros((log.items, log.items), np.float32), vw.hash_space("f"),
    )  # fmt: skip
    sequence: dict[int, list[int]] = {}
    for user, item in zip(log.user.tolist(), log.item.tolist(), strict=True):
        had = sequence.setdefault(user, [])
        _learn(model, had[-len(ages) :], item)
        had.append(item)
    yield model


def scores(model: Model, histories: Sequence[Rows], users: Rows) -> Floats:
    found = np.tile(model.alone, (len(histories), 1))
    for row, history in zip(found, histories, strict=True):
        recent = history[: -len(model.ages) - 1 : -1]
        row += model.ages[: len(recent)] @ model.pair[recent]
    return found


def learn(model: Model, user: int, history: Rows, item: int, value: float) -> None:
    _learn(model, history[-len(model.ages) :].tolist(), item)


def example(model: Model, recent: Sequence[int], item: int) -> str:
    """The features of an item for who had these last, oldest first. Features are numbers: no two share a weight."""
    count = model.count
    pairs = " ".join(
        f"{(had + 1) * count + item}:{age:.4f}" for had, age in zip(reversed(recent), model.ages, strict=False)
    )
    return f"|f {item} {pairs}"


def _learn(model: Model, recent: Sequence[int], item: int) -> None:
    vw, count, base = model.vw, model.count, model.base
    others = model.rng.integers(0, count, model.negatives).tolist()
    for row, wanted in [(item, 1), *((other, -1) for other in others)]:
        vw.learn(f"{wanted} {example(model, recent, row)}")
        model.alone[row] = vw.get_weight(base + row)
        for had in recent:
            model.pair[had, row] = vw.get_weight(base + (had + 1) * count + row)
