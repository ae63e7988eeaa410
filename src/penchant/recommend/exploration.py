"""Exploration: a list drawn by Plackett-Luce, with the probability of every choice, so that feedback can be reweighed.

Each position is drawn by softmax(score / temperature) among those not yet drawn. Adding Gumbel noise to every
score / temperature and sorting draws the whole list at once (the Gumbel top-k trick).

The draw depends on (seed, request id) alone, through a counter-based generator: the same request gives the same list.
Uniform numbers are made from the generator's raw bits, which numpy promises to keep, unlike its distributions.

Source: R. Luce 1959; R. Plackett 1975; W. Kool, H. van Hoof, M. Welling, Stochastic beams and where to find them, 2019.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from penchant.recommend.diversity import by_score

MIN_TEMPERATURE = 1e-6


def draw_key(seed: int, request_id: str) -> int:
    """A 128-bit key for one request's draws.

    >>> draw_key(1, "r1") == draw_key(1, "r1"), draw_key(1, "r1") == draw_key(2, "r1")
    (True, False)
    """
    told = f"{seed}:{request_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(told, digest_size=16).digest(), "little")


def plackett_luce(
    scores: npt.NDArray[np.floating[Any]], k: int, temperature: float, key: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """A list of k drawn without replacement, and each one's probability given those above it.

    Args:
        scores: [n], finite.
        k: how many.
        temperature: in units of the score; 0: the best first, each with probability 1. At least 1e-6 otherwise.
        key: 0 to 2^128 - 1, from `draw_key`.

    Returns:
        Indices [min(k, n)] and probabilities [min(k, n)], which multiply to the probability of the list.

    Raises:
        ValueError: a temperature out of range.

    >>> order, probabilities = plackett_luce(np.zeros(4), 4, 1.0, draw_key(0, "r1"))
    >>> sorted(order.tolist()), probabilities.round(3).tolist()
    ([0, 1, 2, 3], [0.25, 0.333, 0.5, 1.0])
    """
    if temperature == 0:
        order = by_score(scores, k)
        return order, np.ones(len(order))
    if not MIN_TEMPERATURE <= temperature < np.inf:
        raise ValueError(f"temperature must be 0 or at least {MIN_TEMPERATURE}, not {temperature}")
    if not len(scores):
        return by_score(scores, 0), np.ones(0)
    logits = np.asarray(scores, dtype=np.float64) / temperature
    logits -= logits.max()
    full = np.argsort(-(logits + _gumbel(len(logits), key)), kind="stable")
    order = full[: max(k, 0)]
    # log of the mass that is left from each position on, summed from the end for accuracy
    drawn = logits[order]
    rest = np.logaddexp.reduce(logits[full[len(order) :]], initial=-np.inf)
    left = np.logaddexp.accumulate(np.concatenate(([rest], drawn[::-1])))[:0:-1]
    return order, np.exp(drawn - left)


def _gumbel(n: int, key: int) -> npt.NDArray[np.float64]:
    raw = np.random.Philox(key=key).random_raw(n)
    uniform = ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53  # strictly between 0 and 1
    return -np.log(-np.log(uniform))
