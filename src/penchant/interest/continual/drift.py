"""Drift of a category: its errors became more, or fewer, than they were; after more of them it learns in larger steps.

One ADWIN a category over 0 (told right) and 1 (told wrong). What a detector knows is a fold over the errors since it
began, of which at most `MOST` are kept: then it begins again with the last half. So its state is plain numbers.

Source: Bifet and Gavaldà 2007, Learning from Time-Changing Data with Adaptive Windowing, as in the library river.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from penchant.config import Watching
from penchant.errors import MissingExtra
from penchant.interest.arrays import Arrays

MOST = 1024
LOG = 1000  # drifts that are kept


@dataclass(frozen=True, slots=True)
class Drift:
    """A change that was noticed.

    Attributes:
        category: its row.
        at: examples learned in all when it was noticed.
        before, after: share of errors in the older part, and in what the detector kept.
        time: of the example, UTC seconds, where it has one.
    """

    category: int
    at: int
    before: float
    after: float
    time: float | None = None


def need(chosen: Watching) -> None:
    """Nothing, if what the settings ask for is installed.

    Raises:
        MissingExtra: they ask for drift, and river is not installed.
    """
    if chosen.drift and find_spec("river") is None:
        raise MissingExtra("river", extra="drift")


class Drifts:
    """A detector for every category, what they noticed, and which categories learn in larger steps now.

    Args:
        chosen: δ, by how much the rates are raised and for how long.

    Attributes:
        noticed: the last 1,000 changes, oldest first.

    Raises:
        MissingExtra: river is not installed.
    """

    def __init__(self, chosen: Watching) -> None:
        need(chosen)
        self._make: Any = import_module("river.drift").ADWIN
        self.chosen = chosen
        self.noticed: list[Drift] = []
        self._errors: dict[int, bytearray] = {}
        self._detectors: dict[int, Any] = {}
        self._boosted: dict[int, int] = {}  # examples of a category that are still to be learned in larger steps

    def observe(self, categories: Sequence[int], wrong: bool, at: int, time: float | None = None) -> float:
        """Take in whether an example of these categories was told wrong; times the rates that it is learned at.

        Of several categories each is watched, and the largest step is taken.
        """
        rate = 1.0
        for category in categories:
            drift = self._take(category, wrong, at, time)
            if drift is not None:
                self.noticed = [*self.noticed, drift][-LOG:]
                if drift.after > drift.before:  # fewer errors than before need no larger steps
                    self._boosted[category] = self.chosen.boost_for
            left = self._boosted.pop(category, 0)
            if left:
                rate = self.chosen.boost
            if left > 1:
                self._boosted[category] = left - 1
        return rate

    @property
    def boosted(self) -> dict[int, int]:
        """By category that learns in larger steps now: for how many more of its examples."""
        return dict(self._boosted)

    def _take(self, category: int, wrong: bool, at: int, time: float | None) -> Drift | None:
        if category not in self._errors:
            self._begin(category, b"")
        errors, detector = self._errors[category], self._detectors[category]
        errors.append(wrong)
        detector.update(int(wrong))
        if not detector.drift_detected:
            if len(errors) >= MOST:
                self._begin(category, errors[-MOST // 2 :])
            return None
        kept = min(int(detector.width), len(errors) - 1)
        older, newer = errors[:-kept], errors[-kept:]
        # what ADWIN dropped is gone: begin with what it kept
        self._begin(category, newer[-MOST // 2 :])
        return Drift(category, at, sum(older) / len(older), sum(newer) / len(newer), time)

    def _begin(self, category: int, errors: bytes | bytearray) -> None:
        detector = self._make(delta=self.chosen.drift_delta)
        for wrong in errors:
            detector.update(wrong)
        self._errors[category], self._detectors[category] = bytearray(errors), detector

    def states(self) -> Arrays:
        """The errors since each detector began."""
        return {
            "categories": np.array(list(self._errors), np.int32),
            "counts": np.array([len(errors) for errors in self._errors.values()], np.int32),
            "errors": np.frombuffer(b"".join(self._errors.values()), np.int8),
        }

    def meta(self) -> dict[str, Any]:
        """What was noticed and what follows, JSON-able."""
        return {"drifts": [asdict(drift) for drift in self.noticed], "boosted": sorted(self._boosted.items())}

    def load(self, meta: dict[str, Any], states: Arrays) -> None:
        """Take over what `meta` and `states` gave."""
        self.noticed = [Drift(**drift) for drift in meta["drifts"]]
        self._boosted = {int(category): int(left) for category, left in meta["boosted"]}
        self._errors, self._detectors, at = {}, {}, 0
        errors = states["errors"].tobytes()
        for category, count in zip(states["categories"].tolist(), states["counts"].tolist(), strict=True):
            self._begin(category, errors[at : at + count])
            at += count
