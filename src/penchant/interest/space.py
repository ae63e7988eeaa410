"""The space in which memory and heads live: a fixed projection of the encoder's space, fitted on the catalogue."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from penchant.interest.arrays import F32, unit


def pack(array: F32) -> dict[str, Any]:
    """An array as JSON-able text, exact to the bit."""
    data = np.ascontiguousarray(array, np.float32)
    return {"shape": list(data.shape), "f32": base64.b64encode(data.tobytes()).decode("ascii")}


def unpack(packed: dict[str, Any]) -> F32:
    """The array that `pack` packed.

    >>> unpack(pack(np.array([[1.5, 2.0]], np.float32))).tolist()
    [[1.5, 2.0]]
    """
    return np.frombuffer(base64.b64decode(packed["f32"]), np.float32).reshape(packed["shape"]).copy()


def turned(rows: F32, bridge: F32) -> F32:
    """Rows [n, d] moved to a newer space by its bridge [d, d'], one after the other.

    BLAS sums a product of matrices in an order that depends on how many rows it has: what is kept of a node would
    differ in its last bit with the room that its table happens to have.

    >>> turned(np.eye(2, dtype=np.float32), np.ones((2, 1), np.float32)).tolist()
    [[1.0], [1.0]]
    """
    out = np.empty((len(rows), bridge.shape[1]), np.float32)
    for k, row in enumerate(rows):
        out[k] = row @ bridge
    return out


@dataclass(frozen=True)
class Space:
    """x ↦ unit(unit(x − mean) · basis).

    Attributes:
        encoder: id of the encoder whose vectors it takes.
        mean: [D], of the catalogue's vectors.
        basis: [D, d] orthonormal columns: the principal directions, filled up with random ones where items are few.
    """

    encoder: str
    mean: F32
    basis: F32

    @property
    def dim(self) -> int:
        """d, of projected vectors."""
        return self.basis.shape[1]

    @classmethod
    def fit(cls, encoder: str, vectors: F32, dim: int, seed: int) -> Space:
        """Fit on the catalogue's unit vectors [n, D]; at most 20,000 of them are looked at.

        Where D < dim the last columns of the basis are zero, so that d = dim always.
        """
        step = max(1, len(vectors) // 20_000)
        sample = vectors[::step].astype(np.float64)
        # with few items the mean is mostly their own content: shrink it towards zero
        mean = sample.mean(0) * (len(sample) / (len(sample) + 20))
        centred = unit((sample - mean).astype(np.float32)).astype(np.float64)
        width = vectors.shape[1]
        inner = min(dim, width)
        values, directions = np.linalg.eigh(centred.T @ centred)
        keep = directions[:, ::-1][:, : min(inner, int((values > 1e-9 * max(values[-1], 1e-30)).sum()))]
        rng = np.random.Generator(np.random.Philox(seed))
        basis, _ = np.linalg.qr(np.hstack([keep, rng.standard_normal((width, inner - keep.shape[1]))]))
        whole = np.zeros((width, dim))
        whole[:, :inner] = basis
        return cls(encoder, mean.astype(np.float32), whole.astype(np.float32))

    def project(self, vectors: F32) -> F32:
        """Unit vectors [n, d] of the encoder's [n, D], one after the other: no bit depends on how many come at once."""
        out = np.empty((len(vectors), self.dim), np.float32)
        for k, vector in enumerate(vectors):
            out[k] = unit(unit(vector - self.mean) @ self.basis)
        return out

    def bridge(self, newer: Space) -> F32:
        """[d, d'] map of this space's vectors to a newer one's, exact where both keep a direction.

        Raises:
            ValueError: the spaces are of two encoders; nothing maps between those.
        """
        if self.encoder != newer.encoder:
            raise ValueError("no map between the spaces of two encoders")
        return self.basis.T @ newer.basis

    def to_body(self) -> dict[str, Any]:
        """JSON-able."""
        return {"encoder": self.encoder, "mean": pack(self.mean), "basis": pack(self.basis)}

    @classmethod
    def from_body(cls, body: dict[str, Any]) -> Space:
        """What `to_body` gave."""
        return cls(body["encoder"], unpack(body["mean"]), unpack(body["basis"]))
