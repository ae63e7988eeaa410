"""Redis streams by FastStream: a consumer group, bounded in flight, with dead letters.

One subscriber reads what is new, a batch at a time; another takes up what was delivered and never acknowledged, after
a crash. An entry holds an event as JSON in its field `data`, or the event's own fields.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from typing import Any, cast

from penchant.errors import MissingExtra, PenchantError
from penchant.serve.consume import Intake, Message, Refusal
from penchant.serve.source import Source

try:
    from faststream import AckPolicy
    from faststream.message import StreamMessage
    from faststream.redis import RedisBroker, StreamSub
    from redis.asyncio import Redis
    from redis.exceptions import RedisError, ResponseError
except ImportError as error:  # pragma: no cover - the extra is there where this is tested
    raise MissingExtra(error.name or "redis", extra="streams") from None

log = logging.getLogger("penchant.serve")
READ_SECONDS = 1.0  # that one look for entries takes where there are none
GRACE = 10.0  # seconds that messages in flight have at the end
LAG_SECONDS = 1.0  # between looks at how far behind the consumer is
MOST = 1_000  # entries counted one by one where the server doesn't say how many are left
ERA = 1e11  # milliseconds below which an entry's id is no time
FIELDS = ("user", "item", "kind", "time", "value", "id", "request_id")


class RedisStream:
    """Brings a stream's entries to an intake.

    Args:
        source: which; its subject is the stream's key, its durable name the group's.
        intake: that learns them.
    """

    def __init__(self, source: Source, intake: Intake) -> None:
        source.check()
        self.source, self.intake = source, intake
        self._client: Any = Redis.from_url(source.url)  # pyright: ignore[reportUnknownMemberType]
        self._trouble = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set; then settle what is in flight."""
        source = self.source
        broker = RedisBroker(source.url, apply_types=False, logger=cast("Any", None), graceful_timeout=GRACE)
        more: dict[str, Any] = {"group": source.durable, "consumer": "penchant", "last_id": ">"}
        new = StreamSub(
            source.subject,
            polling_interval=round(READ_SECONDS * 1000),
            batch=True,
            max_records=source.in_flight,
            **more,
        )
        left = StreamSub(
            source.subject, polling_interval=round(READ_SECONDS * 1000),
            min_idle_time=round(source.ack_seconds * 1000), **more,
        )  # fmt: skip
        for stream in (new, left):
            subscriber: Any = broker.subscriber(  # pyright: ignore[reportUnknownVariableType]
                stream=stream, ack_policy=AckPolicy.MANUAL, parser=_unread, decoder=_as_it_is, no_reply=True
            )
            subscriber(self._handle)
        try:
            while not stop.is_set():
                try:
                    await self._client.xgroup_create(source.subject, source.durable, id="0", mkstream=True)
                    break
                except ResponseError as error:
                    if "BUSYGROUP" in str(error):
                        break
                    await self._pause(error)
                except (RedisError, OSError) as error:  # it may have begun a moment ago
                    await self._pause(error)
            if stop.is_set():
                return
            await broker.start()
            log.info("consuming %s as %s", source.subject, source.durable)
            watching = asyncio.create_task(self._watch())
            await stop.wait()
            watching.cancel()
        finally:
            await broker.stop()
            await self._client.aclose()

    async def _handle(self, message: Any) -> None:
        raw: dict[str, Any] = message.raw_message
        data: Any = raw["data"]
        entries = cast("list[Any]", data) if isinstance(data, list) else [data]
        await asyncio.gather(*(self._settle(id, entry) for id, entry in zip(raw["message_ids"], entries, strict=True)))

    async def _settle(self, id: bytes, entry: dict[bytes, bytes] | None) -> None:
        """Learn one entry, or send it to the dead letters; then acknowledge it."""
        number, source = id.decode(), self.source
        try:
            if entry:  # else it was deleted meanwhile
                place, ms = f"redis:{source.subject}:{number}", float(number.partition("-")[0])
                taken = Message(body_of(entry), place, ms / 1000 if ms > ERA else None)
                fate = await self.intake.take(taken)
                if isinstance(fate, Refusal):
                    why = {"penchant-reason": fate.reason, "penchant-problem": fate.type, "penchant-place": place}
                    await self._client.xadd(source.dead, {**entry, **why})
                    log.warning("message %s can't be learned, see %s: %s", place, source.dead, fate.type)
            await self._client.xack(source.subject, source.durable, id)
        except (RedisError, PenchantError, OSError) as error:  # it comes again
            self._note(error)

    async def _watch(self) -> None:
        """How far behind the consumer is, every few seconds."""
        while True:
            try:
                self.intake.tally.lag = await self._lag()
                self._trouble = ""
            except (RedisError, OSError) as error:
                self.intake.tally.lag = None
                self._note(error)
            await asyncio.sleep(LAG_SECONDS)

    async def _lag(self) -> int | None:
        groups = cast("list[dict[str, Any]]", await self._client.xinfo_groups(self.source.subject))
        for group in groups:
            if group["name"] == self.source.durable.encode():
                left = group.get("lag")  # since Redis 7
                if left is None:
                    after = group["last-delivered-id"].decode()
                    left = len(await self._client.xrange(self.source.subject, min=f"({after}", count=MOST))
                return int(left) + int(group["pending"])
        return None

    async def _pause(self, error: Exception) -> None:
        self._note(error)
        await asyncio.sleep(0.25)

    def _note(self, error: Exception) -> None:
        kind = type(error).__name__
        if kind != self._trouble:
            log.warning("the broker: %s", kind)
        self._trouble = kind


def body_of(entry: dict[bytes, bytes]) -> bytes:
    """The event of an entry, as JSON.

    >>> body_of({b"data": b'{"user": "ann"}'})
    b'{"user": "ann"}'
    >>> body_of({b"user": b"ann", b"item": b"tea", b"value": b"4.5", b"context.device": b"tv"})
    b'{"user": "ann", "item": "tea", "value": 4.5, "context": {"device": "tv"}}'
    """
    if b"data" in entry:
        return entry[b"data"]
    event: dict[str, Any] = {}
    try:
        for key, value in entry.items():
            name, text = key.decode(), value.decode()
            if name.startswith("context."):
                event.setdefault("context", {})[name.removeprefix("context.")] = text
            elif name in FIELDS:
                event[name] = _number(text) if name in ("value", "time") else text
    except UnicodeDecodeError:
        return b"\xff"  # which is refused as what it is: no UTF-8
    return json.dumps(event, ensure_ascii=False).encode()


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


async def _unread(message: Any) -> Any:
    """FastStream's parser: bodies are read by the intake, which says what is wrong with them."""
    return StreamMessage(raw_message=message, body=b"")


async def _as_it_is(message: Any) -> Any:
    return message
