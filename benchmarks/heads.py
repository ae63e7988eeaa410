"""Do the heads foresee the next item's category and dimension? Beside the majority and the user's own counts.

    python benchmarks/heads.py ml-1m 8
    python benchmarks/heads.py ml-1m 8 300000      of the stream's first 300,000 events
    python benchmarks/heads.py amazon-beauty 4
    python benchmarks/heads.py ml-100k
    python benchmarks/heads.py ml-100k --window 0.6 0.8 --set '{"model": {"history_length": 0.5}}'    for choosing

Every so manieth event of the last 20 % of a stream is foreseen, then learned. Accuracy: the share of events whose item
is in the node held most likely. Log loss: of the node's probability, mean over the item's nodes; lower
is better. The user's counts are smoothed by the population's (5 events' worth), which
makes them a stronger rival than raw ones; where a user has done nothing they are the population's.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from bench import data_set, keep

from penchant import Engine
from penchant.data import open_dataset
from penchant.data.leave_one_out import read_leave_one_out
from penchant.interest.asker import Asker
from penchant.records import Event

Floats = npt.NDArray[np.float64]
WINDOW = (0.8, 1.0)
SMOOTH = 5.0


def guesses(asker: Asker, parents: npt.NDArray[np.int32]) -> dict[str, tuple[Floats, Floats]]:
    """(p of each category, p of each dimension) by who guesses; dimensions of all categories sum to 1."""
    p_c, p_d = asker.population
    whole, within = float(asker.pro_c.sum()), np.bincount(parents, asker.pro_d, len(p_c))
    c = (asker.pro_c + SMOOTH * p_c) / (whole + SMOOTH)
    d = (asker.pro_d + SMOOTH * p_d) / (within + SMOOTH)[parents]
    pairs = {
        "majority": (p_c, p_d),
        "own counts": (c, d),
        "heads": (asker.M_C, asker.M_D),
        "heads with counts": (asker.share_c, asker.share_d),
    }
    return {name: (of_c, of_c[parents] * of_d) for name, (of_c, of_d) in pairs.items()}


def score(found: dict[str, dict[str, list[float]]], name: str, level: str, p: Floats, true: Sequence[int]) -> None:
    """Note whether the likeliest node is a true one, and the mean log loss of the true ones."""
    of = found.setdefault(name, {})
    of.setdefault(f"{level} accuracy", []).append(float(int(np.argmax(p)) in true))
    of.setdefault(f"{level} log loss", []).append(float(-np.log(np.maximum(p[list(true)], 1e-9)).mean()))


def main() -> None:
    read = argparse.ArgumentParser()
    read.add_argument("name", nargs="?", default="ml-100k")
    read.add_argument("every", nargs="?", type=int, default=1)
    read.add_argument("most", nargs="?", type=int, help="of the stream's events")
    read.add_argument("--window", nargs=2, type=float, default=WINDOW, help="shares of the events that are foreseen")
    read.add_argument("--set", default="{}", help="JSON over the settings; with it or a window nothing is kept")
    given = read.parse_args()
    name, every = given.name, given.every
    folder = data_set(name)
    beauty = name == "amazon-beauty"
    dataset = read_leave_one_out(folder) if beauty else open_dataset(folder)
    events: list[Event] = list(dataset.events)[: given.most]
    cut, end = (int(share * len(events)) for share in given.window)
    started = time.perf_counter()
    found: dict[str, dict[str, list[float]]] = {}
    # the heads don't read the evidences, so one is enough
    settings = {"evidence": ["popular"], **json.loads(given.set)}
    with Engine.open(":memory:", "shop" if beauty else "movies", settings=settings) as engine:
        engine.add_items(dataset.items)
        engine.observe_many(events[:cut])
        model = engine.model
        catalogue, taxonomy = model.world.catalogue, model.world.taxonomy
        parents = np.asarray(taxonomy.category_of[: len(taxonomy.dimensions)])
        for first in range(cut, end, every):
            event = events[first]
            row = catalogue.rows.get(event.item)
            if row is not None:
                place = catalogue.place(row)
                asker = model.asker(model.user(event.user), event.time or 0.0)
                for who, (p_c, p_d) in guesses(asker, parents).items():
                    score(found, who, "category", p_c, place.categories)
                    if place.dimensions:
                        score(found, who, "dimension", p_d, place.dimensions)
            engine.observe_many(events[first : first + every])
    some = next(iter(found.values()))
    figures: dict[str, Any] = {
        "events": len(events),
        "measured": len(some["category accuracy"]),
        "categories": len(taxonomy.categories),
        "dimensions": len(taxonomy.dimensions),
        "seconds": round(time.perf_counter() - started),
        **{who: {m: round(float(np.mean(v)), 4) for m, v in of.items()} for who, of in found.items()},
    }
    if tuple(given.window) == WINDOW and given.set == "{}":
        keep(f"heads-{name}", figures)
    else:
        print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
