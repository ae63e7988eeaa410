"""The one who asks: everything about a user, at a time, that evidence and levels read.

Learning and recommending make it by the same code, so what is learned is what is used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from penchant.interest.arrays import F32, F64, I32, U64, compiled
from penchant.interest.lanes import AHEAD, fetch, product
from penchant.interest.memory import Memory
from penchant.interest.reading import ALL, CON, LIFT, MODEL, PRO, SHARE, read, recall, weigh
from penchant.interest.wishes import Stand
from penchant.interest.world import World

NOTHING: F64 = np.zeros((0, 0))
SITTING = 1800.0  # seconds without an engagement after which a new sitting begins
SEASONED = math.log1p(500)  # of one with 500 events, experience is 1
NEWNESS = 0.8  # of which, to the power of their events, somebody is new
T = TypeVar("T")


@compiled
def cosines(vectors: F32, rows: I32, to: F32) -> F64:  # pragma: no cover - compiled
    """[k, n] inner products of rows of vectors [items, d] with k vectors [k, d]."""
    out = np.empty((len(to), len(rows)))
    for a in range(-AHEAD, len(rows)):
        if a + AHEAD < len(rows):
            fetch(vectors, rows[a + AHEAD])
        if a >= 0:
            for k in range(len(to)):
                out[k, a] = product(vectors[rows[a]], to[k])
    return out


@compiled
def best_two(vectors: F32, rows: I32, to: F32) -> I32:  # pragma: no cover - compiled
    """The one or two of the rows [n] with the largest inner products with a vector [d], the larger first."""
    best = np.full(2, -1, np.int32)
    first = second = -np.inf
    for row in rows:
        value = product(vectors[row], to)
        if value > first:
            best[1], second = best[0], first
            best[0], first = row, value
        elif value > second:
            best[1], second = row, value
    return best[: min(len(rows), 2)]


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


@compiled
def mean_lifts(categories: I32, dimensions: I32, lift: F64, n_c: int, rows: I32) -> F64:  # pragma: no cover
    """[2, n] `mean_lift` over the categories, and over the dimensions, whose lifts begin at n_c."""
    out = np.empty((2, len(rows)))
    out[0], out[1] = mean_lift(categories, lift[:n_c], rows), mean_lift(dimensions, lift[n_c:], rows)
    return out


class Asker:
    """A user (or only a history) at a time.

    Attributes:
        user: row in memory, -1 for one who is known by `history` alone.
        at: the time, UTC seconds.
        history, times: the ring, oldest first.
        long, recent, last: [d] unit vectors, zero if there is no history.
        x: [d] x_t, what the heads read, of the length that the settings give a history.
        stand: edits and statements that stand.
        said: [d] weighted sum of what was said.
        context: names of the contexts that hold.
        pause: 1 at the begin of a sitting (nothing yet, or nothing for 30 minutes), 0 within one.
        situation: [4] pause; experience, from -1 (no event yet) to 1 (500 and more), by the logarithm; whether they
            have no history, where only what everybody does can tell; 0.8^events else, as what one or two events say
            is no more than half believed.
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
    ) -> None:
        settings, taxonomy = world.settings, world.taxonomy
        self.world, self.at, self.stand = world, at, stand
        self.user = row if user is None else user
        self.context = context or {}
        # where things are had again and again, having had one doesn't keep it out of what is contrasted
        self.apart = not settings.policy.repeats
        model, heads, catalogue = settings.model, world.heads, world.catalogue
        heads.grow(taxonomy)
        n_c, n_d = len(taxonomy.categories), len(taxonomy.dimensions)
        remembered = (
            row, at, memory.ring_item, memory.node, memory.pro, memory.con, memory.time, memory.long, memory.had,
            catalogue.vectors, world.half_life("nodes"), model.recent_decay, model.mix_long,
            model.history_length, self.apart,
        )  # fmt: skip
        learned = (
            taxonomy.seen_c, taxonomy.seen_d, taxonomy.items_c, taxonomy.items_d, taxonomy.category_of, heads.W_C,
            heads.b_C, heads.W_D, heads.b_D, model.kappa_c, model.kappa_d, n_c, n_d,
            heads.joint,
        )  # fmt: skip
        found = read(*remembered, *learned) if not stand else recall(*remembered, n_c, n_d)
        self.history: I32 = found[0]
        self.had: U64 = found[1]
        self._meaning: F32 = found[2]
        self.long, self.recent, self.last, self.x = self._meaning
        self._nodes, self._split, self.known = found[3], n_c, found[4]
        if stand:
            self._state(stand)
            self.known = weigh(self._nodes, self.x, *learned)
        known = len(self.history)
        self.times: F64 = memory.ring_time[row, :known].copy()
        self._strengths = memory.ring_strength[row, :known].copy()
        self.events = int(memory.events[row])
        self.pause = 0.0 if known and at - float(self.times[-1]) < SITTING else 1.0
        experience = 2 * min(math.log1p(self.events) / SEASONED, 1.0) - 1
        newness = NEWNESS**self.events if known else 0.0
        self.situation: F64 = np.array([self.pause, experience, 0.0 if known else 1.0, newness])
        self.delta: F64 = memory.delta[row].astype(np.float64)
        self.said: F32 = world.wishes.said_vector(stand, world.dim)
        self._near: F64 = NOTHING
        self._near_for: I32 | None = None
        self._gathered: F64 = NOTHING
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
    def pro_c(self) -> F64:
        """[categories] decayed counts for."""
        return self._nodes[PRO, : self._split]

    @property
    def pro_d(self) -> F64:
        """[dimensions] decayed counts for."""
        return self._nodes[PRO, self._split :]

    @property
    def con_c(self) -> F64:
        """[categories] decayed counts against."""
        return self._nodes[CON, : self._split]

    @property
    def con_d(self) -> F64:
        """[dimensions] decayed counts against."""
        return self._nodes[CON, self._split :]

    @property
    def share_c(self) -> F64:
        """[categories] personal probability."""
        return self._nodes[SHARE, : self._split]

    @property
    def share_d(self) -> F64:
        """[dimensions] personal probability."""
        return self._nodes[SHARE, self._split :]

    @property
    def lift_c(self) -> F64:
        """[categories] log-lift over the population."""
        return self._nodes[LIFT, : self._split]

    @property
    def lift_d(self) -> F64:
        """[dimensions] log-lift over the population."""
        return self._nodes[LIFT, self._split :]

    @property
    def M_C(self) -> F64:
        """[categories] M_C(x)."""
        return self._nodes[MODEL, : self._split]

    @property
    def M_D(self) -> F64:
        """[dimensions] M_D(x)."""
        return self._nodes[MODEL, self._split :]

    @property
    def population(self) -> tuple[F64, F64]:
        """p(c) [categories] and p(d | c) [dimensions] of everybody."""
        return self._nodes[ALL, : self._split], self._nodes[ALL, self._split :]

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

    def release(self) -> None:
        """Let go of what was gathered about many candidates; it is made again if it is asked for."""
        self._near_for = self._gathered_for = None
        self._near = self._gathered = NOTHING

    def levels(self, rows: I32) -> tuple[F64, F64]:
        """([n], [n]) log-lifts of the items' categories and of their dimensions, means over them."""
        catalogue = self.world.catalogue
        both = mean_lifts(catalogue.categories, catalogue.dimensions, self._nodes[LIFT], self._split, rows)
        return both[0], both[1]
