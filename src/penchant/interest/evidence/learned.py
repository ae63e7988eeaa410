"""Learned: a factorised next-item model, trained online with replay.

    s(i) = B_i · Σ_k ω_k A_{j_k} + β_i,   ω_k ∝ 0.85^k over the user's ring

by softmax over the item and sampled others (as FPMC, Rendle et al. 2010, over the whole ring; sampled softmax as in
Jean et al. 2015), per-coordinate rates (Adagrad). Every new event also repeats `replay` old ones.
"""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F32, F64, I32, Arrays, compiled, dot, draw, mix, room
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Evidence, Moment, Reason
from penchant.interest.memory import RING
from penchant.interest.world import World


@compiled
def _fill(A: F32, B: F32, first: int, last: int, seed: np.uint64) -> None:  # pragma: no cover - compiled
    """Start values of rows first to last - 1: uniform with standard deviation 0.1, the same for a row in any order."""
    d = A.shape[1]
    for i in range(first, last):
        for q in range(2 * d):
            word = mix(seed, np.uint64(i) * np.uint64(2 * d) + np.uint64(q))
            u = np.float32((word >> np.uint64(40)) / 16777216.0 - 0.5) * np.float32(0.3464)
            if q < d:
                A[i, q] = u
            else:
                B[i, q - d] = u


@compiled
def _step(
    A: F32, B: F32, GA: F32, GB: F32, history: I32, target: int, pool: I32, negatives: int, eta: float, reg: float,
    key: np.uint64, counter: int,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    d = A.shape[1]
    n = len(history)
    weights = np.empty(n, np.float32)
    total = np.float32(0)
    for a in range(n):
        weights[a] = np.float32(0.85) ** np.float32(n - 1 - a)
        total += weights[a]
    context = np.zeros(d, np.float32)
    for a in range(n):
        weights[a] /= total
        for q in range(d):
            context[q] += weights[a] * A[history[a], q]
    m = negatives + 1
    chosen = np.empty(m, np.int32)
    p = np.empty(m, np.float32)
    top = np.float32(-np.inf)
    for a in range(m):
        chosen[a] = target if a == 0 else pool[draw(key, counter + a, len(pool))]
        p[a] = dot(context, B[chosen[a], :d]) + B[chosen[a], d]
        top = max(top, p[a])
    total = np.float32(0)
    for a in range(m):
        p[a] = np.exp(p[a] - top)
        total += p[a]
    slope = np.zeros(d, np.float32)
    rate, decay = np.float32(eta), np.float32(reg)
    for a in range(m):
        j = chosen[a]
        g = p[a] / total - (np.float32(1) if a == 0 else np.float32(0))
        for q in range(d):
            slope[q] += g * B[j, q]
            gq = g * context[q] + decay * B[j, q]
            GB[j, q] += gq * gq
            B[j, q] -= rate * gq / np.sqrt(GB[j, q])
        GB[j, d] += g * g
        B[j, d] -= rate * g / np.sqrt(GB[j, d])
    for a in range(n):
        for q in range(d):
            gq = slope[q] * weights[a] + decay * A[history[a], q]
            GA[history[a], q] += gq * gq
            A[history[a], q] -= rate * gq / np.sqrt(GA[history[a], q])


class Learned(Evidence):
    """Options (settings `options.learned`): dim 64, negatives 64, replay 2, eta 0.1, buffer 50000."""

    name = "learned"
    start = 0.3

    def __init__(self, world: World) -> None:
        super().__init__(world)
        options = world.settings.options.get(self.name, {})
        self.width = int(options.get("dim", 64))
        self.negatives = int(options.get("negatives", 64))
        self.replay = int(options.get("replay", 2))
        self.eta = float(options.get("eta", 0.1))
        self.buffer = int(options.get("buffer", 50_000))
        self.seed = np.uint64(world.settings.seed)
        self.A: F32 = np.zeros((0, self.width), np.float32)
        self.B: F32 = np.zeros((0, self.width + 1), np.float32)
        self.GA: F32 = np.zeros((0, self.width), np.float32)
        self.GB: F32 = np.zeros((0, self.width + 1), np.float32)
        self.old: I32 = np.full((0, RING + 1), -1, np.int32)
        self.seen = 0

    def grow(self, items: int) -> None:
        known = len(self.A)
        if known >= items:
            return
        self.A, self.B = room(self.A, items), room(self.B, items)
        self.GA, self.GB = room(self.GA, items, 0.1), room(self.GB, items, 0.1)
        _fill(self.A, self.B, known, len(self.A), self.seed)

    def observe(self, moment: Moment) -> None:
        history = moment.asker.history
        if moment.gain <= 0:
            return
        if not len(history):
            return
        pool = self.world.catalogue.live()
        if len(pool) < 2:
            return
        key = np.uint64(moment.key)
        arrays = (self.A, self.B, self.GA, self.GB)
        _step(*arrays, history, moment.item, pool, self.negatives, self.eta, 1e-4, key, 1 << 20)
        row = self.seen % self.buffer
        self.old = room(self.old, min(row + 1, self.buffer), -1)
        self.old[row] = -1
        self.old[row, 0] = moment.item
        self.old[row, 1 : 1 + len(history)] = history
        self.seen += 1
        for k in range(self.replay):
            example = self.old[draw(key, (1 << 19) + k, min(self.seen, self.buffer))]
            past = example[1:]
            past = past[past >= 0]
            _step(*arrays, past, example[0], pool, self.negatives, self.eta, 1e-4, key, (k + 2) << 20)

    def values(self, asker: Asker, rows: I32) -> F64:
        if not len(asker.history):
            return self.B[rows, self.width].astype(np.float64)
        weights = 0.85 ** np.arange(len(asker.history) - 1, -1, -1)
        context = ((weights / weights.sum()).astype(np.float32) @ self.A[asker.history]).astype(np.float32)
        B = self.B[rows]
        return (B[:, : self.width] @ context + B[:, self.width]).astype(np.float64)

    def reason(self, asker: Asker, row: int) -> Reason:
        """Names the two engaged items that speak most for this one."""
        speak = self.A[asker.history] @ self.B[row, : self.width]
        best = np.argsort(-speak, kind="stable")[:2]
        return Reason(self.name, {"items": self.titles(asker.history[best].tolist())})

    def states(self, items: int) -> Arrays:
        return {
            "A": self.A[:items],
            "B": self.B[:items],
            "GA": self.GA[:items],
            "GB": self.GB[:items],
            "old": self.old[: min(self.seen, self.buffer)],
            "seen": np.array([self.seen]),
        }

    def load(self, states: Arrays) -> None:
        self.A, self.B = states["A"].copy(), states["B"].copy()
        self.GA, self.GB = states["GA"].copy(), states["GB"].copy()
        self.old, self.seen = states["old"].copy(), int(states["seen"][0])
