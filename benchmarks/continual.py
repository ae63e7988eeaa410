"""CLINC150's ten domains arriving one after another: what is forgotten, with each part of continual learning or none.

    python benchmarks/continual.py [--part test] [--set '{"replays": 2}']

Every utterance comes once, domain after domain, in three orders of domains; after each domain all ten are told, among
the nodes that have come. "the heads alone" is their step on each utterance and nothing else. Settings were chosen on
the validation part (`--part val`), with which nothing is kept.

Then labels that go wrong: all utterances in three orders that mix the domains; from the 8,000th on every intent is
labelled as another one, or so is 30 % of the utterances, for 1,000 of them or for good. All intents are told before, at
the end of it, 1,000 later and at the end, by the right labels; where they changed for good, by the new ones.
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
FROM, FOR = 8_000, 1_000  # where labels go wrong, and for how many utterances
WRONG = ("all", "30 %", "all, for good")
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


def astray(
    kind: str, x: dict[str, F32], data: Clinc, part: str, settings: ContinualSettings, seed: int
) -> tuple[dict[str, float], ContinualHeads]:
    """Accuracies by point of one order of all utterances whose labels go wrong, and the learner."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(data.parts["train"]))
    examples = [data.parts["train"][k] for k in order]
    nodes = sorted({(e.category, str(e.dimension)) for e in examples})
    ring = [nodes[k] for k in rng.permutation(len(nodes))]
    other = dict(zip(ring, ring[1:] + ring[:1], strict=True))
    last = len(examples) if kind == "all, for good" else FROM + FOR
    points = {"before": FROM, "at its end": FROM + FOR, "1,000 later": FROM + FOR + 1000, "at the end": len(examples)}
    learner, found = ContinualHeads(x["train"].shape[1], Taxonomy(), settings), dict[str, float]()
    for k, (row, example) in enumerate(zip(order, examples, strict=True)):
        node = (example.category, str(example.dimension))
        if FROM <= k < last and (kind != "30 %" or rng.random() < 0.3):
            node = other[node]
        dimension = learner.taxonomy.dimension(*node)
        learner.learn(x["train"][row], int(learner.taxonomy.category_of[dimension]), dimension)
        for point in (point for point, at in points.items() if at == k + 1):
            right = [(e.category, str(e.dimension)) for e in data.parts[part]]
            if kind == "all, for good" and k >= FROM:
                right = [other[node] for node in right]
            found[point] = round(float(tell(learner, x[part], right).mean()), 4)
    return found, learner


def main() -> None:
    read = argparse.ArgumentParser()
    read.add_argument("--part", default="test", choices=["val", "test"])
    read.add_argument("--set", default="{}", help="JSON over the settings, for choosing")
    read.add_argument("--ways", nargs="*", choices=list(WAYS), default=list(WAYS))
    read.add_argument("--wrong", nargs="*", choices=WRONG, default=WRONG)
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
    for kind in given.wrong:
        for way in ("replay", "replay and guard"):
            settings = ContinualSettings(**{**WAYS[way], **json.loads(given.set)})
            lives = [astray(kind, x, data, given.part, settings, seed) for seed in given.seeds]
            told[f"labels go wrong ({kind}), {way}"] = {
                point: round(float(np.mean([of[point] for of, _ in lives])), 4) for point in lives[0][0]
            } | {"rolled back, each order": [[look.at for look in one.looks if look.rolled_back] for _, one in lives]}
            print(kind, way, told[f"labels go wrong ({kind}), {way}"], flush=True)
    if given.part == "test" and given.set == "{}":
        keep("continual", told)


if __name__ == "__main__":
    main()
