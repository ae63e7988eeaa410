"""The verb train language."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from penchant import Engine, Event, Item
from penchant.cli.app import app
from tiny_transformer import make, texts


def run(*words: str, status: int = 0) -> Result:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == status, f"{words}: {done.exit_code}\n{done.output}"
    return done


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("language")
    make(place / "tiny")
    with (place / "said.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "category", "dimension", "intensity"])
        rows.writerows([e.text, e.category, e.dimension, e.intensity] for e in texts())
    return place


def test_train_and_report(place: Path) -> None:
    given = ("train", "language", str(place / "said.csv"), "--encoder", str(place / "tiny"), "--method", "lora")
    told = run(*given, "--out", str(place / "a"), "--epochs", "2")
    assert told.stderr.count("epoch ") == 2
    assert "tuned:" in told.stderr
    assert "bank › transfer" in told.stdout
    done = json.loads(run(*given, "--out", str(place / "b"), "--epochs", "1", "--json").stdout)
    assert done["epochs"] == 1
    assert done["test"]["dimension"]["classes"]["food › order"]["support"] > 0


def test_train_on_the_catalogue(place: Path) -> None:
    with Engine.open(place / "shop.db") as engine:
        engine.add_items(
            [Item(id=str(k), text=e.text, paths=[[e.category, str(e.dimension)]]) for k, e in enumerate(texts(40))]
        )
    done = run(
        "--db", str(place / "shop.db"), "train", "language", "--encoder", str(place / "tiny"), "--out",
        str(place / "c"), "--method", "head", "--epochs", "1", "--json",
    )  # fmt: skip
    assert set(json.loads(done.stdout)["dev"]["category"]["classes"]) <= {"bank", "food"}


def test_light(place: Path) -> None:
    said, tuned = str(place / "said.csv"), str(place / "whole")
    run("train", "language", said, "--encoder", str(place / "tiny"), "--out", tuned, "--epochs", "1")
    done = run("train", "light", tuned, said, "--kind", "static", "--out", str(place / "light"), "--json")
    whole, light = json.loads(done.stdout)
    assert (whole["encoder"], light["encoder"]) == ("whole", "light")
    assert light["mebibytes"] < whole["mebibytes"]
    refused = run("train", "light", tuned, said, "--kind", "int4", "--out", str(place / "light"), status=2)
    assert "give int8 or static" in refused.stderr


def test_adapt(place: Path) -> None:
    path = str(place / "again.db")
    with Engine.open(path) as engine:
        engine.add_items([Item(id=str(k), text=e.text, paths=[[e.category]]) for k, e in enumerate(texts(20))])
        engine.observe_many([Event(user="u", item=str(k), kind="like") for k in range(20)])
    given = ("--db", path, "train", "adapt", "--encoder", str(place / "tiny"), "--out", str(place / "adapted"))
    done = json.loads(run(*given, "--by", "behaviour", "--epochs", "2", "--json").stdout)
    assert len(done["losses"]) == 2
    assert "has no mask" in run(*given, "--by", "words", status=10).stderr
    assert "give words or behaviour" in run(*given, "--by", "magic", status=2).stderr


@pytest.mark.parametrize(("option", "value", "status"), [("--method", "bitfit", 3), ("--device", "tpu", 2)])
def test_errors_are_one_line(place: Path, option: str, value: str, status: int) -> None:
    given = ("train", "language", str(place / "said.csv"), "--encoder", str(place / "tiny"), "--out", str(place / "d"))
    done = run(*given, option, value, status=status)
    assert len(done.stderr.strip().splitlines()) == 1
    assert value in done.stderr
