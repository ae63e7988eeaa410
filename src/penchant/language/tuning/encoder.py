"""A tuned encoder at work: texts to vectors, and to what its heads say of them."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from penchant.errors import EncoderFailed
from penchant.language.encoder import Vectors, unit_rows
from penchant.language.sentence_transformer import fingerprint
from penchant.language.tuning.saved import ADAPTER, BASE, HEADS, TOLD, labels_of
from penchant.language.tuning.settings import TuningSettings
from penchant.language.tuning.source import open_source
from penchant.language.tuning.training import needed

BATCH = 64


@dataclass(frozen=True, slots=True)
class Said:
    """What the heads say of a text: its likeliest category and dimension (None where the category has none), with their
    probabilities, and its intensity in [-1, 1]."""

    category: str
    dimension: str | None
    category_probability: float
    dimension_probability: float
    intensity: float


class TunedEncoder:
    """An encoder that `penchant train language` saved, on the processor.

    Args:
        folder: where it was saved.
        threads: torch threads.

    Raises:
        MissingExtra: a package of the extra `train` is absent.
        EncoderFailed: there is no tuned encoder in that folder.
    """

    def __init__(self, folder: str | Path, *, threads: int = 1) -> None:
        needed()
        from penchant.language.tuning.network import Heads, Network

        torch: Any = import_module("torch")
        path = Path(folder).expanduser()
        if not (path / TOLD).is_file():
            raise EncoderFailed(
                f"encoder tuned:{folder}: there is no tuned encoder in that folder", fix="give that of a training"
            )
        torch.set_num_threads(threads)
        self._torch, self._lock = torch, threading.Lock()
        settings = TuningSettings.read(json.loads((path / TOLD).read_text(encoding="utf-8"))["settings"])
        adapted = (path / ADAPTER).is_dir()
        self._source = open_source(path / BASE if adapted else path, settings)
        encoder = self._source.encoder
        if adapted:
            with warnings.catch_warnings(action="ignore"):  # of peft about transformers
                encoder = import_module("peft").PeftModel.from_pretrained(encoder, str(path / ADAPTER))
        self.labels = labels_of(path)
        heads = Heads(self._source.width, torch.from_numpy(self.labels.parents))
        heads.load_state_dict(import_module("safetensors.torch").load_file(str(path / HEADS)))
        self._network = Network(encoder, heads, self._source.pooling, settings).eval()
        self._id = f"tuned:{path.name}:{fingerprint(path)}"

    @property
    def id(self) -> str:
        """The folder's name and a hash of its weights."""
        return self._id

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._source.width

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors float32 [n, dim]; long texts are cut as in training."""
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        ids = self._source.ids(texts)
        order = sorted(range(len(ids)), key=lambda k: len(ids[k]))
        rows = np.empty((len(ids), self.dim), np.float32)
        with self._lock, self._torch.inference_mode():
            for first in range(0, len(order), BATCH):
                some = order[first : first + BATCH]
                padded = self._source.padded([ids[k] for k in some])
                rows[some] = self._network.vectors(padded["ids"], padded["mask"]).numpy()
        return unit_rows(rows, n=len(texts), dim=self.dim, encoder=self.id)

    def say(self, texts: Sequence[str]) -> list[Said]:
        """What its heads say of each text."""
        if not texts:
            return []
        vectors = self._torch.from_numpy(self.encode(texts))
        with self._lock, self._torch.inference_mode():
            category, leaf, intensity = self._network.heads(vectors)
            p_c, p_d = category.softmax(1).numpy(), leaf.softmax(1).numpy()
        told: list[Said] = []
        for k in range(len(texts)):
            c, d = int(p_c[k].argmax()), int(p_d[k].argmax())
            name, inner = self.labels.categories[c], self.labels.dimensions[d][1]
            told.append(Said(name, inner, float(p_c[k, c]), float(p_d[k, d]), float(intensity[k])))
        return told
