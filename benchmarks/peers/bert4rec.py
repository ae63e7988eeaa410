"""BERT4Rec (Sun et al. 2019), with softmax over all items: rectools' BERT4RecModel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rectools.models import BERT4RecModel
from rectools_nets import Model, encode, epochs
from task import Floats, Log, Rows

NAME, LIBRARY = "BERT4Rec", "rectools"
GRID = {
    "n_factors": [64, 128],
    "n_blocks": [2, 1],
    "n_heads": [2],
    "dropout_rate": [0.2],
    "mask_prob": [0.3, 0.15],
    "session_max_len": [50, 100],
    "lr": [0.003, 0.001],
    "batch_size": [32],
}
VARIANTS = {"BERT4Rec": {}}
RETRAINED = False


def train(log: Log, settings: Mapping[str, Any]) -> Iterator[Model]:
    known = {name: settings[name] for name in GRID}
    return epochs(BERT4RecModel(**known, loss="softmax", epochs=1, deterministic=True), log, masked=True)


def scores(model: Model, histories: Sequence[Rows], users: Rows) -> Floats:
    return encode(model, histories)
