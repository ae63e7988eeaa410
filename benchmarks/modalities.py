"""Items with pictures: what the second modality adds, and what its absence costs. On a made set, said plainly.

    python benchmarks/modalities.py

No set of item pictures with people's choices is at hand, so this one is made: 600 posters are drawn (a ground of one of
12 colours, a pattern of one of 4 kinds, noise), each with a title of words that tell one of 6 themes; 240 people like
one theme and one colour and make 12 choices each, by theme and colour alike. Texts say nothing of colours, pictures
nothing of themes. So the figures show what the fusion does with a modality that matters, not how much pictures matter
to real people. The pictures are read from their PNG files by a plain encoder (colours of a 4 × 4 grid).

In time order, every choice of the last third is first foretold: NDCG@10 over all items not chosen yet. Pictures of
none, half (drawn at random, whoever likes what) and all of the items; and, with half, how often items without a picture
are shown against their share, which is what being punished would look like.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from bench import keep

from penchant import Engine, Event, Item, Settings
from penchant.interest.evidence.modality import of_modality
from penchant.language.modalities import ModalityVectors
from penchant.metrics import ndcg

THEMES = {
    "war": "soldiers battle front trench army general", "love": "romance wedding kiss heart letters couple",
    "space": "rocket planet stars orbit alien ship", "crime": "detective thief murder police heist gang",
    "sport": "match team coach final stadium race", "food": "chef kitchen recipe restaurant bread wine",
}  # fmt: skip
ITEMS, PEOPLE, CHOICES, SEEDS = 600, 240, 12, (0, 1, 2)


class Grid:
    """Mean colours of a 4 × 4 grid, less their grey: 48 numbers."""

    id, dim, kind = "grid-4x4:1", 48, "image"

    def encode(self, files: Any) -> Any:
        """Unit vectors float32 [n, 48]."""
        from PIL import Image

        rows = np.empty((len(files), 48), np.float32)
        for row, file in zip(rows, files, strict=True):
            pixels = np.asarray(Image.open(file), np.float32).reshape(4, 8, 4, 8, 3).mean((1, 3)) - 128
            row[:] = pixels.ravel()
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def draw(file: Path, colour: int, pattern: int, rng: np.random.Generator) -> None:
    """A poster of 32 × 32 pixels."""
    import colorsys

    from PIL import Image

    ground = np.array(colorsys.hsv_to_rgb(colour / 12, 0.8, 0.8)) * 255
    pixels = np.tile(ground, (32, 32, 1)) + rng.normal(0, 25, (32, 32, 3))
    dark = [np.s_[::4], np.s_[:, ::4], np.s_[8:24, 8:24], np.s_[:4]][pattern]
    pixels[dark] *= 0.4
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(file)


def made(folder: Path, seed: int) -> tuple[list[Item], list[Event]]:
    """The items with their pictures, and the choices in time order."""
    rng = np.random.default_rng(seed)
    themes, colours = rng.integers(0, len(THEMES), ITEMS), rng.integers(0, 12, ITEMS)
    items: list[Item] = []
    for k in range(ITEMS):
        words = list(THEMES.values())[themes[k]].split()
        draw(folder / f"{k}.png", int(colours[k]), int(rng.integers(0, 4)), rng)
        title = f"{' '.join(rng.choice(words, 3, replace=False))} {k}"
        theme = list(THEMES)[themes[k]]
        items.append(Item(id=f"i{k}", text=title, paths=[[theme]], images=[str(folder / f"{k}.png")]))
    choices: list[tuple[float, int, int]] = []
    for person in range(PEOPLE):
        far = np.abs(colours - rng.integers(0, 12))
        worth = np.exp(2.0 * (themes == rng.integers(0, len(THEMES))) + 2.0 * (np.minimum(far, 12 - far) <= 1))
        for item in rng.choice(ITEMS, CHOICES, replace=False, p=worth / worth.sum()):
            choices.append((float(rng.random()), person, int(item)))
    events = [
        Event(user=f"p{person}", item=f"i{item}", kind="purchase", time=1.6e9 + 60 * k)
        for k, (_, person, item) in enumerate(sorted(choices))
    ]
    return items, events


def run(items: list[Item], events: list[Event], vectors: ModalityVectors | None) -> tuple[float, float, float]:
    """(NDCG@10, share of items without a picture in the lists, learned weight of `look`)."""
    names = [*Settings().evidence, *(["look"] if vectors is not None else [])]
    settings = {"evidence": names, "answers_kept": 0, "diversity": {"method": "none"}, "policy": {"repeats": False}}
    more = {} if vectors is None else {"look": of_modality(vectors)}
    ranks, without = list[int](), list[float]()
    with Engine.open(":memory:", "shop", settings, evidence=more) as engine:
        engine.add_items(items)
        first = 2 * len(events) // 3
        engine.observe_many(events[:first])
        for event in events[first:]:
            best = [r.item for r in engine.recommend(event.user, 10)]
            ranks.append(best.index(event.item) if event.item in best else ITEMS)
            without.append(float(np.mean([vectors is None or item not in vectors for item in best])))
            engine.observe(event)
        weights = dict(zip(names, engine.model.blend.w.tolist(), strict=False))
    return float(ndcg(np.array(ranks, float))), float(np.mean(without)), float(weights.get("look", 0.0))


def main() -> None:
    """Three made sets, pictures of none, half and all."""
    found: dict[str, list[tuple[float, float, float]]] = {"no pictures": [], "half": [], "all": []}
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            items, events = made(Path(folder), seed)
            every = ModalityVectors.of(items, Grid())
            lot = np.random.default_rng(100 + seed).permutation(ITEMS)[: ITEMS // 2]
            half = ModalityVectors.of([items[int(k)] for k in lot], Grid())
            for name, vectors in (("no pictures", None), ("half", half), ("all", every)):
                found[name].append(run(items, events, vectors))
                print(seed, name, found[name][-1], flush=True)
    figures: dict[str, Any] = {"made": True, "items": ITEMS, "people": PEOPLE, "choices": CHOICES * PEOPLE}
    for name, rows in found.items():
        scores, without, weights = (np.array(column) for column in zip(*rows, strict=True))
        figures[name] = {
            "ndcg@10": round(float(scores.mean()), 4), "each set": [round(float(s), 4) for s in scores],
            "shown without a picture": round(float(without.mean()), 3),
            "weight of look": round(float(weights.mean()), 3),
        }  # fmt: skip
    keep("modalities", figures)


if __name__ == "__main__":
    main()
