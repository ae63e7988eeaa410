"""CLINC150: do the heads learn online? One pass over 15,000 utterances: M_C tells the domain, M_D the intent in it.

    python benchmarks/clinc.py

The heads start from nothing and see every utterance once, in an order that the seed draws, with the settings of the
domain `support` (chosen on the validation part) in as many dimensions as the encoder has. Beside them: batch logistic
regression on the same vectors, if scikit-learn is installed.
"""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
from bench import data_set, keep

from penchant.config import Settings
from penchant.interest.arrays import F32
from penchant.interest.heads import Heads
from penchant.interest.space import Space
from penchant.interest.taxonomy import Taxonomy
from penchant.language import open_encoder

SEEDS = (0, 1, 2)


def one_pass(x: F32, intents: list[str], taxonomy: Taxonomy, nodes: dict[str, tuple[int, int]], seed: int) -> Heads:
    """Heads that have seen every utterance once."""
    settings = Settings.load("support")
    heads = Heads(x.shape[1], joint=settings.model.joint)
    for k in np.random.default_rng(seed).permutation(len(x)):
        category, dimension = nodes[intents[k]]
        heads.learn(
            taxonomy, x[k], np.array([category], np.int32), np.array([dimension], np.int32), 1.0,
            settings.learn.eta_c, settings.learn.eta_d, int(k),
        )  # fmt: skip
    return heads


def accuracy(
    heads: Heads, x: F32, intents: list[str], taxonomy: Taxonomy, nodes: dict[str, tuple[int, int]]
) -> tuple[float, float]:
    """(share of domains, share of intents) told right."""
    parents = np.asarray(taxonomy.category_of[: len(taxonomy.dimensions)])
    right = np.zeros(2)
    for vector, intent in zip(x, intents, strict=True):
        M_C, M_D = heads.both(taxonomy, vector)
        told = int(np.argmax(M_C)), int(np.argmax(M_C[parents] * M_D))
        right += np.equal(told, nodes[intent])
    return float(right[0] / len(x)), float(right[1] / len(x))


def batch(x: F32, intents: list[str], test: F32, right: list[str], domain_of: dict[str, str]) -> dict[str, float]:
    """Logistic regression on the intents, its domain that of the intent it tells; {} without scikit-learn."""
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        return {}
    told = LogisticRegression(C=30, max_iter=100).fit(x, intents).predict(test)
    return {
        "domain": round(float(np.mean([domain_of[a] == domain_of[b] for a, b in zip(told, right, strict=True)])), 4),
        "intent": round(float(np.mean(told == np.array(right))), 4),
    }


def main() -> None:
    folder = data_set("clinc150")
    data = json.loads((folder / "data_full.json").read_text(encoding="utf-8"))
    domains = json.loads((folder / "domains.json").read_text(encoding="utf-8"))
    domain_of = {intent: domain for domain, intents in domains.items() for intent in intents}
    taxonomy, encoder = Taxonomy(), open_encoder("default")
    nodes = {i: (taxonomy.category(d), taxonomy.dimension(d, i)) for i, d in domain_of.items()}
    texts = {part: [text for text, _ in data[part]] for part in ("train", "test")}
    intents = {part: [intent for _, intent in data[part]] for part in texts}
    vectors = {part: np.asarray(encoder.encode(of), np.float32) for part, of in texts.items()}
    space = Space.fit(encoder.id, vectors["train"], encoder.dim, 7)
    x = {part: space.project(of) for part, of in vectors.items()}
    found: list[tuple[float, float]] = []
    started = time.perf_counter()
    for seed in SEEDS:
        heads = one_pass(x["train"], intents["train"], taxonomy, nodes, seed)
        found.append(accuracy(heads, x["test"], intents["test"], taxonomy, nodes))
    took = (time.perf_counter() - started) / len(SEEDS)
    figures: dict[str, Any] = {
        "utterances learned": len(x["train"]),
        "utterances told": len(x["test"]),
        "domain": round(float(np.mean([d for d, _ in found])), 4),
        "intent": round(float(np.mean([i for _, i in found])), 4),
        "domain, each order": [round(d, 4) for d, _ in found],
        "intent, each order": [round(i, 4) for _, i in found],
        "seconds a pass": round(took, 1),
        "batch logistic regression": batch(x["train"], intents["train"], x["test"], intents["test"], domain_of),
    }
    keep("clinc", figures)


if __name__ == "__main__":
    main()
