"""kill -9 at random moments of an import: nothing acknowledged is lost, nothing learned twice, the state is the same.

`PENCHANT_KILLS=200 make test ARGS="tests/faults/test_kill.py -s"` is the full figure; a few dozen run by default.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from lives import BagOfWords, assert_same, films, stream
from penchant import Engine
from penchant.errors import StoreBusy, StoreError
from penchant.store import open_store

KILLS = int(os.environ.get("PENCHANT_KILLS", "20"))
GROUP = 7
EVENTS = stream(800, users=40, seed=5)
ITEMS = films()

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9"),
    pytest.mark.timeout(600),
    # the child is killed or leaves by os._exit: threads that exist in the parent are none of its business
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def work(path: Path, acknowledged: Path) -> None:
    """Import everything from the start, as a retry would; note each group once it is acknowledged."""
    engine = Engine.open(path, "movies", {"snapshot_every": 150}, encoder=BagOfWords())
    engine.add_items(ITEMS)
    notes = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for first in range(0, len(EVENTS), GROUP):
        group = EVENTS[first : first + GROUP]
        engine.observe_many(group)
        os.write(notes, "".join(f"{event.id}\n" for event in group).encode())
    engine.close()


def attempt(path: Path, acknowledged: Path, seconds: float | None) -> bool:
    """Run the import in a child process; kill it after so many seconds. Whether it finished by itself."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work(path, acknowledged)
            status = 0
        except StoreBusy:
            status = 3
        finally:
            os._exit(status)
    if seconds is not None:
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), status
    return status == 0


def test_kill_at_random_moments(tmp_path: Path) -> None:
    whole = Engine.open(tmp_path / "whole.db", "movies", {"snapshot_every": 150}, encoder=BagOfWords())
    whole.add_items(ITEMS)
    whole.observe_many(EVENTS)
    started = time.perf_counter()
    assert attempt(tmp_path / "undisturbed.db", tmp_path / "undisturbed", None)
    undisturbed = time.perf_counter() - started

    draw = random.Random(1)
    killed = catalogues = 0
    while killed < KILLS:
        # every so often a new catalogue, so that the moments lie everywhere in an import
        catalogues += 1
        path, acknowledged = tmp_path / f"killed-{catalogues}.db", tmp_path / f"acknowledged-{catalogues}"
        for _ in range(15):
            if killed >= KILLS or attempt(path, acknowledged, draw.uniform(0, undisturbed)):
                break
            killed += 1
            check(path, acknowledged)
        assert attempt(path, acknowledged, None)
        with Engine.open(path, encoder=BagOfWords()) as engine:
            assert [event.id for event in engine.events()] == [event.id for event in EVENTS]
            assert engine.store.check() == []
            assert_same(whole, engine)
    assert whole.verify()
    whole.close()
    print(f"{killed} kills over {catalogues} imports of {len(EVENTS)} events")


def check(path: Path, acknowledged: Path) -> None:
    """What was acknowledged is in the log, once. Only read: the next attempt finds what the killed one left."""
    noted = list(dict.fromkeys(acknowledged.read_text().split())) if acknowledged.exists() else []
    logged: list[str | None] = []
    if path.exists() and path.stat().st_size:
        try:
            with closing(open_store(path, read_only=True)) as store:
                logged = [entry.id for entry in store.entries(types=["event"])]
        except StoreError:  # killed before the tables were there
            assert not noted
    assert logged == [event.id for event in EVENTS[: len(logged)]]
    assert logged[: len(noted)] == noted
