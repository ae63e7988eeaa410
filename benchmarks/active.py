"""CLINC150: labels that are asked for against labels drawn at random, in accuracy on the test part.

    python benchmarks/active.py [--seeds 0 1 2 3 4]

The pool is the training part without its labels, its 15,000 texts known. Both begin with the names of the intents and
none of the labels; 150 are taken at a time, up to 900 that were asked for, beside 900 and 1,500 drawn at random. Both
learn from meaning alone (`spelling` 0), which is quicker and the same for both.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from bench import keep
from texts import Clinc, KeptEncoder

from penchant.interest.arrays import F64, I32
from penchant.interest.labels import LabelModel, LabelSettings
from penchant.interest.labels.active import density, propose

STEP, ASKED, DRAWN = 150, 900, (900, 1500)


def main() -> None:
    read = argparse.ArgumentParser()
    read.add_argument("--seeds", nargs="*", type=int, default=(0, 1, 2, 3, 4))
    read.add_argument("--part", default="test", choices=["val", "test"])
    read.add_argument("--beta", type=float, default=1.0)
    given = read.parse_args()
    data, encoder = Clinc(), KeptEncoder("default")
    model = LabelModel(encoder, data.nodes, LabelSettings(spelling=0, steps=15_000, most=10))
    names = [node.words for node in data.nodes]
    rows = model.fit([*names, *data.texts("train")])
    named, pool = rows[: len(names)], rows[len(names) :]
    leaves, test = model.rows_of(data.parts["train"]), model.read(data.texts(given.part))
    right = model.rows_of(data.parts[given.part])
    near: F64 = density(pool)

    def learned(taken: I32) -> float:
        model.learn_rows(pool[taken], leaves[taken], names=named)
        return float((model.probabilities(test).argmax(1) == right).mean())

    asked: dict[int, list[float]] = {n: [] for n in range(STEP, ASKED + 1, STEP)}
    drawn: dict[int, list[float]] = {n: [] for n in DRAWN}
    for seed in given.seeds:
        order = np.random.default_rng(seed).permutation(len(pool)).astype(np.int32)
        for n in DRAWN:
            drawn[n].append(learned(order[:n]))
        # the seed hides a tenth of the pool, so that five runs differ
        left = np.sort(order[: len(pool) * 9 // 10])
        taken = np.zeros(0, np.int32)
        model.learn_rows(pool[taken], leaves[taken], names=named)
        for n in asked:
            chosen = propose(model.probabilities(pool[left]), pool[left], near[left], STEP, beta=given.beta)
            taken, left = np.concatenate([taken, left[chosen]]), np.delete(left, chosen)
            asked[n].append(learned(taken))
        print(seed, {n: f[-1] for n, f in asked.items()}, {n: f[-1] for n, f in drawn.items()}, flush=True)
    told: dict[str, Any] = {
        "asked for": {str(n): round(float(np.mean(found)), 4) for n, found in asked.items()},
        "drawn at random": {str(n): round(float(np.mean(found)), 4) for n, found in drawn.items()},
        "900 asked for, each seed": [round(one, 4) for one in asked[ASKED]],
        "1500 drawn, each seed": [round(one, 4) for one in drawn[1500]],
    }
    if given.part == "test":
        keep("active", told)


if __name__ == "__main__":
    main()
