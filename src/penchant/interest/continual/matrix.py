"""Forgetting and transfer, from accuracies over time.

    a[t, j]: accuracy on task j after task t was learned (t = 0: before any)
    forgetting of j = max over t < T of a[t, j], from j on, − a[T, j]
    forward transfer to j = a[j − 1, j] − a[0, j], what was learned before helping a task that has not come yet
    backward transfer to j = a[T, j] − a[j, j]

Source: Lopez-Paz and Ranzato 2017 (transfer), Chaudhry et al. 2018 (forgetting).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Retention:
    """Means over tasks, in shares: forgetting over all but the last, forward transfer over all but the first."""

    accuracy: float
    forgetting: float
    worst: float
    forward: float
    backward: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, rounded to 4 digits."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def retention(matrix: npt.ArrayLike) -> Retention:
    """Of accuracies [T + 1, T], row 0 before anything was learned.

    Raises:
        ValueError: another shape, or fewer than two tasks.

    >>> told = retention([[0.1, 0.2], [0.9, 0.3], [0.7, 0.8]])
    >>> told.to_dict()
    {'accuracy': 0.75, 'forgetting': 0.2, 'worst': 0.2, 'forward': 0.1, 'backward': -0.2}
    """
    a = np.asarray(matrix, np.float64)
    if a.ndim != 2 or a.shape[0] != a.shape[1] + 1 or a.shape[1] < 2:
        raise ValueError(f"matrix: {list(a.shape)} can't be used; give [tasks + 1, tasks], two tasks at least")
    T = a.shape[1]
    forgotten = np.array([a[j + 1 : T, j].max() - a[T, j] for j in range(T - 1)])
    forward = np.array([a[j, j] - a[0, j] for j in range(1, T)])
    backward = np.array([a[T, j] - a[j + 1, j] for j in range(T - 1)])
    return Retention(
        float(a[T].mean()), float(forgotten.mean()), float(forgotten.max()), float(forward.mean()),
        float(backward.mean()),
    )  # fmt: skip
