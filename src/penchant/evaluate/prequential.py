"""The streaming protocol: every event is first predicted, then learned (prequential, Dawid 1984; Gama et al. 2013).

All events in time order. From a cut on, for each event all items that the user has not had are ranked, given everything
before it; then it is learned, by the engine and by every peer.
"""

from __future__ import annotations

import time as clock
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from penchant.engine import Engine
from penchant.errors import InvalidRecord, UnknownId
from penchant.evaluate.peers import Floats, Peer
from penchant.metrics import by_user_interval, hr, mrr, ndcg, rank_of
from penchant.records import Event

GROUP = 200  # events learned together where nothing is measured; the state is the same as one by one
WINDOW = 500  # predictions that the rolling figures look back on
LIKED = 4.0  # a rating from which on the item was liked


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
    """Ranks of the right item, 0 for the top, by method; and what they were measured on.

    Attributes:
        name: of the data.
        events: how many were learned.
        measured: how many were predicted.
        every: of the events after the cut every so manieth was to be predicted.
        seconds: all in all; learn_seconds: of them, the engine's learning.
        unknown: events left out, for their items are not in the catalogue.
        users, warm, liked: of each prediction: whose; whether seen before the cut; whether rated 4 or better.
        ranks: of each prediction, by method.
    """

    name: str
    events: int
    measured: int
    every: int
    seconds: float
    learn_seconds: float
    unknown: int = 0
    users: list[str] = field(default_factory=list[str])
    warm: list[bool] = field(default_factory=list[bool])
    liked: list[bool] = field(default_factory=list[bool])
    ranks: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def row(self, method: str, warm: bool | None = None, *, liked: bool = False) -> dict[str, float]:
        """HR@10, NDCG@10 and MRR of a method; of users seen before the cut, or of new ones, if `warm` is given; of
        what was rated 4 or better, if `liked`."""
        told = zip(self.ranks[method], self.warm, self.liked, strict=True)
        ranks = [rank for rank, w, good in told if warm in (None, w) and (good or not liked)]
        return {"events": len(ranks), "hr@10": hr(ranks), "ndcg@10": ndcg(ranks), "mrr": mrr(ranks)}

    def course(self, method: str, parts: int = 16) -> list[float]:
        """NDCG@10 in each of so many equal parts of the predictions, in time order."""
        edges = np.linspace(0, self.measured, min(parts, max(self.measured, 1)) + 1).round().astype(int)
        return [ndcg(self.ranks[method][a:b]) for a, b in pairwise(edges)]

    def __str__(self) -> str:
        """A table: HR@10, NDCG@10 and MRR by method; then NDCG@10 of warm users, of new ones, of what was liked."""
        wide = max(map(len, self.ranks))
        lines = [f"{'':{wide}}  HR@10   NDCG@10  MRR     warm    new     rated 4+"]
        for method in self.ranks:
            whole = self.row(method)
            parts = (self.row(method, True), self.row(method, False), self.row(method, liked=True))
            figures = (whole["hr@10"], whole["ndcg@10"], whole["mrr"], *(part["ndcg@10"] for part in parts))
            cells = [f"{figure:.4f}" for figure in figures]
            cells[1] += " "
            lines.append(f"{method:{wide}}  " + "  ".join(cells))
        return "\n".join(lines)

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
                "rated 4 or better": self.row(method, liked=True),
            }
        return {
            "name": self.name,
            "events": self.events,
            "unknown items": self.unknown,
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

    An item that the user has had is not predicted: it is learned only. Events of items that are not in the catalogue
    are left out and counted.

    Args:
        events: in time order.
        peers: kept up to date with the same events.
        cut: share of the events with known items that is learned before anything is measured.
        every: the first event after the cut and every so manieth from there is measured (no draw); all are learned.
        progress: called after every group.

    Raises:
        InvalidRecord: cut or every out of range; an event can't be used.
    """
    if not 0 <= cut < 1:
        raise InvalidRecord("prequential.cut", cut, "give a share from 0 to below 1")
    if every < 1:
        raise InvalidRecord("prequential.every", every, "give a whole number of at least 1")
    rows = engine.model.world.catalogue.rows
    known = [event for event in events if rows.get(event.item) is not None]
    report = Report(name, 0, 0, every, 0.0, 0.0, unknown=len(events) - len(known))
    return _Run(engine, known, peers, report, progress).all(int(len(known) * cut))


class _Run:
    """One run: whose history is how long, what waits to be learned, what was measured."""

    def __init__(
        self, engine: Engine, events: Sequence[Event], peers: Sequence[Peer], report: Report,
        progress: Callable[[Tick], None] | None,
    ) -> None:  # fmt: skip
        self.engine, self.events, self.peers, self.report, self.progress = engine, events, peers, report, progress
        report.ranks = {"penchant": [], **{peer.name: [] for peer in peers}}
        self.history: defaultdict[str, list[int]] = defaultdict(list)
        self.waiting: list[Event] = []

    def all(self, first: int) -> Report:
        """Through all events; those from `first` on are predicted."""
        started = clock.perf_counter()
        report, rows = self.report, self.engine.model.world.catalogue.rows
        warm = {event.user for event in self.events[:first]}
        for k, event in enumerate(self.events):
            item, had = rows.get(event.item), self.history[event.user]
            assert item is not None
            if k >= first and (k - first) % report.every == 0 and item not in had:
                self.learn(k)
                self.predict(event, item, had)
                report.warm.append(event.user in warm)
            self.waiting.append(event)
            for peer in self.peers:
                peer.learn(had, item)
            had.append(item)
            if len(self.waiting) >= GROUP:
                self.learn(k + 1)
        self.learn(len(self.events))
        report.seconds = clock.perf_counter() - started
        return report

    def learn(self, done: int) -> None:
        """Learn what waits; `done` events are through."""
        report, begun = self.report, clock.perf_counter()
        self.engine.observe_many(self.waiting)
        report.learn_seconds += clock.perf_counter() - begun
        report.events += len(self.waiting)
        self.waiting.clear()
        if self.progress is not None:
            rolling = report.ranks["penchant"][-WINDOW:]
            per_second = report.events / max(report.learn_seconds, 1e-9)
            figures = (hr(rolling), ndcg(rolling)) if rolling else (None, None)
            self.progress(Tick(done, len(self.events), per_second, *figures))

    def predict(self, event: Event, item: int, had: list[int]) -> None:
        """Rank all items that can be recommended and that the user has not had, by every method."""
        report = self.report
        scores, open_ = _scores(self.engine, event, item, had)
        report.ranks["penchant"].append(_rank(scores, item, open_))
        for peer in self.peers:
            report.ranks[peer.name].append(_rank(peer.scores(had), item, open_))
        report.users.append(event.user)
        report.liked.append(event.kind == "rating" and event.value is not None and event.value >= LIKED)
        report.measured += 1


def position(engine: Engine, event: Event, had: Sequence[int]) -> float:
    """How many items stand before the event's, just before it: among all but those that the user has had, ties half.

    Args:
        had: their rows; the event's item may be among them.

    Raises:
        UnknownId: the item is not in the catalogue.
    """
    item = engine.model.world.catalogue.rows.get(event.item)
    if item is None:
        raise UnknownId(f"item {event.item!r} is not in the catalogue", fix="add it")
    scores, open_ = _scores(engine, event, item, had)
    return _rank(scores, item, open_)


def _scores(engine: Engine, event: Event, item: int, had: Sequence[int]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """(scores, which are in the race) of all rows."""
    model = engine.model
    open_ = np.zeros(len(model.world.catalogue), np.bool_)
    open_[model.world.catalogue.live()] = True
    open_[item] = True  # also if it was retired since
    rows = np.flatnonzero(open_).astype(np.int32)
    open_[[row for row in had if row != item]] = False
    at = event.time if event.time is not None else engine.now
    asker = model.asker(model.user(event.user), at, context=event.context)
    scores = np.zeros(len(open_))
    scores[rows] = model.score(asker, rows).score
    return scores, open_


def _rank(scores: Floats, item: int, open_: npt.NDArray[np.bool_]) -> float:
    return rank_of(np.where(open_, scores, -np.inf), item)
