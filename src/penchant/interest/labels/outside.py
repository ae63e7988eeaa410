"""What is none of the nodes: texts whose energy is below a floor.

    E(x) = log Σ exp z(x)        outside if E(x) < floor

The floor is the energy that a set share of texts known to be inside does not reach, so no example from outside is
needed. Where there are some, E also takes a product with x: minus the way from the mean inside to the mean outside.

Source: Liu et al. 2020, Energy-based Out-of-distribution Detection.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from penchant.errors import InvalidRecord
from penchant.interest.labels.model import LabelModel

LEAST = 20  # texts inside that a floor can be set by


def fit_outside(model: LabelModel, inside: Sequence[str], outside: Sequence[str] = ()) -> float:
    """Set the model's floor, by which `tell` says what is outside; returns it. `learn` forgets it.

    Args:
        model: has learned.
        inside: texts of its nodes that it has not learned from, at least 20; their labels aren't needed.
        outside: texts of none of its nodes; may be empty.

    Raises:
        InvalidRecord: too few texts inside.

    >>> from penchant.interest.labels.model import Node
    >>> from penchant.language import open_encoder
    >>> model = LabelModel(open_encoder(), [Node("bank", "pay a bill"), Node("bank", "freeze an account")])
    >>> inside = [f"{do} my {what}" for do in ("pay", "settle", "freeze", "block", "lock")
    ...           for what in ("bill", "account", "bank account", "phone bill")]
    >>> floor = fit_outside(model, inside)
    >>> [told.outside for told in model.tell(["pay the gas bill", "how tall are giraffes"])]
    [False, True]
    """
    if len(inside) < LEAST:
        raise InvalidRecord("inside", len(inside), f"give at least {LEAST} texts of the nodes")
    x = model.read(inside)
    model.outer = None
    if outside and model.settings.outer > 0:
        near, far = x.astype(np.float64).mean(0), model.read(outside).astype(np.float64).mean(0)
        way = model.settings.outer * (near - far)
        # zero half way between the two means
        model.outer = np.append(way, -way @ (near + far) / 2).astype(np.float32)
    model.floor = float(np.quantile(model.energy(x), model.settings.refused))
    return model.floor
