"""KuaiRec's captions, in Chinese: first and second level of a video from its caption, by labels a node.

    python benchmarks/kuairec.py [5 20 0]

0: all. Videos that have a caption and two levels, a fifth of them, drawn by the seed, held out for the test; nodes
without an example among the rest are learned by name alone. Settings as chosen on CLINC150, nothing was chosen here.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from typing import Any

import numpy as np
from bench import data_set, keep
from texts import KeptEncoder

from penchant.interest.labels import Example, LabelModel, Node
from penchant.metrics import classification

UNKNOWN = "UNKNOWN"


def videos() -> list[Example]:
    """Captions with their two levels."""
    found: list[Example] = []
    with (data_set("kuairec-captions") / "kuairec_caption_category.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            levels = row["first_level_category_name"], row["second_level_category_name"]
            caption = (row["caption"] or "").strip()
            if caption and caption != UNKNOWN and UNKNOWN not in levels and all(levels):
                found.append(Example(caption[:300], *levels))
    return found


def main(labels: list[int]) -> None:
    given, encoder = videos(), KeptEncoder("default")
    order = np.random.default_rng(7).permutation(len(given)).tolist()
    test = [given[k] for k in order[: len(given) // 5]]
    train = [given[k] for k in order[len(given) // 5 :]]
    nodes = [Node(c, str(d)) for c, d in sorted({(e.category, str(e.dimension)) for e in given})]
    told: dict[str, Any] = {"learned from at most": len(train), "told": len(test), "nodes": len(nodes)}
    categories = sorted({node.category for node in nodes})
    of = np.array([categories.index(node.category) for node in nodes])
    for n in labels:
        counts: Counter[str | None] = Counter()
        some: list[Example] = []
        for example in train:
            counts[example.dimension] += 1
            if not n or counts[example.dimension] <= n:
                some.append(example)
        model = LabelModel(encoder, nodes)
        model.learn(some)
        right = model.rows_of(test)
        p = model.probabilities(model.read([example.text for example in test]))
        said = p.argmax(1)
        by_category = np.stack([p[:, of == k].sum(1) for k in range(len(categories))], 1).argmax(1)
        first, second = classification(by_category, of[right]), classification(said, right)
        most = Counter(e.dimension for e in train).most_common(1)[0][0]
        told[f"{n} a node" if n else "all"] = {
            "examples": len(some),
            "first level": {"accuracy": round(first.accuracy, 4), "macro F1": round(first.macro.f1, 4)},
            "second level": {"accuracy": round(second.accuracy, 4), "macro F1": round(second.macro.f1, 4)},
            "second level among the three likeliest": round(
                float((np.argsort(-p, 1)[:, :3] == right[:, None]).any(1).mean()), 4
            ),
            "the most frequent second level": round(float(np.mean([e.dimension == most for e in test])), 4),
            "first level, F1 and texts by category": {
                categories[k]: [round(figures.f1, 3), int(figures.support)] for k, figures in first.classes.items()
            },
        }
        print(n, {k: v for k, v in told[f"{n} a node" if n else "all"].items() if "by" not in k}, flush=True)
    keep("kuairec", told)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [5, 20, 0])
