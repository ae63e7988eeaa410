"""What keeps the engine's own heads: a text learned again with each event, events of a reservoir, a shorter history.

    python benchmarks/rehearsal.py       told on every event of the window
    python benchmarks/rehearsal.py 4     on every fourth

MovieLens 100k goes through an engine once; heads that are copies of its own after the warm start take the same steps on
the same histories, each lot in its way. Between 60 and 80 % of the stream each event's category and dimension are
foreseen before it is learned: accuracy and log loss as in `heads.py`. At the end each genre is asked for by its name in
four phrases: the share of them whose genre is held most likely.
"""

from __future__ import annotations

import copy
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from bench import data_set, keep
from heads import score

from penchant import Engine
from penchant.data import open_dataset
from penchant.interest.arrays import F32
from penchant.interest.continual.reservoir import Reservoir
from penchant.interest.heads import Heads
from penchant.language.nodes import PHRASES

WINDOW = (0.6, 0.8)
SHORT = 0.35  # of a history, beside the 1 of a text
KEPT = 300  # events of a category


@dataclass
class Way:
    """How one lot of heads is taught.

    Attributes:
        length: of a history. texts: whether a text of the catalogue is learned again with each event.
        again: events of the reservoir that are learned again with each; balanced: of every category as often.
    """

    length: float
    texts: bool = True
    again: int = 0
    balanced: bool = True
    heads: Any = None
    reservoir: Any = None
    found: dict[str, dict[str, list[float]]] = field(default_factory=dict[str, dict[str, list[float]]])


WAYS = {
    "a text again": lambda: Way(1.0),
    "a text again, the history at 0.35": lambda: Way(SHORT),
    "and one event of a balanced reservoir": lambda: Way(SHORT, again=1),
    "a text again, and one of the balanced reservoir": lambda: Way(1.0, again=1),
    "and two": lambda: Way(1.0, again=2),
    "and one drawn as often as its category comes": lambda: Way(1.0, again=1, balanced=False),
    "no text again": lambda: Way(1.0, texts=False),
}


class Lots:
    """Stands where the engine's heads learn, and teaches the others beside them."""

    def __init__(self, heads: Heads, ways: dict[str, Way]) -> None:
        self.own, self.ways = heads.observe, ways
        for way in ways.values():
            way.heads = copy.deepcopy(heads)

    def __call__(
        self, taxonomy: Any, categories: Any, dimensions: Any, vectors: Any, x: F32, item: int, again: int,
        weight: float, eta_c: float, eta_d: float, key: int, rate: float = 1.0,
    ) -> None:  # fmt: skip
        """As `Heads.observe`."""
        places = taxonomy, categories, dimensions, vectors
        self.own(*places, x, item, again, weight, eta_c, eta_d, key, rate)
        for way in self.ways.values():
            own = np.asarray(way.length * x, np.float32)
            way.heads.observe(*places, own, item, again if way.texts else -1, weight, eta_c, eta_d, key)
            if not way.again or weight <= 0:
                continue
            if way.reservoir is None:
                # unbalanced: one lot for all categories, large enough to hold every event of the stream
                kept = KEPT if way.balanced else 100_000
                way.reservoir = Reservoir(len(x), kept=kept, seed=7)
            for k, (old, _, row) in enumerate(way.reservoir.take(key, way.again)):
                way.heads.observe(*places, old, row, -1, weight, eta_c, eta_d, key + 2 + k)
            for category in categories[item][categories[item] >= 0] if way.balanced else [0]:
                way.reservoir.add(own, int(category), item)


def main(every: int) -> None:
    """One pass through the stream."""
    dataset = open_dataset(data_set("ml-100k"))
    events = list(dataset.events)
    first, last = (int(share * len(events)) for share in WINDOW)
    ways = {name: make() for name, make in WAYS.items()}
    most: dict[str, dict[str, list[float]]] = {}
    # the heads don't read the evidences, so one is enough
    with Engine.open(":memory:", "movies", {"evidence": ["popular"], "model": {"history_length": 1.0}}) as engine:
        engine.add_items(dataset.items)
        model = engine.model
        world = model.world
        world.heads.observe = Lots(world.heads, ways)  # type: ignore[method-assign]
        engine.observe_many(events[:first])
        parents = np.asarray(world.taxonomy.category_of[: len(world.taxonomy.dimensions)])
        for at in range(first, last, every):
            event = events[at]
            row = world.catalogue.rows.get(event.item)
            if row is not None:
                place, asker = world.catalogue.place(row), model.asker(model.user(event.user), event.time or 0.0)
                for way in ways.values():
                    x = np.asarray(way.length * asker.x, np.float32)
                    told(way.found, way.heads.M_C(world.taxonomy, x), way.heads.M_D(world.taxonomy, x), parents, place)
                told(most, *asker.population, parents, place)
            engine.observe_many(events[at : at + every])
        names = [str(name) for name in world.taxonomy.categories.ids]
        phrases = [phrase.format(name=name.casefold(), noun="film") for name in names for phrase in PHRASES]
        assert model.space is not None
        asked = model.space.project(engine.encoder.encode(phrases))
        figures: dict[str, Any] = {"measured": len(most["all"]["category accuracy"]), "genres asked for": len(phrases)}
        for name, found in [*((name, way.found) for name, way in ways.items()), ("the majority", most)]:
            figures[name] = {what: round(float(np.mean(of)), 4) for what, of in found["all"].items()}
            if name in ways:
                right = [int(np.argmax(ways[name].heads.M_C(world.taxonomy, x))) == k // 4 for k, x in enumerate(asked)]
                figures[name]["asked for by name"] = round(float(np.mean(right)), 4)
    keep("rehearsal", figures)


def told(found: dict[str, Any], p_c: Any, p_d: Any, parents: Any, place: Any) -> None:
    """Note how well an item's nodes were foreseen."""
    score(found, "all", "category", p_c, place.categories)
    if place.dimensions:
        score(found, "all", "dimension", p_c[parents] * p_d, place.dimensions)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
