"""The verb train."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lives import films, stream
from penchant import Engine
from penchant.cli.app import app

pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")


def run(place: Path, *words: str, status: int = 0) -> Result:
    done = CliRunner().invoke(app, ["--db", str(place / "penchant.db"), *words])
    assert done.exit_code == status, f"{words}: {done.exit_code}\n{done.output}"
    return done


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("train")
    with Engine.open(place / "penchant.db", "movies") as engine:
        engine.add_items(films(30))
        engine.observe_many(stream(items=30))
    return place


def test_train_and_list(place: Path) -> None:
    few = ("--device", "cpu", "--dim", "8")
    told = run(place, "train", "sequence", *few, "--epochs", "2")
    assert told.stderr.count("epoch ") == 2
    assert " items, 2 epochs" in told.stdout
    done = run(place, "train", "sequence", *few, "--epochs", "1", "--json")
    assert json.loads(done.stdout)["epochs"] == 1
    assert done.stderr == ""
    assert [t["epochs"] for t in json.loads(run(place, "train", "list", "--json").stdout)] == [2, 1]


@pytest.mark.parametrize(("option", "value", "status"), [("--device", "tpu", 2), ("--dim", "9", 3)])
def test_errors_are_one_line(place: Path, option: str, value: str, status: int) -> None:
    done = run(place, "train", "sequence", option, value, status=status)
    assert len(done.stderr.strip().splitlines()) == 1
    assert value in done.stderr
