"""Sequence: how well the item fits what usually comes next after the user's last items, as a trained model sees it.

    s(i) = h · e_i,   e_i = id_i + v_i · W_v

h being the state after the user's ring, by one block of self-attention; `penchant.interest.sequence.network` has the
equations and the sources. Trained apart, with PyTorch; computed here with numpy alone. Until it is trained, and for a
user without a history, it is 0. An item that came after the training has no id_i and stands by its vector alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from penchant.interest.arrays import F32, F64, I32, Arrays, compiled, dot, room
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence
from penchant.interest.sequence.weights import NAME, Trained
from penchant.interest.world import World


@compiled
def _times(x: F32, W: F32, out: F32) -> None:  # pragma: no cover - compiled
    """out = x · W, in a fixed order."""
    out[:] = np.float32(0)
    for a in range(len(x)):
        for b in range(len(out)):
            out[b] += x[a] * W[a, b]


@compiled
def _norm(x: F32, gain: F32, shift: F32, out: F32) -> None:  # pragma: no cover - compiled
    """Layer normalisation (Ba, Kiros, Hinton 2016)."""
    mean, square = 0.0, 0.0
    for a in range(len(x)):
        mean += x[a]
        square += np.float64(x[a]) * x[a]
    mean /= len(x)
    scale = 1.0 / np.sqrt(max(square / len(x) - mean * mean, 0.0) + 1e-5)
    for a in range(len(x)):
        out[a] = np.float32((x[a] - mean) * scale) * gain[a] + shift[a]


@compiled
def _place(first: int, last: int, ids: F32, vectors: F32, W_v: F32, E: F32) -> None:  # pragma: no cover - compiled
    """e_i of the items first to last - 1."""
    for i in range(first, last):
        _times(vectors[i], W_v, E[i])
        for a in range(E.shape[1]):
            E[i, a] += ids[i, a]


@compiled
def _state(
    history: I32, E: F32, W_q: F32, W_k: F32, W_z: F32, W_o: F32, bias: F32, W_1: F32, b_1: F32, W_2: F32, b_2: F32,
    g_1: F32, c_1: F32, g_2: F32, c_2: F32, g_3: F32, c_3: F32,
) -> F32:  # pragma: no cover - compiled  # fmt: skip
    """[d] h after the history, oldest first.

    Of the items only e_i is kept: q · (y W_k) is (W_k q) · y, and Σ share (y W_z) is (Σ share y) W_z.
    """
    n, d, heads = len(history), E.shape[1], bias.shape[0]
    wide = d // heads
    y, q = np.empty((n, d), np.float32), np.empty(d, np.float32)
    key, mean = np.empty(d, np.float32), np.empty(d, np.float32)
    for k in range(n):
        _norm(E[history[k]], g_1, c_1, y[k])
    last = E[history[n - 1]]
    _times(y[n - 1], W_q, q)
    mixed = np.zeros(d, np.float32)
    weight = np.empty(n, np.float32)
    root = np.float32(np.sqrt(wide))
    for head in range(heads):
        low, high = head * wide, (head + 1) * wide
        for a in range(d):
            key[a] = dot(W_k[a, low:high], q[low:high])
        top = np.float32(-np.inf)
        for k in range(n):
            apart = min(n - 1 - k, bias.shape[1] - 1)
            weight[k] = dot(key, y[k]) / root + bias[head, apart]
            top = max(top, weight[k])
        total = np.float32(0)
        for k in range(n):
            weight[k] = np.exp(weight[k] - top)
            total += weight[k]
        mean[:] = np.float32(0)
        for k in range(n):
            share = weight[k] / total
            for a in range(d):
                mean[a] += share * y[k, a]
        for a in range(d):
            for b in range(low, high):
                mixed[b] += mean[a] * W_z[a, b]
    z, normed = np.empty(d, np.float32), np.empty(d, np.float32)
    _times(mixed, W_o, z)
    for a in range(d):
        z[a] += last[a]
    _norm(z, g_2, c_2, normed)
    inner, out = np.empty(len(b_1), np.float32), np.empty(d, np.float32)
    _times(normed, W_1, inner)
    for a in range(len(inner)):
        inner[a] = max(inner[a] + b_1[a], np.float32(0))
    _times(inner, W_2, out)
    for a in range(d):
        z[a] += out[a] + b_2[a]
    _norm(z, g_3, c_3, out)
    return out


@compiled
def _scores(E: F32, rows: I32, h: F32, mean: float, deviation: float) -> F64:  # pragma: no cover - compiled
    out = np.empty(len(rows))
    for a in range(len(rows)):
        out[a] = (np.float64(dot(h, E[rows[a]])) - mean) / deviation
    return out


_OF_STATE = (
    "W_q", "W_k", "W_z", "W_o", "bias", "W_1", "b_1", "W_2", "b_2", "g_1", "c_1", "g_2", "c_2", "g_3", "c_3",
)  # fmt: skip


class Sequence(Evidence):
    """The trained sequence model's score, standardised; d numbers an item are kept beside the weights.

    Attributes:
        trained: whether there are weights.
        weights: by name, `ids` [items, d] by catalogue row.
    """

    name = NAME
    start = 0.5

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.weights: dict[str, F32] = {}
        self.mean, self.deviation = 0.0, 1.0
        self.E: F32 = np.zeros((0, 1), np.float32)

    @property
    def trained(self) -> bool:
        return bool(self.weights)

    def take(self, body: Mapping[str, Any]) -> None:
        given, catalogue = Trained.from_body(body), self.world.catalogue
        if not given.weights:  # rolled back to before the first training
            self.weights, self.E = {}, np.zeros((0, 1), np.float32)
            return
        self.weights, self.mean, self.deviation = dict(given.weights), given.mean, given.deviation
        ids = np.zeros((len(catalogue), given.settings.dim), np.float32)
        for id, row in zip(given.ids, given.weights["ids"], strict=True):
            known = catalogue.rows.get(id)
            if known is not None:
                ids[known] = row
        self.weights["ids"] = ids
        self._renew()

    def grow(self, items: int) -> None:
        if not self.trained:
            return
        known, ids = len(self.E), room(self.weights["ids"], items)
        self.weights["ids"] = ids
        self.E = room(self.E, items)
        self._place(min(known, items - 1), items)

    def leave(self, rows: I32) -> None:
        if self.trained:
            self.weights["ids"][rows], self.E[rows] = 0, 0

    def turn(self, bridge: F32) -> None:
        if self.trained:
            self.weights["W_v"] = np.ascontiguousarray(bridge.T @ self.weights["W_v"])
            self._renew()

    def silent(self, asker: Asker) -> bool:
        return not self.trained or not len(asker.history)

    def values(self, asker: Asker, rows: I32) -> F64:
        if self.silent(asker):
            return np.zeros(len(rows))
        h = asker.once(NAME, lambda: self.state(asker.history))
        return _scores(self.E, rows, h, self.mean, self.deviation)

    def direction(self, asker: Asker) -> F32 | None:
        if self.silent(asker):
            return None
        h = asker.once(NAME, lambda: self.state(asker.history))
        return (self.weights["W_v"] @ h / np.float32(self.deviation)).astype(np.float32)

    def state(self, history: I32) -> F32:
        """[d] h after a history (item rows, oldest first, at least one)."""
        weights = self.weights
        return _state(history, self.E, *(weights[name] for name in _OF_STATE))

    def states(self, items: int) -> Arrays:
        if not self.trained:
            return {}
        scale = np.array([self.mean, self.deviation])
        return {**self.weights, "ids": self.weights["ids"][:items], "scale": scale}

    def load(self, states: Arrays) -> None:
        self.weights = {name: array.copy() for name, array in states.items() if name != "scale"}
        if self.trained:
            self.mean, self.deviation = map(float, states["scale"])
            self._renew()

    def _renew(self) -> None:
        """What is kept of all items, anew."""
        self.E = np.zeros(self.weights["ids"].shape, np.float32)
        self._place(0, min(len(self.world.catalogue), len(self.E)))

    def _place(self, first: int, last: int) -> None:
        _place(first, last, self.weights["ids"], self.world.catalogue.vectors, self.weights["W_v"], self.E)
