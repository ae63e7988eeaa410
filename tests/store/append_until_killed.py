"""Run by test_durability: writers that are killed with SIGKILL at random moments, and what is found afterwards.

Usage: append_until_killed.py DATABASE ROUNDS SEED. Prints how many records were acknowledged; fails if one is lost, is
there twice, or is there in part.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from itertools import count

import numpy as np

from penchant.records import Draft
from penchant.store import Snapshot, SqliteStore

BATCH = 5


def write(path: str, round: int, pipe: int) -> None:
    """Append from three threads for ever; an id goes into the pipe once it is acknowledged."""
    store = SqliteStore(path)

    def work(thread: int) -> None:
        for number in count():
            name = f"{round}-{thread}-{number}"
            size = BATCH if thread == 0 else 1
            drafts = [
                Draft("event", 0.0, {"size": size, "text": "x" * 200}, id=f"{name}-{part}", user=f"u{number % 7}")
                for part in range(size)
            ]
            store.append(drafts)
            os.write(pipe, "".join(f"{draft.id}\n" for draft in drafts).encode())
            if thread == 2 and number % 8 == 0:
                store.save_snapshot(Snapshot(store.last_seq(), {"n": number}, {"a": np.full(50_000, number)}))

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def kill_at_random(path: str, round: int, draw: random.Random) -> set[str]:
    """Start a writer, kill it, and give back what it had acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        write(path, round, writing)
        os._exit(3)
    os.close(writing)
    said = b""
    if draw.random() < 0.8:  # in the middle of the work; otherwise perhaps while it still opens the file
        said = os.read(reading, 1 << 16)
    time.sleep(draw.random() * 0.04)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reading, 1 << 16):
        said += more
    os.close(reading)
    return set(said.decode().split("\n")[:-1])


def main(path: str, rounds: int, seed: int) -> None:
    draw = random.Random(seed)
    acknowledged: set[str] = set()
    for round in range(rounds):
        acknowledged |= kill_at_random(path, round, draw)
        with SqliteStore(path) as store:
            there = Counter(entry.id for entry in store.entries())
            batches = Counter(entry.id.rsplit("-", 1)[0] for entry in store.entries() if entry.body["size"] == BATCH)
            lost = acknowledged - there.keys()
            assert not lost, f"lost: {sorted(lost)[:5]}"
            assert set(there.values()) <= {1}, f"twice: {there.most_common(3)}"
            assert set(batches.values()) <= {BATCH}, f"in part: {batches}"
            for snapshot in store.snapshots():
                assert np.array_equal(snapshot.arrays["a"], np.full(50_000, snapshot.meta["n"]))
            assert store.check() == []
    print(len(acknowledged))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
