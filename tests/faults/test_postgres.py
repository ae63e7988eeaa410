"""kill -9 of the PostgreSQL server at random moments of an import: nothing acknowledged is lost, nothing learned twice.

`PENCHANT_KILLS=200 make test ARGS="tests/faults/test_postgres.py -s"` is the full figure; five run by default.
"""

from __future__ import annotations

import os
import random
import threading
import time

import pytest

from lives import BagOfWords, assert_same, films, stream
from penchant import Engine, Event
from penchant.errors import StoreBusy, StoreError
from penchant.store import postgres_connections
from postgres import Server

KILLS = int(os.environ.get("PENCHANT_KILLS", "5"))
GROUP = 7
EVENTS = stream(500, users=40, seed=5)
ITEMS = films()
SETTINGS = {"snapshot_every": 150}

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(scope="module")
def whole() -> Engine:
    """What an import gives that nobody disturbed."""
    engine = Engine.open(":memory:", "movies", SETTINGS, encoder=BagOfWords())
    engine.add_items(ITEMS)
    engine.observe_many(EVENTS)
    return engine


def open_(url: str) -> Engine:
    return Engine.open(url, "movies", SETTINGS, encoder=BagOfWords())


class Import:
    """Sends everything, again where a send failed, as a client would; notes what was acknowledged and every error."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.acknowledged: list[str | None] = []
        self.errors: list[str] = []
        self.fault: BaseException | None = None
        self.stop = False
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            for first in range(0, len(EVENTS), GROUP):
                self._send(EVENTS[first : first + GROUP])
                if self.stop:
                    return
        except BaseException as error:
            self.fault = error

    def _send(self, group: list[Event]) -> None:
        until = time.monotonic() + 120
        while not self.stop:
            try:
                self.engine.observe_many(group)
                self.acknowledged += [event.id for event in group]
                return
            except StoreError as error:
                self.errors.append(str(error))
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)


def ids(engine: Engine) -> list[str | None]:
    return [event.id for event in engine.events()]


def test_an_engine_outlives_the_server(postgres_server: Server, whole: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same engine goes on, by itself where the server is back soon, else with the next send."""
    draw, killed, imports, told = random.Random(1), 0, 0, 0
    while killed < KILLS:
        # the first of each pair waits for the server, the second says at once that it is away
        monkeypatch.setattr(postgres_connections, "PATIENCE", 0.0 if imports % 2 else 30.0)
        imports += 1
        engine = open_(postgres_server.url())
        engine.add_items(ITEMS)
        run = Import(engine)
        while killed < KILLS and run.thread.is_alive():
            time.sleep(draw.uniform(0, 0.4))
            if not run.thread.is_alive():
                break
            postgres_server.kill()
            noted = list(run.acknowledged)
            time.sleep(draw.choice([0.0, 0.3]))
            postgres_server.start()
            killed += 1
            with Engine.open(engine_url(engine), read_only=True, encoder=BagOfWords()) as reader:
                logged = ids(reader)
                assert logged == [event.id for event in EVENTS[: len(logged)]], "in order, once"
                assert logged[: len(noted)] == noted, "nothing acknowledged is lost"
        run.thread.join()
        assert run.fault is None
        told += len(run.errors)
        for error in run.errors:
            assert "\n" not in error
            assert "try again" in error or "send the records again" in error, error
        assert ids(engine) == [event.id for event in EVENTS]
        assert engine.model.learned == len(EVENTS)
        assert_same(whole, engine)
        assert engine.verify()
        assert engine.store.check() == []
        assert engine.recommend("u1", 3)
        engine.close()
    print(f"{killed} kills of the server over {imports} imports of {len(EVENTS)} events; {told} errors told")


def engine_url(engine: Engine) -> str:
    address = engine.store._connections.address  # type: ignore[attr-defined]
    return str(address.name)


def test_server_and_engine_die_together(postgres_server: Server, whole: Engine) -> None:
    """What a machine's end leaves: no lock, and a catalogue from which the import goes on."""
    draw = random.Random(2)
    url = postgres_server.url()
    for _ in range(max(1, KILLS // 3)):
        engine = open_(url)
        engine.add_items(ITEMS)
        run = Import(engine)
        time.sleep(draw.uniform(0.02, 0.5))
        run.stop = True
        postgres_server.kill()
        run.thread.join(60)
        assert run.fault is None
        engine._closed = True  # it can't say goodbye
        engine._journal.close()
        engine.store.close()
        postgres_server.start()
        with Engine.open(url, read_only=True, encoder=BagOfWords()) as reader:
            assert ids(reader)[: len(run.acknowledged)] == run.acknowledged
            assert reader.verify()
    with open_(url) as engine:
        run = Import(engine)
        run.thread.join(60)
        assert ids(engine) == [event.id for event in EVENTS]
        assert engine.model.learned == len(EVENTS)
        assert engine.verify()
    with open_(url) as engine:
        assert engine.verify()


def test_a_server_that_is_away_is_told_in_one_line(postgres_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_connections, "PATIENCE", 0.3)
    url = postgres_server.url()
    engine = open_(url)
    engine.add_items(ITEMS)
    engine.observe_many(EVENTS[:50])
    postgres_server.kill()
    try:
        for call in (
            lambda: engine.observe_many(EVENTS[50:60]),
            lambda: list(engine.events()),
            lambda: engine.profile("u1"),
            lambda: open_(url),
        ):
            with pytest.raises(StoreError, match=r"the server can't be reached \(.*; see that it runs") as caught:
                call()
            assert "\n" not in str(caught.value)
        assert engine.model.learned == 50
    finally:
        postgres_server.start()
    engine.observe_many(EVENTS[50:60])
    assert engine.model.learned == 60
    with pytest.raises(StoreBusy):
        open_(url)
    assert engine.verify()
    engine.close()
