"""Drift in an engine: people's taste is changed in the middle of a stream; with and without `learn.drift`.

    python benchmarks/drift.py [every] [--settings '{"boost": 10}']

MovieLens 100k in time order. The changes are made ones, at 70 % of the stream, for of a real one nobody knows the day:

- taste: an event's film is another one. The films of Drama and of Action that stand in one of both are ordered by how
  often they are had, and the k-th drama changes place with the k-th action film: who would have had one has the other.
- labels: Drama and Action change their names: every film of the one is filed under the other.

Beside them the stream as it is, in which whatever is noticed is a false alarm, or a real change of its own.

In the 10,000 events after the change: whether M_C and M_D foresee the category and dimension of each (as in
`heads.py`), and NDCG@10 of every so manieth, ranked among all films that the user has not had.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from bench import data_set, keep
from heads import score

from penchant import Engine
from penchant.data import open_dataset
from penchant.evaluate.prequential import position
from penchant.metrics import ndcg
from penchant.records import Event, Item

CHANGE = 0.7
STREAMS = ("taste", "labels", "as it is")
PARTS = {"the first 2,000 events after": (0, 2_000), "the next 8,000": (2_000, 10_000)}


def swapped(events: Sequence[Event], genres: dict[str, set[str]]) -> dict[str, str]:
    """What changes place with what: by rank among how often films are had, of dramas and of action films."""
    often: dict[str, int] = defaultdict(int)
    for event in events:
        often[event.item] += 1
    dramas, action = (
        sorted((i for i, of in genres.items() if one in of and other not in of), key=lambda i: (-often[i], i))
        for one, other in (("Drama", "Action"), ("Action", "Drama"))
    )
    pairs = list(zip(dramas, action, strict=False))
    return dict(pairs) | {b: a for a, b in pairs}


def renamed(items: Sequence[Item]) -> list[Item]:
    """The films of either genre, filed under the other."""
    other = {"Drama": "Action", "Action": "Drama"}
    return [
        item.model_copy(update={"paths": tuple((other.get(path[0], path[0]), *path[1:]) for path in item.paths)})
        for item in items
        if {path[0] for path in item.paths} & set(other)
    ]


def begin(path: Path, items: Sequence[Item], events: Sequence[Event], watching: dict[str, Any], ranked: bool) -> None:
    """A catalogue that has learned what came before the change."""
    settings = {"learn": watching} | ({} if ranked else {"evidence": ["popular"]})  # without rankings heads are enough
    with Engine.open(path, "movies", settings) as engine:
        engine.add_items(items)
        engine.observe_many(events)


def follow(
    path: Path, before: Sequence[Event], after: Sequence[Event], again: Sequence[Item], every: int
) -> dict[str, Any]:
    """Figures of what comes after, when these items have been added again."""
    found: list[dict[str, dict[str, list[float]]]] = [{} for _ in PARTS]
    ranks: list[list[float]] = [[] for _ in PARTS]
    with Engine.open(path) as engine:
        engine.add_items(again)
        model, cut = engine.model, len(before)
        taxonomy, catalogue = model.world.taxonomy, model.world.catalogue
        parents = np.asarray(taxonomy.category_of[: len(taxonomy.dimensions)])
        had: dict[str, list[int]] = defaultdict(list)
        for event in before:
            had[event.user].append(catalogue.rows.get(event.item) or 0)
        for k, event in enumerate(after):
            part = next(n for n, (low, high) in enumerate(PARTS.values()) if low <= k < high)
            row = catalogue.rows.get(event.item)
            assert row is not None
            place = catalogue.place(row)
            asker = model.asker(model.user(event.user), event.time or 0.0)
            if asker.known:
                score(found[part], "heads", "category", asker.M_C, place.categories)
                if place.dimensions:
                    p_d = asker.M_C[parents] * asker.M_D
                    score(found[part], "heads", "dimension", p_d, place.dimensions)
            if every and k % every == 0 and row not in had[event.user]:
                ranks[part].append(position(engine, event, had[event.user]))
            engine.observe(event)
            had[event.user].append(row)
        drifts = engine.overview().drifts or ()
    told: dict[str, Any] = {
        name: {of: round(float(np.mean(v)), 4) for of, v in found[n]["heads"].items()}
        | ({"ndcg@10": round(ndcg(ranks[n]), 4), "rankings": len(ranks[n])} if every else {})
        for n, name in enumerate(PARTS)
    }
    more = [one for one in drifts if one.after > one.before]
    return told | {
        "noticed, more errors, before": sum(one.learned <= cut for one in more),
        "noticed, more errors, after": [f"{one.category}: {one.learned - cut}" for one in more if one.learned > cut],
        "noticed, fewer errors": len(drifts) - len(more),
    }


def main() -> None:
    read = argparse.ArgumentParser()
    read.add_argument("every", nargs="?", type=int, default=8, help="0: no rankings")
    read.add_argument("--settings", default="{}", help="JSON over learn.*, for choosing; with it nothing is kept")
    read.add_argument("--streams", nargs="*", choices=STREAMS, default=STREAMS)
    read.add_argument("--ways", nargs="*", choices=["off", "on"], default=["off", "on"])
    given = read.parse_args()
    dataset = open_dataset(data_set("ml-100k"))
    items, events = list(dataset.items), list(dataset.events)
    changes = swapped(events, {item.id: {path[0] for path in item.paths} for item in items})
    cut = int(CHANGE * len(events))
    events = events[: cut + 10_000]
    later = [e.model_copy(update={"item": changes.get(e.item, e.item)}) for e in events[cut:]]
    touched = sum(e.item in changes for e in events[cut:])
    told = dict[str, Any](events=len(events), touched=touched, every=given.every)
    with TemporaryDirectory() as folder:
        for way in given.ways:
            learned, copy = Path(folder) / f"{way}.db", Path(folder) / "copy.db"
            watching = {"drift": way == "on", **json.loads(given.settings)}
            begin(learned, items, events[:cut], watching, given.every > 0)
            for name in given.streams:
                shutil.copy(learned, copy)
                after, again = later if name == "taste" else events[cut:], renamed(items) if name == "labels" else []
                told[f"{name}, drift {way}"] = follow(copy, events[:cut], after, again, given.every)
                print(name, way, told[f"{name}, drift {way}"], flush=True)
    if given.settings == "{}" and given.every:
        keep("drift", told)


if __name__ == "__main__":
    main()
