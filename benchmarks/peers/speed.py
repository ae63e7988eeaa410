"""Speed of what peers do online, in the peers' environment: processor seconds of one thread, medians of five runs.

python speed.py TASK

- iALS: folding one user in (their vector from a history of 100 items) and scoring all items.
- River: BiasedMF.learn_one, an event and no negatives; and rank() of all items for one user.
- VW: learn() of an event as one example, text to step; and of the event as the benchmark learns it, with its negatives.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

import ials
import numpy as np
import river_reco
import vw
from task import Task, matrix_of

RUNS = 5


def median(work: Callable[[], int]) -> float:
    """Seconds for each of what the work says it did."""
    found: list[float] = []
    for _ in range(RUNS):
        begun = time.process_time()
        count = work()
        found.append((time.process_time() - begun) / count)
    return statistics.median(found)


def main(path: str) -> dict[str, float]:
    task = Task.read(path)
    log = task.log.head(task.first)
    rng = np.random.default_rng(1)

    als = next(ials.train(log, {"factors": 64, "regularization": 10.0, "alpha": 1.0, "iterations": 5}))
    histories = [rng.choice(log.items, 100, replace=False) for _ in range(200)]

    def fold_in() -> int:
        for history in histories:
            factors = als.recalculate_user(np.zeros(1, np.int64), matrix_of([history], log.items))
            _ = factors @ als.item_factors.T
        return len(histories)

    settings = {"n_factors": 10, "rate": 0.05, "negatives": 0, "l2": 0.0}
    river = next(river_reco.train(log.head(1), settings)).mf
    pairs = list(zip(log.user[:20_000].tolist(), log.item[:20_000].tolist(), strict=True))

    def learn_one() -> int:
        for user, item in pairs:
            river.learn_one(user=user, item=item, y=True)
        return len(pairs)

    everything = set(range(log.items))

    def rank_all() -> int:
        for user, _ in pairs[:20]:
            river.rank(user, everything)
        return 20

    model = next(vw.train(log.head(1), {"negatives": 10, "window": 10, "decay": 0.9, "rate": 0.5}))
    sequences = [history[:10].tolist() for history in histories]

    def learn_example() -> int:
        for recent in sequences:
            model.vw.learn(f"1 {vw.example(model, recent, recent[0])}")
        return len(sequences)

    def learn_event() -> int:
        for recent in sequences:
            vw.learn(model, 0, np.array(recent), recent[0], 1.0)
        return len(sequences)

    return {
        "items": log.items,
        "iALS fold-in of a user and scores of all items, ms": round(1e3 * median(fold_in), 4),
        "River BiasedMF learn_one, a second": round(1.0 / median(learn_one)),
        "River BiasedMF rank of all items, ms": round(1e3 * median(rank_all), 2),
        "Vowpal Wabbit learn of one example of 11 features, a second": round(1.0 / median(learn_example)),
        "Vowpal Wabbit events a second, with 10 negatives": round(1.0 / median(learn_event)),
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
