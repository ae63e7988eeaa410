"""Training: every method learns and is kept, the same bits after an interruption, the same with accumulation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from penchant.errors import EncoderFailed, InvalidRecord, Refused
from penchant.language import open_encoder
from penchant.language.tuning import Epoch, Example, Tuning, TuningSettings, tune_encoder
from penchant.language.tuning.encoder import TunedEncoder

QUICK: dict[str, Any] = {"epochs": 12, "patience": 12, "batch": 16, "rate": 0.01, "head_rate": 0.02, "tokens": 24}


def tune(encoder: Path, said: list[Example], folder: Path, **over: Any) -> Tuning:
    return tune_encoder(encoder, said, folder, TuningSettings.read(QUICK, over), device="cpu")


def weights(folder: Path, name: str = "model.safetensors") -> dict[str, Any]:
    from safetensors.numpy import load_file

    return load_file(str(folder / name))


# what each method may change, as a share of all weights: (more than, at most)
SHARES = {"full": (0.9, 1.0), "lora": (0.0, 0.6), "prompt": (0.0, 0.1), "prefix": (0.0, 0.2), "head": (0.0, 0.05)}


@pytest.mark.parametrize("method", list(SHARES))
def test_a_method_learns_and_is_kept(method: str, tiny: Path, said: list[Example], tmp_path: Path) -> None:
    epochs = 40 if method in ("prompt", "prefix", "head") else 12
    found = tune(tiny, said, tmp_path / "out", method=method, epochs=epochs, patience=epochs)
    low, high = SHARES[method]
    assert low < found.trained / found.weights <= high
    assert found.test is not None
    assert found.test.dimension is not None
    # a tiny encoder of random weights: what stays frozen knows no words, so chance (0.25) is the bar there
    assert found.test.dimension[1].accuracy >= (0.8 if method in ("full", "lora") else 0.5)
    encoder = open_encoder(found.encoder)
    assert isinstance(encoder, TunedEncoder)
    told = encoder.say([e.text for e in said])
    share = np.mean([(t.category, t.dimension) == (e.category, e.dimension) for t, e in zip(told, said, strict=True)])
    assert share >= (0.9 if method in ("full", "lora") else 0.5)
    assert json.loads((tmp_path / "out" / "report.json").read_text())["test"]["dimension"]["accuracy"] == (
        found.test.dimension[1].accuracy
    )
    assert (tmp_path / "out" / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert not (tmp_path / "out" / "checkpoint.safetensors").exists()
    if method in ("prompt", "prefix", "head"):
        kept = weights(tmp_path / "out" / ("" if method == "head" else "base"))
        for name, array in weights(tiny).items():
            np.testing.assert_array_equal(kept[name], array)
    if method in ("prompt", "prefix"):  # the adapter is read again: the vectors are not those of the encoder beneath
        from penchant.language.tuning.source import open_source

        plain = open_source(tmp_path / "out" / "base", TuningSettings())
        padded = plain.padded(plain.ids(["send money"]))
        tokens = plain.encoder(input_ids=padded["ids"], attention_mask=padded["mask"]).last_hidden_state[0]
        vector = tokens.mean(0).detach().numpy()
        assert float(vector @ encoder.encode(["send money"])[0] / np.linalg.norm(vector)) < 0.9999


def test_a_plain_folder_opens_in_sentence_transformers_too(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="the extra st is not installed")
    tune(tiny, said, tmp_path / "out", method="lora", epochs=1)
    texts = ["send money please", "pizza"]
    ours = open_encoder(f"tuned:{tmp_path / 'out'}").encode(texts)
    np.testing.assert_allclose(open_encoder(f"st:{tmp_path / 'out'}").encode(texts), ours, atol=1e-5)


def test_another_method_into_the_same_folder(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    tune(tiny, said, tmp_path / "out", method="prompt", epochs=1)
    tune(tiny, said, tmp_path / "out", method="full", epochs=1)
    tune(tiny, said, tmp_path / "fresh", method="full", epochs=1)
    ours, fresh = (open_encoder(f"tuned:{tmp_path / name}").encode(["send money"]) for name in ("out", "fresh"))
    np.testing.assert_array_equal(ours, fresh)


def test_intensity_is_learned(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    found = tune(tiny, said, tmp_path / "out", epochs=15)
    assert found.test is not None
    assert found.test.intensity is not None
    assert found.test.intensity < 0.25  # the mean alone: about 0.48


def test_a_text_whose_dimension_is_unknown_teaches_its_category(
    tiny: Path, tmp_path: Path, said: list[Example]
) -> None:
    coarse = [e if k % 3 else Example(e.text, e.category) for k, e in enumerate(said)]
    found = tune(tiny, coarse, tmp_path / "out")
    assert found.test is not None
    assert found.test.category[1].accuracy >= 0.9


def test_a_decoder(decoder: Path, said: list[Example], tmp_path: Path) -> None:
    found = tune(decoder, said, tmp_path / "out", method="lora", epochs=15)
    assert found.test is not None
    assert found.test.category[1].accuracy >= 0.8
    assert open_encoder(found.encoder).encode([""]).shape == (1, 32)


def test_accumulated_parts_are_one_batch(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    whole = tune(tiny, said, tmp_path / "whole", epochs=2, rate=1e-3)
    parts = tune(tiny, said, tmp_path / "parts", epochs=2, rate=1e-3, accumulate=4)
    for a, b in zip(whole.history, parts.history, strict=True):
        assert a["loss"] == pytest.approx(b["loss"], rel=1e-4)
    for name, array in weights(tmp_path / "whole").items():
        np.testing.assert_allclose(weights(tmp_path / "parts")[name], array, atol=1e-3)


def test_stopped_and_taken_up_again_to_the_same_bits(dropping: Path, said: list[Example], tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    settings = TuningSettings.read(QUICK, {"epochs": 3, "checkpoint": 2})
    whole = tune_encoder(dropping, said, tmp_path / "whole", settings, device="cpu")

    def stop_at(step: int) -> Callable[[int, int], None]:
        def stop(done: int, total: int) -> None:
            if done == step:
                raise Stop

        return stop

    epochs: list[Epoch] = []
    for step in (stop_at(3), stop_at(9)):  # within an epoch of 5 steps
        with pytest.raises(Stop):
            tune_encoder(dropping, said, tmp_path / "parts", settings, device="cpu", step=step, progress=epochs.append)
    assert [e.number for e in epochs] == [1]
    parts = tune_encoder(dropping, said, tmp_path / "parts", settings, device="cpu", progress=epochs.append)
    assert [e.number for e in epochs] == [1, 2, 3]
    assert parts.history == whole.history
    for name in ("model.safetensors", "heads.safetensors"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_checkpoint_of_other_data_is_left_alone(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    settings = TuningSettings.read(QUICK, {"epochs": 2, "checkpoint": 1})

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune_encoder(tiny, said[:64], tmp_path / "out", settings, device="cpu", step=stop)
    found = tune_encoder(tiny, said, tmp_path / "out", settings, device="cpu")
    fresh = tune_encoder(tiny, said, tmp_path / "fresh", settings, device="cpu")
    assert found.history == fresh.history


def test_it_stops_early(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    plain = [Example(e.text, e.category, e.dimension) for e in said]
    found = tune(tiny, plain, tmp_path / "out", method="head", epochs=50, patience=2, head_rate=1e-9)
    assert found.epochs == 3


def test_bf16(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    found = tune(tiny, said, tmp_path / "out", precision="bf16")
    assert found.test is not None
    assert found.test.category[1].accuracy >= 0.9


def test_what_is_refused(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    with pytest.raises(EncoderFailed, match="no transformer"):
        tune(tmp_path, said, tmp_path / "out")
    with pytest.raises(EncoderFailed, match="no tuned encoder"):
        open_encoder(f"tuned:{tiny}")
    with pytest.raises(Refused, match="one label"):
        tune(tiny, [Example("a", "x"), Example("b", "x")], tmp_path / "out")
    with pytest.raises(InvalidRecord, match="precision"):
        tune(tiny, said, tmp_path / "out", precision="fp16")
    with pytest.raises(InvalidRecord, match="category"):
        tune_encoder(tiny, said, tmp_path / "out", dev=[Example("a", "elsewhere")], device="cpu")
