"""Matrix factorisation learned one event at a time: River's reco.BiasedMF, with logistic loss.

An event is a 1; items drawn at random for the same user are a 0 each (ratings alone say nothing of what is
taken next).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from river import optim, reco
from task import Floats, Log, Rows

NAME, LIBRARY = "River BiasedMF", "river"
GRID = {"n_factors": [10, 32], "rate": [0.1, 0.2, 0.05], "negatives": [4, 10], "l2": [0.001, 0.0, 0.01]}
VARIANTS = {"River BiasedMF": {}}
RETRAINED = False


@dataclass
class Model:
    mf: reco.BiasedMF
    negatives: int
    rng: np.random.Generator
    items: Floats  # the vectors of the items and, last, their biases: River keeps one array for each
    factors: int


def train(log: Log, settings: Mapping[str, Any]) -> Iterator[Model]:
    rate, l2, factors = settings["rate"], settings["l2"], settings["n_factors"]
    mf = reco.BiasedMF(
        n_factors=factors, bias_optimizer=optim.SGD(rate), latent_optimizer=optim.SGD(rate), loss=optim.losses.Log(),
        l2_bias=l2, l2_latent=l2, latent_initializer=optim.initializers.Normal(sigma=0.1, seed=1), seed=1,
    )  # fmt: skip
    model = Model(mf, settings["negatives"], np.random.default_rng(1), np.zeros((log.items, factors + 1)), factors)
    nothing = np.zeros(0, np.int64)
    for user, item in zip(log.user.tolist(), log.item.tolist(), strict=True):
        learn(model, user, nothing, item, 1.0)
    yield model


def scores(model: Model, histories: Sequence[Rows], users: Rows) -> Floats:
    # what predict_one says of every item, less what all items of a user share
    vectors = np.stack([model.mf.u_latents[user] for user in users.tolist()])
    return vectors @ model.items[:, :-1].T + model.items[:, -1]


def learn(model: Model, user: int, history: Rows, item: int, value: float) -> None:
    mf = model.mf
    others = model.rng.integers(0, len(model.items), model.negatives).tolist()
    for row, wanted in [(item, True), *((other, False) for other in others)]:
        mf.learn_one(user=user, item=row, y=wanted)
        model.items[row, :-1] = mf.i_latents[row]
        model.items[row, -1] = mf.i_biases[row]
