"""Encoders of the sentence-transformers library: a folder on disk or a hub id (extra `st`)."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from penchant.errors import EncoderFailed
from penchant.language.encoder import Vectors, unit_rows
from penchant.language.sentence_model import load

WEIGHTS = ("*.safetensors", "*.bin", "*.json")


class SentenceTransformerEncoder:
    """Any sentence-transformers model, on the processor or, where torch finds one, the accelerator.

    Args:
        model: folder of a saved model, or a hub id such as "sentence-transformers/all-MiniLM-L6-v2". Something that
            looks like a path ("./", "/", "~" in front, or an existing folder) is never looked up on the hub.
        threads: torch threads on the processor.
        device: torch device; None lets the library choose.

    Raises:
        MissingExtra: sentence-transformers is not installed.
        EncoderFailed: there is no such folder, or the model can't be loaded.
    """

    def __init__(self, model: str, *, threads: int = 1, device: str | None = None) -> None:
        folder = Path(model).expanduser()
        if not folder.is_dir() and model.startswith((".", "/", "~")):
            raise EncoderFailed(f"encoder st:{model}: there is no such folder", fix="give a saved model's folder")
        self._lock = threading.Lock()
        self._model = load(
            str(folder) if folder.is_dir() else model, what=f"encoder st:{model}",
            fix="check the id, or give a saved model's folder", threads=threads, device=device,
        )  # fmt: skip
        self._id = f"st:{folder.name}:{fingerprint(folder)}" if folder.is_dir() else f"st:{model}{self._revision()}"
        self._dim = int(self._model.encode(["a"], convert_to_numpy=True, show_progress_bar=False).shape[1])
        self._says_nothing = self._tokenless()

    @property
    def id(self) -> str:
        """The hub id and its revision; of a folder, its name and a hash of its weights: a tuned model differs."""
        return self._id

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors float32 [n, dim]; the model's own limit on tokens cuts long texts."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        told = [k for k, text in enumerate(texts) if not self._says_nothing or text.strip()]
        if not told:
            return unit_rows(rows, n=len(texts), dim=self.dim, encoder=self.id)
        with self._lock:
            try:
                rows[told] = self._model.encode(
                    [texts[k] for k in told], convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False
                )
            except RuntimeError as error:
                raise EncoderFailed(
                    f"encoder {self.id}: {error}", fix="free memory or choose another device"
                ) from error
        return unit_rows(rows, n=len(texts), dim=self.dim, encoder=self.id)

    def _tokenless(self) -> bool:
        """Whether the empty text is no token, as decoders have it: it gets the first axis, as there is no state."""
        try:
            self._model.encode([""], convert_to_numpy=True, show_progress_bar=False)
        except (RuntimeError, IndexError, ValueError):
            return True
        return False

    def _revision(self) -> str:
        try:
            commit = self._model[0].auto_model.config._commit_hash
        except AttributeError:
            return ""
        return f"@{commit[:12]}" if isinstance(commit, str) else ""


def fingerprint(folder: Path, *more: str) -> str:
    """blake2b-64 of names and bytes of a saved model's weights and settings, and of files like `more`."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted({file for pattern in (*WEIGHTS, *more) for file in folder.rglob(pattern)}):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
