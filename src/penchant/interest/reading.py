"""What is read of one memory at a time: vectors, and per node of the tree counts, probabilities and lifts.

One compiled call for all of it: calls cost as much as what they compute, where little is computed.
"""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F32, F64, I32, U64, add_scaled, compiled, unit_of
from penchant.interest.had import WORDS, mark
from penchant.interest.heads import probabilities
from penchant.interest.taxonomy import population

KAPPA_CON = 5.0
PRO, CON, ALL, MODEL, SHARE, LIFT = range(6)  # rows of the nodes' table: counts, population, M(x), p, log-lift


@compiled
def _vectors(
    ring: I32, items: F32, long: F32, decay: float, mix: float, length: float
) -> F32:  # pragma: no cover - compiled
    """[4, d] long, recent and last as unit vectors, x_t of this length."""
    recent, last = np.zeros_like(long), np.zeros_like(long)
    weight = np.float32(1)
    for k in range(len(ring) - 1, -1, -1):
        add_scaled(recent, items[ring[k]], weight)
        weight *= np.float32(decay)
    if len(ring):
        last[:] = items[ring[-1]]
    out = np.zeros((4, len(long)), np.float32)
    out[0], out[1], out[2] = unit_of(long), unit_of(recent), last
    x = np.zeros_like(long)
    add_scaled(x, out[0], np.float32(mix))
    add_scaled(x, out[1], np.float32(1) - np.float32(mix))
    add_scaled(out[3], unit_of(x), np.float32(length))
    return out


@compiled
def recall(
    row: int, at: float, ring_item: I32, node: I32, pro: F32, con: F32, time: F64, long: F32, had: U64, items: F32,
    half_life: float, decay: float, mix: float, length: float, apart: bool, n_c: int, n_d: int,
) -> tuple[I32, U64, F32, F64, bool]:  # pragma: no cover - compiled  # fmt: skip
    """History (oldest first), filter of what was had, [4, d] vectors, the nodes' table with its counts, and False.

    The table [6, categories + dimensions] has the categories first.
    """
    n = 0
    while n < ring_item.shape[1] and ring_item[row, n] >= 0:
        n += 1
    history = ring_item[row, :n].copy()
    words = np.zeros(WORDS, np.uint64)
    if apart:
        words[:] = had[row]
        for item in history:
            mark(words, item)
    nodes = np.zeros((6, n_c + n_d))
    fade = 2.0 ** (-max(at - time[row], 0.0) / half_life) if np.isfinite(time[row]) else 1.0
    for k in range(node.shape[1]):
        if node[row, k] < 0:
            break
        spot = node[row, k] // 2 + (n_c if node[row, k] % 2 else 0)
        nodes[PRO, spot] = pro[row, k] * fade
        nodes[CON, spot] = con[row, k] * fade
    return history, words, _vectors(history, items, long[row], decay, mix, length), nodes, False


@compiled
def weigh(
    nodes: F64, x: F32, seen_c: F64, seen_d: F64, items_c: F64, items_d: F64, parents: I32, W_C: F32, b_C: F32,
    W_D: F32, b_D: F32, kappa_c: float, kappa_d: float, n_c: int, n_d: int,
    joint: bool,
) -> bool:  # pragma: no cover - compiled  # fmt: skip
    """Fill the table's other rows from its counts: population, M(x), p (Dirichlet posterior mean), log-lift.

    p has κ · M(x) as prior; the lift is over the population, less what speaks against. Of one who did nothing yet (then
    it returns False) only the population is known.
    """
    population(nodes[ALL], seen_c, seen_d, items_c, items_d, parents, n_c, n_d)
    known = False
    for q in range(len(x)):
        known = known or x[q] != 0
    if known:
        probabilities(nodes[MODEL], W_C, b_C, W_D, b_D, x, parents, n_c, n_d, joint)
    else:
        nodes[MODEL] = nodes[ALL]
    total, within = 0.0, np.zeros(n_c)
    for c in range(n_c):
        total += nodes[PRO, c]
    for d in range(n_d):
        within[parents[d]] += nodes[PRO, n_c + d]
    for c in range(n_c):
        nodes[SHARE, c] = (nodes[PRO, c] + kappa_c * nodes[MODEL, c]) / (total + kappa_c)
    for d in range(n_d):
        k = n_c + d
        nodes[SHARE, k] = (nodes[PRO, k] + kappa_d * nodes[MODEL, k]) / (within[parents[d]] + kappa_d)
    for k in range(n_c + n_d):
        lift = max(nodes[SHARE, k], 1e-4) / max(nodes[ALL, k], 1e-4)
        plus = nodes[PRO, k] + KAPPA_CON
        nodes[LIFT, k] = np.log(lift * plus / (plus + nodes[CON, k]))
    return known


@compiled
def read(
    row: int, at: float, ring_item: I32, node: I32, pro: F32, con: F32, time: F64, long: F32, had: U64, items: F32,
    half_life: float, decay: float, mix: float, length: float, apart: bool, seen_c: F64, seen_d: F64, items_c: F64,
    items_d: F64, parents: I32, W_C: F32, b_C: F32, W_D: F32, b_D: F32, kappa_c: float, kappa_d: float, n_c: int,
    n_d: int, joint: bool,
) -> tuple[I32, U64, F32, F64, bool]:  # pragma: no cover - compiled  # fmt: skip
    """`recall`, then `weigh`: for one who stated nothing."""
    history, words, vectors, nodes, _ = recall(
        row, at, ring_item, node, pro, con, time, long, had, items, half_life, decay, mix, length, apart, n_c, n_d
    )
    known = weigh(
        nodes, vectors[3], seen_c, seen_d, items_c, items_d, parents, W_C, b_C, W_D, b_D, kappa_c, kappa_d, n_c, n_d,
        joint,
    )  # fmt: skip
    return history, words, vectors, nodes, known
