"""Categories by their names alone, no label at all: MovieLens 100k titles and Amazon Beauty items, beside the majority.

    python benchmarks/zero_shot.py

An item of several categories is told right if the likeliest is among them. The titles themselves, without labels, give
the mean. The majority is the category that most items have.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from bench import data_set, keep
from texts import KeptEncoder

from penchant.data import open_dataset
from penchant.interest.fit import shared_root
from penchant.interest.labels import LabelModel, LabelSettings, Node

MOST = 3_000  # items of a set


def main() -> None:
    encoder, told = KeptEncoder("default"), dict[str, Any]()
    for name, noun in (("ml-100k", "film"), ("amazon-beauty", "beauty product")):
        items = [item for item in open_dataset(data_set(name)).items if item.text and item.paths]
        items = items[:: max(1, len(items) // MOST)]
        # as the engine does: a root that all but a few paths share is no category
        root = shared_root([tuple(path) for item in items for path in item.paths])
        categories = [
            {path[len(root)] for path in map(tuple, item.paths) if path[: len(root)] == root and len(path) > len(root)}
            for item in items
        ]
        kept = [(item.text, own) for item, own in zip(items, categories, strict=True) if own]
        counts = Counter(category for _, own in kept for category in own)
        texts = [text for text, _ in kept]
        row: dict[str, Any] = {"items": len(kept), "categories": len(counts)}
        row["majority"] = round(counts.most_common(1)[0][1] / len(kept), 4)
        for way, spelling in (("meaning and spelling", LabelSettings().spelling), ("meaning alone", 0.0)):
            nodes = [Node(category, description=f"{category.lower()} {noun}") for category in sorted(counts)]
            model = LabelModel(encoder, nodes, LabelSettings(spelling=spelling))
            model.learn([], unlabelled=texts)
            told_of = model.tell(texts)
            row[f"{way}, category told most"] = Counter(found.category for found in told_of).most_common(1)[0]
            right = [found.category in own for found, (_, own) in zip(told_of, kept, strict=True)]
            row[way] = round(sum(right) / len(right), 4)
        told[name] = row
        print(name, row, flush=True)
    keep("zero-shot", told)


if __name__ == "__main__":
    main()
