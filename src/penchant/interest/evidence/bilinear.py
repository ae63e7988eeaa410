"""The part of `learned` that reads meaning: what follows what, between the items' vectors instead of their ids.

    s(i) = c · (B_i + v_i · W_b) + β_i,   c = Σ_k ω_k (A_{j_k} + v_{j_k} · W_a)

v being the items' projected vectors. What few events say of an item by its id is said of all that mean the like, and a
new item has a place at once (features in factorised models: Rendle 2010; Kula 2015). W_b and W_a learn by the same
steps as A and B do.
"""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F32, F64, I32, U64, Arrays, adagrad, add_scaled, compiled, descend, dot, draw, mix
from penchant.interest.asker import Asker
from penchant.interest.evidence.base import Moment, Reason
from penchant.interest.evidence.learned import Learned, recency
from penchant.interest.had import has, of
from penchant.interest.lanes import product
from penchant.interest.world import World


@compiled
def _fill(W: F32, seed: np.uint64) -> None:  # pragma: no cover - compiled
    """Start values of W [width, d]: uniform with standard deviation 0.05."""
    for q in range(W.shape[0]):
        for k in range(W.shape[1]):
            word = mix(seed, np.uint64(q) * np.uint64(W.shape[1]) + np.uint64(k))
            W[q, k] = np.float32((word >> np.uint64(40)) / 16777216.0 - 0.5) * np.float32(0.1732)


@compiled
def _context(
    A: F32, W_a: F32, vectors: F32, history: I32, weights: F32, mean: F32
) -> F32:  # pragma: no cover - compiled
    """[d] c; fills weights [n] with ω, and mean [width] with Σ ω_k v_{j_k}."""
    recency(weights)
    context = np.zeros(A.shape[1], np.float32)
    mean[:] = np.float32(0)
    for a in range(len(history)):
        add_scaled(context, A[history[a]], weights[a])
        add_scaled(mean, vectors[history[a]], weights[a])
    for q in range(len(mean)):
        add_scaled(context, W_a[q], mean[q])
    return context


@compiled
def _step(
    A: F32, B: F32, GA: F32, GB: F32, W_a: F32, W_b: F32, G_a: F32, G_b: F32, vectors: F32, history: I32, target: int,
    against: I32, eta: float, eta_w: float, reg: float, had: U64,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """One step of softmax on the target, against those rows of `against` that are not it and were not had."""
    d, width = A.shape[1], vectors.shape[1]
    weights, mean = np.empty(len(history), np.float32), np.empty(width, np.float32)
    context = _context(A, W_a, vectors, history, weights, mean)
    across = np.empty(width, np.float32)
    for q in range(width):
        across[q] = product(W_b[q], context)
    chosen, p = np.empty(len(against) + 1, np.int32), np.empty(len(against) + 1, np.float32)
    m = 0
    top = np.float32(-np.inf)
    for a in range(-1, len(against)):
        j = target if a < 0 else against[a]
        if a < 0 or (j != target and not has(had, j)):
            chosen[m] = j
            p[m] = product(B[j], context) + product(vectors[j], across) + B[j, d]
            top = max(top, p[m])
            m += 1
    total = np.float32(0)
    for a in range(m):
        p[a] = np.exp(p[a] - top)
        total += p[a]
    slope, pull = np.zeros(d, np.float32), np.zeros(width, np.float32)
    rate, decay, rate_w = np.float32(eta), np.float32(reg), np.float32(eta_w)
    size = np.float32(dot(context, context)) / np.float32(d)
    for a in range(m):
        j = chosen[a]
        g = p[a] / total - (np.float32(1) if a == 0 else np.float32(0))
        add_scaled(slope, B[j, :d], g)
        add_scaled(pull, vectors[j], g)
        GB[j, 0] += g * g * size
        descend(B[j, :d], context, g, decay, rate / np.sqrt(GB[j, 0]))
        GB[j, 1] += g * g
        B[j, d] -= rate * g / np.sqrt(GB[j, 1])
    for q in range(width):
        add_scaled(slope, W_b[q], pull[q])
    for q in range(width):
        adagrad(W_b[q], G_b[q], context, pull[q], np.float32(0), rate_w)
        adagrad(W_a[q], G_a[q], slope, mean[q], np.float32(0), rate_w)
    steep = np.float32(dot(slope, slope)) / np.float32(d)
    for a in range(len(history)):
        j = int(history[a])
        GA[j] += weights[a] * weights[a] * steep
        descend(A[j], slope, weights[a], decay, rate / np.sqrt(GA[j]))


@compiled
def _observe(
    A: F32, B: F32, GA: F32, GB: F32, W_a: F32, W_b: F32, G_a: F32, G_b: F32, vectors: F32, old: I32, row: int,
    kept: int, history: I32, item: int, against: I32, replay: int, eta: float, eta_w: float, reg: float,
    key: np.uint64, had: U64, apart: bool,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """One step on the event, which goes into row `row` of `old`, and one on each of `replay` of the `kept` old ones."""
    _step(A, B, GA, GB, W_a, W_b, G_a, G_b, vectors, history, item, against, eta, eta_w, reg, had)
    half = len(against) // 2
    old[row] = -1
    old[row, 0] = item
    old[row, 1 : 1 + len(history)] = history
    for k in range(replay):
        example = old[draw(key, (1 << 19) + k, kept)]
        if example[0] < 0:
            continue
        n = 1
        while n < len(example) and example[n] >= 0:
            n += 1
        part = against[:half] if k % 2 == 0 else against[half:]
        _step(
            A, B, GA, GB, W_a, W_b, G_a, G_b, vectors, example[1:n], example[0], part, eta, eta_w, reg,
            of(example[1:n]) if apart else had,
        )  # fmt: skip


@compiled
def _values(
    A: F32, B: F32, W_a: F32, W_b: F32, vectors: F32, history: I32, rows: I32
) -> F64:  # pragma: no cover - compiled
    """[n] s(i) of the item rows."""
    d, width = A.shape[1], vectors.shape[1]
    out, across = np.empty(len(rows)), np.empty(width, np.float32)
    mean = np.empty(width, np.float32)
    context = _context(A, W_a, vectors, history, np.empty(len(history), np.float32), mean)
    for q in range(width):
        across[q] = product(W_b[q], context)
    for a in range(len(rows)):
        i = rows[a]
        out[a] = product(B[i], context) + product(vectors[i], across) + B[i, d]
    return out


class Bilinear(Learned):
    """`learned` with meaning (`options.learned.meaning` = 1): options as there, and eta_meaning 0.05."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        options = world.settings.options.get(self.name, {})
        self.eta_w = float(options.get("eta_meaning", 0.05))
        shape = world.dim, self.width
        self.W_a: F32 = np.empty(shape, np.float32)
        _fill(self.W_a, self.seed)
        self.W_b = self.W_a.copy()  # so that at first what means the like is what follows
        self.G_a: F32 = np.full(shape, 0.1, np.float32)
        self.G_b = self.G_a.copy()

    def grow(self, items: int) -> None:
        known = len(self.A)
        super().grow(items)
        for start in (self.A, self.B):
            start[known:] *= np.float32(0.1)  # where an item stands is for its vector to say first

    def leave(self, rows: I32) -> None:
        super().leave(rows)
        for start in (self.A, self.B):
            start[rows] *= np.float32(0.1)

    def step(self, moment: Moment, row: int, kept: int) -> None:
        _observe(
            self.A, self.B, self.GA, self.GB, self.W_a, self.W_b, self.G_a, self.G_b, self.world.catalogue.vectors,
            self.old, row, kept, moment.asker.history, moment.item, moment.against[: self.negatives],
            self.replay, self.eta, self.eta_w, 1e-4, np.uint64(moment.key), moment.asker.had, moment.asker.apart,
        )  # fmt: skip

    def values(self, asker: Asker, rows: I32) -> F64:
        return _values(self.A, self.B, self.W_a, self.W_b, self.world.catalogue.vectors, asker.history, rows)

    def direction(self, asker: Asker) -> F32:
        vectors, history = self.world.catalogue.vectors, asker.history
        weights, mean = np.empty(len(history), np.float32), np.empty(vectors.shape[1], np.float32)
        return self.W_b @ _context(self.A, self.W_a, vectors, history, weights, mean)

    def reason(self, asker: Asker, row: int) -> Reason:
        """Names the two engaged items that speak most for this one."""
        vectors = self.world.catalogue.vectors
        towards = self.A[asker.history] + vectors[asker.history] @ self.W_a
        speak = towards @ (self.B[row, : self.width] + vectors[row] @ self.W_b)
        best = np.argsort(-speak, kind="stable")[:2]
        return Reason(self.name, {"items": self.titles(asker.history[best].tolist())})

    def turn(self, bridge: F32) -> None:
        self.W_a, self.W_b = (np.ascontiguousarray(bridge.T @ W, np.float32) for W in (self.W_a, self.W_b))
        self.G_a, self.G_b = (np.full(self.W_a.shape, G.mean(), np.float32) for G in (self.G_a, self.G_b))

    def states(self, items: int) -> Arrays:
        return {**super().states(items), "W_a": self.W_a, "W_b": self.W_b, "G_a": self.G_a, "G_b": self.G_b}

    def load(self, states: Arrays) -> None:
        super().load(states)
        self.W_a, self.W_b = states["W_a"].copy(), states["W_b"].copy()
        self.G_a, self.G_b = states["G_a"].copy(), states["G_b"].copy()
