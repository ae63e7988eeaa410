"""Events of a real NATS server: each learned once, refusals among the dead letters, whatever is killed meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lives import Open, films
from nats_server import Broker
from penchant import Engine, Event
from penchant.engine.each import Outcome
from penchant.errors import Busy, ConfigError, StoreError
from penchant.serve.consume import Intake, Message, Refusal, Remote
from penchant.serve.jetstream import JetStream
from penchant.serve.source import Source
from penchant.serve.writer import Writer
from penchant.store import open_store
from serving import Serve

KILLS = int(os.environ.get("PENCHANT_KILLS", "2"))
SCRIPT = Path(__file__).with_name("consume_until_stopped.py")
PUBLISHER = SCRIPT.with_name("publish_all.py")
TESTS = SCRIPT.parents[1]


def event(k: int, **more: Any) -> dict[str, Any]:
    return {"user": f"u{k % 5}", "item": f"f{k % 12}", "kind": "rating", "value": k, **more}


async def consume(source: Source, intake: Intake, until: Callable[[], bool]) -> None:
    """Consume until something is so."""
    stop = asyncio.Event()
    running = asyncio.create_task(JetStream(source, intake).run(stop))
    while not until() and not running.done():
        await asyncio.sleep(0.02)
    stop.set()
    await running


def settled(intake: Intake, n: int) -> Callable[[], bool]:
    return lambda: intake.tally.accepted + intake.tally.duplicate + intake.tally.refused >= n


@pytest.fixture
def engine(opened: Open) -> Engine:
    return opened(items=films(12))


def test_messages_are_learned_in_order_once_with_what_the_stream_adds(broker: Broker, engine: Engine) -> None:
    began = time.time()
    broker.publish("plain", [event(k, id=f"e{k}") if k % 2 else event(k) for k in range(300)])
    intake = Intake(Writer(engine))
    asyncio.run(consume(Source(broker.url, "plain", "one"), intake, settled(intake, 300)))
    assert intake.tally.to_dict() | {"lag": None} == {
        "accepted": 300, "duplicates": 0, "refused": 0, "lag": None, "waits": 0, "failing": False
    }  # fmt: skip
    learned = list(engine.events())
    assert [e.value for e in learned] == list(range(300))
    assert learned[1].id == "e1"
    assert str(learned[0].id).startswith("nats:plain:1:")
    assert all(began - 1 <= float(e.time or 0) <= time.time() + 1 for e in learned)
    # another consumer of the same stream finds nothing new
    again = Intake(Writer(engine))
    asyncio.run(consume(Source(broker.url, "plain", "two"), again, settled(again, 300)))
    assert (again.tally.accepted, again.tally.duplicate) == (0, 300)
    assert len(list(engine.events())) == 300


def test_a_consumer_goes_on_where_it_stopped(broker: Broker, engine: Engine) -> None:
    for first in (0, 10):
        broker.publish("going.on", [event(k) for k in range(first, first + 10)])
        intake = Intake(Writer(engine))
        source = Source(broker.url, "going.*", "same")
        asyncio.run(consume(source, intake, lambda i=intake: settled(i, 10)() and i.tally.lag == 0))
        assert (intake.tally.accepted, intake.tally.duplicate, intake.tally.lag) == (10, 0, 0)
    assert [e.value for e in engine.events()] == list(range(20))


def test_bad_messages_are_dead_letters_with_a_reason(broker: Broker, engine: Engine) -> None:
    bad = {
        "invalid-record": [b"hello", b"[]", {"user": "ann"}, event(1, time="soon")],
        "unreadable": [b'{"user": "\xff"}', b'{"a": ' * 99, b'{"user": "ann", "item": "f1", "value": NaN}'],
        "unknown-id": [event(1, item="nothing")],
        "refused": [event(1, time=time.time() + 86_400)],
    }
    bodies = [body for group in bad.values() for body in group]
    broker.publish("bad", [event(0), *bodies, event(2)])
    intake = Intake(Writer(engine))
    asyncio.run(
        consume(Source(broker.url, "bad", "one"), intake, lambda: settled(intake, 11)() and not intake.tally.lag)
    )
    assert (intake.tally.accepted, intake.tally.refused) == (2, len(bodies))
    assert [e.value for e in engine.events()] == [0, 2]
    dead = broker.read("dead.bad")
    encoded = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
    assert sorted(letter.data for letter in dead) == sorted(encoded)
    for slug, group in bad.items():
        for body in group:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            [letter] = [letter for letter in dead if letter.data == data]
            assert letter.headers["Penchant-Problem"] == f"urn:penchant:problem:{slug}", body
            assert len(letter.headers["Penchant-Reason"]) > 15
            assert letter.headers["Penchant-Subject"] == "bad"
            assert letter.headers["Penchant-Place"].startswith("nats:bad:")


class Troubled:
    """A taker that is full, then fails, before it takes anything."""

    def __init__(self, writer: Writer, failures: int) -> None:
        self.writer, self.failures, self.most = writer, failures, 0

    def submit(self, events: Sequence[Event]) -> Future[list[Outcome]]:
        self.most = max(self.most, self.writer.depth)
        if self.failures > 0:
            self.failures -= 1
            if self.failures % 2:
                raise Busy("full", retry_after=0.01)
            future: Future[list[Outcome]] = Future()
            future.set_exception(StoreError("the disk is full"))
            return future
        return self.writer.submit(events)


def test_what_fails_now_is_tried_until_it_is_learned(broker: Broker, engine: Engine) -> None:
    broker.publish("trouble", [event(k) for k in range(50)])
    taker = Troubled(Writer(engine), 30)
    intake = Intake(taker)
    asyncio.run(consume(Source(broker.url, "trouble", "one", in_flight=8), intake, settled(intake, 50)))
    assert (intake.tally.accepted, intake.tally.refused, intake.tally.failing) == (50, 0, False)
    assert sorted(float(e.value or 0) for e in engine.events()) == list(range(50))
    assert taker.most <= 8  # no more are in flight, however many wait


def test_a_service_that_runs_is_sent_to(broker: Broker, serve: Serve) -> None:
    served = serve()

    class Through:
        """The client's answer to a stream of lines, by the application in this process."""

        def stream_events(self, events: Sequence[Event]) -> Any:
            from penchant.serve.calls import _outcomes

            lines = b"\n".join(e.model_dump_json().encode() for e in events)
            answer = served.ask(
                "POST", "/events/stream", "ingest", content=lines, headers={"Content-Type": "application/x-ndjson"}
            )
            assert answer.status_code == 200, answer.text
            return _outcomes(answer.content)

    broker.publish("remote", [event(0, id="a"), event(1, id="a"), event(2, item="nothing"), event(3)])
    intake = Intake(Writer(Remote(Through())))  # pyright: ignore[reportArgumentType]
    asyncio.run(consume(Source(broker.url, "remote", "one"), intake, settled(intake, 4)))
    assert (intake.tally.accepted, intake.tally.duplicate, intake.tally.refused) == (2, 1, 1)
    assert [e.value for e in served.host.catalogue("shop").engine.events()] == [0, 3]
    [letter] = broker.read("dead.remote")
    assert letter.headers["Penchant-Problem"].endswith(":unknown-id")


def test_two_deliveries_at_once_are_one_event(engine: Engine) -> None:
    intake = Intake(Writer(engine))
    message = Message(json.dumps(event(1)).encode(), "nats:x:1:1", 1e9)

    async def both() -> list[Any]:
        return await asyncio.gather(*(intake.take(message) for _ in range(8)))

    fates = asyncio.run(both())
    assert sorted(str(fate) for fate in fates) == ["accepted"] + ["duplicate"] * 7
    assert [e.time for e in engine.events()] == [1e9]


def test_a_refusal_shows_nothing_that_was_given(engine: Engine) -> None:
    message = Message(json.dumps(event(1, kind={"my": "secret"})).encode(), "nats:x:1:1")
    refusal = asyncio.run(Intake(Writer(engine)).take(message))
    assert isinstance(refusal, Refusal)
    assert "secret" not in refusal.reason


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subject": "a b"}, "consume.subject"),
        ({"subject": "a..b"}, "consume.subject"),
        ({"subject": ">"}, "consume.dead-letter: the subject of events holds it"),
        ({"dead_letter": "dead.>"}, "has a wildcard"),
        ({"durable": "a.b"}, "consume.durable"),
    ],
)
def test_sources_that_can_not_work_are_refused(change: dict[str, str], message: str, engine: Engine) -> None:
    source = Source(**{"url": "nats://localhost", "subject": "events", "durable": "one"} | change)
    with pytest.raises(ConfigError, match=message):
        JetStream(source, Intake(Writer(engine)))


def test_a_stream_that_is_not_there(broker: Broker, engine: Engine) -> None:
    source = Source(broker.url, "events", "one", stream="nothing")
    with pytest.raises(ConfigError, match="the server has no stream 'nothing'"):
        asyncio.run(consume(source, Intake(Writer(engine)), lambda: False))


def test_a_broker_that_is_not_there_is_waited_for(engine: Engine) -> None:
    begun = time.monotonic()
    source = Source("nats://127.0.0.1:9", "events", "one")
    asyncio.run(consume(source, Intake(Writer(engine)), lambda: time.monotonic() > begun + 0.5))


# -- kill -9 ---------------------------------------------------------------------------------------------------------


Run = Callable[[str, str], "subprocess.Popen[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started: list[subprocess.Popen[str]] = []

    def start(url: str, subject: str) -> subprocess.Popen[str]:
        path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, "-W", "error", str(SCRIPT), str(tmp_path), url, subject]
        popen = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
        )
        started.append(popen)
        assert popen.stdout is not None
        assert popen.stdout.readline() == "began\n", popen.communicate()
        return popen

    yield start
    for popen in started:
        if popen.poll() is None:
            popen.kill()
            popen.communicate()


@pytest.mark.timeout(180 + 20 * KILLS)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9")
def test_kills_of_consumer_and_broker_lose_and_repeat_nothing(tmp_path: Path, run: Run) -> None:
    with light_catalogue(tmp_path):
        pass
    broker = Broker()
    draw = random.Random(7)
    try:
        broker.publish("kills", [])
        publishing = subprocess.Popen(
            [sys.executable, str(PUBLISHER), broker.url, "kills"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        consumer = run(broker.url, "kills")
        for kill in range(KILLS):
            time.sleep(draw.uniform(0.05, 1.2))
            if kill % 2:
                broker.kill()
                time.sleep(draw.uniform(0, 0.3))
                broker.start()
            else:
                consumer.kill()
                consumer.communicate()
                consumer = run(broker.url, "kills")
        count = int(publishing.communicate("", timeout=60)[0])
        assert publishing.returncode == 0
        learned, until = 0, time.monotonic() + 60
        while (now := len(values(tmp_path))) < count:
            if now > learned:  # as long as it gets on
                learned, until = now, time.monotonic() + 60
            assert time.monotonic() < until, (now, count)
            assert consumer.poll() is None, consumer.communicate()
            time.sleep(0.5)
        consumer.send_signal(signal.SIGTERM)
        out, err = consumer.communicate(timeout=60)
        assert consumer.returncode == 0, err
        assert json.loads(out)["refused"] == 0
    finally:
        broker.close()
    assert sorted(values(tmp_path)) == list(range(count))
    print(f"{KILLS} kills under {count} events")


def light_catalogue(folder: Path) -> Engine:
    from serving import light

    engine = light(folder / "shop.db", "movies")
    engine.add_items(films(12))
    return engine


def values(folder: Path) -> list[float]:
    """What was learned, from the log, beside the process that writes it."""
    with closing(open_store(folder / "shop.db", read_only=True)) as store:
        return [entry.body["value"] for entry in store.entries(types=["event"])]
