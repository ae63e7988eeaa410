"""New settings for a service that runs: on SIGHUP, and when their file changes; what can't change stays."""

from __future__ import annotations

import json
import logging
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from penchant import Engine
from penchant.errors import ConfigError
from penchant.serve.keys import KeyBook
from penchant.serve.reload import Reloader
from penchant.serve.settings import ServeSettings
from serving import Serve, Served

ORIGIN = "https://shop.example"


def preflight(served: Served) -> Any:
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "X-API-Key"}
    return served.client.options("/events", headers=headers).headers.get("access-control-allow-origin")


Change = Callable[..., bool]


@pytest.fixture
def changed(serve: Serve) -> tuple[Served, Change]:
    served = serve()
    given: dict[str, Any] = {"rate": ""}

    def change(**settings: Any) -> bool:
        given.update(settings)
        return Reloader(served.service, lambda: ServeSettings.load(None, {}, **given)).reload()

    return served, change


def test_what_may_change_counts_at_once(changed: tuple[Served, Change]) -> None:
    served, change = changed
    assert preflight(served) is None
    assert change(cors=[ORIGIN])
    assert preflight(served) == ORIGIN
    assert change(cors=[])
    assert preflight(served) is None

    event = {"user": "ann", "item": "f1", "context": {"place": "x" * 200}}
    assert change(body_bytes=1024)
    big = {"user": "ann", "item": "f1", "context": {f"p{k}": "x" * 200 for k in range(6)}}
    assert served.ask("POST", "/events", json=big).status_code == 413
    assert served.ask("POST", "/events", json=event).status_code == 200
    assert change(json_depth=4)
    assert served.ask("POST", "/events", content=b"[" * 5, headers={"Content-Type": "application/json"}).json()[
        "detail"
    ] == "the body is nested deeper than 4"  # fmt: skip

    assert change(queue=7)
    assert served.host.catalogue("shop").writer.capacity == served.host.settings.queue == 7
    assert change(log="debug")
    assert logging.getLogger("penchant").level == logging.DEBUG

    assert change(rate="2/hour")
    statuses = [served.ask("GET", "/catalogue", "read").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert change(rate="1000/second")
    assert served.ask("GET", "/catalogue", "read").status_code == 200
    assert not change()


def test_what_may_not_change_stays_and_is_told(
    changed: tuple[Served, Change], caplog: pytest.LogCaptureFixture
) -> None:
    served, change = changed
    with caplog.at_level("INFO"):
        assert change(port=9, metrics="public", body_bytes=2048)
    assert "serve.port: only a restart changes it" in caplog.text
    assert "serve.metrics: only a restart changes it" in caplog.text
    assert "new settings: body_bytes" in caplog.text
    settings = served.service.settings
    assert (settings.port, settings.metrics, settings.body_bytes) == (8000, "key", 2048)


def test_settings_that_can_not_be_used_change_nothing(
    serve: Serve, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    served = serve()
    before = served.service.settings
    file = tmp_path / "serve.toml"
    for text in ('cors = ["a"]\nrate = "fast"', 'cors = ["a"]\nnothing = 1', 'cors = ["a"', None):
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text)
        with pytest.raises(ConfigError) as caught:
            ServeSettings.load(file, {})
        assert not Reloader(served.service, lambda: ServeSettings.load(file, {}), file).reload()
        assert served.service.settings is before
        assert f"the settings stay as they are: {caught.value}" in caplog.text


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], queue.Queue[dict[str, Any]]]]:
    with Engine.open(tmp_path / "shop.db", "shop") as engine:
        engine.add_items([{"id": "tea", "text": "green tea"}])
    (tmp_path / "serve.toml").write_text("port = 0\nconsole = false\n")
    popen = subprocess.Popen(
        [sys.executable, "-c", "from penchant.cli import main; main()", "serve", "--folder", str(tmp_path),
         "--settings", str(tmp_path / "serve.toml")],
        stderr=subprocess.PIPE, text=True, env={k: v for k, v in os.environ.items() if "PENCHANT_SERVE" not in k},
    )  # fmt: skip
    lines: queue.Queue[dict[str, Any]] = queue.Queue()

    def read() -> None:
        assert popen.stderr is not None
        for line in popen.stderr:
            if line.startswith("{"):
                lines.put(json.loads(line))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    yield popen, lines
    popen.kill()
    popen.wait()
    thread.join()
    assert popen.stderr is not None
    popen.stderr.close()


def heard(lines: queue.Queue[dict[str, Any]], what: str) -> re.Match[str]:
    """The first line of the log that says so."""
    while True:
        if found := re.search(what, lines.get(timeout=60)["message"]):
            return found


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_a_process_hears_of_it(
    process: tuple[subprocess.Popen[str], queue.Queue[dict[str, Any]]], tmp_path: Path
) -> None:
    popen, lines = process
    address = heard(lines, r"listening on (\S+)")[1]
    keys = KeyBook.open(tmp_path / "keys.db")
    _, token = keys.create("shop", ["read"])
    keys.close()
    file = tmp_path / "serve.toml"

    def statuses(n: int) -> set[int]:
        with httpx.Client(base_url=address, headers={"X-API-Key": token}) as client:
            return {client.get("/catalogue").status_code for _ in range(n)}

    begun = time.monotonic()
    while statuses(1) == {503} and time.monotonic() < begun + 60:  # a busy machine may need longer than a request waits
        time.sleep(0.2)
    assert statuses(3) == {200}
    file.write_text('port = 0\nconsole = false\nrate = "1/hour"\n')  # its change is seen
    heard(lines, "new settings: rate")
    assert statuses(3) == {200, 429}
    file.write_text("port = 0\nconsole = false\nrate = 5\n")
    popen.send_signal(signal.SIGHUP)
    heard(lines, "the settings stay as they are: serve.rate")
    assert statuses(1) == {429}
    time.sleep(0.01)
    file.write_text('port = 1\nconsole = false\nrate = "1000/second"\n')
    popen.send_signal(signal.SIGHUP)
    heard(lines, "serve.port: only a restart changes it")
    heard(lines, "new settings: rate")
    assert statuses(3) == {200}
    popen.send_signal(signal.SIGTERM)
    assert popen.wait(60) == 0
