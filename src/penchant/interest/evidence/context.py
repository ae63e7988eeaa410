"""Context: what people engage with at this hour, on this weekday, on this device, ... against what they do overall."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from penchant.interest.arrays import F64, I32, Arrays, compiled, room
from penchant.interest.asker import Asker, mean_lift
from penchant.interest.evidence.base import Evidence, Moment, Reason
from penchant.interest.world import World

KEYS = 512  # contexts kept; the one that is least used by now leaves first
PRIOR = 200.0
PART = 4 * 3600.0


def contexts(at: float, context: Mapping[str, str]) -> list[str]:
    """Names of the contexts that hold: six parts of the day, the weekday, and each given field.

    >>> contexts(0.0, {"device": "tv"})
    ['hour=00-03', 'weekday=Thu', 'device=tv']
    """
    fields = [f"{name}={value}" for name, value in sorted(context.items())] if context else []
    return [*_clock(int(at // PART)), *fields] if math.isfinite(at) else fields


@lru_cache(maxsize=1024)
def _clock(part: int) -> tuple[str, str]:
    """Part of the day and weekday of the part-th four hours since 1970, UTC."""
    first = part % 6 * 4
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[(part // 6 + 3) % 7]
    return f"hour={first:02d}-{first + 3:02d}", f"weekday={day}"


@compiled
def _count(
    counts: F64, time: F64, row: int, nodes: I32, gain: float, at: float, half_life: float
) -> None:  # pragma: no cover - compiled
    gap, weight, n = at - time[row], gain, 0
    if gap >= 0:
        if np.isfinite(gap) and gap > 0:
            counts[row] *= 2.0 ** (-gap / half_life)
        time[row] = at
    else:
        weight *= 2.0 ** (gap / half_life)
    while n < len(nodes) and nodes[n] >= 0:
        n += 1
    for k in range(n):
        counts[row, nodes[k]] += weight / n


@compiled
def _lift(counts: F64, row: int, p_c: F64, share: float, lift: F64) -> None:  # pragma: no cover - compiled
    """lift += share · log(rate in the context of this row / rate overall), smoothed."""
    total = PRIOR
    for c in range(counts.shape[1]):
        total += counts[row, c]
    for c in range(min(counts.shape[1], len(p_c))):
        lift[c] += share * np.log((counts[row, c] + PRIOR * p_c[c]) / total / p_c[c])


@compiled
def _observe(
    counts: F64, time: F64, rows: I32, nodes: I32, gain: float, at: float, half_life: float
) -> None:  # pragma: no cover - compiled
    for row in rows:
        _count(counts, time, row, nodes, gain, at, half_life)


@compiled
def _values(
    counts: F64, known: I32, share: float, p_c: F64, categories: I32, rows: I32
) -> F64:  # pragma: no cover - compiled
    """[rows] mean over each row's categories of the mean lift of the contexts in rows `known` of the counts."""
    lift = np.zeros(len(p_c))
    for row in known:
        _lift(counts, row, p_c, share, lift)
    return mean_lift(categories, lift, rows)


class Context(Evidence):
    """Mean over the contexts of the log of (decayed rate of the item's category there / its rate overall), smoothed."""

    name = "context"
    start = 0.1

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.half_life = world.half_life("context")
        self.names: dict[str, int] = {}
        self.counts: F64 = np.zeros((0, 0))
        self.time: F64 = np.zeros(0)

    def observe(self, moment: Moment) -> None:
        if moment.gain <= 0:
            return
        nodes, width = self.world.catalogue.categories[moment.item], len(self.world.taxonomy.categories)
        if self.counts.shape[1] < width:
            wider = np.zeros((len(self.counts), width))
            wider[:, : self.counts.shape[1]] = self.counts
            self.counts = wider
        names = moment.asker.once("contexts", lambda: contexts(moment.time, moment.asker.context))
        # may make room, so before the arrays are passed
        rows = np.array([self._row(name, moment.time) for name in names], np.int32)
        _observe(self.counts, self.time, rows, nodes, moment.gain, moment.time, self.half_life)

    def _row(self, name: str, at: float) -> int:
        row = self.names.get(name)
        if row is None:
            if len(self.names) < KEYS:
                row = len(self.names)
            else:
                faded = 2.0 ** (-np.maximum(at - self.time[:KEYS], 0.0) / self.half_life)
                row = int(np.argmin(self.counts[:KEYS].sum(1) * faded))
                self.names = {known: r for known, r in self.names.items() if r != row}
            self.counts, self.time = room(self.counts, row + 1), room(self.time, row + 1, -np.inf)
            self.names[name], self.counts[row], self.time[row] = row, 0.0, -np.inf
        return row

    def _mean(self, names: list[str], p_c: F64, rows: I32) -> F64:
        """[rows] mean over these contexts."""
        known = np.array([row for name in names if (row := self.names.get(name)) is not None], np.int32)
        return _values(self.counts, known, 1.0 / max(len(names), 1), p_c, self.world.catalogue.categories, rows)

    def values(self, asker: Asker, rows: I32) -> F64:
        names = asker.once("contexts", lambda: contexts(asker.at, asker.context))
        return self._mean(names, asker.population[0], rows)

    def reason(self, asker: Asker, row: int) -> Reason:
        """Names the context that speaks loudest."""
        stands = tuple(self.world.catalogue.categories[row].tolist())
        return asker.once(f"context of {stands}", lambda: self._loudest(asker, row))

    def _loudest(self, asker: Asker, row: int) -> Reason:
        names, p_c = asker.once("contexts", lambda: contexts(asker.at, asker.context)), asker.population[0]
        if not len(p_c) or not names:
            return Reason(self.name, {"name": "", "value": ""})
        rows = np.array([row], np.int32)
        loudest = max(names, key=lambda n: abs(float(self._mean([n], p_c, rows)[0])))
        name, _, value = loudest.partition("=")
        return Reason(self.name, {"name": name, "value": value})

    def states(self, items: int) -> Arrays:
        n = len(self.names)
        words = json.dumps(sorted(self.names, key=lambda k: self.names[k])).encode()
        return {"counts": self.counts[:n], "time": self.time[:n], "names": np.frombuffer(words, np.uint8)}

    def load(self, states: Arrays) -> None:
        self.counts, self.time = states["counts"].copy(), states["time"].copy()
        self.names = {name: row for row, name in enumerate(json.loads(states["names"].tobytes()))}
