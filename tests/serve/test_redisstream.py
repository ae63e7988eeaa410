"""Events of a real Redis server: each learned once, refusals among the dead letters, whatever is killed meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
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

from lives import Open, films
from penchant import Engine
from penchant.serve.consume import Intake
from penchant.serve.redisstream import RedisStream
from penchant.serve.source import Source
from penchant.serve.writer import Writer
from penchant.store import open_store
from redis_server import RedisServer
from serving import light

KILLS = int(os.environ.get("PENCHANT_KILLS", "2"))
SCRIPT = Path(__file__).with_name("consume_until_stopped.py")


def event(k: int, **more: Any) -> dict[str, Any]:
    return {"user": f"u{k % 5}", "item": f"f{k % 12}", "kind": "rating", "value": k, **more}


async def consume(source: Source, intake: Intake, until: Callable[[], bool]) -> None:
    """Consume until something is so."""
    stop = asyncio.Event()
    running = asyncio.create_task(RedisStream(source, intake).run(stop))
    while not until() and not running.done():
        await asyncio.sleep(0.02)
    stop.set()
    await running


def settled(intake: Intake, n: int) -> Callable[[], bool]:
    return lambda: intake.tally.accepted + intake.tally.duplicate + intake.tally.refused >= n and not intake.tally.lag


@pytest.fixture
def engine(opened: Open) -> Engine:
    return opened(items=films(12))


def test_entries_are_learned_in_order_once(redis_server: RedisServer, engine: Engine) -> None:
    with redis_server.client() as client:
        for k in range(200):
            one = event(k, id=f"e{k}") if k % 2 else event(k)
            client.xadd("plain", {"data": json.dumps(one)} if k % 3 else {n: str(v) for n, v in one.items()})
    for group, fates in (("one", (200, 0)), ("two", (0, 200))):
        intake = Intake(Writer(engine))
        asyncio.run(consume(Source(redis_server.url, "plain", group, in_flight=32), intake, settled(intake, 200)))
        assert (intake.tally.accepted, intake.tally.duplicate, intake.tally.refused) == (*fates, 0)
        assert intake.tally.lag == 0
    learned = list(engine.events())
    assert [e.value for e in learned] == list(range(200))
    assert learned[1].id == "e1"
    assert str(learned[0].id).startswith("redis:plain:")
    assert abs(float(learned[0].time or 0) - time.time()) < 600


def test_bad_entries_are_dead_letters_with_a_reason(redis_server: RedisServer, engine: Engine) -> None:
    bad: list[dict[bytes, bytes]] = [
        {b"data": b"hello"}, {b"data": b"\xff"}, {b"user": b"ann"}, {b"user": b"\xff", b"item": b"f1"},
        {b"user": b"ann", b"item": b"nothing"}, {b"user": b"ann", b"item": b"f1", b"value": b"many"},
    ]  # fmt: skip
    with redis_server.client() as client:
        for fields in ({"data": json.dumps(event(0))}, *bad, {"data": json.dumps(event(2))}):
            client.xadd("bad", fields)
        intake = Intake(Writer(engine))
        asyncio.run(consume(Source(redis_server.url, "bad", "one"), intake, settled(intake, 8)))
        assert (intake.tally.accepted, intake.tally.refused) == (2, len(bad))
        dead = [fields for _, fields in client.xrange("dead.bad")]
        assert client.xpending("bad", "one")["pending"] == 0
    why = {b"penchant-reason", b"penchant-problem", b"penchant-place"}
    assert all(why <= fields.keys() for fields in dead)
    kept = [{k: v for k, v in fields.items() if k not in why} for fields in dead]
    assert sorted(map(str, kept)) == sorted(map(str, bad))


def test_what_was_delivered_and_not_acknowledged_is_taken_up(redis_server: RedisServer, engine: Engine) -> None:
    with redis_server.client() as client:
        for k in range(20):
            client.xadd("left", {"data": json.dumps(event(k))})
        client.xgroup_create("left", "one", id="0")
        assert len(client.xreadgroup("one", "somebody who died", {"left": ">"}, count=7)[0][1]) == 7
        intake = Intake(Writer(engine))
        asyncio.run(consume(Source(redis_server.url, "left", "one", ack_seconds=0.5), intake, settled(intake, 20)))
        assert client.xpending("left", "one")["pending"] == 0
    assert sorted(float(e.value or 0) for e in engine.events()) == list(range(20))


def test_a_server_that_is_not_there_is_waited_for(engine: Engine) -> None:
    begun = time.monotonic()
    source = Source("redis://127.0.0.1:9", "events", "one")
    asyncio.run(consume(source, Intake(Writer(engine)), lambda: time.monotonic() > begun + 0.5))


# -- kill -9 ---------------------------------------------------------------------------------------------------------


def publish_all(server: RedisServer, ended: threading.Event, told: list[int]) -> None:
    """Each event until the server has taken it; every other one has an id. Entries have ids of the publisher's own, so
    that a second try of one is refused and not a second entry."""
    k, began = 0, int(time.time() * 1000)
    client = server.client()
    while not ended.is_set():
        one = event(k, id=f"e{k}") if k % 2 else event(k)
        while True:
            try:
                client.xadd("kills", {"data": json.dumps(one)}, id=f"{began + k}-1")
                break
            except Exception as error:
                if "equal or smaller" in str(error):
                    break
                time.sleep(0.02)
        k += 1
        time.sleep(1 / 150)  # a consumer that is killed all the time keeps up
    client.close()
    told.append(k)


@pytest.mark.timeout(180 + 20 * KILLS)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9")
def test_kills_of_consumer_and_server_lose_and_repeat_nothing(tmp_path: Path) -> None:
    with light(tmp_path / "shop.db", "movies") as engine:
        engine.add_items(films(12))
    server = RedisServer()
    path = os.pathsep.join([str(SCRIPT.parents[1]), os.environ.get("PYTHONPATH", "")])

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", str(SCRIPT), str(tmp_path), server.url, "kills"]
        popen = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
        )
        assert popen.stdout is not None
        assert popen.stdout.readline() == "began\n", popen.communicate()
        return popen

    draw, ended, told = random.Random(3), threading.Event(), list[int]()
    publishing = threading.Thread(target=publish_all, args=(server, ended, told))
    consumer = start()
    try:
        publishing.start()
        for kill in range(KILLS):
            time.sleep(draw.uniform(0.05, 1.2))
            if kill % 2:
                server.kill()
                time.sleep(draw.uniform(0, 0.3))
                server.start()
            else:
                consumer.kill()
                consumer.communicate()
                consumer = start()
        ended.set()
        publishing.join()
        learned, until = 0, time.monotonic() + 60
        while (now := len(values(tmp_path))) < told[0]:
            if now > learned:  # as long as it gets on
                learned, until = now, time.monotonic() + 60
            assert time.monotonic() < until, missing(server, tmp_path, told[0])
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


def missing(server: RedisServer, folder: Path, count: int) -> str:
    """What was not learned, and where it is."""
    lost = set(range(count)) - {int(value) for value in values(folder)}
    with server.client() as client:
        held = {json.loads(fields[b"data"])["value"] for _, fields in client.xrange("kills")}
        pending = client.xpending("kills", "penchant")
    return f"{len(lost)} not learned, {len(lost & held)} of them in the stream; {pending}"


def values(folder: Path) -> list[float]:
    """What was learned, from the log, beside the process that writes it."""
    with closing(open_store(folder / "shop.db", read_only=True)) as store:
        return [entry.body["value"] for entry in store.entries(types=["event"])]
