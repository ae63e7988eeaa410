"""Speed of learning, of the fold of a log and of answering, in process, on one core: medians of five rounds.

python benchmarks/speed.py [demo | ml-100k | ...]

Processor time is given beside wall time, which other work on the machine makes longer. What the peers take
(`results/peers-speed.json`) is repeated beside it, if it was measured.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from bench import HERE, data_set, keep

from penchant import Engine, Event, Item
from penchant.data import open_dataset
from penchant.interest.replay import catch_up, restore
from penchant.records import Entry

ROUNDS = 5
BEFORE = 5000  # events learned before anything is timed
EACH = 2000  # events a round
ASKED = 40  # answers a round


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall time and of processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def rates(name: str, took: Sequence[tuple[float, float]], count: int) -> dict[str, Any]:
    """Medians, as events a second by either clock, and µs of processor time an event."""
    wall, processor = (statistics.median(part) for part in zip(*took, strict=True))
    return {
        f"{name}, events a second": round(count / wall),
        f"{name}, events a second of processor time": round(count / processor),
        f"{name}, µs of processor time an event": round(processor / count * 1e6, 1),
    }


def parts(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """The rounds' events."""
    for k in range(ROUNDS):
        yield events[BEFORE + k * EACH : BEFORE + (k + 1) * EACH]


def in_memory(items: Sequence[Item], events: Sequence[Event]) -> dict[str, Any]:
    """Learning one by one with the vectors at hand, and answering."""
    figures: dict[str, Any] = {}
    with Engine.open(":memory:", "movies") as engine:
        engine.add_items(items)
        engine.observe_many(events[:BEFORE])
        took: list[tuple[float, float]] = []
        for part in parts(events):
            entries = [
                Entry(
                    engine.version + 1 + k, "event", e.time or 0.0, {"kind": e.kind, "value": e.value},
                    f"{len(took)}/{k}", e.user, e.item,
                )
                for k, e in enumerate(part)
            ]  # fmt: skip
            took.append(timed(lambda entries=entries: [engine.model.apply(entry) for entry in entries]))
        figures |= rates("learned in memory, one by one", took, EACH)
        users = sorted({e.user for e in events[:BEFORE]})
        for label, request in (("no request", None), ("with a request", "a dark crime story, not too old")):
            engine.recommend(users[0], 10, request)
            asked = [
                timed(
                    lambda k=k, request=request: engine.recommend(
                        users[k % len(users)], 10, request and f"{request} {k}"
                    )
                )
                for k in range(ROUNDS * ASKED)
            ]
            for clock, column in (("ms", 0), ("ms of processor time", 1)):
                values = [a[column] * 1000 for a in asked]
                figures[f"recommend 10 of {len(items):,}, {label}: p50, p99 {clock}"] = [
                    round(float(np.percentile(values, p)), 2) for p in (50, 99)
                ]
        figures["bytes a user"] = engine.model.world.memory.bytes_per_user()
    return figures


def on_disk(items: Sequence[Item], events: Sequence[Event]) -> dict[str, Any]:
    """Durable learning, one by one and in groups, and the fold of what that wrote by a model of its own."""
    alone: list[tuple[float, float]] = []
    grouped: list[tuple[float, float]] = []
    folded: list[tuple[float, float]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Engine.open(
            Path(folder) / "c.db",
            "movies",
            settings={"snapshot_every": 1_000_000},  # else one is written meanwhile
        ) as engine,
    ):
        engine.add_items(items)
        engine.observe_many(events[:BEFORE])
        encoder = engine.encoder.id
        follower, _ = restore(engine.store, engine.settings, engine.model.vectors, encoder)
        few = EACH // 10
        for part in parts(events):
            alone.append(timed(lambda part=part: [engine.observe(event) for event in part[:few]]))
            catch_up(follower, engine.store, encoder)
            grouped.append(timed(lambda part=part: engine.observe_many(part[few:])))
            folded.append(timed(lambda: catch_up(follower, engine.store, encoder)))
    return {
        **rates("on disk, one by one", alone, few),
        **rates("on disk, in groups of 1,000", grouped, EACH - few),
        **rates("fold of a log (backfill)", folded, EACH - few),
    }


def main(name: str) -> None:
    dataset = open_dataset("demo" if name == "demo" else data_set(name))
    items, events = list(dataset.items), list(dataset.events)[: BEFORE + ROUNDS * EACH]
    figures = {"data": dataset.name, "items": len(items), **in_memory(items, events), **on_disk(items, events)}
    peers = HERE / "results" / "peers-speed.json"
    if peers.exists():
        figures["peers"] = json.loads(peers.read_text(encoding="utf-8"))["figures"]
    keep("speed" if name == "demo" else f"speed-{name}", figures)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "demo")
