"""Context: what people engage with at this hour, on this weekday, on this device, ... against what they do overall."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from penchant.interest.arrays import F64, I32, Arrays, room
from penchant.interest.asker import Asker, mean_lift
from penchant.interest.evidence.base import Evidence, Moment, Reason
from penchant.interest.world import World

KEYS = 512  # contexts kept; the least used leaves first
PRIOR = 200.0


def contexts(at: float, context: Mapping[str, str]) -> list[str]:
    """Names of the contexts that hold: six parts of the day, the weekday, and each given field.

    >>> contexts(0.0, {"device": "tv"})
    ['hour=00-03', 'weekday=Thu', 'device=tv']
    """
    if not np.isfinite(at):
        return [f"{name}={value}" for name, value in sorted(context.items())]
    when = datetime.fromtimestamp(at, UTC)
    first = when.hour // 4 * 4
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[when.weekday()]
    fields = [f"{name}={value}" for name, value in sorted(context.items())]
    return [f"hour={first:02d}-{first + 3:02d}", f"weekday={day}", *fields]


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
        catalogue = self.world.catalogue
        nodes = catalogue.categories[moment.item]
        nodes = nodes[nodes >= 0]
        width = len(self.world.taxonomy.categories)
        if self.counts.shape[1] < width:
            wider = np.zeros((len(self.counts), width))
            wider[:, : self.counts.shape[1]] = self.counts
            self.counts = wider
        for name in contexts(moment.time, moment.asker.context):
            row = self._row(name)
            gap, weight = moment.time - self.time[row], moment.gain
            if gap >= 0:
                if np.isfinite(gap):
                    self.counts[row] *= 2.0 ** (-gap / self.half_life)
                self.time[row] = moment.time
            else:
                weight *= 2.0 ** (gap / self.half_life)
            self.counts[row, nodes] += weight / max(len(nodes), 1)

    def _row(self, name: str) -> int:
        row = self.names.get(name)
        if row is None:
            if len(self.names) < KEYS:
                row = len(self.names)
            else:
                row = int(np.argmin(self.counts[:KEYS].sum(1)))
                self.names = {known: r for known, r in self.names.items() if r != row}
            self.counts, self.time = room(self.counts, row + 1), room(self.time, row + 1, -np.inf)
            self.names[name], self.counts[row], self.time[row] = row, 0.0, -np.inf
        return row

    def _lift(self, name: str, p_c: F64) -> F64:
        row = self.names.get(name)
        lift = np.zeros(len(p_c))
        if row is not None:
            counts = self.counts[row]
            n = min(len(counts), len(p_c))
            lift[:n] = np.log((counts[:n] + PRIOR * p_c[:n]) / (counts.sum() + PRIOR) / p_c[:n])
        return lift

    def values(self, asker: Asker, rows: I32) -> F64:
        names = contexts(asker.at, asker.context)
        p_c = asker.population[0]
        if not len(p_c) or not names:
            return np.zeros(len(rows))
        lift = sum((self._lift(name, p_c) for name in names), np.zeros(len(p_c))) / len(names)
        return mean_lift(self.world.catalogue.categories, lift, rows)

    def reason(self, asker: Asker, row: int) -> Reason:
        """Names the context that speaks loudest."""
        names, p_c = contexts(asker.at, asker.context), asker.population[0]
        if not len(p_c) or not names:
            return Reason(self.name, {"name": "", "value": ""})
        rows, categories = np.array([row], np.int32), self.world.catalogue.categories
        loudest = max(names, key=lambda n: abs(float(mean_lift(categories, self._lift(n, p_c), rows)[0])))
        name, _, value = loudest.partition("=")
        return Reason(self.name, {"name": name, "value": value})

    def states(self, items: int) -> Arrays:
        n = len(self.names)
        words = "\x1f".join(sorted(self.names, key=lambda k: self.names[k])).encode()
        return {"counts": self.counts[:n], "time": self.time[:n], "names": np.frombuffer(words, np.uint8)}

    def load(self, states: Arrays) -> None:
        self.counts, self.time = states["counts"].copy(), states["time"].copy()
        words = states["names"].tobytes().decode()
        self.names = {name: row for row, name in enumerate(words.split("\x1f"))} if words else {}
