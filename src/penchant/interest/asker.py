"""The one who asks: everything about a user, at a time, that evidence and levels read.

Learning and recommending make it by the same code, so what is learned is what is used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from penchant.interest.arrays import F32, F64, I32, U64, add_scaled, compiled, product, unit_of
from penchant.interest.had import WORDS, of
from penchant.interest.memory import Memory
from penchant.interest.wishes import Stand
from penchant.interest.world import World

KAPPA_CON = 5.0
SITTING = 1800.0  # seconds without an engagement after which a new sitting begins
SEASONED = math.log1p(500)  # of one with 500 events, experience is 1
T = TypeVar("T")


@compiled
def _vectors(ring: I32, items: F32, long: F32, decay: float, mix: float) -> F32:  # pragma: no cover - compiled
    """[4, d] unit vectors: long, recent, last, x_t."""
    recent, last = np.zeros_like(long), np.zeros_like(long)
    weight = np.float32(1)
    for k in range(len(ring) - 1, -1, -1):
        add_scaled(recent, items[ring[k]], weight)
        weight *= np.float32(decay)
    if len(ring):
        last[:] = items[ring[-1]]
    out = np.empty((4, len(long)), np.float32)
    out[0], out[1], out[2] = unit_of(long), unit_of(recent), last
    x = np.zeros_like(long)
    add_scaled(x, out[0], np.float32(mix))
    add_scaled(x, out[1], np.float32(1) - np.float32(mix))
    out[3] = unit_of(x)
    return out


@compiled
def _length(ring: I32, row: int) -> int:  # pragma: no cover - compiled
    """How many of a user's ring are filled."""
    n = 0
    while n < ring.shape[1] and ring[row, n] >= 0:
        n += 1
    return n


@compiled
def _counts(
    nodes: I32, pro: F32, con: F32, fade: float, counts_c: F64, counts_d: F64
) -> None:  # pragma: no cover - compiled
    """Decayed counts of a memory's nodes into (pro, con) of counts_c [2, categories], counts_d [2, dimensions]."""
    for k in range(len(nodes)):
        if nodes[k] < 0:
            break
        row = nodes[k] // 2
        counts = counts_c if nodes[k] % 2 == 0 else counts_d
        counts[0, row] = pro[k] * fade
        counts[1, row] = con[k] * fade


@compiled
def _shares(
    M_C: F64, M_D: F64, counts_c: F64, counts_d: F64, parents: I32, kappa_c: float, kappa_d: float
) -> tuple[F64, F64]:  # pragma: no cover - compiled
    """p(c) and p(d | c): Dirichlet posterior means with κ · M(x) as prior."""
    total = 0.0
    for c in range(len(M_C)):
        total += counts_c[0, c]
    share_c, within = np.empty(len(M_C)), np.zeros(len(M_C))
    for c in range(len(M_C)):
        share_c[c] = (counts_c[0, c] + kappa_c * M_C[c]) / (total + kappa_c)
    for d in range(len(M_D)):
        within[parents[d]] += counts_d[0, d]
    share_d = np.empty(len(M_D))
    for d in range(len(M_D)):
        share_d[d] = (counts_d[0, d] + kappa_d * M_D[d]) / (within[parents[d]] + kappa_d)
    return share_c, share_d


@compiled
def _lifts(share: F64, population: F64, counts: F64) -> F64:  # pragma: no cover - compiled
    """Log-lift over the population, less what speaks against."""
    out = np.empty(len(share))
    for c in range(len(share)):
        pro, con = counts[0, c] + KAPPA_CON, counts[1, c]
        lift = max(share[c], 1e-4) / max(population[c], 1e-4)
        out[c] = np.log(lift * pro / (pro + con))
    return out


@compiled
def cosines(vectors: F32, rows: I32, to: F32) -> F64:  # pragma: no cover - compiled
    """[k, n] inner products of rows of vectors [items, d] with k vectors [k, d]."""
    out, work = np.empty((len(to), len(rows))), np.empty(to.shape[1], np.float32)
    for a in range(len(rows)):
        vector = vectors[rows[a]]
        for k in range(len(to)):
            out[k, a] = product(vector, to[k], work)
    return out


@compiled
def mean_lift(nodes: I32, lift: F64, rows: I32) -> F64:  # pragma: no cover - compiled
    """[n] mean of `lift` over the nodes [items, 8] of each row; 0 where a row has none."""
    out = np.zeros(len(rows))
    for a in range(len(rows)):
        n = 0
        for k in range(nodes.shape[1]):
            node = nodes[rows[a], k]
            if node < 0:
                break
            out[a] += lift[node]
            n += 1
        if n > 1:
            out[a] /= n
    return out


class Asker:
    """A user (or only a history) at a time.

    Attributes:
        user: row in memory, -1 for one who is known by `history` alone.
        at: the time, UTC seconds.
        history, times: the ring, oldest first.
        long, recent, last: [d] unit vectors, zero if there is no history.
        x: [d] x_t, what the heads read.
        stand: edits and statements that stand.
        said: [d] weighted sum of what was said.
        context: names of the contexts that hold.
        pause: 1 at the begin of a sitting (nothing yet, or nothing for 30 minutes), 0 within one.
        situation: [2] pause, and experience: from -1 (no event yet) to 1 (500 and more), by the logarithm.
        had: [8] a Bloom filter of what they have had, empty where things are had again; apart: whether it is kept.
        share_c, share_d: personal p(c), and p(d | c).
        pro_c, con_c, pro_d, con_d: decayed counts for and against, edits included.
        lift_c, lift_d: log-lifts over the population.
    """

    def __init__(
        self,
        world: World,
        memory: Memory,
        row: int,
        at: float,
        *,
        user: int | None = None,
        context: Mapping[str, str] | None = None,
        stand: Stand | None = None,
        population: tuple[F64, F64] | None = None,
    ) -> None:
        settings, taxonomy = world.settings, world.taxonomy
        self.world, self.at, self.stand = world, at, stand
        self.user = row if user is None else user
        self.context = context or {}
        known = _length(memory.ring_item, row)
        self.history: I32 = memory.ring_item[row, :known].copy()
        self.times: F64 = memory.ring_time[row, :known].copy()
        self._strengths = memory.ring_strength[row, :known].copy()
        self.events = int(memory.events[row])
        # where things are had again and again, having had one doesn't keep it out of what is contrasted
        self.apart = not settings.policy.repeats
        self.had: U64 = memory.had[row] | of(self.history) if self.apart else np.zeros(WORDS, np.uint64)
        self.pause = 0.0 if known and at - float(self.times[-1]) < SITTING else 1.0
        self.situation: F64 = np.array([self.pause, 2 * min(math.log1p(self.events) / SEASONED, 1.0) - 1])
        self.delta: F64 = memory.delta[row].astype(np.float64)
        model = settings.model
        self._meaning = _vectors(
            self.history, world.catalogue.vectors, memory.long[row], model.recent_decay, model.mix_long
        )
        self.long, self.recent, self.last, self.x = self._meaning
        self.said: F32 = world.wishes.said_vector(stand, world.dim)
        counts_c = np.zeros((2, len(taxonomy.categories)))
        counts_d = np.zeros((2, len(taxonomy.dimensions)))
        fade = 2.0 ** (-max(at - float(memory.time[row]), 0.0) / world.half_life("nodes")) if self.events else 1.0
        _counts(memory.node[row], memory.pro[row], memory.con[row], fade, counts_c, counts_d)
        (self.pro_c, self.con_c), (self.pro_d, self.con_d) = counts_c, counts_d
        if stand:
            self._state(stand)
        p_c, p_d = self.population = population or taxonomy.population()
        if self.x.any():
            self.M_C, self.M_D = world.heads.both(taxonomy, self.x)
        else:
            self.M_C, self.M_D = p_c, p_d  # of one who did nothing yet only the population is known
        self.share_c, self.share_d = _shares(
            self.M_C, self.M_D, counts_c, counts_d, taxonomy.category_of, model.kappa_c, model.kappa_d
        )
        self.lift_c: F64 = _lifts(self.share_c, p_c, counts_c)
        self.lift_d: F64 = _lifts(self.share_d, p_d, counts_d)
        self._near: F64 = np.zeros((3, 0))
        self._near_for: I32 | None = None
        self._gathered: F64 = np.zeros((5, 0))
        self._gathered_for: I32 | None = None
        self._once: dict[str, Any] = {}

    def _state(self, stand: Stand) -> None:
        """Edits and statements as pseudo-counts; what is said of a dimension also speaks a little for its category."""
        size = 1.0 + 0.1 * self.pro_c.sum() / 8.0
        for (category, dimension), count in stand.pro.items():
            if dimension >= 0:
                self.pro_d[dimension] += count * size
                self.pro_c[category] += 0.3 * count * size
            else:
                self.pro_c[category] += count * size
        for (category, dimension), count in stand.con.items():
            if dimension >= 0:
                self.con_d[dimension] += 1.5 * count * size
            else:
                self.con_c[category] += 1.5 * count * size

    @property
    def strengths(self) -> F64:
        """Intensities of the history."""
        return self._strengths / 100.0

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made once for this asker."""
        if name not in self._once:
            self._once[name] = make()
        return self._once[name]

    def cosines(self, rows: I32, to: F32) -> F64:
        """[n] cosines of the item rows to a unit vector [d]."""
        return cosines(self.world.catalogue.vectors, rows, to[None])[0]

    def meaning(self, rows: I32) -> F64:
        """[3, n] cosines of the item rows to long, recent and last, made once for all evidences."""
        if self._near_for is not rows:
            self._near_for, self._near = rows, cosines(self.world.catalogue.vectors, rows, self._meaning[:3])
        return self._near

    def pairs(self, rows: I32) -> F64:
        """[5, n] of `Pairs.gather`, gathered once for all evidences."""
        if self._gathered_for is not rows:
            self._gathered_for, self._gathered = rows, self.world.pairs.gather(self.history, rows, self.at)
        return self._gathered

    def levels(self, rows: I32) -> tuple[F64, F64]:
        """([n], [n]) log-lifts of the items' categories and of their dimensions, means over them."""
        catalogue = self.world.catalogue
        return (
            mean_lift(catalogue.categories, self.lift_c, rows),
            mean_lift(catalogue.dimensions, self.lift_d, rows),
        )
