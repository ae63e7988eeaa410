"""Item-based nearest neighbours (Sarwar et al. 2001; Deshpande and Karypis 2004): implicit's item-item recommenders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, ItemItemRecommender, TFIDFRecommender
from task import Floats, Log, Rows, matrix_of

NAME, LIBRARY = "item-kNN", "implicit"
KINDS = {"cosine": CosineRecommender, "tfidf": TFIDFRecommender, "bm25": BM25Recommender}
GRID = {
    "kind": ["cosine", "tfidf", "bm25"],
    "neighbours": [20, 50, 100, 200, 1000, 5000],
    "last": [0, 20, 50, 10, 5, 3],
}
VARIANTS = {"item-kNN (whole)": {"last": 0}, "item-kNN (last 20)": {"last": 20}, "item-kNN (tuned last)": {}}
RETRAINED = True


def train(log: Log, settings: Mapping[str, Any]) -> Iterator[ItemItemRecommender]:
    model = KINDS[settings["kind"]](K=settings["neighbours"], num_threads=1)
    model.fit(log.matrix(), show_progress=False)
    yield model


def scores(model: ItemItemRecommender, histories: Sequence[Rows], users: Rows) -> Floats:
    similarity, items = model.similarity, model.similarity.shape[0]
    if similarity.nnz > items * items // 5:  # a dense product is the faster one
        similarity = similarity.toarray()
    found = matrix_of(histories, items) @ similarity
    return found if isinstance(found, np.ndarray) else found.toarray()
