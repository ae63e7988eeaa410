"""What a trial keeps of every prediction: its rank as one letter, so that trials are compared one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from penchant.metrics import Floats, gains

# a rank counts in halves (ties), and from 10 on as nothing
_LETTERS = "0123456789abcdefghijk"


def pack_ranks(ranks: Sequence[float]) -> str:
    """A letter for each rank.

    >>> pack_ranks([0, 1.5, 9.5, 10, 400])
    '03jkk'
    """
    return "".join(_LETTERS[min(int(2 * rank), 20)] for rank in ranks)


def gains_of(packed: str) -> Floats:
    """NDCG@10 of each prediction [n].

    >>> gains_of("03jk").round(4).tolist()
    [1.0, 0.5533, 0.2837, 0.0]
    """
    return gains(np.array([_LETTERS.index(letter) for letter in packed]) / 2)
