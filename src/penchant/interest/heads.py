"""The heads M_C and M_D: linear, trained one example at a time.

    M_C(x) = softmax(W_C x + b_C)        M_D(x) = softmax(W_D x + b_D) among the children of each category

One step of cross-entropy with per-coordinate rates (Adagrad; Duchi, Hazan, Singer 2011): W ← W − η ∇ℓ(M(x_t), y) / √G.
"""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F32, F64, I32, Arrays, adagrad, compiled, draw, room
from penchant.interest.lanes import product
from penchant.interest.space import turned
from penchant.interest.taxonomy import Taxonomy
from penchant.interest.tree_softmax import probabilities as of_tree
from penchant.interest.tree_softmax import step

MOST = 64  # a softmax over more classes than this updates the true ones and as many sampled ones
MASK = (1 << 64) - 1


@compiled
def _step(
    W: F32, b: F32, G: F32, Gb: F32, classes: I32, true: I32, x: F32, eta: float, weight: float, key: np.uint64
) -> None:  # pragma: no cover - compiled
    """One step towards the classes `true` (weight > 0), or away from them (weight < 0), among `classes`.

    Towards: cross-entropy against the uniform distribution over `true`. Away: unlikelihood, −log(1 − p(true))
    (Welleck et al. 2020). Sampled classes are drawn uniformly, so the log-q correction is one constant on them.
    """
    n_true = len(true)
    if len(classes) > MOST:
        chosen = np.empty(n_true + MOST, np.int32)
        chosen[:n_true] = true
        n = n_true
        for k in range(MOST):
            c = classes[draw(key, k, len(classes))]
            fresh = True
            for a in range(n):
                if chosen[a] == c:
                    fresh = False
            if fresh:
                chosen[n] = c
                n += 1
        chosen = chosen[:n]
        shift = np.float32(np.log((len(classes) - n_true) / max(n - n_true, 1)))
    else:
        chosen = np.empty(len(classes), np.int32)
        chosen[:n_true] = true
        n = n_true
        for k in range(len(classes)):
            fresh = True
            for a in range(n_true):
                if true[a] == classes[k]:
                    fresh = False
            if fresh:
                chosen[n] = classes[k]
                n += 1
        chosen = chosen[:n]
        shift = np.float32(0)
    p = np.empty(n, np.float32)
    top = np.float32(-np.inf)
    for a in range(n):
        p[a] = product(W[chosen[a]], x) + b[chosen[a]] + (shift if a >= n_true else np.float32(0))
        top = max(top, p[a])
    total = np.float32(0)
    for a in range(n):
        p[a] = np.exp(p[a] - top)
        total += p[a]
    p_true = np.float32(0)
    for a in range(n):
        p[a] /= total
        if a < n_true:
            p_true += p[a]
    for a in range(n):
        c = chosen[a]
        if weight > 0:
            g = (p[a] - (np.float32(1.0 / n_true) if a < n_true else np.float32(0))) * np.float32(weight)
        else:
            away = p[a] if a < n_true else -p[a] * p_true / max(np.float32(1) - p_true, np.float32(1e-3))
            g = away * np.float32(-weight)
        Gb[c] += g * g
        b[c] -= np.float32(eta) * g / np.sqrt(Gb[c])
        adagrad(W[c], G[c], x, g, np.float32(0), np.float32(eta))


@compiled
def _learn(
    W_C: F32, b_C: F32, G_C: F32, Gb_C: F32, W_D: F32, b_D: F32, G_D: F32, Gb_D: F32, every: I32, order: I32,
    start: I32, category_of: I32, categories: I32, dimensions: I32, x: F32, eta_c: float, eta_d: float,
    weight: float, key: np.uint64,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """One step of M_C on the true categories, and of M_D on the true dimensions within each of them (-1: no more)."""
    n_c = 0
    while n_c < len(categories) and categories[n_c] >= 0:
        n_c += 1
    if n_c == 0:
        return
    categories = categories[:n_c]
    _step(W_C, b_C, G_C, Gb_C, every, categories, x, eta_c, weight, key)
    true = np.empty(len(dimensions), np.int32)
    for c in categories:
        children = order[start[c] : start[c + 1]]
        n = 0
        for d in dimensions:
            if d >= 0 and category_of[d] == c:
                true[n] = d
                n += 1
        if n > 0 and len(children) > 1:
            _step(W_D, b_D, G_D, Gb_D, children, true[:n], x, eta_d, weight, key + np.uint64(c))


@compiled
def _logits(out: F64, W: F32, b: F32, x: F32) -> None:  # pragma: no cover - compiled
    for c in range(len(out)):
        out[c] = product(W[c], x) + b[c]


@compiled
def _softmax(z: F64) -> None:  # pragma: no cover - compiled
    """Logits to probabilities, in place."""
    top, total = -np.inf, 0.0
    for c in range(len(z)):
        top = max(top, z[c])
    for c in range(len(z)):
        z[c] = np.exp(z[c] - top)
        total += z[c]
    for c in range(len(z)):
        z[c] /= total


@compiled
def _softmax_within(z: F64, parents: I32, n: int) -> None:  # pragma: no cover - compiled
    """Logits of children to probabilities within each of the n parents, in place."""
    top, total = np.full(n, -np.inf), np.zeros(n)
    for d in range(len(z)):
        top[parents[d]] = max(top[parents[d]], z[d])
    for d in range(len(z)):
        z[d] = np.exp(z[d] - top[parents[d]])
        total[parents[d]] += z[d]
    for d in range(len(z)):
        z[d] /= total[parents[d]]


@compiled
def probabilities(
    out: F64, W_C: F32, b_C: F32, W_D: F32, b_D: F32, x: F32, parents: I32, n_c: int, n_d: int, joint: bool
) -> None:  # pragma: no cover - compiled
    """M_C(x) and then M_D(x) into out [n_c + n_d]."""
    if joint:
        of_tree(out, W_C, b_C, W_D, b_D, x, parents, n_c, n_d)
        return
    _logits(out[:n_c], W_C, b_C, x)
    _softmax(out[:n_c])
    _logits(out[n_c:], W_D, b_D, x)
    _softmax_within(out[n_c:], parents, n_c)


@compiled
def _observe(
    W_C: F32, b_C: F32, G_C: F32, Gb_C: F32, W_D: F32, b_D: F32, G_D: F32, Gb_D: F32, every: I32, order: I32,
    start: I32, category_of: I32, categories: I32, dimensions: I32, vectors: F32, x: F32, item: int, again: int,
    eta_c: float, eta_d: float, weight: float, rate: float, key: np.uint64,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """A step on x and the item's nodes, if weight is not 0, and half a one on the item `again`, if it is not -1."""
    if weight != 0:
        _learn(
            W_C, b_C, G_C, Gb_C, W_D, b_D, G_D, Gb_D, every, order, start, category_of, categories[item],
            dimensions[item], x, rate * eta_c, rate * eta_d, weight, key,
        )  # fmt: skip
    if again >= 0:
        _learn(
            W_C, b_C, G_C, Gb_C, W_D, b_D, G_D, Gb_D, every, order, start, category_of, categories[again],
            dimensions[again], vectors[again], eta_c, eta_d, 0.5, key + np.uint64(1),
        )  # fmt: skip


class Heads:
    """W_C [categories, d], b_C, W_D [dimensions, d], b_D, and their Adagrad accumulators G.

    `joint`: both levels are one softmax over the leaves (see `tree_softmax`), instead of one each.
    """

    def __init__(self, dim: int, *, joint: bool = False) -> None:
        self.dim, self.joint = dim, joint
        self.W_C: F32 = np.zeros((0, dim), np.float32)
        self.b_C: F32 = np.zeros(0, np.float32)
        self.G_C: F32 = np.zeros((0, dim), np.float32)
        self.Gb_C: F32 = np.zeros(0, np.float32)
        self.W_D: F32 = np.zeros((0, dim), np.float32)
        self.b_D: F32 = np.zeros(0, np.float32)
        self.G_D: F32 = np.zeros((0, dim), np.float32)
        self.Gb_D: F32 = np.zeros(0, np.float32)
        self._every: I32 = np.zeros(0, np.int32)
        self._grown = (0, 0)

    def grow(self, taxonomy: Taxonomy) -> None:
        """Room for all nodes; a new one starts at zero."""
        n_c, n_d = len(taxonomy.categories), len(taxonomy.dimensions)
        if (n_c, n_d) == self._grown:
            return
        self._grown = (n_c, n_d)
        if len(self.W_C) < n_c:
            self.W_C, self.b_C = room(self.W_C, n_c), room(self.b_C, n_c)
            self.G_C, self.Gb_C = room(self.G_C, n_c, 1e-3), room(self.Gb_C, n_c, 1e-1)
        if len(self.W_D) < n_d:
            self.W_D, self.b_D = room(self.W_D, n_d), room(self.b_D, n_d)
            self.G_D, self.Gb_D = room(self.G_D, n_d, 1e-3), room(self.Gb_D, n_d, 1e-1)
        if len(self._every) != n_c:
            self._every = np.arange(n_c, dtype=np.int32)

    def learn(
        self, taxonomy: Taxonomy, x: F32, categories: I32, dimensions: I32, weight: float,
        eta_c: float, eta_d: float, key: int,
    ) -> None:  # fmt: skip
        """One step of both heads on x [d] and the rows of the nodes true of it; weight < 0 pushes them down."""
        if weight == 0:
            return
        self.grow(taxonomy)
        if self.joint:
            self._step(taxonomy, categories, dimensions, x, eta_c, eta_d, weight, key)
            return
        _learn(
            self.W_C, self.b_C, self.G_C, self.Gb_C, self.W_D, self.b_D, self.G_D, self.Gb_D, self._every,
            taxonomy.order, taxonomy.start, taxonomy.category_of, categories, dimensions, x, eta_c, eta_d,
            float(weight), np.uint64(key & MASK),
        )  # fmt: skip

    def observe(
        self, taxonomy: Taxonomy, categories: I32, dimensions: I32, vectors: F32, x: F32, item: int, again: int,
        weight: float, eta_c: float, eta_d: float, key: int, rate: float = 1.0,
    ) -> None:  # fmt: skip
        """`learn` on x [d] and the item's nodes, then by half on the vector of the item `again` (-1: none).

        categories, dimensions and vectors are of all items; weight 0: x is passed over. rate: times η_C and η_D on x.
        """
        self.grow(taxonomy)
        if self.joint:
            if weight != 0:
                self._step(taxonomy, categories[item], dimensions[item], x, rate * eta_c, rate * eta_d, weight, key)
            if again >= 0:
                there = categories[again], dimensions[again], vectors[again]
                self._step(taxonomy, *there, eta_c, eta_d, 0.5, key + 1)
            return
        _observe(
            self.W_C, self.b_C, self.G_C, self.Gb_C, self.W_D, self.b_D, self.G_D, self.Gb_D, self._every,
            taxonomy.order, taxonomy.start, taxonomy.category_of, categories, dimensions, vectors, x, item, again,
            eta_c, eta_d, float(weight), float(rate), np.uint64(key & MASK),
        )  # fmt: skip

    def _step(
        self, taxonomy: Taxonomy, categories: I32, dimensions: I32, x: F32, eta_c: float, eta_d: float, weight: float,
        key: int,
    ) -> None:  # fmt: skip
        """One step of the softmax over the tree."""
        step(
            self.W_C, self.b_C, self.G_C, self.Gb_C, self.W_D, self.b_D, self.G_D, self.Gb_D, taxonomy.category_of,
            len(taxonomy.categories), len(taxonomy.dimensions), categories, dimensions, x, eta_c, eta_d,
            float(weight), np.uint64(key & MASK),
        )  # fmt: skip

    def both(self, taxonomy: Taxonomy, x: F32) -> tuple[F64, F64]:
        """M_C [categories] of x [d], and M_D [dimensions], which sums to 1 within each category."""
        self.grow(taxonomy)
        n_c, n_d = len(taxonomy.categories), len(taxonomy.dimensions)
        out = np.empty(n_c + n_d)
        probabilities(out, self.W_C, self.b_C, self.W_D, self.b_D, x, taxonomy.category_of, n_c, n_d, self.joint)
        return out[:n_c], out[n_c:]

    def M_C(self, taxonomy: Taxonomy, x: F32) -> F64:
        """Probability of each category given x [d]."""
        return self.both(taxonomy, x)[0]

    def M_D(self, taxonomy: Taxonomy, x: F32) -> F64:
        """Probability of each dimension given x [d] and its category."""
        return self.both(taxonomy, x)[1]

    def turn(self, bridge: F32) -> None:
        """Move to a newer space by its bridge [d, d'] (the accumulators keep their mean)."""
        for name in ("C", "D"):
            W, G = getattr(self, f"W_{name}"), getattr(self, f"G_{name}")
            setattr(self, f"W_{name}", turned(W, bridge))
            mean = G.mean(1, keepdims=True) if len(G) else G[:, :1]
            setattr(self, f"G_{name}", np.repeat(mean, bridge.shape[1], 1).astype(np.float32))
        self.dim = bridge.shape[1]

    def states(self, taxonomy: Taxonomy) -> Arrays:
        """Arrays of the state, trimmed to what is in use."""
        self.grow(taxonomy)
        n_c, n_d = len(taxonomy.categories), len(taxonomy.dimensions)
        return {
            "W_C": self.W_C[:n_c], "b_C": self.b_C[:n_c], "G_C": self.G_C[:n_c], "Gb_C": self.Gb_C[:n_c],
            "W_D": self.W_D[:n_d], "b_D": self.b_D[:n_d], "G_D": self.G_D[:n_d], "Gb_D": self.Gb_D[:n_d],
        }  # fmt: skip

    def load(self, states: Arrays) -> None:
        """Take over a saved state."""
        for name, array in states.items():
            setattr(self, name, array.copy())
        self._grown = (-1, -1)
