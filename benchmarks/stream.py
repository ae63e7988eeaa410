"""The streaming protocol: first predict among all items, then learn; beside popularity and item-kNN.

python benchmarks/stream.py ml-100k [every]
python benchmarks/stream.py ml-1m 8
python benchmarks/stream.py demo 8
"""

from __future__ import annotations

import sys

from bench import data_set, keep

from penchant import Engine
from penchant.data import open_dataset
from penchant.evaluate import ItemKNN, Popularity, prequential


def main(name: str, every: int) -> None:
    dataset = open_dataset("demo" if name == "demo" else data_set(name))
    with Engine.open(":memory:", "movies") as engine:
        engine.add_items(dataset.items)
        count = len(engine.model.world.catalogue)
        peers = [Popularity(count), ItemKNN(count), ItemKNN(count, None)]
        report = prequential(engine, list(dataset.events), peers, every=every, name=dataset.name)
        alpha = [round(float(a), 4) for a in engine.model.blend.alpha()]
        weights = {
            e.name: round(float(w), 3) for e, w in zip(engine.model.evidences, engine.model.blend.w, strict=True)
        }
    keep(f"stream-{name}", {**report.to_dict(), "every": every, "alpha": alpha, "weights": weights})


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "demo", int(sys.argv[2]) if len(sys.argv) > 2 else 1)
