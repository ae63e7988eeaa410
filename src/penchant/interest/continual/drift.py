"""Drift of a category: its errors became more, or fewer, than they were.

One ADWIN a category over 0 (told right) and 1 (told wrong). What a detector knows is a fold over the errors since it
began, of which at most `MOST` are kept: then it begins again with the last half. So its state is plain numbers.

Source: Bifet and Gavaldà 2007, Learning from Time-Changing Data with Adaptive Windowing, as in the library river.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from penchant.errors import MissingExtra
from penchant.interest.arrays import Arrays

MOST = 1024


@dataclass(frozen=True, slots=True)
class Drift:
    """A change that was noticed.

    Attributes:
        category: its row.
        at: examples learned in all when it was noticed.
        before, after: share of errors in the older part, and in what the detector kept.
    """

    category: int
    at: int
    before: float
    after: float


class Drifts:
    """A detector for every category.

    Args:
        delta: ADWIN's δ, in (0, 1).

    Raises:
        MissingExtra: river is not installed.
    """

    def __init__(self, delta: float = 0.002) -> None:
        if find_spec("river") is None:
            raise MissingExtra("river", extra="drift")
        self._make: Any = import_module("river.drift").ADWIN
        self.delta = delta
        self._errors: dict[int, list[int]] = {}
        self._detectors: dict[int, Any] = {}

    def observe(self, category: int, wrong: bool, at: int) -> Drift | None:
        """Take in whether an example of the category was told wrong; a drift if one is noticed now."""
        if category not in self._errors:
            self._begin(category, [])
        errors, detector = self._errors[category], self._detectors[category]
        errors.append(int(wrong))
        detector.update(int(wrong))
        if not detector.drift_detected:
            if len(errors) >= MOST:
                self._begin(category, errors[-MOST // 2 :])
            return None
        kept = min(int(detector.width), len(errors) - 1)
        older, newer = errors[:-kept], errors[-kept:]
        # what ADWIN dropped is gone: begin with what it kept
        self._begin(category, newer[-MOST // 2 :])
        return Drift(category, at, float(np.mean(older)), float(np.mean(newer)))

    def _begin(self, category: int, errors: list[int]) -> None:
        detector = self._make(delta=self.delta)
        for wrong in errors:
            detector.update(wrong)
        self._errors[category], self._detectors[category] = list(errors), detector

    def states(self) -> Arrays:
        """The errors since each detector began."""
        return {
            "categories": np.array(list(self._errors), np.int32),
            "counts": np.array([len(errors) for errors in self._errors.values()], np.int32),
            "errors": np.array([wrong for errors in self._errors.values() for wrong in errors], np.int8),
        }

    def load(self, states: Arrays) -> None:
        """Take over what `states` gave."""
        self._errors, self._detectors, at = {}, {}, 0
        errors = states["errors"].tolist()
        for category, count in zip(states["categories"].tolist(), states["counts"].tolist(), strict=True):
            self._begin(category, errors[at : at + count])
            at += count
