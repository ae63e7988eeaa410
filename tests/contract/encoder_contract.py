"""What every encoder must do. A test of an implementation calls `check_encoder` with a fresh one, loaded or not."""

from __future__ import annotations

import numpy as np

from penchant.language.encoder import Encoder

TEXTS = [
    "a horror film",
    "",
    "  ",
    "一部轻松的科幻片",
    "long " * 2_000,
    "'; DROP TABLE items; --",
    "🦆",
    "a horror film",
]


def check_encoder(encoder: Encoder) -> None:
    """The whole contract, on a handful of awkward texts."""
    assert isinstance(encoder, Encoder)
    assert encoder.id
    assert encoder.id == encoder.id.strip()
    assert "\n" not in encoder.id
    rows = encoder.encode(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (len(TEXTS), encoder.dim)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows[0], rows[-1], atol=1e-4)  # the same text, the same meaning
    assert abs(float(rows[0] @ rows[3])) < 0.999  # other texts, other vectors
    np.testing.assert_array_equal(encoder.encode(TEXTS), rows)  # the same call, the same bits
    for text, row in zip(TEXTS, rows, strict=True):  # alone or in company: the same but for the last bits
        np.testing.assert_allclose(encoder.encode([text])[0], row, atol=1e-3)
    assert encoder.encode([]).shape == (0, encoder.dim)
    assert encoder.encode(tuple(TEXTS[:2])).shape == (2, encoder.dim)


def check_meaning(encoder: Encoder) -> None:
    """Nearer in meaning is nearer in space."""
    cat, kitten, invoice = encoder.encode(
        ["a cat asleep on the sofa", "a kitten naps on a couch", "the invoice is overdue"]
    )
    assert float(cat @ kitten) > float(cat @ invoice) + 0.2
