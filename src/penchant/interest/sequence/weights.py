"""What training leaves: the weights as numpy arrays, and as the body of a log entry of type "trained"."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from penchant.interest.arrays import F32
from penchant.interest.sequence.settings import SequenceSettings
from penchant.interest.space import Space, pack, unpack

NAME = "sequence"


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained sequence model.

    Attributes:
        settings: it was trained with.
        ids: external ids of the items that have an id embedding, in the order of `weights["ids"]`.
        weights: none where no training is in use any more, else by the names in `penchant.interest.sequence.network`:
            ids [n, d]; W_v [D, d]; W_q, W_k, W_z, W_o [d, d]; bias [heads, 32]; W_1 [d, f], b_1 [f], W_2 [f, d],
            b_2 [d]; g_k, c_k [d] of three layer norms.
        mean, deviation: of the scores, so that the evidence is about standard.
        until: seq of the last log entry it has seen.
        epochs: how many were run.
        mrr: mean reciprocal rank of the held-out events, NaN if none were held out.
    """

    settings: SequenceSettings
    ids: list[str]
    weights: dict[str, F32]
    mean: float
    deviation: float
    until: int = 0
    epochs: int = 0
    mrr: float = math.nan

    def to_body(self, encoder: str) -> dict[str, Any]:
        """JSON-able; `encoder` is the id of the encoder whose space the vectors are of."""
        return {
            "evidence": NAME,
            "encoder": encoder,
            "settings": self.settings.to_dict(),
            "items": self.ids,
            "weights": {name: pack(array) for name, array in sorted(self.weights.items())},
            "mean": self.mean,
            "deviation": self.deviation,
            "seen_until": self.until,
            "epochs": self.epochs,
            "mrr": None if math.isnan(self.mrr) else self.mrr,
        }

    @classmethod
    def none(cls) -> Trained:
        """What stands in the log where no training is in use any more."""
        return cls(SequenceSettings(), [], {}, 0.0, 1.0)

    def turned(self, spaces: Sequence[Space]) -> Trained:
        """The same for the last of these spaces, the first being that of its vectors."""
        W_v = self.weights["W_v"]
        for older, newer in pairwise(spaces):
            W_v = np.ascontiguousarray(older.bridge(newer).T @ W_v)
        return replace(self, weights={**self.weights, "W_v": W_v})

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Trained:
        """What `to_body` gave."""
        return cls(
            settings=SequenceSettings.read(body["settings"]),
            ids=list(body["items"]),
            weights={name: unpack(packed) for name, packed in body["weights"].items()},
            mean=float(body["mean"]),
            deviation=float(body["deviation"]),
            until=int(body["seen_until"]),
            epochs=int(body["epochs"]),
            mrr=math.nan if body["mrr"] is None else float(body["mrr"]),
        )
