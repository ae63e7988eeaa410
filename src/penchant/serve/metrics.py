"""What the service tells Prometheus, by tenant. Labels name routes as they are declared, never paths, ids or people."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from penchant.serve.host import Catalogue, Host
from penchant.serve.quality import Rolling

if TYPE_CHECKING:
    from penchant.serve.consume import Tally

MEDIA = CONTENT_TYPE_LATEST
# seconds; an answer of a small catalogue takes a few milliseconds, one that waits for an opening catalogue seconds
BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
WHOSE = ("tenant",)


class Metrics:
    """The metrics of one service.

    Args:
        host: whose catalogues.
    """

    def __init__(self, host: Host) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "penchant_request_seconds", "Time from a request's coming to its answer.",
            ("tenant", "method", "route", "status"), buckets=BUCKETS, registry=self._registry,
        )  # fmt: skip
        self._problems = Counter(
            "penchant_problems", "Answers that were problems.", ("tenant", "status"), registry=self._registry
        )
        self._registry.register(Catalogues(host))

    def note(self, tenant: str, method: str, route: str, status: int, seconds: float, *, problem: bool) -> None:
        """One request that was answered, by a problem or not."""
        self._requests.labels(tenant, method, route, str(status)).observe(seconds)
        if problem:
            self._problems.labels(tenant, str(status)).inc()

    def text(self, tenant: str | None = None) -> bytes:
        """All metrics as Prometheus reads them; of one tenant, what is that tenant's or nobody's."""
        return generate_latest(self._registry if tenant is None else _Of(self._registry, tenant))


class _Of(Collector):
    """What a registry holds, without what is of other tenants."""

    def __init__(self, registry: CollectorRegistry, tenant: str) -> None:
        self._all, self._tenant = registry, tenant

    def collect(self) -> Iterator[Metric]:
        """The families that have anything left."""
        for metric in self._all.collect():
            samples = [one for one in metric.samples if one.labels.get("tenant", self._tenant) == self._tenant]
            if samples:
                kept = Metric(metric.name, metric.documentation, metric.type, metric.unit)
                kept.samples = samples
                yield kept


class Catalogues(Collector):
    """Reads the catalogues that are open when they are asked for, and opens none."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._rolling: dict[str, Rolling] = {}
        self._rates: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def collect(self) -> Iterable[Metric]:
        """One family after the other, each with every catalogue."""
        with self._lock:
            names = self._host.names()
            up = GaugeMetricFamily("penchant_catalogue_ready", "1: open, its store works; 0: not.", labels=WHOSE)
            opened = [catalogue for name in names if (catalogue := self._host.ready(name)) is not None]
            working = {catalogue.name for catalogue in opened if catalogue.works()}
            for name in names:
                up.add_metric([name], float(name in working))
            yield up
            rows: list[tuple[str, dict[str, float | None]]] = []
            for catalogue in opened:
                try:
                    rows.append((catalogue.name, self._read(catalogue)))
                except Exception:  # a store that fails, or one that is being closed: `ready` says so
                    continue
        for name, (text, kind) in TOLD.items():
            family = kind(f"penchant_{name}", text, labels=WHOSE)
            for tenant, row in rows:
                if (value := row[name]) is not None:
                    family.add_metric([tenant], value)
            yield family
        outcomes = CounterMetricFamily(
            "penchant_writer_events", "Events that this process's writer was given.", labels=(*WHOSE, "outcome")
        )
        for catalogue in opened:
            for outcome, count in catalogue.writer.counts.items():
                outcomes.add_metric([catalogue.name, outcome], count)
        yield outcomes

    def _read(self, catalogue: Catalogue) -> dict[str, float | None]:
        engine, name = catalogue.engine, catalogue.name
        seen, now = engine.overview(), clock.monotonic()
        if (rolling := self._rolling.get(name)) is None or rolling.engine is not engine:
            rolling = self._rolling[name] = Rolling(engine)
        quality = rolling.look()
        before = self._rates.get(name)
        self._rates[name] = (now, seen.learned)
        return {
            "events_learned": seen.learned,
            "events_per_second": (
                max(0.0, seen.learned - before[1]) / max(now - before[0], 1e-3) if before is not None else None
            ),
            "queue_depth": catalogue.writer.depth, "queue_capacity": catalogue.writer.capacity,
            "hit_rate_at_10": quality.hit_rate, "calibration_error": quality.calibration,
            "feedback_events": quality.events, "version": seen.version,
            "store_lag_entries": max(0, engine.store.last_seq() - engine.version),
            "snapshot_age_entries": max(0, engine.version - engine.snapshot_version),
            "items": seen.items, "items_live": seen.live, "users": seen.users,
            "nodes": sum(1 + len(node.children) for node in engine.tree()),
        }  # fmt: skip


Family = Callable[..., GaugeMetricFamily | CounterMetricFamily]
TOLD: dict[str, tuple[str, Family]] = {
    "events_learned": ("Events that the model has learned.", CounterMetricFamily),
    "events_per_second": ("Events learned a second since the scrape before.", GaugeMetricFamily),
    "queue_depth": ("Events that wait to be written.", GaugeMetricFamily),
    "queue_capacity": ("Events that may wait; further ones are refused.", GaugeMetricFamily),
    "hit_rate_at_10": (
        "Of the last events that name an answer and engage, the share whose item stood in its first ten.",
        GaugeMetricFamily,
    ),
    "calibration_error": (
        "Calibration error of the first item's probability, of those events whose item was shown.",
        GaugeMetricFamily,
    ),
    "feedback_events": ("Events that those two are of, at most 1,000.", GaugeMetricFamily),
    "version": ("Number of the last log entry learned.", GaugeMetricFamily),
    "store_lag_entries": ("Entries in the store that the model has not learned yet.", GaugeMetricFamily),
    "snapshot_age_entries": ("Entries learned since the last snapshot, which a start replays.", GaugeMetricFamily),
    "items": ("Items in the catalogue.", GaugeMetricFamily),
    "items_live": ("Items that may be recommended.", GaugeMetricFamily),
    "users": ("Users of whom something is known.", GaugeMetricFamily),
    "nodes": ("Categories and dimensions of the tree.", GaugeMetricFamily),
}


class Stream(Collector):
    """What a consumer of a stream has done, and how far it is behind."""

    def __init__(self, tally: Tally, tenant: str) -> None:
        self._tally, self._tenant = tally, tenant

    def collect(self) -> Iterable[Metric]:
        """Its families."""
        messages = CounterMetricFamily(
            "penchant_stream_messages", "Messages by what became of them.", labels=(*WHOSE, "outcome")
        )
        tally = self._tally
        for outcome, count in (
            ("accepted", tally.accepted), ("duplicate", tally.duplicate), ("refused", tally.refused),
        ):  # fmt: skip
            messages.add_metric([self._tenant, outcome], count)
        yield messages
        for name, text, value in (
            ("lag_messages", "Messages of the stream not acknowledged yet.", tally.lag),
            ("in_flight_messages", "Messages that are being learned.", tally.waits),
            ("failing", "1: nothing can be learned now.", float(tally.failing)),
        ):
            family = GaugeMetricFamily(f"penchant_stream_{name}", text, labels=WHOSE)
            if value is not None:
                family.add_metric([self._tenant], value)
            yield family
        partitions = GaugeMetricFamily(
            "penchant_stream_partition_lag_messages", "Messages of a partition of Kafka not acknowledged yet.",
            labels=(*WHOSE, "partition"),
        )  # fmt: skip
        for partition, lag in tally.lags.items():
            partitions.add_metric([self._tenant, str(partition)], lag)
        yield partitions
