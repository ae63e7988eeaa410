"""CLINC150 with few labels: accuracy by labels an intent, with unlabelled texts too, and what is out of scope.

    python benchmarks/few_labels.py [--encoder default] [--only few outside]

The settings of `LabelSettings` were chosen on the validation part. The floor below which a text is out of scope is set
by the validation part's in-scope texts; the second row of it also takes the 100 out-of-scope training texts. An
encoder other than the default one keeps its figures in a file of its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
from bench import keep
from texts import Clinc, KeptEncoder, accuracy

from penchant.interest.labels import LabelModel, fit_outside, learn_with_unlabelled

SEEDS = (0, 1, 2)
LABELS = (1, 3, 5, 10)


def few(data: Clinc, encoder: KeptEncoder, labels: tuple[int, ...], seeds: Sequence[int]) -> dict[str, Any]:
    """Accuracy on the test part by labels an intent, each order of labels apart, and with logistic regression."""
    train, told = data.parts["train"], dict[str, Any]()
    for n in labels:
        found = []
        for seed in seeds:
            model = LabelModel(encoder, data.nodes)
            model.learn([train[row] for row in data.few(seed, n)])
            found.append(accuracy(model, data.parts["test"]))
            print(n, seed, found[-1], flush=True)
        told[f"{n} an intent"] = {
            level: round(float(np.mean([one[level] for one in found])), 4) for level in ("category", "node")
        } | {"node, each seed": [one["node"] for one in found]}
    told["batch logistic regression, 10 an intent"] = regression(data, encoder, seeds)
    return told


def regression(data: Clinc, encoder: KeptEncoder, seeds: Sequence[int]) -> float | None:
    """Node accuracy of batch logistic regression on the encoder's vectors, mean over the seeds."""
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        return None
    train, test, found = data.parts["train"], data.parts["test"], []
    x, right = encoder.encode(data.texts("test")), np.array([example.dimension for example in test])
    for seed in seeds:
        some = [train[row] for row in data.few(seed, 10)]
        fitted = LogisticRegression(C=30, max_iter=100).fit(
            encoder.encode([example.text for example in some]), [str(example.dimension) for example in some]
        )
        found.append(float((fitted.predict(x) == right).mean()))
    return round(float(np.mean(found)), 4)


def unlabelled(data: Clinc, encoder: KeptEncoder) -> dict[str, Any]:
    """10 labels an intent and the rest of the training part without its labels; none at all, with those texts."""
    train, rows = data.parts["train"], data.few(SEEDS[0], 10)
    rest = sorted(set(range(len(train))) - set(rows))
    model = LabelModel(encoder, data.nodes)
    model.learn([], unlabelled=data.texts("train"))
    told: dict[str, Any] = {"names alone": accuracy(model, data.parts["test"])}
    model = LabelModel(encoder, data.nodes)
    rounds = learn_with_unlabelled(model, [train[row] for row in rows], [train[row].text for row in rest])
    told["10 an intent and unlabelled texts"] = accuracy(model, data.parts["test"]) | {
        "texts taken, each round": [found.taken for found in rounds]
    }
    return told


def outside(data: Clinc, encoder: KeptEncoder) -> dict[str, Any]:
    """All training examples: in-scope accuracy (refused is wrong) and out-of-scope recall on the test part."""
    model = LabelModel(encoder, data.nodes)
    model.learn(data.parts["train"])
    told: dict[str, Any] = {"all, nothing refused": accuracy(model, data.parts["test"])}
    for name, given in (("without examples from outside", []), ("with 100 from outside", data.outside["train"])):
        fit_outside(model, data.texts("val"), given)
        inside = model.tell(data.texts("test"))
        right = [
            not found.outside and found.dimension == example.dimension
            for found, example in zip(inside, data.parts["test"], strict=True)
        ]
        refused = [found.outside for found in model.tell(data.outside["test"])]
        told[name] = {
            "in-scope accuracy": round(float(np.mean(right)), 4),
            "out-of-scope recall": round(float(np.mean(refused)), 4),
            "out-of-scope precision": round(sum(refused) / max(sum(refused) + sum(f.outside for f in inside), 1), 4),
        }
        print(name, told[name], flush=True)
    return told


def main() -> None:
    read = argparse.ArgumentParser()
    read.add_argument("--encoder", default="default")
    read.add_argument("--name", default="other", help="of the figures of an encoder other than the default one")
    read.add_argument("--only", nargs="*", choices=["few", "unlabelled", "outside"], default=None)
    read.add_argument("--labels", nargs="*", type=int, default=LABELS)
    read.add_argument("--seeds", nargs="*", type=int, default=SEEDS)
    given = read.parse_args()
    data, encoder, told = Clinc(), KeptEncoder(given.encoder), dict[str, Any]()
    only = given.only or ["few", "unlabelled", "outside"]
    if "few" in only:
        told["few"] = few(data, encoder, tuple(given.labels), given.seeds)
    if "unlabelled" in only:
        told["unlabelled"] = unlabelled(data, encoder)
    if "outside" in only:
        told["outside"] = outside(data, encoder)
    keep("few-labels" if given.encoder == "default" else f"few-labels-{given.name}", told)


if __name__ == "__main__":
    main()
