"""Learned: a factorised next-item model, trained online with replay.

    s(i) = B_i · Σ_k ω_k A_{j_k} + β_i,   ω_k ∝ 0.8^k over the user's ring

by softmax over the item and sampled others (as FPMC, Rendle et al. 2010, over the whole ring; sampled softmax as in
Jean et al. 2015), one Adagrad rate a vector. Every new event also repeats `replay` old ones. The new one is
set against what the blend was set against.
"""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F32, F64, I32, U64, Arrays, add_scaled, compiled, descend, dot, draw, mix, room
from penchant.interest.asker import Asker, best_two
from penchant.interest.evidence.base import Evidence, Moment, Reason
from penchant.interest.had import WORDS, has, of, other
from penchant.interest.lanes import AHEAD, fetch, product
from penchant.interest.memory import RING
from penchant.interest.world import World

RECENCY = np.float32(0.8)
NONE = np.zeros(WORDS, np.uint64)  # of one who had nothing


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
def recency(weights: F32) -> None:  # pragma: no cover - compiled
    """Fills weights [n] with ω, oldest first; they sum to 1."""
    total, weight = np.float32(0), np.float32(1)
    for a in range(len(weights) - 1, -1, -1):
        weights[a] = weight
        total += weight
        weight *= RECENCY
    for a in range(len(weights)):
        weights[a] /= total


@compiled
def _context(A: F32, history: I32, weights: F32) -> F32:  # pragma: no cover - compiled
    """[d] Σ ω_k A_{j_k}; fills weights [n] with ω."""
    recency(weights)
    context = np.zeros(A.shape[1], np.float32)
    for a in range(len(history)):
        add_scaled(context, A[history[a]], weights[a])
    return context


@compiled
def _step(
    A: F32, B: F32, GA: F32, GB: F32, history: I32, target: int, against: I32, eta: float, reg: float, had: U64
) -> None:  # pragma: no cover - compiled
    """One step of softmax on the target, against those rows of `against` that are not it and were not had."""
    d = A.shape[1]
    weights = np.empty(len(history), np.float32)
    context = _context(A, history, weights)
    chosen, p = np.empty(len(against) + 1, np.int32), np.empty(len(against) + 1, np.float32)
    m = 0
    top = np.float32(-np.inf)
    for a in range(-1, len(against)):
        if a + AHEAD < len(against):
            fetch(B, against[a + AHEAD])
        j = target if a < 0 else against[a]
        if a < 0 or (j != target and not has(had, j)):
            chosen[m] = j
            p[m] = product(B[j], context) + B[j, d]
            top = max(top, p[m])
            m += 1
    total = np.float32(0)
    for a in range(m):
        p[a] = np.exp(p[a] - top)
        total += p[a]
    slope = np.zeros(d, np.float32)
    rate, decay = np.float32(eta), np.float32(reg)
    size = np.float32(dot(context, context)) / np.float32(d)
    for a in range(m):
        j = chosen[a]
        g = p[a] / total - (np.float32(1) if a == 0 else np.float32(0))
        add_scaled(slope, B[j, :d], g)
        GB[j, 0] += g * g * size
        descend(B[j, :d], context, g, decay, rate / np.sqrt(GB[j, 0]))
        GB[j, 1] += g * g
        B[j, d] -= rate * g / np.sqrt(GB[j, 1])
    steep = np.float32(dot(slope, slope)) / np.float32(d)
    for a in range(len(history)):
        j = int(history[a])
        GA[j] += weights[a] * weights[a] * steep
        descend(A[j], slope, weights[a], decay, rate / np.sqrt(GA[j]))


@compiled
def _observe(
    A: F32, B: F32, GA: F32, GB: F32, old: I32, row: int, kept: int, history: I32, item: int, against: I32, pool: I32,
    replay: int, eta: float, reg: float, key: np.uint64, had: U64, apart: bool,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """One step on the event, which goes into row `row` of `old`, and one on each of `replay` of the `kept` old ones.

    An old one is set against half as many rows, drawn for it: set against the same rows as the new, it teaches less.
    """
    for k in range(replay):
        fetch(old, draw(key, (1 << 19) + k, kept))
    _step(A, B, GA, GB, history, item, against, eta, reg, had)
    old[row] = -1
    old[row, 0] = item
    old[row, 1 : 1 + len(history)] = history
    fresh = np.empty(len(against) // 2, np.int32)
    for k in range(replay):
        example = old[draw(key, (1 << 19) + k, kept)]
        if example[0] < 0:
            continue
        n = 1
        while n < len(example) and example[n] >= 0:
            n += 1
        theirs = of(example[1:n]) if apart else had
        for a in range(len(fresh)):
            j = other(key, ((k + 2) << 20) + 4 * a, pool, example[0], theirs)
            if j < 0:  # the target itself is passed over
                j = pool[draw(key, ((k + 2) << 20) + 4 * a, len(pool))] if len(pool) > 0 else example[0]
            fresh[a] = j
        _step(A, B, GA, GB, example[1:n], example[0], fresh, eta, reg, NONE)


@compiled
def _values(A: F32, B: F32, history: I32, rows: I32) -> F64:  # pragma: no cover - compiled
    d = A.shape[1]
    out = np.empty(len(rows))
    context = _context(A, history, np.empty(len(history), np.float32))
    for a in range(-AHEAD, len(rows)):
        if a + AHEAD < len(rows):
            fetch(B, rows[a + AHEAD])
        if a >= 0:
            i = rows[a]
            out[a] = product(B[i], context) + B[i, d]
    return out


class Learned(Evidence):
    """Options (settings `options.learned`): dim 128, negatives 128, replay 2, eta 0.12, buffer 50000."""

    name = "learned"
    start = 0.3

    def __init__(self, world: World) -> None:
        super().__init__(world)
        options = world.settings.options.get(self.name, {})
        self.width = int(options.get("dim", 128))
        self.negatives = int(options.get("negatives", 128))
        self.replay = int(options.get("replay", 2))
        self.eta = float(options.get("eta", 0.12))
        self.buffer = int(options.get("buffer", 50_000))
        self.seed = np.uint64(world.settings.seed)
        self.A: F32 = np.zeros((0, self.width), np.float32)
        self.B: F32 = np.zeros((0, self.width + 1), np.float32)
        self.GA: F32 = np.zeros(0, np.float32)
        self.GB: F32 = np.zeros((0, 2), np.float32)
        self.old: I32 = np.full((0, RING + 1), -1, np.int32)
        self.seen = 0

    def grow(self, items: int) -> None:
        known = len(self.A)
        if known >= items:
            return
        self.A, self.B = room(self.A, items), room(self.B, items)
        self.GA, self.GB = room(self.GA, items, 0.1), room(self.GB, items, 0.1)
        _fill(self.A, self.B, known, len(self.A), self.seed)

    def leave(self, rows: I32) -> None:
        self.B[rows], self.GA[rows], self.GB[rows] = 0, 0.1, 0.1
        for row in rows.tolist():
            _fill(self.A, self.B, row, row + 1, self.seed)
        gone = np.isin(self.old, rows)
        for example, out in zip(self.old, gone, strict=True):
            if out.any():  # one whose target is gone, or all before it, is replayed no more
                left = example[(example >= 0) & ~out] if not out[0] else example[:0]
                example[:] = -1
                example[: len(left)] = left if len(left) > 1 else -1

    def observe(self, moment: Moment) -> None:
        if moment.gain <= 0 or not len(moment.asker.history):
            return
        row = self.seen % self.buffer
        self.old = room(self.old, min(row + 1, self.buffer), -1)
        self.seen += 1
        self.step(moment, row, min(self.seen, self.buffer))

    def step(self, moment: Moment, row: int, kept: int) -> None:
        """Learn the event, which goes into row `row` of `old`, and replay some of the `kept` old ones."""
        _observe(
            self.A, self.B, self.GA, self.GB, self.old, row, kept, moment.asker.history, moment.item,
            moment.against[: self.negatives], self.world.catalogue.live(), self.replay, self.eta, 1e-4,
            np.uint64(moment.key), moment.asker.had, moment.asker.apart,
        )  # fmt: skip

    def values(self, asker: Asker, rows: I32) -> F64:
        return _values(self.A, self.B, asker.history, rows)

    def reason(self, asker: Asker, row: int) -> Reason:
        """Names the two engaged items that speak most for this one."""
        best = best_two(self.A, asker.history, self.B[row, : self.width])
        return Reason(self.name, {"items": self.titles(best.tolist())})

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
