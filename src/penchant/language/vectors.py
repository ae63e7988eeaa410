"""Vectors by content hash: encoded once, kept in the store under the encoder's id, never encoded again on replay."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from penchant.errors import EncoderFailed, EncoderMismatch, StoreError
from penchant.language.encoder import Encoder, Vectors, unit_rows
from penchant.store.base import Store

BATCH = 64
LOOK_UP = 4096  # hashes in one question to the store

Progress = Callable[[int, int], None]


def content_hash(text: str) -> str:
    """blake2b-128 of the text in UTF-8, in hex: the key of its vector.

    >>> content_hash("a horror film")
    '4b644529477d32dd1d546b1a69456c22'
    """
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def vector_hash(vector: npt.ArrayLike) -> str:
    """blake2b-128 of a vector's float32 bytes, in hex: the key of a vector that was made elsewhere, whatever its text.

    >>> vector_hash([1.0, 0.0]) == vector_hash(np.array([1, 0], dtype=np.float32))
    True
    """
    values = np.asarray(vector, dtype="<f4")
    return hashlib.blake2b(b"vector\0" + values.tobytes(), digest_size=16).hexdigest()


class VectorBook:
    """One encoder's vectors: a bounded cache before the store, the store before the encoder.

    Safe to call from several threads: a text is encoded by one of them, so that all get the same bits.

    Args:
        encoder: asked only for what is in neither cache nor store.
        store: keeps vectors under `encoder.id`.
        cache: how many vectors stay in memory; the least recently used leave first.
    """

    def __init__(self, encoder: Encoder, store: Store, *, cache: int = 10_000) -> None:
        self.encoder = encoder
        self._store = store
        self._cache = cache
        self._recent: OrderedDict[str, tuple[Vectors, bool]] = OrderedDict()  # hash → vector, whether the store has it
        self._recent_lock = threading.Lock()
        self._making = threading.Lock()

    def of(self, texts: Sequence[str], progress: Progress | None = None, *, keep: bool = True) -> Vectors:
        """The texts' vectors, float32 [n, dim]; what is missing is encoded, in batches of 64 of like length.

        Args:
            texts: in any order, repeats welcome.
            progress: called with (encoded so far, to encode) after every batch; not called if nothing is missing.
            keep: False leaves new vectors out of the store (a question's words need no memory).

        Raises:
            EncoderMismatch: a stored vector has another size than the encoder's.
            EncoderFailed: the encoder gave none; what was encoded before stays stored.
        """
        hashes = [content_hash(text) for text in texts]
        found = self._find(dict.fromkeys(hashes), keep=keep)
        missing = {key: text for key, text in zip(hashes, texts, strict=True) if key not in found}
        order = sorted(missing, key=lambda key: (len(missing[key]), key))
        for start in range(0, len(order), BATCH):
            found.update(self._make({key: missing[key] for key in order[start : start + BATCH]}, keep=keep))
            if progress is not None:
                progress(min(start + BATCH, len(order)), len(order))
        return self._rows(hashes, found)

    def given(self, vectors: Mapping[str, npt.ArrayLike]) -> None:
        """Keep vectors made elsewhere, by hash (see `vector_hash`), scaled to length 1; a hash already there stays.

        Raises:
            EncoderMismatch: a vector has another size than the encoder's.
            EncoderFailed: a vector is not of finite numbers.
        """
        rows: dict[str, Vectors] = {}
        for key, vector in vectors.items():
            row = np.asarray(vector, dtype=np.float32).reshape(1, -1)
            self._check(row.shape[1], "given vector")
            rows[key] = unit_rows(row, n=1, dim=self.encoder.dim, encoder=self.encoder.id)[0]
        with self._making:
            found = self._find(rows, keep=True)
            self._put({key: row for key, row in rows.items() if key not in found})

    def get(self, hashes: Sequence[str]) -> Vectors:
        """Vectors of these hashes, float32 [n, dim], from cache and store only: replay never encodes.

        Raises:
            StoreError: one of them is not there.
            EncoderMismatch: a stored vector has another size than the encoder's.
        """
        found = self._find(dict.fromkeys(hashes), keep=True)
        lost = [key for key in dict.fromkeys(hashes) if key not in found]
        if lost:
            raise StoreError(
                f"{len(lost)} of {len(found) + len(lost)} vectors of encoder {self.encoder.id} are not in the store "
                f"(first: {lost[0]})",
                fix="restore the backup, or re-embed the catalogue, after which the rebuilt state may differ slightly",
            )
        return self._rows(hashes, found)

    def drop(self, hashes: Iterable[str]) -> int:
        """Forget these vectors in cache and store; returns how many the store had."""
        keys = list(dict.fromkeys(hashes))
        with self._making:
            with self._recent_lock:
                for key in keys:
                    self._recent.pop(key, None)
            return self._store.drop_vectors(self.encoder.id, keys)

    def _find(self, keys: Iterable[str], *, keep: bool) -> dict[str, Vectors]:
        """What is in cache or store; with `keep`, the cache's own go to the store too, with the very bits given out."""
        found: dict[str, Vectors] = {}
        loose: dict[str, Vectors] = {}
        absent: list[str] = []
        with self._recent_lock:
            for key in keys:
                if (hit := self._recent.get(key)) is None:
                    absent.append(key)
                else:
                    self._recent.move_to_end(key)
                    found[key] = hit[0]
                    if not hit[1]:
                        loose[key] = hit[0]
        if keep:
            self._put(loose)
        for start in range(0, len(absent), LOOK_UP):
            stored = self._store.get_vectors(self.encoder.id, absent[start : start + LOOK_UP])
            for vector in stored.values():
                self._check(vector.shape[-1], "stored vector")
            self._remember(stored, kept=True)
            found.update(stored)
        return found

    def _make(self, texts: Mapping[str, str], *, keep: bool) -> dict[str, Vectors]:
        """Encode these, unless another thread has in the meantime."""
        with self._making:
            found = self._find(texts, keep=keep)
            keys = [key for key in texts if key not in found]
            if keys:
                rows = unit_rows(
                    self.encoder.encode([texts[key] for key in keys]),
                    n=len(keys),
                    dim=self.encoder.dim,
                    encoder=self.encoder.id,
                )
                made = {key: row.copy() for key, row in zip(keys, rows, strict=True)}
                if keep:
                    self._put(made)
                else:
                    self._remember(made, kept=False)
                found.update(made)
            return found

    def _put(self, rows: Mapping[str, Vectors]) -> None:
        if rows:
            self._store.put_vectors(self.encoder.id, rows)
            self._remember(rows, kept=True)

    def _remember(self, rows: Mapping[str, Vectors], *, kept: bool) -> None:
        with self._recent_lock:
            for key, row in rows.items():
                self._recent[key] = (row, kept)
                self._recent.move_to_end(key)
            while len(self._recent) > self._cache:
                self._recent.popitem(last=False)

    def _check(self, size: int, noun: str) -> None:
        if size != self.encoder.dim:
            raise EncoderMismatch(
                f"{noun} of encoder {self.encoder.id} has {size} dimensions, the encoder gives {self.encoder.dim}",
                fix="give the encoder another id, or re-embed the catalogue",
            )

    def _rows(self, hashes: Sequence[str], found: Mapping[str, Vectors]) -> Vectors:
        rows = np.empty((len(hashes), self.encoder.dim), dtype=np.float32)
        for row, key in enumerate(hashes):
            rows[row] = found[key]
        return rows


class _Kept:
    """The encoder of a log that is only replayed: its vectors are in the store."""

    def __init__(self, id: str, dim: int) -> None:
        self.id, self.dim = id, dim

    def encode(self, texts: Sequence[str]) -> Vectors:
        raise EncoderFailed("a replay needs a vector that the store doesn't have", fix="restore a backup")


def kept_vectors(store: Store, encoder: str) -> VectorBook:
    """The vectors that the store has of an encoder, by its id, for a log that is only replayed: nothing is encoded."""
    item = next(store.entries(types=["item"], limit=1), None)  # the oldest: each encoder that was in use had it
    found = {} if item is None else store.get_vectors(encoder, [item.body["hash"]])
    return VectorBook(_Kept(encoder, next((len(vector) for vector in found.values()), 0)), store)
