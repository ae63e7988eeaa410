"""A run through a protocol: what is trained on is learned, what is to be predicted is ranked by every method."""

from __future__ import annotations

import time as clock
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from penchant.engine import Engine
from penchant.errors import InvalidRecord
from penchant.evaluate.exchange import Bools, Floats, Ranks, Rows
from penchant.evaluate.levels import LevelLog
from penchant.evaluate.peers import Peer
from penchant.evaluate.protocols import Plan
from penchant.evaluate.report import OURS, Report
from penchant.interest.asker import Asker
from penchant.metrics import hr, ndcg, rank_of
from penchant.records import Event

GROUP = 200  # events learned together where nothing is measured; the state is the same as one by one
WINDOW = 500  # predictions that the rolling figures look back on
LIKED = 4.0  # a rating from which on the item was liked

Happened = tuple[int, float, bool, float]  # item row, strength, whether it engages, time


@dataclass(frozen=True, slots=True)
class Tick:
    """Where a run is: events done and in all, events a second, rolling HR@10 and NDCG@10 (None before the cut)."""

    done: int
    total: int
    per_second: float
    hr10: float | None
    ndcg10: float | None


def measure(
    engine: Engine,
    asked: Plan,
    peers: Sequence[Peer] = (),
    *,
    beside: Sequence[Ranks] = (),
    k: int = 10,
    levels: bool = True,
    train: Sequence[float] = (),
    progress: Callable[[Tick], None] | None = None,
) -> Report:
    """Run a protocol on the engine that it was planned for, which holds the items and none of the events.

    Args:
        asked: what `plan` gave.
        peers: run along, with the same events.
        beside: what methods elsewhere answered to the same task.
        k: of the measures at k.
        levels: whether to note what category, dimension and intensity say, which takes a fifth of a millisecond.
        train: shares of the events after which the evidence `sequence` is trained on what was learned until then.
        progress: called after every group of events.

    Raises:
        InvalidRecord: k or train is out of range, ranks are of another task, or an event can't be used.
        MissingExtra, ConfigError: `sequence` can't be trained here.
    """
    if not 1 <= k <= 1000:
        raise InvalidRecord("evaluate.k", k, "give 1 to 1,000")
    for share in train:
        if not 0 < share <= 1:
            raise InvalidRecord("evaluate.train", share, "give shares of the events, above 0 and up to 1")
    for ranks in beside:
        if ranks.task != asked.task.id:
            raise InvalidRecord(
                "ranks.task", ranks.task, f"give ranks of {asked.task.id[:12]}…, of the same data and options"
            )
    report = _Run(engine, asked, peers, k, levels, train, progress).all()
    for ranks in beside:
        report.beside(ranks)
    return report


class _Run:
    """One run: whose history is how long, what waits to be learned, what was measured."""

    def __init__(
        self, engine: Engine, asked: Plan, peers: Sequence[Peer], k: int, levels: bool, train: Sequence[float],
        progress: Callable[[Tick], None] | None,
    ) -> None:  # fmt: skip
        self.engine, self.asked, self.peers, self.progress = engine, asked, peers, progress
        task = asked.task
        report = Report(task.name, 0, 0, asked.every, 0.0, 0.0, asked.unknown, task.protocol, task.id, k)
        report.ranks = {OURS: [], **{peer.name: [] for peer in peers}}
        report.top = {method: [] for method in report.ranks}
        report.open = task.open
        self.report, self.levels = report, LevelLog(engine.model) if levels else None
        self.spent = dict.fromkeys(report.ranks, 0.0)  # seconds of predicting
        self.trained = dict.fromkeys(report.ranks, 0.0)  # seconds of learning
        self.history: defaultdict[str, list[int]] = defaultdict(list)
        self.later: defaultdict[str, list[Happened]] = defaultdict(list)  # known of a user, learned by nobody
        self.counts = np.zeros(len(task.items), np.int64)
        self.waiting: list[Event] = []
        self.trainings = {int(share * len(asked.events)): 0.0 for share in train}  # events done before it: seconds

    def all(self) -> Report:
        """Through all events."""
        started, task, report = clock.perf_counter(), self.asked.task, self.report
        wanted = set(task.predicted.tolist())
        warm = {event.user for event in self.asked.events[: task.first]}
        report.share = self._share(len(warm))
        for k, (event, item) in enumerate(zip(self.asked.events, task.item.tolist(), strict=True)):
            had = self.history[event.user]
            if k in self.trainings:
                self.train(k)
            if k in wanted:
                self.learn(k)
                self.predict(event, item, had, event.user in warm)
            self.take(event, item, had, learn=task.online or k < task.first)
            if len(self.waiting) >= GROUP:
                self.learn(k + 1)
        self.learn(len(self.asked.events))
        report.seconds = clock.perf_counter() - started
        for method, seconds in self.trained.items():
            report.seconds_of[method] = (seconds, self.spent[method])
        report.settings[OURS] = self.engine.settings.model_dump(mode="json", exclude_defaults=True)
        if self.levels is not None:
            report.levels = self.levels.report()
        return report

    def take(self, event: Event, item: int, had: list[int], *, learn: bool) -> None:
        """The event has happened: everybody learns it, or it is history of its user alone."""
        kind = self.engine.settings.kind(event.kind)
        strength = kind.strength(event.value)
        if learn:
            self.waiting.append(event)
            self.counts[item] += 1
            for peer in self.peers:
                begun = clock.perf_counter()
                peer.learn(had, item)
                self.trained[peer.name] += clock.perf_counter() - begun
        else:
            self.later[event.user].append((item, strength, kind.engages, self._at(event)))
        if self.levels is not None:
            self.levels.learn(event.user, item, strength, shared=learn)
        had.append(item)

    def learn(self, done: int) -> None:
        """Learn what waits; `done` events are through."""
        report, begun = self.report, clock.perf_counter()
        self.engine.observe_many(self.waiting)
        report.learn_seconds += clock.perf_counter() - begun
        self.trained[OURS] = report.learn_seconds + sum(self.trainings.values())
        report.events += len(self.waiting)
        self.waiting.clear()
        if self.progress is not None:
            rolling = report.ranks[OURS][-WINDOW:]
            per_second = report.events / max(report.learn_seconds, 1e-9)
            figures = (hr(rolling), ndcg(rolling)) if rolling else (None, None)
            self.progress(Tick(done, len(self.asked.events), per_second, *figures))

    def train(self, done: int) -> None:
        """Train `sequence` on what was learned; `done` events are through."""
        self.learn(done)
        begun = clock.perf_counter()
        self.engine.train_sequence()
        self.trainings[done] = clock.perf_counter() - begun

    def predict(self, event: Event, item: int, had: list[int], warm: bool) -> None:
        """Rank all items that can be recommended and that the user has not had, by every method."""
        report = self.report
        race = in_race(self.engine, item, had)
        begun = clock.perf_counter()
        asker = self.asker(event)
        scores = scores_of(self.engine, asker, race)
        self._note(OURS, scores, item, race, begun)
        for peer in self.peers:
            begun = clock.perf_counter()
            self._note(peer.name, peer.scores(had), item, race, begun)
        if self.levels is not None:
            strength = self.engine.settings.kind(event.kind).strength(event.value)
            self.levels.note(asker, event.user, item, strength)
        report.users.append(event.user)
        report.warm.append(warm)
        report.liked.append(event.kind == "rating" and event.value is not None and event.value >= LIKED)
        report.ages.append(len(had) + 1)
        report.seen.append(int(self.counts[item]))
        report.times.append(float("nan") if event.time is None else event.time)
        report.measured += 1

    def asker(self, event: Event) -> Asker:
        """Who the event's user is just before it."""
        model, later = self.engine.model, self.later.get(event.user)
        user = model.user(event.user)
        memory = model.remembering(user, later) if later else None
        return model.asker(user, self._at(event), context=event.context, memory=memory)

    def _at(self, event: Event) -> float:
        return self.engine.now if event.time is None else event.time

    def _share(self, users: int) -> Floats:
        """[items] share of the trained users who had it, smoothed by one."""
        task = self.asked.task
        pairs = np.unique(np.stack([task.user[: task.first], task.item[: task.first]]), axis=1)
        return np.asarray((np.bincount(pairs[1], minlength=len(task.items)) + 1) / (users + 1), np.float64)

    def _note(self, method: str, scores: np.ndarray[Any, Any], item: int, race: Bools, begun: float) -> None:
        told = np.where(race, scores, -np.inf)
        self.report.ranks[method].append(rank_of(told, item))
        self.report.top[method].append(best_of(told, self.report.k))
        self.spent[method] += clock.perf_counter() - begun


def in_race(engine: Engine, item: int, had: Sequence[int]) -> Bools:
    """[items] which are ranked: all that may be recommended, and the right one, without those that were had before."""
    catalogue = engine.model.world.catalogue
    race = np.zeros(len(catalogue), np.bool_)
    race[catalogue.live()] = True
    race[had] = False
    race[item] = True  # also if it was retired since
    return race


def scores_of(engine: Engine, asker: Asker, race: Bools) -> Floats:
    """[items] scores of the rows in the race, 0 elsewhere."""
    rows = np.flatnonzero(race).astype(np.int32)
    scores = np.zeros(len(race))
    scores[rows] = engine.model.score(asker, rows).score
    return scores


def best_of(scores: Floats, k: int) -> Rows:
    """[k] rows of the best, best first; -1 where fewer are above -inf.

    >>> best_of(np.array([1.0, 3.0, -np.inf, 2.0]), 4).tolist()
    [1, 3, 0, -1]
    """
    some = np.argpartition(-scores, min(k, len(scores)) - 1)[:k] if len(scores) else np.zeros(0, np.intp)
    some = some[np.lexsort((some, -scores[some]))]
    some = some[scores[some] > -np.inf]
    return np.concatenate([some, np.full(k - len(some), -1)]).astype(np.int32)
