"""The tuned encoder keeps the encoder contract, and a catalogue is re-embedded with it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from penchant import Engine, Event, Item, reembed
from penchant.language import open_encoder
from penchant.language.tuning import Example, TuningSettings, tune_encoder

sys.path.insert(0, str(Path(__file__).parents[2] / "contract"))
from encoder_contract import check_encoder


@pytest.fixture(scope="module")
def tuned(tiny: Path, said: list[Example], tmp_path_factory: pytest.TempPathFactory) -> str:
    settings = TuningSettings.read({"epochs": 1, "tokens": 24})
    return tune_encoder(tiny, said, tmp_path_factory.mktemp("tuned") / "ours", settings, device="cpu").encoder


def test_contract(tuned: str) -> None:
    check_encoder(open_encoder(tuned))


def test_id_follows_the_weights(tuned: str, tiny: Path, said: list[Example], tmp_path: Path) -> None:
    other = tune_encoder(tiny, said, tmp_path / "ours", TuningSettings.read({"epochs": 1, "seed": 8}), device="cpu")
    assert open_encoder(other.encoder).id != open_encoder(tuned).id
    assert open_encoder(tuned).id == open_encoder(tuned).id


def test_a_catalogue_moves_to_it_and_back(tuned: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with Engine.open(path) as engine:
        engine.add_items([Item(id=str(k), text=f"pizza {k}", paths=[["food", "order"]]) for k in range(5)])
        engine.observe(Event(user="ann", item="1", kind="like"))
        before = engine.encoder.id
    reembed(path, tuned)
    with Engine.open(path) as engine:
        assert engine.encoder.id == open_encoder(tuned).id
        assert engine.recommend("ann", n=2)
        assert np.isfinite(engine.encoder.encode(["pizza"])).all()
    reembed(path, "default")
    with Engine.open(path) as engine:
        assert engine.encoder.id == before
        assert engine.recommend("ann", n=2)
