"""The one who asks: everything about a user, at a time, that evidence and levels read.

Learning and recommending make it by the same code, so what is learned is what is used.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from penchant.interest.arrays import F32, F64, I32, compiled, unit
from penchant.interest.memory import Memory
from penchant.interest.wishes import Stand
from penchant.interest.world import World

KAPPA_CON = 5.0


@compiled
def _counts(
    nodes: I32, pro: F32, con: F32, fade: float, pro_c: F64, con_c: F64, pro_d: F64, con_d: F64
) -> None:  # pragma: no cover - compiled
    for k in range(len(nodes)):
        if nodes[k] < 0:
            break
        row = nodes[k] // 2
        if nodes[k] % 2 == 0:
            pro_c[row] = pro[k] * fade
            con_c[row] = con[k] * fade
        else:
            pro_d[row] = pro[k] * fade
            con_d[row] = con[k] * fade


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
        history, times, strengths: the ring, oldest first.
        long, recent, last: [d] unit vectors, zero if there is no history.
        x: [d] x_t, what the heads read.
        stand: edits and statements that stand.
        said: [d] weighted sum of what was said.
        context: names of the contexts that hold.
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
        known = int((memory.ring_item[row] >= 0).sum())
        self.history: I32 = memory.ring_item[row, :known].copy()
        self.times: F64 = memory.ring_time[row, :known].copy()
        self.strengths: F64 = memory.ring_strength[row, :known] / 100.0
        self.events = int(memory.events[row])
        self.delta: F64 = memory.delta[row].astype(np.float64)
        zero = np.zeros(world.dim, np.float32)
        self.long = unit(memory.long[row])
        if known:
            ring = world.catalogue.vectors[self.history]
            recency = (settings.model.recent_decay ** np.arange(known - 1, -1, -1)).astype(np.float32)
            self.recent, self.last = unit(recency @ ring), ring[-1]
        else:
            self.recent = self.last = zero
        mix = np.float32(settings.model.mix_long)
        self.x: F32 = unit((mix * self.long + (1 - mix) * self.recent).astype(np.float32))
        self.said: F32 = world.wishes.said_vector(stand, world.dim) if stand else zero

        n_c, n_d = len(taxonomy.categories), len(taxonomy.dimensions)
        self.pro_c, self.con_c = np.zeros(n_c), np.zeros(n_c)
        self.pro_d, self.con_d = np.zeros(n_d), np.zeros(n_d)
        fade = 2.0 ** (-max(at - memory.time[row], 0.0) / world.half_life("nodes")) if known else 1.0
        _counts(
            memory.node[row], memory.pro[row], memory.con[row], fade, self.pro_c, self.con_c, self.pro_d, self.con_d
        )
        if stand:
            self._state(stand)
        p_c, p_d = population or taxonomy.population()
        self.population = (p_c, p_d)
        model = settings.model
        if self.x.any():
            M_C, M_D = world.heads.M_C(taxonomy, self.x), world.heads.M_D(taxonomy, self.x)
        else:
            M_C, M_D = p_c, p_d  # of one who did nothing yet only the population is known
        self.M_C, self.M_D = M_C, M_D
        self.share_c = (self.pro_c + model.kappa_c * M_C) / (self.pro_c.sum() + model.kappa_c)
        parents = taxonomy.category_of[:n_d]
        within = np.bincount(parents, self.pro_d, n_c)
        self.share_d = (self.pro_d + model.kappa_d * M_D) / (within + model.kappa_d)[parents]
        against_c = np.log((self.pro_c + KAPPA_CON) / (self.pro_c + self.con_c + KAPPA_CON))
        against_d = np.log((self.pro_d + KAPPA_CON) / (self.pro_d + self.con_d + KAPPA_CON))
        self.lift_c: F64 = np.log(np.maximum(self.share_c, 1e-4) / np.maximum(p_c, 1e-4)) + against_c
        self.lift_d: F64 = np.log(np.maximum(self.share_d, 1e-4) / np.maximum(p_d, 1e-4)) + against_d
        self._rows: I32 | None = None
        self._vectors: F32 = np.zeros((0, world.dim), np.float32)
        self._gathered: F64 = np.zeros((4, 0))
        self._gathered_for: I32 | None = None

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

    def vectors(self, rows: I32) -> F32:
        """[n, d] vectors of the item rows, gathered once for all evidences."""
        if self._rows is not rows:
            self._rows, self._vectors = rows, self.world.catalogue.vectors[rows]
        return self._vectors

    def pairs(self, rows: I32) -> F64:
        """[4, n] of `Pairs.gather`, gathered once for all evidences."""
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
