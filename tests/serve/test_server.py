"""The process that serves, for real: it guards its connections, and whatever ends it, nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from serving import light

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
SCRIPT = Path(__file__).with_name("serve_until_stopped.py")
TESTS = SCRIPT.parents[1]


@dataclass
class Process:
    """A server in a process of its own."""

    popen: subprocess.Popen[str]
    address: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.key}

    def connect(self) -> socket.socket:
        url = urlsplit(self.address)
        return socket.create_connection((url.hostname, url.port), timeout=60)

    def end(self, sig: int) -> tuple[int, str, str]:
        self.popen.send_signal(sig)
        out, err = self.popen.communicate(timeout=60)
        return self.popen.returncode, out, err


Run = Callable[..., Process]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started: list[subprocess.Popen[str]] = []

    def start(**settings: object) -> Process:
        path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
        popen = subprocess.Popen(
            [sys.executable, "-W", "error", str(SCRIPT), str(tmp_path), json.dumps(settings)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path},
        )  # fmt: skip
        started.append(popen)
        assert popen.stdout is not None
        line = popen.stdout.readline()
        assert line, popen.communicate()
        return Process(popen, **json.loads(line))

    yield start
    for popen in started:
        if popen.poll() is None:
            popen.kill()
            popen.communicate()


@dataclass
class Load:
    """Callers that send events until the server is gone, and what was acknowledged to them, in order."""

    server: Process
    acknowledged: list[list[str]] = field(default_factory=list)
    odd: list[object] = field(default_factory=list)

    def start(self, callers: int = 6) -> list[threading.Thread]:
        self.acknowledged = [[] for _ in range(callers)]
        threads = [threading.Thread(target=self._call, args=(k,)) for k in range(callers)]
        for thread in threads:
            thread.start()
        return threads

    def _call(self, caller: int) -> None:
        with httpx.Client(base_url=self.server.address, headers=self.server.headers, timeout=60) as client:
            for k in range(100_000):
                event = {"user": f"u{caller}", "item": f"f{k % 12}", "id": f"{caller}-{k}"}
                try:
                    answer = client.post("/events", json=event)
                except httpx.TransportError:
                    return  # not acknowledged
                if answer.status_code == 503:
                    return
                if answer.status_code != 200:
                    self.odd.append(answer.text)
                    return
                self.acknowledged[caller].append(event["id"])


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=["term", "int", "kill"])
def test_nothing_acknowledged_is_lost_under_load(run: Run, tmp_path: Path, sig: signal.Signals) -> None:
    server = run()
    load = Load(server)
    threads = load.start()
    while sum(map(len, load.acknowledged)) < 150:
        time.sleep(0.01)
        assert any(thread.is_alive() for thread in threads), load.odd
    status, out, err = server.end(sig)
    for thread in threads:
        thread.join()
    assert not load.odd
    if sig != signal.SIGKILL:
        assert (status, out) == (0, "ended\n"), err
        assert not (tmp_path / "shop.db.lock").exists()
    with light(tmp_path / "shop.db") as engine:
        events = list(engine.events())
        if sig != signal.SIGKILL:  # a snapshot was kept, so that nothing is replayed
            assert engine._snapshot == engine.version
    for caller, acknowledged in enumerate(load.acknowledged):
        mine = [e.id for e in events if e.user == f"u{caller}"]
        assert mine[: len(acknowledged)] == acknowledged  # all, in their order
        assert len(mine) <= len(acknowledged) + 1  # and at most the one whose answer was on its way


def test_readiness_goes_false_first(run: Run) -> None:
    server = run(linger_seconds=600)
    with httpx.Client(base_url=server.address, headers=server.headers, timeout=60) as client:
        assert client.get("/health/ready").json()["status"] == "ready"
        server.popen.send_signal(signal.SIGTERM)
        while (answer := client.get("/health/ready")).status_code == 200:
            time.sleep(0.01)
        assert answer.json()["status"] == "stopping"
        assert client.get("/health/live").status_code == 200
        event = {"user": "ann", "item": "f1"}
        assert client.post("/events", json=event).status_code == 200  # whoever was sent here is served
    assert server.end(signal.SIGTERM)[0] == 0  # a second signal does not linger


def read_all(connection: socket.socket) -> bytes:
    got = b""
    while part := connection.recv(65_536):
        got += part
    return got


def test_connections_are_guarded(run: Run) -> None:
    server = run(idle_seconds=1, body_seconds=1, body_bytes=100_000)
    good = f"POST /events HTTP/1.1\r\nHost: x\r\nX-API-Key: {server.key}\r\nContent-Type: application/json\r\n"
    cases = {
        "silent": (b"", 408),
        "half a head": (b"GET /health/live HTTP/1.1\r\nHost:", 408),
        "an endless head": (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000, 431),
        "many headers": (b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % k for k in range(10_000)), 431),
        "no HTTP": (b"\x16\x03\x01 hello\r\n\r\n", 400),
        "half a body": (good.encode() + b'Content-Length: 50\r\n\r\n{"user"', 408),
        "half a chunk": (good.encode() + b'Transfer-Encoding: chunked\r\n\r\n7\r\n{"user"', 408),
        "too much told": (good.encode() + b"Content-Length: 100001\r\n\r\n", 413),
    }
    connections = {name: server.connect() for name in cases}
    for name, (sent, _) in cases.items():
        connections[name].sendall(sent)
    for name, (_, status) in cases.items():
        with connections[name] as connection:
            got = (
                read_all(connection)
                if status in (400, 431) or name in ("silent", "half a head")
                else connection.recv(9000)
            )
        assert got.startswith(b"HTTP/1.1 %d " % status), (name, got)
        assert b"content-type: application/problem+json" in got.lower(), name
    assert httpx.get(f"{server.address}/health/live", timeout=60).status_code == 200
    status, _, err = server.end(signal.SIGTERM)
    assert status == 0
    assert "Traceback" not in err


def test_it_is_ready_when_it_is_warm(run: Run) -> None:
    server = run(warm=True, log="info")
    with httpx.Client(base_url=server.address, headers=server.headers, timeout=120) as client:
        seen = [client.get("/health/ready").json()]
        while not seen[-1]["ready"]:
            assert client.get("/health/live").status_code == 200
            time.sleep(0.05)
            seen.append(client.get("/health/ready").json())
        assert seen[0]["status"] == "opening"
        assert {one["status"] for one in seen} == {"opening", "ready"}
        assert client.post("/events", json={"user": "ann", "item": "f1"}).status_code == 200
    assert server.end(signal.SIGTERM)[0] == 0


def test_it_stops_while_it_warms(run: Run) -> None:
    server = run(warm=True)
    assert httpx.get(f"{server.address}/health/ready", timeout=60).status_code == 503
    assert server.end(signal.SIGTERM)[:2] == (0, "ended\n")
