"""NATS JetStream by FastStream: a durable pull consumer, bounded in flight, with dead letters.

Messages are fetched a batch at a time and the next batch only when the last one is settled, so that what is in flight
is bounded and a slow catalogue holds the stream back. Within a batch they are learned in the stream's order.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

from penchant.errors import ConfigError, MissingExtra, PenchantError
from penchant.serve.consume import Intake, Message, Refusal, unless
from penchant.serve.source import LETTERS, Source

try:
    from faststream import AckPolicy
    from faststream.nats import JStream, NatsBroker, PullSub
    from nats.errors import Error as NatsError
    from nats.js.api import ConsumerConfig, StreamConfig
    from nats.js.errors import NotFoundError
except ImportError as error:  # pragma: no cover - the extra is there where this is tested
    raise MissingExtra(error.name or "faststream", extra="streams") from None

if TYPE_CHECKING:
    from nats.js import JetStreamContext

log = logging.getLogger("penchant.serve")
FOREVER = -1
FETCH_SECONDS = 2.0  # that one look for messages takes where there are none
GRACE = 10.0  # seconds that messages in flight have at the end
LAG_SECONDS = 1.0  # between looks at how far behind the consumer is


class JetStream:
    """Brings a stream's messages to an intake.

    Args:
        source: which.
        intake: that learns them.
    """

    def __init__(self, source: Source, intake: Intake) -> None:
        source.check()
        self.source, self.intake = source, intake
        self._js: JetStreamContext | None = None
        self._stream = ""
        self._trouble = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set; then settle what is in flight.

        Raises:
            ConfigError: the server has no JetStream, or not the stream that was named.
        """
        broker = NatsBroker(
            self.source.url.split(","), max_reconnect_attempts=FOREVER, reconnect_time_wait=cast("int", 0.25),
            name=f"penchant consume {self.source.durable}", apply_types=False, logger=None, graceful_timeout=GRACE,
            error_cb=self._note, reconnected_cb=self._again,
        )  # fmt: skip
        if not await unless(stop, broker.connect()):
            await broker.stop()
            return
        try:
            connection: Any = await broker.connect()
            self._js = cast("JetStreamContext", connection.jetstream())
            if not await unless(stop, self._prepare(self._js)):
                return
            subscriber = broker.subscriber(
                self.source.subject, durable=self.source.durable, stream=JStream(self._stream, declare=False),
                pull_sub=PullSub(batch_size=self.source.in_flight, timeout=FETCH_SECONDS),
                config=ConsumerConfig(ack_wait=self.source.ack_seconds, max_ack_pending=2 * self.source.in_flight),
                ack_policy=AckPolicy.MANUAL, decoder=_as_it_is, no_reply=True,
            )  # fmt: skip
            subscriber(self._handle)
            await broker.start()
            log.info("consuming %s of stream %s as %s", self.source.subject, self._stream, self.source.durable)
            watching = asyncio.create_task(self._watch())
            await stop.wait()
            watching.cancel()
        finally:
            await broker.stop()

    async def _prepare(self, js: JetStreamContext) -> None:
        """Find the streams of events and of dead letters; make those that aren't there."""
        while True:
            try:
                if self.source.stream is None:
                    self._stream = await _stream_of(js, self.source.subject)
                else:
                    self._stream = (await js.stream_info(self.source.stream)).config.name or self.source.stream
                await _stream_of(js, self.source.dead)
                return
            except NotFoundError as error:
                if self.source.stream is not None:
                    raise ConfigError(
                        f"consume.stream: the server has no stream {self.source.stream!r}",
                        fix="make it, or name another",
                    ) from error
                raise ConfigError("the server has no JetStream", fix="start it with --jetstream") from error
            except NatsError as error:  # it may have begun a moment ago
                await self._note(error)
                await asyncio.sleep(0.5)

    async def _handle(self, message: Any) -> None:
        """Learn one message, or send it to the dead letters; then acknowledge it."""
        raw = message.raw_message
        try:
            meta = raw.metadata
            entered = meta.timestamp.timestamp()
            number = meta.sequence.stream
            place = f"nats:{meta.stream}:{number}:{round(entered * 1e6)}"
            fate = await self.intake.take(Message(raw.data, place, entered))
            if isinstance(fate, Refusal):
                await self._bury(raw, place, fate)
            await message.ack()
        except (NatsError, PenchantError, OSError) as error:  # it comes again
            await self._note(error)

    async def _bury(self, raw: Any, place: str, refusal: Refusal) -> None:
        """The message as it came, and why it could not be learned."""
        assert self._js is not None
        headers = {
            "Penchant-Reason": _plain(refusal.reason), "Penchant-Problem": refusal.type,
            "Penchant-Subject": raw.subject, "Penchant-Place": place,
            "Nats-Msg-Id": f"dead:{place}",  # a second burial within the server's window is dropped
        }  # fmt: skip
        await self._js.publish(self.source.dead, raw.data, headers=headers)
        log.warning("message %s can't be learned, see %s: %s", place, self.source.dead, refusal.type)

    async def _watch(self) -> None:
        """How far behind the consumer is, every few seconds."""
        while True:
            try:
                assert self._js is not None
                info = await self._js.consumer_info(self._stream, self.source.durable)
                self.intake.tally.lag = (info.num_pending or 0) + (info.num_ack_pending or 0)
                self._trouble = ""
            except (NatsError, OSError) as error:
                self.intake.tally.lag = None
                await self._note(error)
            await asyncio.sleep(LAG_SECONDS)

    async def _note(self, error: Exception) -> None:
        kind = type(error).__name__
        if kind != self._trouble:  # the same again says nothing new; its text may hold a password
            log.warning("the broker: %s", kind)
        self._trouble = kind

    async def _again(self) -> None:
        self._trouble = ""
        log.info("connected to the broker again")


async def _as_it_is(message: Any) -> Any:
    """FastStream's decoder: bodies are read by the intake, which says what is wrong with them."""
    return message


async def _stream_of(js: Any, subject: str) -> str:
    """Name of the stream that holds a subject, made if there is none."""
    try:
        return await js.find_stream_name_by_subject(subject)
    except NotFoundError:
        name = LETTERS.sub("-", subject).strip("-") or "events"
        await js.add_stream(StreamConfig(name=name, subjects=[subject]))
        log.info("made the stream %s of %s", name, subject)
        return name


def _plain(text: str) -> str:
    """As a header may hold it: one line of ASCII."""
    return " ".join(text.split()).encode("ascii", "backslashreplace").decode()
