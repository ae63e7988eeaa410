"""Several processes, and processes that are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from penchant.errors import EncoderFailed, InvalidRecord, PenchantError
from penchant.language.tuning import Epoch, Example, TuningSettings, tune_encoder, tune_in_processes, worker
from penchant.language.tuning.launch import follow

SETTINGS = {"epochs": 2, "batch": 15, "rate": 1e-3, "tokens": 24}


def test_two_processes_train_as_one(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    settings = TuningSettings.read(SETTINGS)
    told: list[Epoch] = []
    one = tune_encoder(tiny, said, tmp_path / "one", settings, device="cpu")
    two = tune_in_processes(2, tiny, said, tmp_path / "two", settings, device="cpu", progress=told.append)
    assert [e.number for e in told] == [1, 2]
    for a, b in zip(one.history, two.history, strict=True):
        assert a["loss"] == pytest.approx(b["loss"], rel=1e-4)
    assert two.test is not None
    assert one.test is not None
    assert two.test.to_dict()["category"]["accuracy"] == one.test.to_dict()["category"]["accuracy"]
    from safetensors.numpy import load_file

    ours, theirs = (load_file(str(tmp_path / name / "model.safetensors")) for name in ("one", "two"))
    for name, array in ours.items():
        np.testing.assert_allclose(theirs[name], array, atol=2e-3)


def test_an_error_of_a_process_is_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = {"encoder": "nowhere", "folder": str(tmp_path), "settings": {}, "device": "cpu", "threads": 1}
    (tmp_path / "job.json").write_text(json.dumps({**job, "train": 2, "dev": 0, "test": 0}))
    (tmp_path / "train.jsonl").write_text('{"text": "a", "category": "x"}\n{"text": "b", "category": "y"}\n')
    with pytest.raises(SystemExit):
        worker.main(tmp_path)
    said = capsys.readouterr().out
    with (tmp_path / "stderr").open("w+") as heard:
        with pytest.raises(EncoderFailed, match="no transformer"):
            follow([sys.executable, "-c", f"print({said!r})"], dict(os.environ), heard, None, None)
        with pytest.raises(PenchantError, match="KeyError: 7"):
            follow([sys.executable, "-c", "{}[7]"], dict(os.environ), heard, None, None)


def test_no_process(tiny: Path, said: list[Example], tmp_path: Path) -> None:
    with pytest.raises(InvalidRecord, match="processes"):
        tune_in_processes(0, tiny, said, tmp_path)


def test_killed_half_way_the_end_is_the_same(dropping: Path, said: list[Example], tmp_path: Path) -> None:
    settings = TuningSettings.read(SETTINGS, {"epochs": 6, "patience": 6, "checkpoint": 2})
    whole = tune_encoder(dropping, said, tmp_path / "whole", settings, dev=said[:20], test=[], device="cpu")
    job = {
        "encoder": str(dropping), "folder": str(tmp_path / "out"), "settings": settings.model_dump(), "device": "cpu",
        "threads": 1, "train": 1, "dev": 1, "test": 0,
    }  # fmt: skip
    (tmp_path / "job.json").write_text(json.dumps(job))
    for part, of in (("train", said), ("dev", said[:20])):
        (tmp_path / f"{part}.jsonl").write_text("".join(json.dumps(asdict(e)) + "\n" for e in of))
    command = [sys.executable, "-m", "penchant.language.tuning.worker", str(tmp_path)]
    kept = tmp_path / "out" / "checkpoint.safetensors"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        while running.poll() is None and not kept.exists():
            time.sleep(0.001)
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert kept.exists()
    steps: list[int] = []
    again = tune_encoder(
        dropping, said, tmp_path / "out", settings, dev=said[:20], test=[], device="cpu",
        step=lambda done, total: steps.append(done),
    )  # fmt: skip
    assert steps[0] > 1  # it went on, it did not begin again
    assert again.history == whole.history
    for name in ("model.safetensors", "heads.safetensors"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
