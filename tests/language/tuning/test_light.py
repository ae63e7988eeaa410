"""Light encoders: near the tuned one in what they say, smaller, and open without PyTorch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from penchant.errors import EncoderFailed, InvalidRecord, Refused
from penchant.language import open_encoder
from penchant.language.tuning import Example, TuningSettings, tune_encoder
from penchant.language.tuning.light import compare, make_light

QUICK = {"epochs": 12, "patience": 12, "batch": 16, "rate": 0.01, "head_rate": 0.02, "tokens": 24}


@pytest.fixture(scope="module")
def tuned(tiny: Path, said: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (extra train)")
    pytest.importorskip("onnx", reason="onnx is not installed (extra train)")
    folder = tmp_path_factory.mktemp("light") / "whole"
    return tune_encoder(tiny, said, folder, TuningSettings.read(QUICK), device="cpu").folder


@pytest.mark.parametrize(("kind", "near"), [("int8", 0.98), ("static", 0.7)])
def test_it_says_what_the_tuned_one_says(
    kind: str, near: float, tuned: Path, said: list[Example], tmp_path: Path
) -> None:
    texts = [e.text for e in said]
    make_light(tuned, tmp_path / kind, kind, texts)  # pyright: ignore[reportArgumentType]
    whole, light = open_encoder(f"tuned:{tuned}"), open_encoder(f"tuned:{tmp_path / kind}")
    cosine = (whole.encode(texts) * light.encode(texts)).sum(1)
    assert float(cosine.mean()) > near
    assert light.encode([""]).shape == (1, 32)
    assert np.isfinite(light.encode(["", "词", "x" * 9000])).all()
    assert light.id != whole.id
    before, after = compare([tuned, tmp_path / kind], said)
    assert after.category > 0.9
    assert after.dimension > before.dimension - 0.1
    assert after.mebibytes < before.mebibytes
    command = (
        f"import sys; from penchant.language import open_encoder; e = open_encoder('tuned:{tmp_path / kind}'); "
        "print(e.say(['send money abroad'])[0].category, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["bank", "False"]


def test_a_prompt_is_exported_too(tiny: Path, said: list[Example], tmp_path: Path, tuned: Path) -> None:
    settings = TuningSettings.read(QUICK, {"method": "prompt", "epochs": 1})
    tune_encoder(tiny, said, tmp_path / "prompt", settings, device="cpu")
    make_light(tmp_path / "prompt", tmp_path / "light", "int8")
    texts = ["send money", "order a pizza now please"]
    cosine = open_encoder(f"tuned:{tmp_path / 'prompt'}").encode(texts) * (
        open_encoder(f"tuned:{tmp_path / 'light'}").encode(texts)
    )
    assert float(cosine.sum(1).min()) > 0.98


def test_what_is_refused(tuned: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidRecord, match="kind"):
        make_light(tuned, tmp_path, "int4")  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidRecord, match="folder of its own"):
        make_light(tuned, tuned, "int8")
    with pytest.raises(Refused, match="fitted to texts"):
        make_light(tuned, tmp_path, "static")
    with pytest.raises(EncoderFailed, match="no tuned encoder"):
        make_light(tmp_path, tmp_path / "out", "int8")
    make_light(tuned, tmp_path / "torn", "int8")
    (tmp_path / "torn" / "model.onnx").write_bytes(b"torn")
    with pytest.raises(EncoderFailed, match="make it again"):
        open_encoder(f"tuned:{tmp_path / 'torn'}")
