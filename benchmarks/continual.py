"""CLINC150's ten domains arriving one after another: what is forgotten, with each part of continual learning or none.

    python benchmarks/continual.py [--part test] [--set '{"replays": 2}']

Every utterance comes once, domain after domain, in three orders of domains; after each domain all ten are told, among
the nodes that have come. "the heads alone" is their step on each utterance and nothing else. Settings were chosen on
the validation part (`--part val`), with which nothing is kept.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np
from bench import keep
from texts import Clinc, KeptEncoder

from penchant.interest.arrays import F32, F64
from penchant.interest.continual import ContinualHeads, ContinualSettings, learn_all, retention
from penchant.interest.space import Space
from penchant.interest.taxonomy import Taxonomy

SEEDS = (0, 1, 2)
WAYS: dict[str, dict[str, Any]] = {
    "the heads alone": {"replays": 0, "elastic": 0.0, "held": 0},
    "anchor": {"replays": 0, "elastic": 0.5, "held": 0},
    "replay": {"held": 0},
    "replay and guard": {},
    "replay, anchor and guard": {"elastic": 0.5},
}


def tell(learner: ContinualHeads, x: F32, right: list[tuple[str, str]]) -> F64:
    """[n] whether each node is told right; one that has not come is wrong."""
    tree, heads = learner.taxonomy, learner.heads
    n = len(tree.dimensions)
    if not n:
        return np.zeros(len(x))
    heads.grow(tree)
    parents = tree.category_of[:n]
    z = x @ (heads.W_C[parents] + heads.W_D[:n]).T + heads.b_C[parents] + heads.b_D[:n]
    names = [tree.path_of_dimension(row) for row in range(n)]
    return np.array([names[k] == node for k, node in zip(z.argmax(1), right, strict=True)], np.float64)


def one(
    order: list[str], x: dict[str, F32], data: Clinc, part: str, settings: ContinualSettings, seed: int
) -> tuple[F64, ContinualHeads]:
    """Accuracies [11, 10] of one order of domains, and the learner."""
    learner = ContinualHeads(x["train"].shape[1], Taxonomy(), settings)
    right = [(e.category, str(e.dimension)) for e in data.parts[part]]
    of = np.array([order.index(category) for category, _ in right])

    def row() -> list[float]:
        hits = tell(learner, x[part], right)
        return [float(hits[of == task].mean()) for task in range(len(order))]

    matrix = [row()]
    for domain in order:
        rows = [k for k, e in enumerate(data.parts["train"]) if e.category == domain]
        rows = [rows[k] for k in np.random.default_rng(seed).permutation(len(rows))]
        dimensions = [learner.taxonomy.dimension(domain, str(data.parts["train"][k].dimension)) for k in rows]
        categories = [int(learner.taxonomy.category_of[d]) for d in dimensions]
        learn_all(learner, x["train"][rows], categories, dimensions)
        matrix.append(row())
    return np.array(matrix), learner


def main() -> None:
    read = argparse.ArgumentParser()
    read.add_argument("--part", default="test", choices=["val", "test"])
    read.add_argument("--set", default="{}", help="JSON over the settings, for choosing")
    read.add_argument("--ways", nargs="*", choices=list(WAYS), default=list(WAYS))
    read.add_argument("--seeds", nargs="*", type=int, default=SEEDS)
    given = read.parse_args()
    data, encoder = Clinc(), KeptEncoder("default")
    vectors = {part: encoder.encode(data.texts(part)) for part in ("train", given.part)}
    space = Space.fit(encoder.id, vectors["train"], encoder.dim, 7)
    x = {part: space.project(of) for part, of in vectors.items()}
    told: dict[str, Any] = {"domains": len(data.domains), "utterances": len(data.parts["train"])}
    for way in given.ways:
        settings = ContinualSettings(**{**WAYS[way], **json.loads(given.set)})
        found, back, began = [], [], time.process_time()
        for seed in given.seeds:
            order = [sorted(data.domains)[k] for k in np.random.default_rng(seed).permutation(len(data.domains))]
            matrix, learner = one(order, x, data, given.part, settings, seed)
            found.append(retention(matrix).to_dict())
            back.append(learner.rolled_back())
            print(way, seed, found[-1], back[-1], flush=True)
        told[way] = {name: round(float(np.mean([one[name] for one in found])), 4) for name in found[0]} | {
            "forgetting, each order": [one["forgetting"] for one in found],
            "rolled back, each order": back,
            "microseconds of processor an utterance": round(
                (time.process_time() - began) / len(given.seeds) / len(data.parts["train"]) * 1e6
            ),
        }
    if given.part == "test" and given.set == "{}":
        keep("continual", told)


if __name__ == "__main__":
    main()
