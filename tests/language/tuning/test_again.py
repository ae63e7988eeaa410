"""Tuned again on new texts: labels and heads stay, and replay keeps what was known."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from penchant.language import open_encoder
from penchant.language.tuning import Example, TuningSettings, tune_encoder
from penchant.language.tuning.encoder import TunedEncoder

SETTINGS = {"epochs": 10, "patience": 10, "batch": 16, "rate": 0.01, "head_rate": 0.02, "tokens": 24, "test": 0}


def share(folder: Path, of: list[Example]) -> float:
    encoder = open_encoder(f"tuned:{folder}")
    assert isinstance(encoder, TunedEncoder)
    told = encoder.say([e.text for e in of])
    return float(np.mean([t.dimension == e.dimension for t, e in zip(told, of, strict=True)]))


def test_replay_keeps_what_was_known(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    settings = TuningSettings.read(SETTINGS)
    old = [e for e in said if e.category == "bank"]
    new = [e for e in said if e.category == "food"]
    tune_encoder(tiny, old, tmp_path / "old", settings, device="cpu")
    known = share(tmp_path / "old", old)
    tune_encoder(tmp_path / "old", new, tmp_path / "plain", settings, device="cpu")
    tune_encoder(tmp_path / "old", new, tmp_path / "replay", settings, device="cpu", replay=old)
    assert share(tmp_path / "replay", new) > 0.85
    forgot, kept = known - share(tmp_path / "plain", old), known - share(tmp_path / "replay", old)
    assert kept < 0.1
    assert forgot > kept  # else the texts would not tell replay from none


def test_heads_go_on(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    """With the head alone and no step that moves anything, what was told is told again, whatever labels came."""
    first = TuningSettings.read(SETTINGS, {"method": "head", "epochs": 3})
    tune_encoder(tiny, said, tmp_path / "first", first, device="cpu")
    still = TuningSettings.read(first.model_dump(), {"epochs": 1, "head_rate": 1e-12})
    more = [Example("my oven", "home", "oven"), Example("my dinner", "home", "dinner")]
    tune_encoder(tmp_path / "first", said + more, tmp_path / "second", still, dev=said, device="cpu")
    a, b = open_encoder(f"tuned:{tmp_path / 'first'}"), open_encoder(f"tuned:{tmp_path / 'second'}")
    assert isinstance(a, TunedEncoder)
    assert isinstance(b, TunedEncoder)
    assert [leaf for leaf in b.labels.dimensions if leaf not in a.labels.dimensions] == [
        ("home", "dinner"),
        ("home", "oven"),
    ]
    texts = [e.text for e in said]
    np.testing.assert_allclose([t.intensity for t in a.say(texts)], [t.intensity for t in b.say(texts)], atol=1e-5)
