"""Caps on a list: how far down to look so that it can be filled, and how probable what was drawn under them was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from penchant.recommend.policy import Verdict


def fill(
    ordered: Sequence[int], caps: Mapping[int, Sequence[int]], limits: Sequence[int], need: int, n: int
) -> tuple[list[int], bool]:
    """The first `need` of `ordered`, then only what the caps let in until they let in `n`; and whether that is enough.

    Args:
        ordered: candidates, best first.
        caps: indices into `limits` of the caps that apply to each.
        limits: at most so many in a list.

    >>> fill([0, 1, 2, 3, 4, 5], {0: [0], 1: [0], 2: [0], 3: [0], 4: [], 5: []}, [1], need=2, n=2)
    ([0, 1, 4], True)
    """
    left, pool, fitting = list(limits), list[int](), 0
    for k in ordered:
        fits = all(left[cap] > 0 for cap in caps[k])
        if fits:
            fitting += 1
            for cap in caps[k]:
                left[cap] -= 1
        if fits or len(pool) < need:
            pool.append(k)
        if len(pool) >= need and fitting >= n:
            return pool, True
    return pool, False


def probabilities(verdict: Verdict, taken: Sequence[int], logits: Mapping[int, float]) -> list[float]:
    """Probability of each of what was taken, given those above it: its share among what the caps let in at its place.

    A Plackett-Luce draw that passes over what a cap keeps out is a draw among the others (R. Luce's choice axiom).

    Args:
        verdict: what the policy says of the candidates.
        taken: indices of candidates, first to last.
        logits: score / temperature by index of every candidate that was drawn from.
    """
    left, remaining = list(verdict.limits), dict(logits)
    told: list[float] = []
    for i in taken:
        open_to = [
            logit
            for k, logit in remaining.items()
            if verdict.allowed[k] and all(left[cap] > 0 for cap in verdict.caps[k])
        ]
        top = max(open_to)
        told.append(float(np.exp(logits[i] - top) / np.exp(np.array(open_to) - top).sum()))
        for cap in verdict.caps[i]:
            left[cap] -= 1
        del remaining[i]
    return told
