"""penchant tune, as a person and a program use it."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lives import films, stream
from penchant import Engine
from penchant.cli import app
from penchant.config import Settings
from tiny_transformer import make, texts

pytest.importorskip("optuna", reason="the extra tune is not installed")

SEARCH = ("tune", "--items", "items.jsonl", "--events", "events.jsonl", "--every", "2", "--only", "learn.eta_*")


def run(*words: str, cwd: Path, status: int = 0) -> str:
    with contextlib.chdir(cwd):
        result = CliRunner().invoke(app, words)
    assert result.exit_code == status, f"{words}: {result.output}\n{result.exception!r}"
    return result.stdout if status == 0 else result.stderr


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small data set."""
    place = tmp_path_factory.mktemp("tune")
    for name, records in (("items", films()), ("events", stream(200))):
        lines = "".join(record.model_dump_json(exclude_defaults=True) + "\n" for record in records)
        (place / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return place


def test_a_search_from_start_to_use(place: Path) -> None:
    told = json.loads(run("--json", *SEARCH, "--trials", "3", cwd=place))
    assert told["trials"] == 3
    assert told["start"]["values"] == {}
    assert told["best"][0]["ndcg@10"] >= told["start"]["ndcg@10"]
    assert (place / "tune.png").read_bytes().startswith(b"\x89PNG")
    settings = Settings.load(None, place / "tune.toml")
    assert settings.domain == "movies"
    with Engine.open(settings=place / "tune.toml") as engine:
        assert engine.settings == settings
    # the same command again finds nothing left to do
    text = run(*SEARCH, "--trials", "3", "--plot", "mattered.html", cwd=place)
    assert "began from" in text
    assert f"{told['start']['ndcg@10']:.4f}" in text
    assert told["verdict"] in text
    assert "<svg" in (place / "mattered.html").read_text(encoding="utf-8")


def test_errors_come_before_the_work(place: Path) -> None:
    for words, status, what in (
        ((*SEARCH, "--plot", "tune.pdf"), 2, "tune.plot"),
        ((*SEARCH, "--window", "0.8", "0.6"), 2, "tune.window"),
        ((*SEARCH, "--only", "nothing.*"), 3, "nothing.*"),
        ((*SEARCH[:3],), 2, "--events"),
        ((*SEARCH, "--base", "films"), 3, "films"),
    ):
        error = run(*words, "--study", "never.db", cwd=place, status=status)
        assert what in error
        assert error.count("\n") == 1
    assert not (place / "never.db").exists()


def test_interrupted_it_goes_on(place: Path) -> None:
    command = [sys.executable, "-c", "from penchant.cli import main; main()", *SEARCH, "--study", "cut.db"]
    with subprocess.Popen([*command, "--trials", "500"], cwd=place, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("2 of 500"):
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "the same command goes on" in rest
    assert "Traceback" not in rest
    told = json.loads(run("--json", *SEARCH, "--study", "cut.db", "--trials", "1", cwd=place))
    assert 2 <= told["trials"] < 500


def test_a_search_for_the_language_models_settings(tmp_path: Path) -> None:
    make(tmp_path / "tiny")
    rows = [{"text": e.text, "category": e.category, "dimension": e.dimension} for e in texts(48)]
    (tmp_path / "said.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (tmp_path / "from.toml").write_text('method = "head"\nepochs = 2\ndev = 0.25\n', encoding="utf-8")
    search = ("tune", "--language", "said.jsonl", "--settings", "from.toml", "--trials", "2", "--device", "cpu")
    assert "--encoder" in run(*search, cwd=tmp_path, status=2)
    told = json.loads(run("--json", *search, "--encoder", "tiny", cwd=tmp_path))
    assert told["trials"] == 2
    assert told["best"][0]["accuracy"] >= told["start"]["accuracy"]
    assert (tmp_path / "tune.png").read_bytes().startswith(b"\x89PNG")
    text = run(*search, "--encoder", "tiny", cwd=tmp_path)
    assert "accuracy" in text
    assert "12 texts each" in text
    trained = ("train", "language", "said.jsonl", "--encoder", "tiny", "--settings", "tune.toml", "--out", "tuned")
    assert json.loads(run("--json", *trained, cwd=tmp_path))["method"] == "head"
