"""Weights and standardisations: silence says nothing of a spread, and newcomers' weights move faster."""

from __future__ import annotations

import numpy as np
import pytest

from lives import T0, BagOfWords, films, stream
from penchant import Engine, Event
from penchant.interest.blend import PACE, Blend
from penchant.interest.wishes import LOUDEST


def test_what_nobody_said_keeps_its_expected_spread() -> None:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(films())
        engine.observe_many(stream(100))
        model = engine.model
        names = [evidence.name for evidence in model.evidences]
        k = names.index("said")
        assert model.blend.stats_phi[k].tolist() == [0.0, 0.0, model.evidences[k].spread ** 2]
        assert model.blend.stats_phi[names.index("popular"), 0] > 0
        engine.tell("u1", "horror please", time=T0 + 1e6)
        engine.observe(Event(user="u1", item="f58", kind="like", time=T0 + 1e6 + 60))
        assert model.blend.stats_phi[k, 0] == 1
        many = model.world.wishes
        for word in ("comedy", "war", "romance", "horror"):
            engine.tell("u1", f"I really love {word}", time=T0 + 1e6 + 120)
        stand = many.standing(model.user("u1") or 0, T0 + 1e6 + 120, 1e9)
        assert float(np.linalg.norm(many.said_vector(stand, model.world.dim))) <= LOUDEST + 1e-6


def test_a_silent_evidence_is_not_standardised() -> None:
    blend = Blend([0.3, 0.3], [0.2, 1.0], (0.2, 0.1, 0.7), (), False, 1.0)
    phi = np.stack([np.zeros(8), np.arange(8.0)])
    args = np.zeros(8), np.zeros(8), 1.0, 1, np.zeros(4), np.zeros(3, np.float32), 0.05, 0.02, 0.02
    blend.learn(phi, np.array([False, True]), *args)
    assert blend.stats_phi[0].tolist() == pytest.approx([0, 0, 0.04])
    assert blend.stats_phi[1].tolist() == pytest.approx([1, 3.5, 17.5])
    assert blend.w[0] == 0.3
    assert blend.w[1] != 0.3


def test_newcomers_weights_move_faster() -> None:
    blend = Blend([0.3], [1.0], (0.2, 0.1, 0.7), (), False, 1.0)
    phi = np.arange(8.0)[None]
    blend.learn(
        phi, np.array([True]), np.zeros(8), np.zeros(8), 1.0, 1, np.array([1.0, -1.0, 1.0, 0.0]),
        np.zeros(3, np.float32), 0.05, 0.02, 0.02,
    )  # fmt: skip
    assert blend.v[3, 0] == 0
    assert blend.v[0, 0] == -blend.v[1, 0] != 0
    assert blend.v[2, 0] == pytest.approx(PACE[2] * blend.v[0, 0])
