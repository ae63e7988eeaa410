"""Speed of learning and of answering, in process, on one core: medians of five rounds.

python benchmarks/speed.py
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from bench import keep

from penchant import Engine
from penchant.data import open_dataset
from penchant.records import Entry

ROUNDS = 5


def main() -> None:
    dataset = open_dataset("demo")
    films, events = list(dataset.items), list(dataset.events)[:20_000]
    figures: dict[str, Any] = {}
    with Engine.open(":memory:", "movies") as engine:
        engine.add_items(films)
        engine.observe_many(events[:5000])
        bodies = [
            Entry(
                engine.version + 1 + k,
                "event",
                e.time or 0.0,
                {"kind": e.kind, "value": e.value},
                f"x{k}",
                e.user,
                e.item,
            )
            for k, e in enumerate(events[5000:15_000])
        ]
        rates: list[float] = []
        for first in range(0, len(bodies), len(bodies) // ROUNDS):
            part = bodies[first : first + len(bodies) // ROUNDS]
            started = time.perf_counter()
            for entry in part:
                engine.model.apply(entry)
            rates.append(len(part) / (time.perf_counter() - started))
        figures["events learned a second, in memory, vectors at hand, one by one"] = round(statistics.median(rates))
        users = sorted({e.user for e in events[:15_000]})
        for label, request in (("no request", None), ("with a request", "a dark crime story, not too old")):
            engine.recommend(users[0], 10, request)
            took: list[float] = []
            for k in range(200):
                started = time.perf_counter()
                engine.recommend(users[k % len(users)], 10, request and f"{request} {k}")
                took.append((time.perf_counter() - started) * 1000)
            figures[f"recommend 10 of {len(films):,}, {label}: p50, p99 ms"] = [
                round(float(np.percentile(took, p)), 1) for p in (50, 99)
            ]
        memory = engine.model.world.memory
        figures["bytes a user"] = memory.bytes_per_user()
    with tempfile.TemporaryDirectory() as folder, Engine.open(Path(folder) / "c.db", "movies") as engine:
        engine.add_items(films)
        started = time.perf_counter()
        for event in events[:1000]:
            engine.observe(event)
        figures["events a second on disk, one by one"] = round(1000 / (time.perf_counter() - started))
        started = time.perf_counter()
        engine.observe_many(events[1000:6000])
        figures["events a second on disk, in groups of 1,000"] = round(5000 / (time.perf_counter() - started))
    keep("speed", figures)


if __name__ == "__main__":
    main()
