"""What the heads say of vectors, in numpy: serving a light encoder needs no PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from penchant.language.tuning.examples import F32, Labels

SCALE = 20.0  # the heads see unit vectors, as the engine does; so that softmax can be sure


@dataclass(frozen=True, slots=True)
class Said:
    """What the heads say of a text: its likeliest category and dimension (None where the category has none), with their
    probabilities, and its intensity in [-1, 1]."""

    category: str
    dimension: str | None
    category_probability: float
    dimension_probability: float
    intensity: float


def say(labels: Labels, heads: Mapping[str, F32], vectors: F32) -> list[Said]:
    """Of vectors [n, d]; `heads` by the names that `heads.safetensors` has."""
    x = SCALE * vectors
    c, d, i = (x @ heads[f"{head}.weight"].T + heads[f"{head}.bias"] for head in ("category", "dimension", "intensity"))
    leaf = d + c[:, labels.parents]
    p_d = np.exp(leaf - leaf.max(1, keepdims=True))
    p_d /= p_d.sum(1, keepdims=True)
    p_c = np.zeros_like(c)
    np.add.at(p_c.T, labels.parents, p_d.T)
    told: list[Said] = []
    for k in range(len(vectors)):
        best_c, best_d = int(p_c[k].argmax()), int(p_d[k].argmax())
        name, inner = labels.categories[best_c], labels.dimensions[best_d][1]
        told.append(Said(name, inner, float(p_c[k, best_c]), float(p_d[k, best_d]), float(np.tanh(i[k, 0]))))
    return told
