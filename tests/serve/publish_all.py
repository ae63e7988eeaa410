"""Publishes numbered events, each until the broker has acknowledged it, until its input ends; prints how many.

Run by test_consume.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import nats
from nats.errors import Error

RATE = 150.0  # events a second, at most; a consumer that is killed all the time keeps up


async def quiet(_: Exception) -> None:
    """Lost connections are what the test is about."""


async def publish_all(url: str, subject: str) -> int:
    """A second try of one is dropped by the broker, for it has the same Nats-Msg-Id; every other event has an id."""
    ended = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    connection = await nats.connect(url, max_reconnect_attempts=-1, reconnect_time_wait=0.05, error_cb=quiet)  # type: ignore[arg-type]
    js = connection.jetstream(timeout=1)
    k = 0
    while not ended.done():
        event: dict[str, Any] = {"user": f"u{k % 5}", "item": f"f{k % 12}", "kind": "rating", "value": k}
        if k % 2:
            event["id"] = f"e{k}"
        while True:
            try:
                await js.publish(subject, json.dumps(event).encode(), headers={"Nats-Msg-Id": f"{subject}-{k}"})
                break
            except (Error, OSError):
                await asyncio.sleep(0.05)
        k += 1
        await asyncio.sleep(1 / RATE)
    await connection.close()
    return k


if __name__ == "__main__":
    print(asyncio.run(publish_all(sys.argv[1], sys.argv[2])))
