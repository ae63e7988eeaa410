"""penchant consume, as a person and as a program use it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nats_server import Broker
from penchant import Engine
from penchant.cli import app
from penchant.errors import ConfigError
from penchant.serve.faults import NotReady
from penchant.store import open_store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
COMMAND = [sys.executable, "-W", "error", "-c", "from penchant.cli import main; main()"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Engine.open(tmp_path / "shop.db", "shop") as engine:
        engine.add_items([{"id": "tea", "text": "green tea"}])
    return tmp_path


@pytest.fixture
def consuming(folder: Path, broker: Broker) -> Iterator[subprocess.Popen[str]]:
    broker.publish("clicks", [{"user": "ann", "item": "tea", "id": "c1"}, {"user": "ann", "item": "cup"}])
    words = ["consume", broker.url, "--subject", "clicks", "--tenant", "shop", "--folder", str(folder), "--json"]
    popen = subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield popen
    popen.kill()
    popen.communicate()


def learned(folder: Path) -> list[str | None]:
    with closing(open_store(folder / "shop.db", read_only=True)) as store:
        return [entry.id for entry in store.entries(types=["event"])]


def test_it_learns_until_it_is_told_to_stop(
    folder: Path,
    broker: Broker,
    consuming: subprocess.Popen[str],
) -> None:
    while not learned(folder):
        assert consuming.poll() is None, consuming.communicate()
        time.sleep(0.05)
    # one catalogue has one writing process
    done = CliRunner().invoke(app, ["consume", broker.url, "--tenant", "shop", "--folder", str(folder)])
    assert done.exit_code == NotReady.status
    assert done.stderr.splitlines()[-1].startswith("error: the catalogue can't be opened")
    assert "is being written to by process" in done.stderr
    consuming.send_signal(signal.SIGTERM)
    out, err = consuming.communicate(timeout=60)
    assert consuming.returncode == 0, err
    told = json.loads(out)
    assert (told["accepted"], told["refused"], told["failing"]) == (1, 1, False)
    assert learned(folder) == ["c1"]
    assert not (folder / "shop.db.lock").exists()
    assert "ann" not in err


def test_errors_are_one_line_with_a_status(tmp_path: Path) -> None:
    for words, told in [
        (["consume", "nats://localhost:1"], "error: consume.tenant: none is given"),
        (["consume", "nats://localhost:1", "--tenant", "shop", "--subject", "a b"], "error: consume.subject: 'a b'"),
    ]:
        done = CliRunner().invoke(app, [*words, "--folder", str(tmp_path)])
        assert done.exit_code == ConfigError.status
        assert done.stderr.startswith(told)
        assert done.stderr.count("\n") == 1
