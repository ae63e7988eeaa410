"""Continual learning: replay, an elastic anchor, drift, a guard, and measures of forgetting and transfer."""

from penchant.interest.continual.drift import Drift, Drifts
from penchant.interest.continual.guard import Guard, Look
from penchant.interest.continual.learner import ContinualHeads, learn_all
from penchant.interest.continual.matrix import Retention, retention
from penchant.interest.continual.reservoir import Reservoir
from penchant.interest.continual.settings import ContinualSettings

__all__ = [
    "ContinualHeads",
    "ContinualSettings",
    "Drift",
    "Drifts",
    "Guard",
    "Look",
    "Reservoir",
    "Retention",
    "learn_all",
    "retention",
]
