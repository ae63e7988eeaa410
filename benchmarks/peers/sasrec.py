"""SASRec (Kang and McAuley 2018), with softmax over all items (eSASRec, 2025): rectools' SASRecModel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rectools.models import SASRecModel
from rectools_nets import Model, encode, epochs
from task import Floats, Log, Rows

NAME, LIBRARY = "SASRec", "rectools"
GRID = {
    "n_factors": [64, 128],
    "n_blocks": [2, 1],
    "n_heads": [2],
    "dropout_rate": [0.2, 0.5],
    "session_max_len": [50, 100],
    "lr": [0.003, 0.001],
    "batch_size": [32],
}
VARIANTS = {"SASRec": {}}
RETRAINED = True


def train(log: Log, settings: Mapping[str, Any]) -> Iterator[Model]:
    known = {name: settings[name] for name in GRID}
    return epochs(SASRecModel(**known, loss="softmax", epochs=1, deterministic=True), log, masked=False)


def scores(model: Model, histories: Sequence[Rows], users: Rows) -> Floats:
    return encode(model, histories)
