"""The streaming protocol: first predict among all items, then learn; beside popularity and item-kNN.

python benchmarks/stream.py ml-100k [every]
python benchmarks/stream.py ml-1m 8
python benchmarks/stream.py demo 8
python benchmarks/stream.py ml-1m 8 0.8            with the evidence `sequence`, trained once 80 % are learned
"""

from __future__ import annotations

import sys

from bench import data_set, keep

from penchant import Engine
from penchant.data import open_dataset
from penchant.evaluate import ItemKNN, Popularity, prequential


def main(name: str, every: int, train: list[float]) -> None:
    dataset = open_dataset("demo" if name == "demo" else data_set(name))
    with Engine.open(":memory:", "movies") as engine:
        engine.add_items(dataset.items)
        count = len(engine.model.world.catalogue)
        peers = [Popularity(count), ItemKNN(count), ItemKNN(count, None)]
        report = prequential(engine, list(dataset.events), peers, every=every, train=train, name=dataset.name)
        alpha = [round(float(a), 4) for a in engine.model.blend.alpha()]
        weights = {
            e.name: round(float(w), 3) for e, w in zip(engine.model.evidences, engine.model.blend.w, strict=True)
        }
    label = f"stream-{name}-sequence" if train else f"stream-{name}"
    keep(label, {**report.to_dict(), "every": every, "train": train, "alpha": alpha, "weights": weights})


if __name__ == "__main__":
    given = [*sys.argv[1:], *("demo", "1")[len(sys.argv) - 1 :]]
    main(given[0], int(given[1]), [float(share) for share in given[2:]])
