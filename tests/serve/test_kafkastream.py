"""Events of a real server of Kafka's protocol: each learned once, refusals among the dead letters, whatever is killed
or taken away meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kafka_server import KafkaServer
from lives import Open, films
from penchant import Engine
from penchant.errors import ConfigError
from penchant.serve.consume import Fate, Intake, Message, Refusal
from penchant.serve.source import Source
from penchant.serve.writer import Writer
from penchant.store import open_store
from serving import light

pytest.importorskip("aiokafka", reason="no client of Kafka: aiokafka is not installed")
from penchant.serve.kafkastream import KafkaStream

KILLS = int(os.environ.get("PENCHANT_KILLS", "2"))
SCRIPT = Path(__file__).with_name("consume_until_stopped.py")


def event(k: int, **more: Any) -> dict[str, Any]:
    return {"user": f"u{k % 5}", "item": f"f{k % 12}", "kind": "rating", "value": k, **more}


async def consume(source: Source, intake: Intake, until: Callable[[], bool]) -> None:
    """Consume until something is so."""
    stop = asyncio.Event()
    running = asyncio.create_task(KafkaStream(source, intake).run(stop))
    while not until() and not running.done():
        await asyncio.sleep(0.02)
    stop.set()
    await running


def of(server: KafkaServer, topic: str, group: str, *, in_flight: int = 256, ack_seconds: float = 2) -> Source:
    """The server waits for half of that before a group's first consumer reads, and longer where one was killed."""
    return Source(server.url, topic, group, in_flight=in_flight, ack_seconds=ack_seconds)


def settled(intake: Intake, n: int) -> Callable[[], bool]:
    tally = intake.tally
    return lambda: tally.accepted + tally.duplicate + tally.refused >= n and tally.lag == 0


@pytest.fixture
def engine(opened: Open) -> Engine:
    return opened(items=films(12))


def test_records_are_learned_in_order_once(kafka_server: KafkaServer, engine: Engine) -> None:
    kafka_server.make("plain", 3)
    kafka_server.publish("plain", [event(k, id=f"e{k}") if k % 2 else event(k) for k in range(200)])
    for group, fates in (("one", (200, 0)), ("two", (0, 200))):
        intake = Intake(Writer(engine))
        asyncio.run(consume(of(kafka_server, "plain", group, in_flight=32), intake, settled(intake, 200)))
        assert (intake.tally.accepted, intake.tally.duplicate, intake.tally.refused) == (*fates, 0)
        assert intake.tally.lags == {0: 0, 1: 0, 2: 0}
        assert kafka_server.committed("plain", group) == 200
    learned = list(engine.events())
    for user in range(5):  # who is the key
        assert [e.value for e in learned if e.user == f"u{user}"] == list(range(user, 200, 5))
    places = {str(e.id).rpartition(":")[0] for e in learned if not str(e.id).startswith("e")}
    assert len(places) == 100
    assert all(place.startswith("kafka:plain:") for place in places)
    assert all(abs(float(e.time or 0) - time.time()) < 600 for e in learned)


def test_a_consumer_goes_on_where_it_stopped(kafka_server: KafkaServer, engine: Engine) -> None:
    kafka_server.make("going.on")
    for first in (0, 10):
        intake = Intake(Writer(engine))
        kafka_server.publish("going.on", [event(k) for k in range(first, first + 10)])
        asyncio.run(consume(of(kafka_server, "going.on", "same"), intake, settled(intake, 10)))
        assert (intake.tally.accepted, intake.tally.duplicate) == (10, 0)
    assert sorted(float(e.value or 0) for e in engine.events()) == list(range(20))


def test_bad_records_are_dead_letters_with_a_reason(kafka_server: KafkaServer, engine: Engine) -> None:
    bad = [b"hello", b"\xff", b"[]", None, event(1, item="nothing"), event(1, time=time.time() + 86_400)]
    kafka_server.make("bad")
    kafka_server.publish("bad", [event(0), *bad, event(2)])
    intake = Intake(Writer(engine))
    asyncio.run(consume(of(kafka_server, "bad", "one"), intake, settled(intake, 8)))
    assert (intake.tally.accepted, intake.tally.refused) == (2, len(bad))
    assert [e.value for e in engine.events()] == [0, 2]
    dead = kafka_server.read("dead.bad")
    encoded = [json.dumps(body).encode() if isinstance(body, dict) else body for body in bad]
    assert sorted(map(str, (letter.value for letter in dead))) == sorted(map(str, encoded))
    problems = ["invalid-record", "unreadable", "invalid-record", "invalid-record", "unknown-id", "refused"]
    for letter in dead:
        headers = {name: text.decode() for name, text in letter.headers}
        number = int(headers["Penchant-Place"].split(":")[3])
        assert encoded[number - 1] == letter.value
        assert letter.key == (b"u1" if isinstance(bad[number - 1], dict) else b"none")
        assert headers["Penchant-Subject"] == "bad"
        assert headers["Penchant-Problem"] == f"urn:penchant:problem:{problems[number - 1]}", letter.value
        assert len(headers["Penchant-Reason"]) > 15


class Failing(Intake):
    """Learns a first message, and fails at the second in a way that nobody foresaw, once."""

    calls = 0

    async def take(self, message: Message) -> Fate | Refusal:
        self.calls += 1
        if self.calls == 2:
            raise RuntimeError("unforeseen")
        return await super().take(message)


def test_a_batch_that_fails_is_read_again(kafka_server: KafkaServer, engine: Engine) -> None:
    kafka_server.make("failing")
    kafka_server.publish("failing", [event(k) for k in range(30)])
    intake = Failing(Writer(engine))
    source = of(kafka_server, "failing", "one", in_flight=8)
    asyncio.run(consume(source, intake, lambda: settled(intake, 30)() and intake.tally.accepted == 30))
    assert sorted(float(e.value or 0) for e in engine.events()) == list(range(30))
    assert intake.tally.duplicate == 7


def test_a_second_consumer_takes_over_its_share(kafka_server: KafkaServer, engine: Engine) -> None:
    kafka_server.make("shared", 4)
    writer = Writer(engine)
    one, two = Intake(writer), Intake(writer)
    source = of(kafka_server, "shared", "group", in_flight=16, ack_seconds=4)
    users = [f"s{n}" for n in range(16)]

    async def both() -> None:
        def more(first: int) -> Any:
            events = [event(k, user=users[k % 16]) for k in range(first, first + 200)]
            return asyncio.to_thread(kafka_server.publish, "shared", events)

        def all_of(n: int) -> Callable[[], bool]:
            return lambda: one.tally.accepted + two.tally.accepted >= n

        async def so(what: Callable[[], bool]) -> None:
            while not what():
                await asyncio.sleep(0.02)

        stops = asyncio.Event(), asyncio.Event()
        first = asyncio.create_task(KafkaStream(source, one).run(stops[0]))
        await more(0)
        await so(lambda: one.tally.accepted > 50)
        second = asyncio.create_task(KafkaStream(source, two).run(stops[1]))
        publishing = asyncio.create_task(more(200))
        await so(lambda: len(one.tally.lags) == len(two.tally.lags) == 2)
        await publishing
        await more(400)
        await so(all_of(600))
        assert two.tally.accepted > 0
        stops[0].set()
        await first
        await more(600)
        await so(all_of(800))
        await so(lambda: two.tally.lag == 0)
        stops[1].set()
        await second

    asyncio.run(both())
    learned = list(engine.events())
    assert sorted(float(e.value or 0) for e in learned) == list(range(800))
    assert kafka_server.committed("shared", "group") == 800
    for n, user in enumerate(users):
        assert [e.value for e in learned if e.user == user] == list(range(n, 800, 16))


def test_a_broker_that_goes_away_is_waited_for(
    kafka_server: KafkaServer, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    kafka_server.make("away")
    intake = Intake(Writer(engine))
    with caplog.at_level(logging.INFO):
        asyncio.run(away(kafka_server, intake))
    assert [e.value for e in engine.events()] == list(range(20))
    told = [record.getMessage() for record in caplog.records]
    assert len([line for line in told if line.startswith("the broker: ")]) <= 2, told
    assert "the broker answers again" in told


async def away(server: KafkaServer, intake: Intake) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(KafkaStream(of(server, "away", "one"), intake).run(stop))
    await asyncio.to_thread(server.publish, "away", [event(k) for k in range(10)])
    while not settled(intake, 10)():
        await asyncio.sleep(0.02)
    server.kill()
    while intake.tally.lag is not None:
        await asyncio.sleep(0.02)
    await asyncio.to_thread(server.start)
    await asyncio.to_thread(server.publish, "away", [event(k) for k in range(10, 20)])
    while not settled(intake, 20)():
        await asyncio.sleep(0.02)
    stop.set()
    await running


def test_a_broker_that_is_not_there_is_waited_for(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    begun = time.monotonic()
    source = Source("kafka://127.0.0.1:9", "events", "one")
    with caplog.at_level(logging.INFO):
        asyncio.run(consume(source, Intake(Writer(engine)), lambda: time.monotonic() > begun + 1.5))
    assert time.monotonic() < begun + 10
    assert [record.getMessage() for record in caplog.records] == ["the broker: KafkaConnectionError"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subject": "shop.*"}, "consume.subject: 'shop.*' is no topic of Kafka"),
        ({"dead_letter": "a/b"}, "consume.dead-letter: 'a/b' is no topic of Kafka"),
        ({"url": "kafka://"}, "consume.url: it names no server"),
        ({"url": "kafka://a:b@c?sasl=none"}, "consume.url: sasl='NONE' is not known"),
    ],
)
def test_sources_that_can_not_work_are_refused(change: dict[str, str], message: str, engine: Engine) -> None:
    source = Source(**{"url": "kafka://localhost", "subject": "events", "durable": "one"} | change)
    with pytest.raises(ConfigError, match=message.replace("*", r"\*")):
        KafkaStream(source, Intake(Writer(engine)))


# -- kill -9 ---------------------------------------------------------------------------------------------------------


async def publish_all(server: KafkaServer, ended: threading.Event, told: list[int]) -> None:
    """Each event until the server has taken it, once; every other one has an id."""
    from aiokafka import AIOKafkaProducer

    k = 0
    async with AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{server.port}") as producer:
        while not ended.is_set():
            one = event(k, id=f"e{k}") if k % 2 else event(k)
            await producer.send_and_wait("kills", json.dumps(one).encode(), key=one["user"].encode())
            k += 1
            await asyncio.sleep(1 / 150)  # a consumer that is killed all the time keeps up
    told.append(k)


@pytest.mark.timeout(180 + 20 * KILLS)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9")
def test_kills_of_consumer_lose_and_repeat_nothing(tmp_path: Path) -> None:
    with light(tmp_path / "shop.db", "movies") as engine:
        engine.add_items(films(12))
    server = KafkaServer()
    server.make("kills", 3)
    path = os.pathsep.join([str(SCRIPT.parents[1]), os.environ.get("PYTHONPATH", "")])

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", str(SCRIPT), str(tmp_path), server.url, "kills"]
        popen = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
        )
        assert popen.stdout is not None
        assert popen.stdout.readline() == "began\n", popen.communicate()
        return popen

    draw, ended, told = random.Random(5), threading.Event(), list[int]()
    publishing = threading.Thread(target=lambda: asyncio.run(publish_all(server, ended, told)))
    consumer = start()
    try:
        publishing.start()
        for kill in range(KILLS):
            before = len(values(tmp_path))
            while kill % 2 == 0 and len(values(tmp_path)) == before:  # else it is killed while it joins the group
                assert consumer.poll() is None, consumer.communicate()
                time.sleep(0.02)
            time.sleep(draw.uniform(0, 0.8))
            consumer.kill()
            consumer.communicate()
            consumer = start()
        ended.set()
        publishing.join()
        learned, until = 0, time.monotonic() + 60
        while (now := len(values(tmp_path))) < told[0]:
            if now > learned:  # as long as it gets on
                learned, until = now, time.monotonic() + 60
            assert time.monotonic() < until, (now, told[0])
            assert consumer.poll() is None, consumer.communicate()
            time.sleep(0.5)
        consumer.terminate()
        out, err = consumer.communicate(timeout=60)
        assert consumer.returncode == 0, err
        assert json.loads(out)["refused"] == 0
    finally:
        ended.set()
        publishing.join()
        with contextlib.suppress(ProcessLookupError):
            consumer.kill()
        consumer.communicate()
        server.close()
    assert sorted(values(tmp_path)) == list(range(told[0]))
    print(f"{KILLS} kills under {told[0]} events")


def values(folder: Path) -> list[float]:
    """What was learned, from the log, beside the process that writes it."""
    with closing(open_store(folder / "shop.db", read_only=True)) as store:
        return [entry.body["value"] for entry in store.entries(types=["event"])]
