"""The service under open-loop load: latencies at rising rates, and what the framework costs.

python benchmarks/service.py                       10,000 and 100,000 items, 100 + 100 requests a second and up
python benchmarks/service.py 10000 --seconds 10    one size, so many seconds a rate

At rate r, r pairs a second come at random moments (Poisson), whatever the service does: an event of some user, and as
soon as it is acknowledged that user's recommendations, which must not hold the item and must be of no older version.
Times count from the moment a request was due, so that a queue before the service is in them. Each rate is also put to
a bare FastAPI route (an event's body in, 200 bytes out) in a process of its own, by the same generator; the generator
is one more process on the same cores. Catalogue, users and encoder are those of scale.py; events are on disk (SQLite)
when acknowledged. A rate is beyond the service once a tenth of its requests wait longer than 250 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
from bench import HERE, keep
from scale import Centres, events, items

SIZES = (10_000, 100_000)
RATES = (25, 50, 100, 150, 200, 300, 400)
LEARNED = 20_000  # events before the load
USERS = 2_000
BEYOND = 250.0  # milliseconds


# -- the service, in a process of its own ------------------------------------------------------------------------------


def serve(count: int, folder: Path) -> None:
    """Serve a catalogue of so many items, and print the address and a key."""
    from functools import partial

    from penchant import Engine
    from penchant.serve.host import Host
    from penchant.serve.server import Server
    from penchant.serve.settings import ServeSettings

    with Engine.open(folder / "shop.db", "movies", encoder=Centres()) as engine:
        engine.add_items(items(count))
        engine.observe_many(events(count, USERS, LEARNED))
    settings = ServeSettings(port=0, rate="", eager=False, console=False, idle_seconds=600)
    host = Host.open(folder, settings, opener=partial(Engine.open, encoder=Centres()))
    host.catalogue("shop").engine.prepare()
    server = Server(host, settings)
    _, key = server.service.keys.create("shop", ["admin"])

    def announce(address: str) -> None:
        while server.service.warming:
            time.sleep(0.1)
        print(json.dumps({"port": int(address.rpartition(":")[2]), "key": key}), flush=True)

    server.announce = lambda address: threading.Thread(target=announce, args=(address,), daemon=True).start()
    server.run()


def bare() -> None:
    """Serve one FastAPI route that does nothing."""
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel

    class Body(BaseModel):
        user: str
        item: str = ""
        kind: str = "view"
        n: int = 10

    app = FastAPI()

    @app.post("/events")
    @app.post("/recommendations")
    async def route(body: Body) -> dict[str, Any]:
        return {"request_id": "0" * 32, "version": 0, "took_ms": 0.0, "items": [], "user": body.user, "pad": "x" * 100}

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, timeout_keep_alive=600))

    def announce() -> None:
        while not server.started:
            time.sleep(0.01)
        print(json.dumps({"port": server.servers[0].sockets[0].getsockname()[1], "key": ""}), flush=True)

    threading.Thread(target=announce, daemon=True).start()
    server.run()


# -- the generator -----------------------------------------------------------------------------------------------------


class Connections:
    """Kept-open HTTP/1.1 connections; a request waits for none: one more is opened if all are in use."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.key = port, key
        self._free: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    async def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """(status, answer)."""
        data = json.dumps(body).encode()
        connection = self._free.pop() if self._free else await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = connection
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {self.key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\n\r\n".encode()
            + data
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        told = await reader.readexactly(length)
        self._free.append(connection)
        return int(head.split(b" ", 2)[1]), json.loads(told)

    def close(self) -> None:
        """Close them all."""
        for _, writer in self._free:
            writer.close()


async def load(port: int, key: str, rate: float, seconds: float, count: int, seed: int) -> dict[str, Any]:
    """Pairs of an event and the same user's recommendations, `rate` a second."""
    rng = np.random.default_rng(seed)
    due = np.cumsum(rng.exponential(1 / rate, int(rate * seconds)))
    pairs = Connections(port, key)
    took: dict[str, list[float]] = {"event": [], "recommendations": [], "event visible in the answer": []}
    wrong: list[str] = []

    async def pair(start: float) -> None:
        user, item = f"load{rng.integers(USERS)}", f"i{rng.integers(count)}"
        status, wrote = await pairs.post("/events", {"user": user, "item": item, "kind": "view"})
        acknowledged = time.perf_counter()
        asked, answer = await pairs.post("/recommendations", {"user": user, "n": 10})
        answered = time.perf_counter()
        took["event"].append(acknowledged - start)
        took["recommendations"].append(answered - acknowledged)
        took["event visible in the answer"].append(answered - start)
        if (status, asked) != (200, 200):
            wrong.append(f"{status} {asked}")
        elif answer["version"] < wrote["version"] or item in [one["item"] for one in answer["items"]]:
            wrong.append(f"{user} did not see {item}")

    loop, begun = asyncio.get_running_loop(), time.perf_counter()
    tasks: list[asyncio.Task[None]] = []

    def begin(start: float) -> None:
        tasks.append(asyncio.create_task(pair(start)))

    def clock() -> None:  # a thread sleeps to a tenth of a millisecond, the loop's timers to a whole one
        for moment in due.tolist():
            time.sleep(max(0.0, begun + moment - time.perf_counter()))
            loop.call_soon_threadsafe(begin, begun + moment)

    await asyncio.to_thread(clock)
    await asyncio.gather(*tasks)
    ended = time.perf_counter() - begun
    pairs.close()
    return {
        "events + recommendations a second": f"{rate:g} + {rate:g}",
        "answered a second": round(2 * len(due) / ended, 1),
        **{name: percentiles(times) for name, times in took.items()},
        "wrong": len(wrong),
        **({"for example": wrong[0]} if wrong else {}),
    }


def percentiles(times: list[float]) -> dict[str, float]:
    """p50, p90 and p99 in milliseconds."""
    return {f"p{q} ms": round(1000 * float(np.percentile(times, q)), 2) for q in (50, 90, 99)}


def started(*arguments: str) -> tuple[subprocess.Popen[str], int, str]:
    """A process of this script that serves: it, its port and a key."""
    process = subprocess.Popen([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True, cwd=HERE)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    return process, told["port"], told["key"]


def measure(count: int, seconds: float, rates: tuple[int, ...]) -> list[dict[str, Any]]:
    """Figures of one catalogue at rising rates, until one is beyond it."""
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        service, port, key = started("--serve", str(count), folder)
        other, bare_port, _ = started("--bare")
        try:
            asyncio.run(load(port, key, 20, 3, count, 0))  # what is compiled and opened at first is not in the figures
            asyncio.run(load(bare_port, "", 20, 1, count, 0))
            for rate in rates:
                figures = asyncio.run(load(port, key, rate, seconds, count, rate))
                plain = asyncio.run(load(bare_port, "", rate, min(seconds, 5), count, rate))
                figures["bare FastAPI route"] = plain["event"]
                found.append(figures)
                print(count, json.dumps(figures), file=sys.stderr, flush=True)
                if figures["event visible in the answer"]["p90 ms"] > BEYOND:
                    break
        finally:
            for process in (service, other):
                process.terminate()
                process.wait()
    return found


def main() -> None:
    """Measure and keep."""
    given = argparse.ArgumentParser(description="The service under open-loop load.")
    given.add_argument("sizes", type=int, nargs="*", default=SIZES)
    given.add_argument("--seconds", type=float, default=15.0)
    given.add_argument("--rates", type=int, nargs="*", default=RATES)
    given.add_argument("--note", default="", help="What else was going on, kept with the result.")
    given.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    given.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    options = given.parse_args()
    if options.serve:
        serve(int(options.serve[0]), Path(options.serve[1]))
    elif options.bare:
        bare()
    else:
        before = os.getloadavg()[0]
        sizes = {f"{n:,} items": measure(n, options.seconds, tuple(options.rates)) for n in options.sizes}
        keep("service", {"note": options.note, "load average before": round(before, 2), **sizes})


if __name__ == "__main__":
    main()
