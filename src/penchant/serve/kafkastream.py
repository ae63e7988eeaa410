"""Kafka by FastStream: a consumer group, bounded in flight, with dead letters.

Records are fetched a batch at a time and the next batch only when the last one is settled and its offsets are
committed, so that what is in flight is bounded and a slow catalogue holds the topic back. A batch that could not be
settled is read again, for a later commit would pass over it.
"""

# pyright: reportMissingTypeStubs=false, reportIncompatibleMethodOverride=false
from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from penchant.errors import ConfigError, MissingExtra
from penchant.serve.consume import Intake, Message, Refusal, unless
from penchant.serve.source import Source

try:
    from aiokafka import AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic
    from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
    from aiokafka.helpers import create_ssl_context
    from faststream import AckPolicy
    from faststream.kafka import KafkaBroker
    from faststream.kafka.security import parse_security
    from faststream.message import StreamMessage
    from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512
except ImportError as error:  # pragma: no cover - the extra is there where this is tested
    raise MissingExtra(error.name or "aiokafka", extra="streams") from None

log = logging.getLogger("penchant.serve")
TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
LOGINS = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
READ_SECONDS = 0.1  # that one look for records takes where there are none
GRACE = 10.0  # seconds that messages in flight have at the end
LAG_SECONDS = 1.0  # between looks at how far behind the consumer is
ANSWER_SECONDS = 5.0  # after which a broker counts as away
METADATA_SECONDS = 30.0  # after which a partition that was added is seen


class KafkaStream:
    """Brings a topic's records to an intake.

    Args:
        source: which; its subject is the topic, its durable name the group's, its `ack_seconds` the time after which
            the partitions of a consumer that fell silent are given to others.
        intake: that learns them.
    """

    def __init__(self, source: Source, intake: Intake) -> None:
        source.check()
        for name, topic in (("subject", source.subject), ("dead-letter", source.dead)):
            if not TOPIC.fullmatch(topic):
                raise ConfigError(f"consume.{name}: {topic!r} is no topic of Kafka", fix="give letters, digits, . _ -")
        self.source, self.intake = source, intake
        self._servers, self._security = broker_at(source.url)
        self._client: dict[str, Any] = {"bootstrap_servers": self._servers, **parse_security(self._security)}
        self._held: Counter[TopicPartition] = Counter()  # records that are being learned
        self._idle = asyncio.Event()
        self._idle.set()
        self._subscriber: Any = None
        self._producer: Any = None
        self._trouble = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set; then settle what is in flight.

        Raises:
            ConfigError: a topic isn't there, and the broker makes none.
        """
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it tells of each of many tries; `_note` tells once
        source = self.source
        broker = KafkaBroker(
            self._servers, security=self._security, client_id=f"penchant-consume-{source.durable}", consumer_only=True,
            metadata_max_age_ms=round(METADATA_SECONDS * 1000), apply_types=False, logger=None, graceful_timeout=GRACE,
        )  # fmt: skip
        self._subscriber = broker.subscriber(
            source.subject, group_id=source.durable, auto_offset_reset="earliest", isolation_level="read_committed",
            batch=True, max_records=source.in_flight, batch_timeout_ms=round(READ_SECONDS * 1000),
            session_timeout_ms=round(source.ack_seconds * 1000),
            heartbeat_interval_ms=round(source.ack_seconds * 1000 / 5), listener=_Handover(self),
            ack_policy=AckPolicy.MANUAL, parser=_unread, decoder=_as_it_is, no_reply=True,
        )  # fmt: skip
        self._subscriber(self._handle)
        self._producer = AIOKafkaProducer(**self._client, acks="all")
        try:
            if not await unless(stop, self._begin(broker)):
                return
            log.info("consuming %s as %s", source.subject, source.durable)
            watching = asyncio.create_task(self._watch())
            await stop.wait()
            watching.cancel()
        finally:
            for ending in (broker.stop, self._producer.stop):
                try:
                    await asyncio.wait_for(ending(), GRACE + ANSWER_SECONDS)
                except Exception as error:  # a broker that is away finds out by itself
                    self._note(error)

    async def _begin(self, broker: Any) -> None:
        """Make the topics that aren't there, and join the group; waits for the broker."""
        for step in (self._prepare, self._producer.start, broker.start):
            while True:
                try:
                    await step()
                    break
                # it may have begun a moment ago; a refused login by SCRAM is a KeyError of aiokafka's
                except (KafkaError, OSError, KeyError) as error:
                    self._note(error)
                    await self._subscriber.stop()
                await asyncio.sleep(0.5)

    async def _prepare(self) -> None:
        """Find the topics of events and of dead letters; make those that aren't there."""
        admin: Any = AIOKafkaAdminClient(**self._client)
        try:
            await admin.start()
            while missing := {self.source.subject, self.source.dead} - set(await admin.list_topics()):
                wanted: list[Any] = [NewTopic(topic, 1, 1) for topic in sorted(missing)]
                for topic in wanted:  # the broker's defaults, which aiokafka's constructor doesn't take
                    topic.num_partitions = topic.replication_factor = -1
                for topic, code, *_ in (await admin.create_topics(wanted)).topic_errors:
                    kind: Any = for_code(code)
                    if not code:
                        log.info("made the topic %s", topic)
                    elif not kind.retriable and kind is not TopicAlreadyExistsError:  # else another was faster
                        raise ConfigError(
                            f"the broker has no topic {topic!r} and makes none: {kind.__name__}", fix="make it first"
                        )
                await asyncio.sleep(0.2)  # until the broker lists them
        finally:
            await admin.close()

    async def _handle(self, message: Any) -> None:
        """Learn a batch, or send it to the dead letters; then commit its offsets."""
        records: tuple[Any, ...] = message.raw_message
        first: dict[TopicPartition, int] = {}
        after: dict[TopicPartition, int] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            first.setdefault(partition, record.offset)
            after[partition] = record.offset + 1
            self._held[partition] += 1
        self._idle.clear()
        consumer = self._subscriber.consumer
        try:
            ends = await asyncio.gather(*(self._settle(record) for record in records), return_exceptions=True)
            for end in ends:
                if isinstance(end, BaseException):
                    raise end
            if mine := _assigned(consumer, after):
                await consumer.commit(mine)
        except Exception as error:
            self._note(error)
            for partition, offset in _assigned(consumer, first).items():
                consumer.seek(partition, offset)
            await asyncio.sleep(LAG_SECONDS)
        finally:
            self._held.clear()
            self._idle.set()

    async def _settle(self, record: Any) -> None:
        """Learn one record, or send it to the dead letters."""
        place = f"kafka:{record.topic}:{record.partition}:{record.offset}:{record.timestamp}"
        body = b"null" if record.value is None else record.value  # a tombstone, which is no event
        entered = record.timestamp / 1000 if record.timestamp > 0 else None
        fate = await self.intake.take(Message(body, place, entered))
        if isinstance(fate, Refusal):
            why = {"Reason": fate.reason, "Problem": fate.type, "Subject": record.topic, "Place": place}
            headers = [*record.headers, *((f"Penchant-{name}", text.encode()) for name, text in why.items())]
            value = b"" if record.value is None and record.key is None else record.value  # aiokafka wants either
            await self._producer.send_and_wait(self.source.dead, value, key=record.key, headers=headers)
            log.warning("message %s can't be learned, see %s: %s", place, self.source.dead, fate.type)

    async def _watch(self) -> None:
        """How far behind the consumer is, every few seconds."""
        while True:
            try:
                self.intake.tally.lags = await asyncio.wait_for(self._lags(), ANSWER_SECONDS)
                self.intake.tally.lag = sum(self.intake.tally.lags.values())
                if self._trouble:
                    log.info("the broker answers again")
                self._trouble = ""
            except (KafkaError, OSError) as error:
                self.intake.tally.lag, self.intake.tally.lags = None, {}
                self._note(error)
            await asyncio.sleep(LAG_SECONDS)

    async def _lags(self) -> dict[int, int]:
        """Records not committed yet, of each partition that this consumer reads."""
        consumer = self._subscriber.consumer
        ends = await consumer.end_offsets(list(consumer.assignment()))
        return {
            partition.partition: max(0, end - await consumer.position(partition)) + self._held[partition]
            for partition, end in ends.items()
        }

    async def settled(self) -> None:
        """Wait until the records in flight are learned and committed, as long as the group waits for that."""
        try:
            await asyncio.wait_for(self._idle.wait(), min(GRACE, self.source.ack_seconds / 3))
        except TimeoutError:
            log.warning("partitions are given away while their messages are being learned; those come again")

    def _note(self, error: Exception) -> None:
        kind = type(error).__name__
        if kind != self._trouble:  # the same again says nothing new; its text may hold a password
            log.warning("the broker: %s", kind)
        self._trouble = kind


class _Handover(ConsumerRebalanceListener):
    """Partitions go to another consumer when what was read of them is settled, which keeps the order."""

    def __init__(self, stream: KafkaStream) -> None:
        self._stream = stream

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await self._stream.settled()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """Nothing is kept between them."""


def broker_at(url: str) -> tuple[list[str], BaseSecurity]:
    """(host:port of each server, how to speak to them) of a URL.

    Args:
        url: kafka://user:password@host:9092,other:9092?sasl=SCRAM-SHA-512; kafka+ssl:// encrypts. Without a port
            it is 9092, without `sasl` it is PLAIN, without a user nobody logs in.

    Raises:
        ConfigError: it names no server, or a login that isn't known.

    >>> servers, security = broker_at("kafka://ann:p%40ss@one,two:9093?sasl=scram-sha-256")
    >>> servers, type(security).__name__, security.password, security.use_ssl
    (['one:9092', 'two:9093'], 'SASLScram256', 'p@ss', False)
    """
    parts = urlsplit(url)
    login, _, hosts = parts.netloc.rpartition("@")
    servers = [host if re.search(r":\d+$", host) else f"{host}:9092" for host in hosts.split(",") if host]
    if not servers:
        raise ConfigError("consume.url: it names no server", fix="give kafka://host:9092")
    context = create_ssl_context() if parts.scheme == "kafka+ssl" else None
    if not login:
        return servers, BaseSecurity(ssl_context=context, use_ssl=context is not None)
    sasl = parse_qs(parts.query).get("sasl", ["PLAIN"])[0].upper()
    if sasl not in LOGINS:
        raise ConfigError(f"consume.url: sasl={sasl!r} is not known", fix=f"give one of {', '.join(LOGINS)}")
    user, _, password = login.partition(":")
    return servers, LOGINS[sasl](unquote(user), unquote(password), ssl_context=context, use_ssl=context is not None)


def _assigned(consumer: Any, offsets: dict[TopicPartition, int]) -> dict[TopicPartition, int]:
    """Those of partitions that are this consumer's still."""
    return {partition: offset for partition, offset in offsets.items() if partition in consumer.assignment()}


async def _unread(message: Any) -> Any:
    """FastStream's parser: bodies are read by the intake, which says what is wrong with them."""
    return StreamMessage(raw_message=message, body=b"")


async def _as_it_is(message: Any) -> Any:
    return message
