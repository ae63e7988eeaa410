"""The heads M_C and M_D: linear, trained one example at a time.

    M_C(x) = softmax(W_C x + b_C)        M_D(x) = softmax(W_D x + b_D) among the children of each category

One step of cross-entropy with per-coordinate rates (Adagrad; Duchi, Hazan, Singer 2011): W ← W − η ∇ℓ(M(x_t), y) / √G.
"""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F32, F64, I32, Arrays, compiled, dot, draw, room
from penchant.interest.taxonomy import Taxonomy

MOST = 64  # a softmax over more classes than this updates the true ones and as many sampled ones


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
        p[a] = dot(W[chosen[a]], x) + b[chosen[a]] + (shift if a >= n_true else np.float32(0))
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
        for q in range(len(x)):
            gq = g * x[q]
            G[c, q] += gq * gq
            W[c, q] -= np.float32(eta) * gq / np.sqrt(G[c, q])


def softmax(z: F64) -> F64:
    """Probabilities [n] of logits [n]."""
    p = np.exp(z - z.max()) if len(z) else z
    return p / p.sum() if len(z) else p


class Heads:
    """W_C [categories, d], b_C, W_D [dimensions, d], b_D, and their Adagrad accumulators G."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.W_C: F32 = np.zeros((0, dim), np.float32)
        self.b_C: F32 = np.zeros(0, np.float32)
        self.G_C: F32 = np.zeros((0, dim), np.float32)
        self.Gb_C: F32 = np.zeros(0, np.float32)
        self.W_D: F32 = np.zeros((0, dim), np.float32)
        self.b_D: F32 = np.zeros(0, np.float32)
        self.G_D: F32 = np.zeros((0, dim), np.float32)
        self.Gb_D: F32 = np.zeros(0, np.float32)

    def grow(self, taxonomy: Taxonomy) -> None:
        """Room for all nodes; a new one starts at zero."""
        n_c, n_d = len(taxonomy.categories), len(taxonomy.dimensions)
        if len(self.W_C) < n_c:
            self.W_C, self.b_C = room(self.W_C, n_c), room(self.b_C, n_c)
            self.G_C, self.Gb_C = room(self.G_C, n_c, 1e-3), room(self.Gb_C, n_c, 1e-1)
        if len(self.W_D) < n_d:
            self.W_D, self.b_D = room(self.W_D, n_d), room(self.b_D, n_d)
            self.G_D, self.Gb_D = room(self.G_D, n_d, 1e-3), room(self.Gb_D, n_d, 1e-1)

    def learn(
        self, taxonomy: Taxonomy, x: F32, categories: I32, dimensions: I32, weight: float,
        eta_c: float, eta_d: float, key: int,
    ) -> None:  # fmt: skip
        """One step of both heads on x [d] and the rows of the nodes true of it; weight < 0 pushes them down."""
        if not len(categories) or weight == 0:
            return
        self.grow(taxonomy)
        every = np.arange(len(taxonomy.categories), dtype=np.int32)
        word = np.uint64(key)
        _step(self.W_C, self.b_C, self.G_C, self.Gb_C, every, categories, x, eta_c, weight, word)
        for c in categories:
            children = taxonomy.children(int(c))
            true = dimensions[taxonomy.category_of[dimensions] == c]
            if len(true) and len(children) > 1:
                _step(
                    self.W_D, self.b_D, self.G_D, self.Gb_D, children, true, x, eta_d, weight, word + np.uint64(int(c))
                )

    def M_C(self, taxonomy: Taxonomy, x: F32) -> F64:
        """Probability of each category given x [d]."""
        self.grow(taxonomy)
        n = len(taxonomy.categories)
        return softmax((self.W_C[:n] @ x + self.b_C[:n]).astype(np.float64))

    def M_D(self, taxonomy: Taxonomy, x: F32) -> F64:
        """Probability of each dimension given x [d] and its category: sums to 1 within each category."""
        self.grow(taxonomy)
        n = len(taxonomy.dimensions)
        parents = taxonomy.category_of[:n]
        z = (self.W_D[:n] @ x + self.b_D[:n]).astype(np.float64)
        p = np.exp(z - z.max()) if n else z
        return p / np.bincount(parents, p, len(taxonomy.categories))[parents]

    def turn(self, bridge: F32) -> None:
        """Move to a newer space by its bridge [d, d'] (the accumulators keep their mean)."""
        for name in ("C", "D"):
            W, G = getattr(self, f"W_{name}"), getattr(self, f"G_{name}")
            setattr(self, f"W_{name}", (W @ bridge).astype(np.float32))
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
