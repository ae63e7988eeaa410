"""Pseudo-labels: texts without a label teach too, by what the model is certain of.

A text is taken with its likeliest node if that has at least the probability `certain`, at most `a_node` texts a node,
the most certain first; it counts `pseudo_weight`. Then all is learned anew, and the texts are told again, for `rounds`.

Source: Lee 2013, Pseudo-Label; the same number of each node as in Zou et al. 2018 (class-balanced self-training).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from penchant.interest.arrays import F32, F64, I32
from penchant.interest.labels.model import LabelModel
from penchant.language.tuning.examples import Example


@dataclass(frozen=True, slots=True)
class Round:
    """One round: how many texts were taken, the least certain of them, how many nodes got any."""

    taken: int
    least: float
    nodes: int


def choose(p: F64, certain: float, a_node: int) -> tuple[I32, I32]:
    """(rows, their leaves) of the texts to take, given P(leaf) [n, leaves]; rows ascend.

    >>> choose(np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.2, 0.8]]), 0.7, 1)
    (array([0, 3], dtype=int32), array([0, 1], dtype=int32))
    """
    best = p.argmax(1)
    sure = p[np.arange(len(p)), best]
    order = np.lexsort((np.arange(len(p)), -sure))
    taken: list[int] = []
    counts = np.zeros(p.shape[1], np.int64)
    for row in order.tolist():
        if sure[row] < certain:
            break
        if counts[best[row]] < a_node:
            counts[best[row]] += 1
            taken.append(row)
    rows = np.array(sorted(taken), np.int32)
    return rows, best[rows].astype(np.int32)


def learn_with_unlabelled(model: LabelModel, examples: Sequence[Example], texts: Sequence[str]) -> list[Round]:
    """`model.learn(examples)`, then rounds with the texts' pseudo-labels; returns what each round took.

    Raises:
        InvalidRecord: a node that isn't among the model's.

    >>> from penchant.interest.labels.model import Node
    >>> from penchant.language import open_encoder
    >>> model = LabelModel(open_encoder(), [Node("bank", "pay a bill"), Node("bank", "freeze an account")])
    >>> texts = ["pay the gas bill", "block my account now", "settle the bill"]
    >>> [found.nodes for found in learn_with_unlabelled(model, [], texts)]
    [2, 2]
    """
    settings, leaves = model.settings, model.rows_of(examples)
    names = [node.words for node in model.nodes]
    x = model.fit([*names, *(example.text for example in examples), *texts])
    named, own, free = x[: len(names)], x[len(names) : len(names) + len(leaves)], x[len(names) + len(leaves) :]
    model.learn_rows(own, leaves, names=named)
    told: list[Round] = []
    for _ in range(settings.rounds if len(free) else 0):
        told.append(_round(model, named, own, leaves, free))
    return told


def _round(model: LabelModel, named: F32, own: F32, leaves: I32, free: F32) -> Round:
    settings = model.settings
    p = model.probabilities(free)
    rows, guessed = choose(p, settings.certain, settings.a_node)
    weights = np.concatenate([np.ones(len(own)), np.full(len(rows), settings.pseudo_weight)])
    model.learn_rows(np.vstack([own, free[rows]]), np.concatenate([leaves, guessed]), weights, names=named)
    least = float(p[rows].max(1).min()) if len(rows) else 0.0
    return Round(len(rows), least, len(np.unique(guessed)))
