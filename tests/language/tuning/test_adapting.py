"""Adapting by words and behaviour: the loss falls, what goes together comes close, taken up to the same bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from penchant import Engine, Event, Item
from penchant.errors import ConfigError, Refused
from penchant.language.tuning import Example, TuningSettings
from penchant.language.tuning.adapting import AdaptingSettings, adapt_encoder, pairs_of, texts_of
from penchant.language.tuning.source import open_source
from tiny_transformer import make

QUICK = {"batch": 16, "rate": 3e-3, "tokens": 24}


@pytest.fixture(scope="module")
def masking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder whose tokenizer has a mask."""
    return make(tmp_path_factory.mktemp("masking"), dropout=0.1, mask=True)


def vectors(folder: Path, texts: list[str]) -> np.ndarray:
    source = open_source(folder, TuningSettings())
    rows = []
    for text in texts:
        padded = source.padded(source.ids([text]))
        out = source.encoder.eval()(input_ids=padded["ids"], attention_mask=padded["mask"]).last_hidden_state
        row = out[0].mean(0).detach().numpy()
        rows.append(row / np.linalg.norm(row))
    return np.array(rows)


def test_words(masking: Path, tmp_path: Path) -> None:
    texts = ["send money abroad now", "cook dinner in the oven", "order a pizza please"] * 40
    found = adapt_encoder(masking, texts, tmp_path / "out", AdaptingSettings.read({**QUICK, "epochs": 8}), device="cpu")
    assert found.losses[-1] < 0.7 * found.losses[0]
    assert not np.allclose(vectors(found.folder, texts[:1]), vectors(masking, texts[:1]))
    assert not (found.folder / "checkpoint.safetensors").exists()


def test_behaviour_brings_together_what_goes_together(tiny: Path, tmp_path: Path) -> None:
    a, b = ["send money", "account balance", "transfer abroad"], ["cook dinner", "bake oven", "order pizza"]
    pairs = [(group[i], group[j]) for group in (a, b) for i in range(3) for j in range(3) if i < j] * 8
    settings = AdaptingSettings.read({**QUICK, "batch": 4, "epochs": 4})
    found = adapt_encoder(tiny, pairs, tmp_path / "out", settings, device="cpu")

    def margin(folder: Path) -> float:
        x = vectors(folder, a + b)
        cosine = x @ x.T
        return float((cosine[:3, :3].mean() + cosine[3:, 3:].mean()) / 2 - cosine[:3, 3:].mean())

    assert margin(found.folder) > margin(tiny) + 0.3


def test_taken_up_again_to_the_same_bits(masking: Path, said: list[Example], tmp_path: Path) -> None:
    settings = AdaptingSettings.read({**QUICK, "epochs": 2, "checkpoint": 2})
    texts = [e.text for e in said]
    adapt_encoder(masking, texts, tmp_path / "whole", settings, device="cpu")

    def stop(done: int, total: int) -> None:
        if done == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adapt_encoder(masking, texts, tmp_path / "parts", settings, device="cpu", step=stop)
    steps: list[int] = []
    adapt_encoder(masking, texts, tmp_path / "parts", settings, device="cpu", step=lambda done, _: steps.append(done))
    assert steps[0] == 9
    whole, parts = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "parts"))
    assert whole == parts


def test_what_a_catalogue_gives() -> None:
    with Engine.open(":memory:", "movies") as engine:
        engine.add_items([Item(id=k, text=f"film {k}", paths=[["drama"]]) for k in "abc"])
        engine.observe_many(
            [
                Event(user="u", item=k, kind="rating", value=v, time=1e9 + n)
                for n, (k, v) in enumerate([("a", 5), ("b", 1), ("c", 4)])
            ]
        )
        entries = list(engine.store.entries(types=["item", "event"]))
        assert texts_of(entries) == ["film a", "film b", "film c"]
        assert pairs_of(entries, engine.settings) == [("film a", "film c")]  # b was disliked


def test_what_is_refused(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="too little"):
        adapt_encoder(tiny, ["one"], tmp_path, device="cpu")
    with pytest.raises(ConfigError, match=r"adapting\.size: there is no such setting"):
        AdaptingSettings.read({"size": 3})
