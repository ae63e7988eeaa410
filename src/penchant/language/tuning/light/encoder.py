"""Light encoders at work."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from penchant.errors import EncoderFailed, MissingExtra
from penchant.language.encoder import Vectors, unit_rows
from penchant.language.sentence_transformer import fingerprint
from penchant.language.tuning.examples import F32
from penchant.language.tuning.saved import HEADS, kept_of, labels_of
from penchant.language.tuning.saying import Said, say

MODEL, TABLE = "model.onnx", "table.safetensors"
BATCH = 64


class LightEncoder:
    """An encoder that `make_light` made.

    Args:
        folder: where. threads: of the processor.

    Raises:
        MissingExtra: onnxruntime or tokenizers is absent. EncoderFailed: what it needs isn't in that folder.
    """

    def __init__(self, folder: str | Path, *, threads: int = 1) -> None:
        path = Path(folder).expanduser()
        told = kept_of(path)
        for package in ("tokenizers", "safetensors", *(["onnxruntime"] if told["kind"] == "int8" else [])):
            if find_spec(package) is None:
                raise MissingExtra(package, extra="train")
        safe: Any = import_module("safetensors.numpy")
        try:
            self._tokenizer: Any = import_module("tokenizers").Tokenizer.from_file(str(path / "tokenizer.json"))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(int(told["tokens"]))
            self._heads: dict[str, F32] = safe.load_file(str(path / HEADS))
            self._run: Any = self._int8(path, threads) if told["kind"] == "int8" else self._static(path, safe)
        except Exception as error:  # the libraries raise many kinds
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise EncoderFailed(f"encoder tuned:{folder}: can't be loaded ({reason})", fix="make it again") from error
        self.labels = labels_of(path)
        self._pad, self._dim = int(told["pad"]), int(told["width"])
        self._lock = threading.Lock()
        self._id = f"tuned:{path.name}:{fingerprint(path, '*.onnx')}"

    @property
    def id(self) -> str:
        """The folder's name and a hash of its weights."""
        return self._id

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors float32 [n, dim]; long texts are cut as in training."""
        with self._lock:
            ids = [list(row.ids) or [self._pad] for row in self._tokenizer.encode_batch(list(texts))]
        rows = np.zeros((len(ids), self.dim), np.float32)
        order = sorted(range(len(ids)), key=lambda k: len(ids[k]))
        for first in range(0, len(order), BATCH):
            some = order[first : first + BATCH]
            rows[some] = self._run([ids[k] for k in some])
        return unit_rows(rows, n=len(texts), dim=self.dim, encoder=self.id)

    def say(self, texts: Sequence[str]) -> list[Said]:
        """What the heads say of each text."""
        return say(self.labels, self._heads, self.encode(texts))

    def _int8(self, path: Path, threads: int) -> Any:
        runtime: Any = import_module("onnxruntime")
        options: Any = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        session: Any = runtime.InferenceSession(str(path / MODEL), options, providers=["CPUExecutionProvider"])

        def run(ids: list[list[int]]) -> F32:
            longest = max(map(len, ids))
            rows = np.array([row + [self._pad] * (longest - len(row)) for row in ids], np.int64)
            mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in ids], np.int64)
            return session.run(None, {"ids": rows, "mask": mask})[0]

        return run

    def _static(self, path: Path, safe: Any) -> Any:
        kept = safe.load_file(str(path / TABLE))
        table: F32 = kept["table"].astype(np.float32) * kept["scale"][:, None]

        def run(ids: list[list[int]]) -> F32:
            return np.stack([table[row].sum(0) for row in ids])

        return run
