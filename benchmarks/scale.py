"""How memory, learning and answering grow with the catalogue: synthetic items, users and events, in memory.

python benchmarks/scale.py                         10,000, 100,000 and 1,000,000 items, each in a process of its own
python benchmarks/scale.py 10000 100000            these sizes only

Items stand in 20 categories of 12 dimensions each and lie around the centre of their dimension; half of them come to
be engaged with, by Zipf's law. A user likes three dimensions and mostly stays in one for a while. Recall is the share
of the exact ten best of the whole catalogue that is also answered (without diversity). The request's encoding is not in
the figures: the encoder here is a table look-up.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from bench import PICTURES, keep

from penchant import Engine, Event, Item

CATEGORIES, DIMENSIONS, DIM = 20, 12, 128
SIZES = (10_000, 100_000, 1_000_000)
USERS_AN_ITEM = 0.2
EVENTS = 200_000
ASKED = 500
T0 = 1.7e9
Floats = npt.NDArray[np.float32]


class Centres:
    """An encoder of the texts "category dimension number": the centre of its dimension, and noise of its own."""

    id = "centres-128"
    dim = DIM

    def __init__(self) -> None:
        rng = np.random.default_rng(1)
        category = rng.standard_normal((CATEGORIES, 1, DIM))
        self.centres = (category + rng.standard_normal((CATEGORIES, DIMENSIONS, DIM))).astype(np.float32)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors [n, 128]."""
        rows = np.empty((len(texts), DIM), np.float32)
        for row, text in zip(rows, texts, strict=True):
            rng = np.random.Generator(
                np.random.SFC64(int(hashlib.blake2b(text.encode(), digest_size=7).hexdigest(), 16))
            )
            numbers = [int(word[1:]) for word in text.split() if word[1:].isdigit()]
            centre = self.centres[numbers[0], numbers[1]] if len(numbers) > 1 else 0.0
            row[:] = centre + rng.standard_normal(DIM, dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def node_of(k: int) -> tuple[int, int]:
    """Category and dimension of item k."""
    return k % CATEGORIES, (k // CATEGORIES) % DIMENSIONS


def items(count: int) -> Iterator[Item]:
    """`count` items."""
    for k in range(count):
        c, d = node_of(k)
        yield Item(id=f"i{k}", text=f"c{c} d{d} n{k}", paths=[[f"category {c}", f"dimension {d}"]], time=T0)


def events(count: int, users: int, number: int) -> Iterator[Event]:
    """Views in time order, of a catalogue of `count` items."""
    rng = np.random.default_rng(2)
    nodes = CATEGORIES * DIMENSIONS
    per_node = count // nodes
    tastes = rng.integers(nodes, size=(users, 3))
    who = (users * rng.random(number) ** 1.5).astype(int)
    taste = rng.choice(3, size=number, p=(0.6, 0.3, 0.1))
    rank = (per_node / 2 * rng.random(number) ** 3).astype(int)
    for k in range(number):
        yield Event(
            user=f"u{who[k]}", item=f"i{tastes[who[k], taste[k]] + nodes * rank[k]}", kind="view", time=T0 + 30.0 * k
        )


def resident() -> int:
    """Bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def percentiles(took: Sequence[float]) -> dict[str, float]:
    """p50 and p99 of milliseconds."""
    p50, p99 = np.percentile(took, [50, 99])
    return {"p50 ms": round(float(p50), 2), "p99 ms": round(float(p99), 2)}


def recall(engine: Engine, users: Sequence[str], had_of: Mapping[str, set[str]], n: int = 10) -> float:
    """Share of the exact ten best over everything that the answers hold, mean over the users."""
    model, found = engine.model, 0.0
    live = model.world.catalogue.live()
    for user in users:
        answer = engine.recommend(user, n, diversity="none", repeats=False)
        asker = model.asker(model.user(user), engine.now)
        rows = live[~np.isin(live, [model.world.catalogue.rows.get(item) for item in had_of[user]])]
        scores = model.score(asker, rows).score
        best = {model.world.catalogue.rows.ids[rows[k]] for k in np.argsort(-scores, kind="stable")[:n]}
        found += len(best & {r.item for r in answer}) / n
    return found / len(users)


def measure(count: int) -> dict[str, Any]:
    """All figures at one size."""
    users = int(count * USERS_AN_ITEM)
    figures: dict[str, Any] = {"items": count, "users": users, "events": EVENTS}
    gc.collect()
    before = resident()
    with Engine.open(":memory:", "shop", {"answers_kept": 0}, encoder=Centres()) as engine:
        started, begun = time.perf_counter(), time.process_time()
        engine.add_items(items(count))
        figures["items added a second"] = round(count / (time.perf_counter() - started))
        figures["items added a second of processor time"] = round(count / (time.process_time() - begun))
        gc.collect()
        figures["MiB with items"] = round((resident() - before) / 2**20)
        stream = list(events(count, users, EVENTS))
        started, begun = time.perf_counter(), time.process_time()
        for first in range(0, EVENTS, 1000):
            engine.observe_many(stream[first : first + 1000])
        figures["events learned a second"] = round(EVENTS / (time.perf_counter() - started))
        figures["events learned a second of processor time"] = round(EVENTS / (time.process_time() - begun))
        had_of: defaultdict[str, set[str]] = defaultdict(set)
        for event in stream:
            had_of[event.user].add(event.item)
        del stream
        gc.collect()
        figures["MiB with all"] = round((resident() - before) / 2**20)
        engine.prepare()
        known = engine.model.world.users.ids
        rng = np.random.default_rng(3)
        asked = [known[k] for k in rng.choice(len(known), ASKED, replace=False)]
        for label, request in (("recommend", None), ("recommend with a request", "c3 d5")):
            for user in asked[:20]:
                engine.recommend(user, 10, request)
            took: list[float] = []
            worked: list[float] = []
            for user in asked:
                started, begun = time.perf_counter(), time.thread_time()
                engine.recommend(user, 10, request)
                took.append((time.perf_counter() - started) * 1000)
                worked.append((time.thread_time() - begun) * 1000)
            figures[label] = percentiles(took)
            figures[f"{label}, processor time"] = percentiles(worked)
        few = asked[:50] if count <= 100_000 else asked[:20]
        figures["recall at 10"] = round(recall(engine, few, had_of), 3)
    return figures


def plot(sizes: Sequence[dict[str, Any]], path: Path) -> None:
    """Memory, learning and answering against the number of items, as a picture."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    x = [size["items"] for size in sizes]
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    axes[0].plot(x, [size["MiB with all"] for size in sizes], "o-")
    axes[0].set(title="memory, MiB", yscale="log")
    axes[1].plot(x, [size["events learned a second"] for size in sizes], "o-")
    axes[1].set(title="events learned a second")
    for label in ("recommend", "recommend with a request"):
        axes[2].plot(x, [size[label]["p50 ms"] for size in sizes], "o-", label=f"{label}, p50")
        axes[2].plot(x, [size[label]["p99 ms"] for size in sizes], "o--", label=f"{label}, p99")
    axes[2].set(title="recommend 10, ms")
    axes[2].legend(fontsize=7, loc="upper left")
    axes[1].set_ylim(0, 1.1 * axes[1].get_ylim()[1])
    axes[2].set_ylim(0, 1.4 * axes[2].get_ylim()[1])  # room for the legend
    for axis in axes:
        axis.set(xscale="log", xlabel="items")
        axis.grid(alpha=0.3)
    figure.savefig(path)


def main(sizes: Sequence[int]) -> None:
    """Each size in a process of its own, then the table and the picture."""
    figures: list[dict[str, Any]] = []
    for size in sizes:
        done = subprocess.run(
            [sys.executable, __file__, "--one", str(size)], stdout=subprocess.PIPE, text=True, check=True
        )
        figures.append(json.loads(done.stdout.splitlines()[-1]))
        print(figures[-1], flush=True)
    keep("scale", {"sizes": figures})
    plot(figures, PICTURES / "scale.svg")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main([int(size) for size in sys.argv[1:]] or SIZES)
