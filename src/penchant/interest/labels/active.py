"""Which texts to label next: those whose label would help most, uncertain ones that many others are like.

    worth(x) = (1 − (p₁ − p₂)) · density(x)^β        density: mean cosine to the nearest of the pool

p₁ and p₂ are the two highest probabilities. After each text that is taken, those like it are worth less, so that one
question isn't asked in ten wordings.

Source: margin sampling, Scheffer et al. 2001; information density, Settles and Craven 2008.
"""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F32, F64, I32, draws, key_of, unit

SAMPLE = 2_000  # rows of the pool that density is measured by
NEAREST = 10


def density(x: F32, *, seed: int = 7) -> F64:
    """Mean cosine [n] of each row [n, d] to the 10 nearest of at most 2,000 drawn from them, itself left out; ≥ 0.

    >>> density(np.array([[1, 0], [1, 0.1], [0, 1]], np.float32)).round(2).tolist()
    [0.5, 0.55, 0.05]
    """
    rows = unit(x)
    n = len(rows)
    sample = np.arange(n)
    if n > SAMPLE:
        sample = np.sort(np.argsort(draws(np.uint64(key_of(seed, "density")), n, 1 << 30), kind="stable")[:SAMPLE])
    near = min(NEAREST, len(sample) - 1)
    if near < 1:
        return np.ones(n)
    place = {int(row): k for k, row in enumerate(sample)}
    out = np.empty(n)
    for start in range(0, n, 1024):
        likeness = rows[start : start + 1024] @ rows[sample].T
        for k in range(len(likeness)):
            own = place.get(start + k)
            if own is not None:
                likeness[k, own] = -np.inf
        out[start : start + 1024] = np.partition(likeness, -near, axis=1)[:, -near:].mean(1)
    return np.maximum(out, 0.0)


def propose(p: F64, x: F32, near: F64, n: int, *, beta: float = 1.0) -> I32:
    """Rows of the n texts to label next, the most useful first.

    Args:
        p: [m, leaves] probabilities of the texts that have no label.
        x: [m, d] their rows.
        near: [m] their density.
        n: how many; fewer only if there are fewer texts.
        beta: how much density counts, at least 0.

    >>> p = np.array([[0.5, 0.5], [0.5, 0.5], [0.9, 0.1], [0.5, 0.5]])
    >>> x = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], np.float32)
    >>> propose(p, x, np.array([0.9, 0.9, 0.9, 0.5]), 2)
    array([0, 3], dtype=int32)
    """
    ordered = np.partition(p, -2, axis=1)
    worth = (1.0 - (ordered[:, -1] - ordered[:, -2])) * near**beta + 1e-12
    rows = unit(x)
    taken: list[int] = []
    for _ in range(min(n, len(p))):
        row = int(np.argmax(worth))
        taken.append(row)
        like = np.clip((rows @ rows[row]).astype(np.float64), 0.0, 1.0)
        worth *= 1.0 - like
        worth[taken] = -1.0
    return np.array(taken, np.int32)
