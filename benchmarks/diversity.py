"""Which diversity is the default: what each costs in accuracy and buys in variety, on the demo's validation window.

    python benchmarks/diversity.py

NDCG@10 of the next film; similarity: mean cosine of the pairs in a list; divergence: Kullback-Leibler divergence of the
list's categories from the profile's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from bench import keep

from penchant import Engine
from penchant.data import open_dataset
from penchant.metrics import ndcg
from penchant.recommend.diversity import Diversity

EVERY = 10


def main() -> None:
    dataset = open_dataset("demo")
    events = list(dataset.events)
    first, last = int(len(events) * 0.6), int(len(events) * 0.8)
    choices = [("none", 0.0), ("mmr", 0.1), ("mmr", 0.3), ("calibrated", 0.1), ("calibrated", 0.3)]
    found: dict[str, dict[str, list[float]]] = {
        f"{m} {t}": {"ndcg": [], "similarity": [], "divergence": []} for m, t in choices
    }
    with Engine.open(":memory:", "movies") as engine:
        engine.add_items(dataset.items)
        engine.observe_many(events[:first])
        world = engine.model.world
        had: dict[str, list[int]] = {}
        for event in events[:first]:
            had.setdefault(event.user, []).append(world.catalogue.rows.add(event.item))
        live = world.catalogue.live()
        for k in range(first, last):
            event = events[k]
            item = world.catalogue.rows.add(event.item)
            if k % EVERY == 0:
                asker = engine.model.asker(engine.model.user(event.user), event.time or 0.0)
                score = engine.model.score(asker, live).score.copy()
                score[had.get(event.user, [])] = -np.inf
                pool = np.argsort(-score, kind="stable")[:200]
                places = np.zeros((200, len(world.taxonomy.categories)))
                for row, film in enumerate(pool):
                    own = world.catalogue.place(int(film)).categories
                    places[row, list(own)] = 1 / max(len(own), 1)
                spot = {int(film): row for row, film in enumerate(pool)}
                for method, trade in choices:
                    order = pool[
                        Diversity(method=method, trade=trade).order(  # type: ignore[arg-type]
                            score[pool],
                            10,
                            vectors=world.catalogue.vectors[pool],
                            membership=places,
                            target=asker.share_c,
                        )
                    ]
                    values = found[f"{method} {trade}"]
                    where = np.flatnonzero(order == item)
                    values["ndcg"].append(ndcg([float(where[0])]) if len(where) else 0.0)
                    x = world.catalogue.vectors[order]
                    values["similarity"].append(float((x @ x.T).sum() - 10) / 90)
                    q = 0.99 * places[[spot[int(film)] for film in order]].mean(0) + 0.01 * asker.share_c
                    p = np.maximum(asker.share_c, 1e-9)
                    values["divergence"].append(float(np.sum(p * np.log(p / np.maximum(q, 1e-9)))))
            engine.observe(event)
            had.setdefault(event.user, []).append(item)
    figures: dict[str, Any] = {
        name: {measure: round(float(np.mean(v)), 4) for measure, v in values.items()} for name, values in found.items()
    }
    keep("diversity", {"predictions": len(found["none 0.0"]["ndcg"]), **figures})


if __name__ == "__main__":
    main()
