"""A tuned encoder at work: texts to vectors, and to what its heads say of them."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from penchant.language.encoder import Encoder, Vectors, unit_rows
from penchant.language.sentence_transformer import fingerprint
from penchant.language.tuning.examples import F32
from penchant.language.tuning.saved import ADAPTER, BASE, HEADS, kept_of, labels_of
from penchant.language.tuning.saying import Said, say
from penchant.language.tuning.settings import TuningSettings
from penchant.language.tuning.source import open_source
from penchant.language.tuning.training import needed

BATCH = 64


def open_tuned(folder: str | Path, *, threads: int = 1) -> Encoder:
    """The encoder in a folder, whole or light.

    Raises:
        MissingExtra: a package that it needs is absent. EncoderFailed: there is no tuned encoder in that folder.
    """
    if kept_of(Path(folder).expanduser()).get("kind") in ("int8", "static"):
        from penchant.language.tuning.light.encoder import LightEncoder

        return LightEncoder(folder, threads=threads)
    return TunedEncoder(folder, threads=threads)


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
        from penchant.language.tuning.network import Pooled

        torch: Any = import_module("torch")
        path = Path(folder).expanduser()
        told = kept_of(path)
        torch.set_num_threads(threads)
        self._torch, self._lock = torch, threading.Lock()
        settings = TuningSettings.read(told["settings"])
        adapted = told.get("kind") == "adapter"
        self._source = open_source(path / BASE if adapted else path, settings)
        encoder = self._source.encoder
        if adapted:
            with warnings.catch_warnings(action="ignore"):  # of peft about transformers
                encoder = import_module("peft").PeftModel.from_pretrained(encoder, str(path / ADAPTER))
        self.labels = labels_of(path)
        self._heads: dict[str, F32] = import_module("safetensors.numpy").load_file(str(path / HEADS))
        self._encoder: Any = encoder
        self._pooled: Any = Pooled(encoder, self._source.pooling).eval()
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
        rows = self._encode_ids(self._source.ids(texts))
        return unit_rows(rows, n=len(texts), dim=self.dim, encoder=self.id)

    def _encode_ids(self, ids: list[list[int]]) -> F32:
        order = sorted(range(len(ids)), key=lambda k: len(ids[k]))
        rows = np.empty((len(ids), self.dim), np.float32)
        with self._lock, self._torch.inference_mode():
            for first in range(0, len(order), BATCH):
                some = order[first : first + BATCH]
                padded = self._source.padded([ids[k] for k in some])
                rows[some] = self._pooled(padded["ids"], padded["mask"]).numpy()
        return rows

    def say(self, texts: Sequence[str]) -> list[Said]:
        """What its heads say of each text."""
        return say(self.labels, self._heads, self.encode(texts))

    @property
    def tokenizer(self) -> Any:
        """Its tokenizer, of transformers."""
        return self._source.tokenizer

    @property
    def tokens(self) -> int:
        """Longest text in tokens."""
        return self._source.tokens

    @property
    def pad(self) -> int:
        """The token that fills."""
        return int(self._source.tokenizer.pad_token_id)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text."""
        return self._source.ids(texts)

    def token_vectors(self) -> F32:
        """[tokens of the vocabulary, dim] each token encoded alone, as a text of it would be."""
        count = len(self._source.tokenizer)
        around: list[int] = self._source.tokenizer("")["input_ids"]
        rows = [[*around[:1], k, *around[1:]] for k in range(count)]
        return self._encode_ids(rows)

    def for_export(self, texts: Sequence[str]) -> tuple[Any, dict[str, Any]]:
        """A module that makes vectors of ids and mask, and those of some texts."""
        self._encoder.set_attn_implementation("eager")  # plain arithmetic, which any runtime has
        return self._pooled, self._source.padded(self.ids(texts))
