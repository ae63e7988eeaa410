"""The verb consume: events of a stream, learned by a catalogue, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from penchant.cli.place import IN_SETTINGS, file_of
from penchant.cli.state import JsonOption, state_of
from penchant.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from penchant.serve.consume import Intake
    from penchant.serve.jetstream import JetStream
    from penchant.serve.kafkastream import KafkaStream
    from penchant.serve.metrics import Stream
    from penchant.serve.redisstream import RedisStream
    from penchant.serve.settings import ServeSettings
    from penchant.serve.source import Source
    from penchant.serve.writer import Writer

KEY = "PENCHANT_KEY"


def consume(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Argument(help="The broker: nats://…, tls://…, redis://…, kafka://…", envvar="PENCHANT_STREAM")
    ],
    subject: Annotated[
        str, typer.Option(help="Subject of the events; Redis: the stream's key; Kafka: the topic.")
    ] = "events",
    tenant: Annotated[str | None, typer.Option(help="Whose catalogue in the folder: <tenant>.db.")] = None,
    folder: Annotated[Path, typer.Option(help="Catalogues.")] = Path("catalogues"),
    service: Annotated[
        str | None, typer.Option(help=f"Send to this running service instead; its key is read from {KEY}.")
    ] = None,
    stream: Annotated[str | None, typer.Option(help="In NATS: the stream, if it isn't the subject's.")] = None,
    durable: Annotated[str | None, typer.Option(help="Name that the broker keeps the position by.")] = None,
    dead_letter: Annotated[str | None, typer.Option(help="Subject of what can't be learned.")] = None,
    in_flight: Annotated[int, typer.Option(min=1, max=10_000, help="Messages being learned at a time.")] = 256,
    settings: Annotated[Path | None, typer.Option(help="TOML of the service's settings.")] = None,
    metrics: Annotated[str | None, typer.Option(help="Show metrics to Prometheus at this HOST:PORT.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Learn events of NATS JetStream, Redis or Kafka, each once; what can't be learned goes to the dead letters.

    Examples: penchant consume nats://localhost:4222 --subject events --tenant shop,
    penchant consume kafka://localhost:9092 --subject events --tenant shop,
    PENCHANT_KEY=… penchant consume nats://localhost:4222 --service http://localhost:8000
    """
    state = state_of(ctx, as_json)
    try:
        from penchant.serve.consume import Intake, told
        from penchant.serve.logs import set_up
        from penchant.serve.metrics import Stream
        from penchant.serve.settings import ServeSettings
        from penchant.serve.source import Source
    except ImportError as error:
        raise (
            error if isinstance(error, MissingExtra) else MissingExtra(error.name or "fastapi", extra="streams")
        ) from None

    if tenant is None and service is None and state.db is None:
        raise ConfigError("consume.tenant: none is given", fix="give --tenant, --db or --service")
    source = Source(url, subject, durable or f"penchant-{tenant or 'events'}", stream, dead_letter, in_flight)
    source.check()
    chosen = ServeSettings.load(settings)
    set_up(chosen)
    place = folder if state.db is None else file_of(state.db, instead=IN_SETTINGS)
    with _taker(place, tenant, service, chosen) as writer:
        intake = Intake(writer)
        if metrics is not None:
            _expose(metrics, Stream(intake.tally, tenant or ""))
        asyncio.run(until_stopped(broker_of(source, intake)))
    state.show(intake.tally.to_dict(), lambda: told(intake.tally))


def broker_of(source: Source, intake: Intake) -> JetStream | RedisStream | KafkaStream:
    """The source's broker, by its URL.

    Raises:
        ConfigError: there is none of that kind.
    """
    scheme = source.url.partition("://")[0]
    if scheme in ("nats", "tls"):
        from penchant.serve.jetstream import JetStream

        return JetStream(source, intake)
    if scheme in ("redis", "rediss", "unix"):
        from penchant.serve.redisstream import RedisStream

        return RedisStream(source, intake)
    if scheme in ("kafka", "kafka+ssl"):
        from penchant.serve.kafkastream import KafkaStream

        return KafkaStream(source, intake)
    raise ConfigError("consume.url: that is no broker that is known", fix="give nats://…, redis://… or kafka://…")


async def until_stopped(stream: JetStream | RedisStream | KafkaStream) -> None:
    """Consume until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for sig in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises
            asyncio.get_running_loop().add_signal_handler(sig, stop.set)
    await stream.run(stop)


def _expose(where: str, stream: Stream) -> None:
    """Show metrics at an address, to whoever can reach it."""
    from prometheus_client import CollectorRegistry, start_http_server

    host, _, port = where.rpartition(":")
    registry = CollectorRegistry()
    registry.register(stream)
    try:
        start_http_server(int(port), host or "127.0.0.1", registry)
    except (OSError, ValueError, OverflowError):
        raise ConfigError(f"consume.metrics: can't listen at {where!r}", fix="give a free HOST:PORT") from None


@contextlib.contextmanager
def _taker(place: Path, tenant: str | None, service: str | None, settings: ServeSettings) -> Generator[Writer]:
    """What takes the events: the catalogue, which nobody else may write to meanwhile, or a service."""
    from penchant.serve.consume import Remote
    from penchant.serve.host import Host
    from penchant.serve.writer import Writer

    if service is not None:
        from penchant.serve.client import Client

        with Client(service, os.environ.get(KEY, "")) as client:
            writer = Writer(Remote(client))
            yield writer
            writer.drain()
        return
    host = Host.open(place, settings)
    try:
        names = host.names()
        yield host.catalogue(tenant or (names[0] if len(names) == 1 else "")).writer
    finally:
        host.close()
