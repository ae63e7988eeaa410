"""The verb versions on a catalogue whose settings were changed: listed, compared, rolled back, told as one line."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lives import BagOfWords, films, stream
from penchant import Engine
from penchant.cli import app


def _light(spec: str, *, threads: int) -> BagOfWords:
    return BagOfWords()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with penchant.db, whose half-life was changed after 30 events."""
    path = tmp_path / "penchant.db"
    monkeypatch.setattr("penchant.engine.core.open_encoder", _light)
    with Engine.open(path, "movies") as engine:
        engine.add_items(films(12))
        engine.observe_many(stream(30, items=12))
    with Engine.open(path, "movies", {"half_life": {"long": 30}}):
        return tmp_path


def run(*words: str, cwd: Path, status: int = 0) -> Result:
    with contextlib.chdir(cwd):
        done = CliRunner().invoke(app, words)
    assert done.exit_code == status, f"{words}: {done.output}\n{done.exception!r}"
    return done


def data(*words: str, cwd: Path) -> Any:
    return json.loads(run(*words, "--json", cwd=cwd).stdout)


def test_list_diff_and_rollback(shop: Path) -> None:
    found = data("versions", "list", cwd=shop)
    assert [one["what"] for one in found] == ["settings", "fit", "settings"]
    changed = found[-1]
    assert changed["fields"] == [{"name": "half_life.long", "before": 730.0, "after": 30.0}]
    assert data("versions", "list", "-n", "1", cwd=shop) == [changed]
    shown = run("versions", "list", cwd=shop).stdout
    assert "half_life.long: 730 → 30" in shown
    before = changed["version"] - 1
    told = data("versions", "diff", str(before), cwd=shop)
    assert told["settings"] == changed["fields"]
    assert told["weights"] is None
    weighed = data("versions", "diff", str(before), "--weights", cwd=shop)
    assert {"alpha.category", "weight.recent"} <= {one["name"] for one in weighed["weights"]}
    table = run("versions", "diff", str(before), str(changed["version"]), cwd=shop).stdout
    assert "half_life.long" in table
    assert "events" in table
    done = data("versions", "rollback", str(before), cwd=shop)
    assert done["changed"]
    assert done["summary"] == f"back to version {before}: half_life.long: 30 → 730"
    assert data("versions", "diff", str(before), cwd=shop)["settings"] == []
    assert f"all is as it was at version {before}" in run("versions", "rollback", str(before), cwd=shop).stdout
    with Engine.open(shop / "penchant.db") as engine:
        assert engine.settings.half_life.long == 730
        assert engine.model.learned == 30
        assert engine.verify()


@pytest.mark.parametrize(
    ("words", "field"), [(("diff", "0"), "diff.before"), (("rollback", "999999"), "roll_back.version")]
)
def test_a_version_that_is_not_there_is_one_line(shop: Path, words: tuple[str, ...], field: str) -> None:
    done = run("versions", *words, cwd=shop, status=2)
    assert done.stdout == ""
    assert done.stderr.startswith(f"error: {field}: {words[1]} can't be used; give a version from 1 to ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("verb", ["list", "diff", "rollback"])
def test_help_has_an_example(shop: Path, verb: str) -> None:
    assert f"penchant versions {verb}" in run("versions", verb, "--help", cwd=shop).stdout
