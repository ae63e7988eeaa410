"""What the benchmarks of labels share: CLINC150 as examples, and an encoder that keeps what it encoded.

PENCHANT_VECTORS names a folder where vectors are kept between runs; without it every run encodes anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from bench import data_set

from penchant.interest.arrays import F32
from penchant.interest.labels import Example, LabelModel, Node
from penchant.language import Encoder, open_encoder

OUTSIDE = "oos"


class KeptEncoder:
    """An encoder that gives a text's first vector again."""

    def __init__(self, spec: str) -> None:
        self._inner: Encoder = open_encoder(spec)
        self.id, self.dim = self._inner.id, self._inner.dim
        self._kept: dict[str, F32] = {}
        folder, name = os.environ.get("PENCHANT_VECTORS"), hashlib.blake2b(self.id.encode(), digest_size=6).hexdigest()
        self._file = Path(folder) / f"{name}.npz" if folder else None
        if self._file is not None and self._file.exists():
            with np.load(self._file, allow_pickle=False) as found:
                self._kept = dict(zip(found["texts"].tolist(), found["vectors"], strict=True))

    def encode(self, texts: Sequence[str]) -> F32:
        """Unit vectors [n, dim]."""
        new = sorted({text for text in texts if text not in self._kept}, key=len)
        for k in range(0, len(new), 64):
            some = new[k : k + 64]
            self._kept.update(zip(some, self._inner.encode(some), strict=True))
        if len(new) > 500:
            self.keep()
        return np.stack([self._kept[text] for text in texts]) if len(texts) else np.zeros((0, self.dim), np.float32)

    def keep(self) -> None:
        """Write the vectors down, if there is a folder for them."""
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(self._file, texts=np.array(list(self._kept)), vectors=np.stack(list(self._kept.values())))


class Clinc:
    """CLINC150: parts of examples, texts from outside by part, and its nodes."""

    def __init__(self) -> None:
        folder = data_set("clinc150")
        data = json.loads((folder / "data_full.json").read_text(encoding="utf-8"))
        self.domains: dict[str, list[str]] = json.loads((folder / "domains.json").read_text(encoding="utf-8"))
        of = {intent: domain for domain, intents in self.domains.items() for intent in intents}
        self.parts = {p: [Example(text, of[i], i) for text, i in data[p]] for p in ("train", "val", "test")}
        self.outside = {p: [text for text, _ in data[f"{OUTSIDE}_{p}"]] for p in ("train", "val", "test")}
        self.nodes = [Node(of[intent], intent) for intent in sorted(of)]

    def texts(self, part: str) -> list[str]:
        """Texts of a part."""
        return [example.text for example in self.parts[part]]

    def few(self, seed: int, n: int) -> list[int]:
        """Rows of n training examples an intent, drawn by the seed."""
        rng, by = np.random.default_rng(seed), dict[str, list[int]]()
        for row, example in enumerate(self.parts["train"]):
            by.setdefault(str(example.dimension), []).append(row)
        return [row for intent in sorted(by) for row in rng.permutation(by[intent])[:n].tolist()]


def accuracy(model: LabelModel, examples: Sequence[Example], texts: Sequence[str] | None = None) -> dict[str, float]:
    """Share of examples whose category, and whose node, is told right; `texts`: told instead of the examples' own."""
    right = model.rows_of(examples)
    told = model.probabilities(model.read(texts or [example.text for example in examples])).argmax(1)
    category = np.unique([category for category, _ in model.leaves], return_inverse=True)[1]
    found = {"category": float((category[told] == category[right]).mean()), "node": float((told == right).mean())}
    return {level: round(share, 4) for level, share in found.items()}
