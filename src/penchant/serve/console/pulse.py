"""What the page Live shows: samples of each catalogue that somebody looks at, and how long requests take."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time as clock
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from penchant.engine import Engine
from penchant.serve.host import Catalogue, Host
from penchant.serve.quality import Rolling

log = logging.getLogger("penchant.serve")
EVERY = 1.0  # seconds between samples
KEPT = 600  # samples of a catalogue
REQUESTS = 5_000  # whose time is kept
WINDOW = 60.0  # seconds of requests that a quantile is of
ROLLING = 500  # events that the rolling share is of
ANSWERS = ("/recommendations", "/events")


class Meter:
    """How long requests took, by tenant and path."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, str, str, float]] = deque(maxlen=REQUESTS)

    def quantiles(self, tenant: str, path: str, at: tuple[float, ...] = (0.5, 0.99)) -> tuple[float | None, ...]:
        """Milliseconds of the last minute's requests; None where there were none.

        >>> meter = Meter()
        >>> for ms in range(1, 101):
        ...     meter.note("shop", "/events", ms / 1000)
        >>> meter.quantiles("shop", "/events"), meter.quantiles("shop", "/recommendations")
        ((51.0, 100.0), (None, None))
        """
        since = clock.monotonic() - WINDOW
        wanted = (tenant, path)
        took = sorted(s for when, name, where, s in list(self._seen) if (name, where) == wanted and when >= since)
        return tuple(None if not took else round(1000 * took[min(int(q * len(took)), len(took) - 1)], 3) for q in at)

    def note(self, tenant: str, path: str, seconds: float) -> None:
        """One more."""
        self._seen.append((clock.monotonic(), tenant, path, seconds))

    class Middleware:
        """ASGI middleware around all others: times requests for which a key was found good."""

        def __init__(self, app: ASGIApp, meter: Meter) -> None:
            self.app, self.meter = app, meter

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] not in ANSWERS:
                await self.app(scope, receive, send)
                return
            begun = clock.perf_counter()
            try:
                await self.app(scope, receive, send)
            finally:
                key = scope.get("state", {}).get("key")
                if key is not None:
                    self.meter.note(key.tenant, scope["path"], clock.perf_counter() - begun)


@dataclass(frozen=True, slots=True)
class Sample:
    """A catalogue at one moment.

    Attributes:
        time: UTC seconds.
        rate: events learned a second since the sample before.
        waiting: events in the queue.
        alpha: how category, dimension and intensity are weighed.
        shares: of categories among the last events, in [0, 1].
        hit_rate, calibration: of the last events that name an answer; None where there were none.
        answer_ms, event_ms: (median, 99th percentile) of the last minute's requests; None where there were none.
    """

    time: float
    rate: float
    waiting: int
    alpha: dict[str, float]
    shares: dict[str, float]
    hit_rate: float | None
    calibration: float | None
    answer_ms: tuple[float | None, ...]
    event_ms: tuple[float | None, ...]


@dataclass(slots=True)
class _Track:
    """What is known of one catalogue between samples."""

    engine: Engine
    quality: Rolling
    samples: deque[Sample] = field(default_factory=lambda: deque[Sample](maxlen=KEPT))
    learned: int | None = None
    at: float = 0.0
    seen: int = 0
    recent: deque[str] = field(default_factory=lambda: deque[str](maxlen=ROLLING))


class Pulse:
    """Takes a sample a second of each catalogue that somebody is logged in to.

    Args:
        host: whose catalogues.
        wanted: names of those to look at.
        meter: of requests.
    """

    def __init__(self, host: Host, wanted: Callable[[], set[str]], meter: Meter) -> None:
        self._host, self._wanted, self._meter = host, wanted, meter
        self._tracks: dict[str, _Track] = {}
        self._lock = threading.Lock()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Take samples from now on."""
        self._task = asyncio.create_task(self._run())

    async def end(self) -> None:
        """No more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def samples(self, name: str) -> list[Sample]:
        """Those of a catalogue, oldest first."""
        track = self._tracks.get(name)
        return [] if track is None else list(track.samples)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            wanted = self._wanted()
            for name in [name for name in self._tracks if name not in wanted]:
                del self._tracks[name]
            for name in wanted:
                catalogue = self._host.ready(name)
                if catalogue is not None:
                    try:
                        await to_thread.run_sync(self.look, catalogue)
                    except Exception as error:  # the next one may do
                        log.warning("console: no sample of %s: %s", name, type(error).__name__)

    def look(self, catalogue: Catalogue) -> None:
        """Take one sample."""
        with self._lock:
            engine = catalogue.engine
            track = self._tracks.get(catalogue.name)
            if track is None or track.engine is not engine:
                track = self._tracks[catalogue.name] = _Track(engine, Rolling(engine))
            seen, now = engine.overview(), clock.monotonic()
            past = 0.0 if track.learned is None else max(0, seen.learned - track.learned) / max(now - track.at, 1e-3)
            track.recent.extend(categories(engine, track.seen, seen.version))
            quality = track.quality.look()
            counted, total = Counter(track.recent), max(len(track.recent), 1)
            track.samples.append(
                Sample(
                    clock.time(), past, catalogue.writer.depth, seen.alpha,
                    {name: n / total for name, n in counted.items()}, quality.hit_rate, quality.calibration,
                    self._meter.quantiles(catalogue.name, "/recommendations"),
                    self._meter.quantiles(catalogue.name, "/events"),
                )
            )  # fmt: skip
            track.learned, track.at, track.seen = seen.learned, now, seen.version


def categories(engine: Engine, after: int, until: int) -> Iterable[str]:
    """The first category of each of the last events in a stretch of the log, oldest first."""
    entries = engine.store.entries(after=after, until=until, types=["event"], newest_first=True, limit=ROLLING)
    world = engine.model.world
    found: list[str] = []
    for entry in entries:
        row = world.catalogue.rows.get(entry.item or "")
        if row is not None and len(places := world.catalogue.place(row).categories):
            found.append(world.taxonomy.categories.ids[int(places[0])])
    return reversed(found)
