"""kill -9 of the service, and of PostgreSQL under it, at random moments while people write and ask over HTTP.

Nothing acknowledged is lost, nothing is learned twice, versions never go back, readiness tells the truth, and nobody
has to do anything for it to go on. `PENCHANT_KILLS=50 make test ARGS="tests/faults/test_serve.py -s"` is the figure.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from lives import BagOfWords, films
from mixed_load import ITEMS, Load, Process
from penchant import Engine
from postgres import Server
from serving import light

KILLS = int(os.environ.get("PENCHANT_KILLS", "2"))
PROBED = 1.0  # seconds for which readiness takes a store to be as it was found

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9"),
    pytest.mark.timeout(180 + 30 * KILLS),
]


def check(engine: Engine, load: Load) -> None:
    """What was acknowledged is in the log, once, in each one's order, and the state is that log's, bit for bit."""
    logged: dict[str, list[str]] = {user: [] for user in load.acknowledged}
    events = 0
    for entry in engine.records(types=["event", "utterance", "edit"]):
        assert entry.user is not None
        logged[entry.user].append(str(entry.id))
        events += entry.type == "event"
    assert logged == load.acknowledged
    assert engine.model.learned == events, "once each"
    assert engine.verify()
    assert engine.store.check() == []


def until_ready(load: Load, since: float) -> None:
    """Wait until readiness says so by itself."""
    while not any(look.said == "ready" and look.asked > since for look in load.looks[-20:]):
        assert not load.odd, load.odd
        assert time.monotonic() < since + 120, load.looks[-1]
        time.sleep(0.02)


def told(what: str, load: Load) -> str:
    said = Counter(look.said for look in load.looks)
    return f"{KILLS} kills of {what}: {load.written} records, {load.answers} answers, {load.again} sends again; {said}"


def test_kills_of_the_service(tmp_path: Path) -> None:
    draw, server = random.Random(1), Process(tmp_path)
    load = Load(server)
    try:
        load.start()
        until_ready(load, time.monotonic())
        for _ in range(KILLS):
            time.sleep(draw.uniform(0, 2))
            server.kill()
            gone = time.monotonic()
            time.sleep(draw.uniform(0, 0.2))
            began = time.monotonic()
            meanwhile = [look.said for look in load.looks if look.asked > gone and look.answered < began]
            assert set(meanwhile) <= {"away"}
            server.start()
            if draw.random() < 0.7:  # else it is killed while it opens
                until_ready(load, began)
        until_ready(load, time.monotonic())
    finally:
        load.stop()
        server.close()
    assert load.odd == []
    with light(tmp_path / "shop.db") as engine:
        check(engine, load)
    print(told("the service", load))


def test_kills_of_postgresql_under_the_service(postgres_server: Server, tmp_path: Path) -> None:
    url = postgres_server.url()
    with Engine.open(url, "movies", {"snapshot_every": 500}, encoder=BagOfWords()) as engine:
        engine.add_items(films(ITEMS))
    draw, server = random.Random(2), Process(tmp_path, catalogues={"shop": url})
    load, away = Load(server, used=False), list[tuple[float, float]]()
    try:
        load.start()
        until_ready(load, time.monotonic())
        for _ in range(KILLS):
            time.sleep(draw.uniform(0, 2))
            postgres_server.kill()
            gone = time.monotonic()
            time.sleep(draw.choice([0.0, 0.3, PROBED + 1.5]))
            away.append((gone, time.monotonic()))
            postgres_server.start()
            until_ready(load, time.monotonic())
    finally:
        load.stop()
        server.close()
    assert load.odd == []
    wrong = [
        (look, gone, back)
        for look in load.looks
        for gone, back in away
        if look.asked > gone + PROBED + 0.2 and look.answered < back and look.said == "ready"
    ]
    assert wrong == [], "ready was said while there was no store"
    with Engine.open(url, encoder=BagOfWords()) as engine:
        check(engine, load)
    print(told("PostgreSQL under the service", load))
