"""The streaming protocol: every event is first predicted, then learned (prequential, Dawid 1984; Gama et al. 2013).

All events in time order. From a cut on, for each event all items that the user has not had are ranked, given everything
before it; then it is learned, by the engine and by every peer.
"""

from __future__ import annotations

import time as clock
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from penchant.engine import Engine
from penchant.evaluate.peers import Peer
from penchant.metrics import by_user_interval, hr, mrr, ndcg, rank_of
from penchant.records import Event

GROUP = 200  # events learned together where nothing is measured; the state is the same as one by one
WINDOW = 500  # predictions that the rolling figures look back on


@dataclass(frozen=True, slots=True)
class Tick:
    """Where a run is: events done and in all, events a second, rolling HR@10 and NDCG@10 (None before the cut)."""

    done: int
    total: int
    per_second: float
    hr10: float | None
    ndcg10: float | None


@dataclass(slots=True)
class Report:
    """Ranks of the right item, 0 for the top, by method; and what they were measured on."""

    name: str
    events: int
    measured: int
    every: int
    seconds: float
    learn_seconds: float
    users: list[str] = field(default_factory=list[str])
    warm: list[bool] = field(default_factory=list[bool])
    ranks: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def row(self, method: str, warm: bool | None = None) -> dict[str, float]:
        """HR@10, NDCG@10 and MRR of a method; of users seen before the cut, or of new ones, if `warm` is given."""
        ranks = [r for r, w in zip(self.ranks[method], self.warm, strict=True) if warm is None or w == warm]
        return {"events": len(ranks), "hr@10": hr(ranks), "ndcg@10": ndcg(ranks), "mrr": mrr(ranks)}

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, without the single ranks."""
        methods: dict[str, Any] = {}
        for method, ranks in self.ranks.items():
            gains = [ndcg([rank]) for rank in ranks]
            interval = by_user_interval(gains, self.users) if ranks else None
            methods[method] = {
                **self.row(method),
                "ndcg@10 interval": [round(interval.low, 4), round(interval.high, 4)] if interval else None,
                "warm users": self.row(method, True),
                "new users": self.row(method, False),
            }
        return {
            "name": self.name,
            "events": self.events,
            "measured": self.measured,
            "every": self.every,
            "seconds": round(self.seconds, 1),
            "learned per second": round(self.events / max(self.learn_seconds, 1e-9)),
            "methods": methods,
        }


def prequential(
    engine: Engine,
    events: Sequence[Event],
    peers: Sequence[Peer] = (),
    *,
    cut: float = 0.8,
    every: int = 1,
    name: str = "",
    progress: Callable[[Tick], None] | None = None,
) -> Report:
    """Run the protocol on an engine that holds the items and none of the events.

    Args:
        events: in time order.
        peers: kept up to date with the same events.
        cut: share of the events that is learned before anything is measured.
        every: of the later events every so manieth is measured; all are learned.
        progress: called after every group.
    """
    started = clock.perf_counter()
    first = int(len(events) * cut)
    report = Report(name, len(events), 0, every, 0.0, 0.0, ranks={"penchant": [], **{p.name: [] for p in peers}})
    history: defaultdict[str, list[int]] = defaultdict(list)
    recent: deque[float] = deque(maxlen=WINDOW)
    warm = {event.user for event in events[:first]}
    rows_of = engine.model.world.catalogue.rows
    waiting: list[Event] = []

    def flush(done: int) -> None:
        begun = clock.perf_counter()
        engine.observe_many(waiting)
        report.learn_seconds += clock.perf_counter() - begun
        waiting.clear()
        if progress is not None:
            rolling = list(recent)
            per_second = done / max(report.learn_seconds, 1e-9)
            progress(
                Tick(
                    done, len(events), per_second, hr(rolling) if rolling else None, ndcg(rolling) if rolling else None
                )
            )

    for k, event in enumerate(events):
        item, had = rows_of.get(event.item), history[event.user]
        if item is None:
            continue
        if k >= first and (k - first) % every == 0 and item not in had:
            flush(k)
            rank = _predict(engine, event, item, had)
            report.ranks["penchant"].append(rank)
            recent.append(rank)
            for peer in peers:
                report.ranks[peer.name].append(_rank(peer.scores(had), item, had))
            report.users.append(event.user)
            report.warm.append(event.user in warm)
            report.measured += 1
        waiting.append(event)
        for peer in peers:
            peer.learn(had, item)
        had.append(item)
        if len(waiting) >= GROUP:
            flush(k + 1)
    flush(len(events))
    report.seconds = clock.perf_counter() - started
    return report


def _predict(engine: Engine, event: Event, item: int, had: list[int]) -> float:
    model = engine.model
    at = event.time if event.time is not None else engine.now
    asker = model.asker(model.user(event.user), at, context=event.context)
    rows = np.arange(len(model.world.catalogue), dtype=np.int32)
    return _rank(model.score(asker, rows).score, item, had)


def _rank(scores: np.ndarray[Any, np.dtype[np.float64]], item: int, had: list[int]) -> float:
    left = scores.copy()
    left[had] = -np.inf
    return rank_of(left, item)
