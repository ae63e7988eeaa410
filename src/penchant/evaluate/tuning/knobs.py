"""The search space: which settings are searched, over which range, around the settings that a search begins from.

Rates and half-lives are searched on a logarithmic scale around their own value, so that the space suits every domain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

import numpy as np

from penchant.config import Settings
from penchant.errors import ConfigError
from penchant.interest.evidence.learned import Learned
from penchant.interest.world import World

Scale = Literal["log", "linear", "whole", "choice"]

# setting → how many times more or less than the value that the search begins from
_AROUND: dict[str, float] = {
    "learn.eta_c": 6, "learn.eta_d": 6, "learn.eta_i": 6, "learn.eta_alpha": 10, "learn.anchor": 10,
    "model.kappa_c": 8, "model.kappa_d": 8, "model.temperature": 4,
    "half_life.long": 8, "half_life.nodes": 8, "half_life.popular": 8, "half_life.trending": 8, "half_life.next": 8,
    "half_life.quality": 8, "half_life.fresh": 8, "half_life.context": 8, "half_life.population": 8,
    "options.learned.eta": 4,
}  # fmt: skip
# setting → (from, to); a value outside that the search begins from widens it
_BETWEEN: dict[str, tuple[Scale, float, float]] = {
    "learn.negatives": ("whole", 32, 512),
    "learn.warm_epochs": ("whole", 1, 8),
    "model.engagement": ("linear", 0, 1),
    "model.history_length": ("linear", 0.1, 1),
    "model.mix_long": ("linear", 0, 1),
    "model.recent_decay": ("linear", 0.4, 0.95),
    "options.learned.negatives": ("whole", 32, 512),
    "options.learned.replay": ("whole", 0, 4),
}
# setting → values; none larger than what keeps users and items within the caps on memory
_AMONG: dict[str, tuple[int, ...]] = {"model.dim": (64, 96, 128), "options.learned.dim": (64, 96, 128, 160)}
_LEARNED = {"eta": "eta", "negatives": "negatives", "replay": "replay", "dim": "width"}


@dataclass(frozen=True, slots=True)
class Knob:
    """A setting to search.

    Attributes:
        path: of the setting, as in TOML: "half_life.trending".
        scale: log, linear, whole (whole numbers) or choice.
        low, high: ends of the range.
        default: the value that the search begins from.
        choices: the values of a choice.
    """

    path: str
    scale: Scale
    low: float
    high: float
    default: float
    choices: tuple[float, ...] = ()

    def value(self, raw: float) -> float:
        """As it is set and shown: whole, or with three figures (the value that it began from as it is).

        >>> Knob("learn.eta_i", "log", 0.01, 0.3, 0.05).value(0.0123456)
        0.0123
        """
        if self.scale in ("whole", "choice"):
            return int(raw)
        if raw == self.default or raw == 0:
            return raw
        return round(raw, 2 - math.floor(math.log10(abs(raw))))

    def draw(self, rng: np.random.Generator) -> float:
        """A value at random: uniform on the knob's own scale."""
        if self.scale == "choice":
            return self.choices[int(rng.integers(len(self.choices)))]
        if self.scale == "whole":
            return int(rng.integers(int(self.low), int(self.high) + 1))
        if self.scale == "log":
            return math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        return float(rng.uniform(self.low, self.high))

    def near(self, value: float, rng: np.random.Generator) -> float:
        """A value at random near this one: a normal step of 15 % of the range, on the knob's own scale."""
        if self.scale == "choice":
            return self.draw(rng)
        low, high, here = self.low, self.high, value
        if self.scale == "log":
            low, high, here = math.log(low), math.log(high), math.log(here)
        there = min(max(here + 0.15 * (high - low) * float(rng.standard_normal()), low), high)
        if self.scale == "whole":
            return round(there)
        return min(max(math.exp(there), self.low), self.high) if self.scale == "log" else there


def knobs_of(settings: Settings, only: Sequence[str] = ()) -> list[Knob]:
    """The search space around these settings.

    Args:
        only: patterns such as "half_life.*"; a knob whose path matches one of them is searched; none: all.

    Raises:
        ConfigError: a pattern that no knob matches.

    >>> [knob.path for knob in knobs_of(Settings.load("movies"), ["learn.eta_*"])]
    ['learn.eta_c', 'learn.eta_d', 'learn.eta_i', 'learn.eta_alpha']
    """
    found = [_knob(path, _default(settings, path)) for path in (*_AROUND, *_BETWEEN, *_AMONG)]
    if "learned" not in settings.evidence:
        found = [knob for knob in found if not knob.path.startswith("options.learned.")]
    return matching(found, only)


def matching(knobs: Sequence[Knob], only: Sequence[str]) -> list[Knob]:
    """Those whose path matches one of these patterns; without patterns, all.

    Raises:
        ConfigError: a pattern that no knob matches.
    """
    for pattern in only:
        if not any(fnmatchcase(knob.path, pattern) for knob in knobs):
            raise ConfigError(f"tune: no setting that can be searched matches {pattern!r}",
                              fix=f"there are {', '.join(knob.path for knob in knobs)}")  # fmt: skip
    return [knob for knob in knobs if not only or any(fnmatchcase(knob.path, pattern) for pattern in only)]


def with_values(settings: Settings, values: Mapping[str, float]) -> Settings:
    """The settings with these values, by path.

    >>> with_values(Settings(), {"options.learned.eta": 0.2}).options
    {'learned': {'eta': 0.2}}
    """
    data = settings.model_dump()
    for path, value in values.items():
        *tables, key = path.split(".")
        place: dict[str, Any] = data
        for table in tables:
            place = place.setdefault(table, {})
        place[key] = value
    return Settings(**data)


def _default(settings: Settings, path: str) -> float:
    table, _, key = path.rpartition(".")
    if table == "options.learned":
        return getattr(Learned(World(settings, settings.model.dim)), _LEARNED[key])
    return getattr(getattr(settings, table), key)


def _knob(path: str, default: float) -> Knob:
    if path in _AROUND:
        low, high = default / _AROUND[path], default * _AROUND[path]
        if path == "learn.anchor":  # a share
            low, high = max(low, 1e-4), min(max(high, 1e-3), 1.0)
        return Knob(path, "log", low, high, default)
    if path in _BETWEEN:
        scale, low, high = _BETWEEN[path]
        return Knob(path, scale, min(low, default), max(high, default), default)
    choices = tuple(sorted({*_AMONG[path], int(default)}))
    return Knob(path, "choice", choices[0], choices[-1], default, choices)
