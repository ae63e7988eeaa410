"""Cold start: NDCG@10 at a user's 1st to 20th event, beside every peer that ran on the same task.

python benchmarks/peers.py ml-100k          first: the task and the peers' ranks, in benchmarks/ranks/
python benchmarks/cold_start.py ml-100k
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from bench import HERE, PICTURES, data_set, keep

from penchant import Engine
from penchant.data import open_dataset
from penchant.evaluate.exchange import Ranks, Task
from penchant.evaluate.protocols import in_order, plan
from penchant.evaluate.run import measure
from penchant.metrics import ndcg

EVENTS = 20
SHOWN = 7  # peers that get a colour in the picture: the highest anywhere, one of a family


def at_each_event(ranks: npt.ArrayLike, age: npt.NDArray[np.int64]) -> list[float]:
    """NDCG@10 of those predictions that were a user's 1st, 2nd, ... 20th event."""
    values = np.asarray(ranks, np.float64)
    return [round(ndcg(values[age == k]), 4) for k in range(1, EVENTS + 1)]


def plot(lines: dict[str, list[float]], path: Path) -> None:
    """One line a method; the highest of the peers by name, the others grey."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(8, 4), layout="constrained")
    x = range(1, EVENTS + 1)
    peers = sorted((name for name in lines if name != "penchant"), key=lambda name: -sum(lines[name]))
    families = {name.split(" (")[0].split(",")[0]: name for name in reversed(peers)}  # the best of each
    named = sorted(families.values(), key=lambda name: -max(lines[name]))[:SHOWN]
    for name in peers:
        look = {"label": name} if name in named else {"color": "0.85", "zorder": 0}
        axis.plot(x, lines[name], linewidth=1, **look)
    axis.plot(x, lines["penchant"], color="black", linewidth=2.5, label="penchant")
    axis.set(xlabel="a user's event", ylabel="NDCG@10", xticks=[1, 5, 10, 15, 20], ylim=(0, None))
    figure.legend(loc="outside right upper", fontsize=8)
    axis.grid(alpha=0.3)
    figure.savefig(path)


def main(name: str, every: int) -> None:
    """Measure, tell where a peer is ahead, draw."""
    folder = HERE / "ranks" / name
    if not (folder / "task.npz").exists():
        sys.exit(f"there are no peers' ranks in {folder}: run `python benchmarks/peers.py {name}` first")
    task = Task.read(folder / "task.npz")
    peers = [Ranks.read(path, task) for path in sorted(folder.glob("*-*.npz"))]
    dataset = open_dataset("demo" if name == "demo" else data_set(name))
    with Engine.open(":memory:", "movies") as engine:
        engine.add_items(dataset.items)
        report = measure(
            engine, plan(engine, in_order(dataset.events), every=every, name=name), levels=False, beside=peers
        )
    age = np.array(report.ages)
    lines = {method: at_each_event(ranks, age) for method, ranks in report.ranks.items()}
    ours = lines["penchant"]
    behind = {
        method: [k + 1 for k, (theirs, mine) in enumerate(zip(line, ours, strict=True)) if theirs > mine]
        for method, line in lines.items()
    }
    behind = {method: events for method, events in behind.items() if events}
    counts = [int((age == k).sum()) for k in range(1, EVENTS + 1)]
    whole = {method: round(ndcg(ranks), 4) for method, ranks in report.ranks.items()}
    keep(f"cold-start-{name}", {"predictions": counts, "lines": lines, "ahead of penchant": behind, "whole": whole})
    if name == "ml-100k":  # the one that the pages show
        plot(lines, PICTURES / "cold-start.svg")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "ml-100k", int(sys.argv[2]) if len(sys.argv) > 2 else 1)
