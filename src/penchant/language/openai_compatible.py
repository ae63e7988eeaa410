"""Encoders behind any OpenAI-compatible `POST /v1/embeddings`, through the openai client (extra `openai`)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from penchant.errors import EncoderFailed
from penchant.language.encoder import Vectors, unit_rows
from penchant.language.openai_client import connect

BATCH = 128
MAX_CHARACTERS = 16_000  # services refuse texts over their limit (often 8,192 tokens) instead of cutting them
EMPTY = " "  # services refuse the empty text


class OpenAICompatibleEncoder:
    """A served embedding model. The client retries (with back-off) and times out; what is left is `EncoderFailed`.

    Args:
        model: the name that the service knows it by.
        base_url: address up to and including /v1; None: the client's default (OPENAI_BASE_URL or OpenAI's own).
        timeout: seconds a request may take.
        retries: how often the client tries again.

    The key is read from OPENAI_API_KEY; services that ask for none work without. It never shows in `id` or errors.

    Raises:
        MissingExtra: the openai package is not installed.
    """

    def __init__(self, model: str, *, base_url: str | None = None, timeout: float = 30.0, retries: int = 3) -> None:
        openai, client = connect(base_url, timeout, retries, extra="openai")
        self._errors: type[Exception] = openai.OpenAIError
        self._model = model
        self._client: Any = client
        self._lock = threading.Lock()
        self._dim: int | None = None

    @property
    def id(self) -> str:
        """The model and the service's address (two services may serve different weights under one name)."""
        address = str(self._client.base_url).rstrip("/").partition("://")[2].rpartition("@")[2]
        return f"openai:{self._model}@{address}"

    @property
    def dim(self) -> int:
        """Length of a vector; the service is asked once."""
        with self._lock:
            if self._dim is None:
                self._dim = len(self._ask([EMPTY])[0])
            return self._dim

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors float32 [n, dim], in requests of at most 128 texts, each cut at 16,000 characters."""
        sent = [text[:MAX_CHARACTERS] if text.strip() else EMPTY for text in texts]
        dim = self.dim
        rows = [row for start in range(0, len(sent), BATCH) for row in self._ask(sent[start : start + BATCH])]
        return unit_rows(rows or np.empty((0, dim)), n=len(texts), dim=dim, encoder=self.id)

    def _ask(self, texts: list[str]) -> list[list[float]]:
        try:
            answer = self._client.embeddings.create(model=self._model, input=texts, encoding_format="float")
            rows = [(int(part.index), list(part.embedding)) for part in answer.data]
        except self._errors as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise EncoderFailed(
                f"encoder {self.id}: the service gave no vectors ({reason})",
                fix="check its address, the model's name and OPENAI_API_KEY",
            ) from error
        except (AttributeError, TypeError, ValueError) as error:
            raise EncoderFailed(
                f"encoder {self.id}: the answer is not an embeddings answer", fix="check the address; it ends in /v1"
            ) from error
        if sorted(index for index, _ in rows) != list(range(len(texts))):
            raise EncoderFailed(
                f"encoder {self.id}: gave {len(rows)} vectors for {len(texts)} texts", fix="check the service"
            )
        return [row for _, row in sorted(rows, key=lambda pair: pair[0])]
