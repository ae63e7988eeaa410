"""What was measured: ranks of every prediction by every method, and the figures that are read off them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from penchant.evaluate.exchange import Bools, Floats, Ranks, Rows, Task
from penchant.evaluate.levels import Levels
from penchant.metrics import Interval, by_user_intervals, coverage, gains, gini, hr, mrr, ndcg, novelty

OURS = "penchant"
AGES = (1, 2, 3, 4, 5, 6, 8, 11, 15, 21, 31, 51, 101)  # a user's how manieth event, from each to below the next
COUNTS = (0, 1, 5, 20, 100, 500, 2000)  # how often an item was taken before
DRAWS = 400  # of the bootstraps by band


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the predictions.

    Attributes:
        name: which.
        count: how many they are.
        ndcg: NDCG at k by method, with its interval.
        leads: by other method, the engine's NDCG less its, prediction by prediction, with its interval.
    """

    name: str
    count: int
    ndcg: dict[str, Interval]
    leads: dict[str, Interval]


@dataclass(slots=True)
class Report:
    """Ranks of the right item, 0 for the top, by method; and what they were measured on.

    Attributes:
        name: of the data.
        events: how many were learned.
        measured: how many were predicted.
        every: of what could be predicted every so manieth was.
        seconds: all in all; learn_seconds: of them, the engine's learning.
        unknown: events left out, for their items are not in the catalogue.
        protocol, task: what was asked, and its id.
        k: of the measures at k.
        users, warm, liked: of each prediction: whose; whether seen in training; whether rated 4 or better.
        ages, seen, times: of each prediction: the user's how manieth event it is; how often its item was taken
            before by what was learned; when, UTC seconds (NaN: unknown).
        ranks: of each prediction, by method.
        top: rows [measured, k] of the k best, by method; -1 where there are fewer. Not all methods tell.
        share: [items] of the trained users who had the item, smoothed; open: which may be recommended.
        seconds_of: by method, seconds of training and of all predictions, None where not measured.
        settings: by method, whatever reproduces it; notes: by method, in words.
        levels: what category, dimension and intensity said.
    """

    name: str
    events: int
    measured: int
    every: int
    seconds: float
    learn_seconds: float
    unknown: int = 0
    protocol: str = "prequential"
    task: str = ""
    k: int = 10
    users: list[str] = field(default_factory=list[str])
    warm: list[bool] = field(default_factory=list[bool])
    liked: list[bool] = field(default_factory=list[bool])
    ages: list[int] = field(default_factory=list[int])
    seen: list[int] = field(default_factory=list[int])
    times: list[float] = field(default_factory=list[float])
    ranks: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    top: dict[str, list[Rows]] = field(default_factory=dict[str, list[Rows]])
    share: Floats = field(default_factory=lambda: np.zeros(0))
    open: Bools = field(default_factory=lambda: np.zeros(0, np.bool_))
    seconds_of: dict[str, tuple[float | None, float | None]] = field(
        default_factory=dict[str, tuple[float | None, float | None]]
    )
    settings: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    notes: dict[str, str] = field(default_factory=dict[str, str])
    levels: Levels = field(default_factory=Levels)

    def beside(self, ranks: Ranks) -> None:
        """Show another method's answer to the same task beside the others."""
        name, number = ranks.name, 2
        while name in self.ranks:
            name, number = f"{ranks.name} ({number})", number + 1
        self.ranks[name] = ranks.rank.tolist()
        if ranks.top is not None:
            self.top[name] = list(ranks.top[:, : self.k])
        self.seconds_of[name] = (ranks.train_seconds, ranks.predict_seconds)
        self.settings[name], self.notes[name] = ranks.settings, ranks.note

    def answer(self, task: Task) -> Ranks:
        """The engine's own ranks, to be shown beside another run's."""
        top = np.array(self.top[OURS], np.int32).reshape(self.measured, self.k)
        train, predict = self.seconds_of[OURS]
        return Ranks(task.id, OURS, np.array(self.ranks[OURS], np.float64), top, self.settings[OURS], train, predict)

    # -- figures -----------------------------------------------------------------------------------------------------

    def row(self, method: str, warm: bool | None = None, *, liked: bool = False) -> dict[str, float]:
        """HR, NDCG (at k) and MRR of a method; of users seen in training, or of new ones, if `warm` is given; of what
        was rated 4 or better, if `liked`."""
        told = zip(self.ranks[method], self.warm, self.liked, strict=True)
        ranks = [rank for rank, w, good in told if warm in (None, w) and (good or not liked)]
        k = self.k
        return {"events": len(ranks), f"hr@{k}": hr(ranks, k), f"ndcg@{k}": ndcg(ranks, k), "mrr": mrr(ranks)}

    def shown(self, method: str) -> dict[str, float] | None:
        """Coverage, Gini index and novelty (bits) of what the method puts in the first k; None if it doesn't tell."""
        top = self.top.get(method)
        if not top:
            return None
        rows = np.array(top)
        counts = np.bincount(rows[rows >= 0], minlength=len(self.open))
        race = counts[self.open | (counts > 0)]
        return {
            "coverage": coverage(rows, len(race)), "gini": gini(race), "novelty": novelty(rows, self.share)
        }  # fmt: skip

    def course(self, method: str, parts: int = 16) -> list[float]:
        """NDCG at k in each of so many equal parts of the predictions, in time order."""
        return [ndcg(self.ranks[method][a:b], self.k) for a, b in pairwise(self._edges(parts))]

    def gains(self, method: str) -> Floats:
        """[measured] NDCG at k of every prediction."""
        return gains(self.ranks[method], self.k)

    def intervals(self) -> dict[str, Interval]:
        """NDCG at k by method, with 95 % intervals (bootstrap over users)."""
        return self._drawn(np.ones(self.measured, np.bool_), 1000)[0]

    def leads(self) -> dict[str, Interval]:
        """NDCG at k of the engine less that of each other method, prediction by prediction, with 95 % intervals."""
        return self._drawn(np.ones(self.measured, np.bool_), 1000)[1]

    def by_age(self) -> list[Band]:
        """NDCG by how manieth event of the user it is."""
        return self._bands(np.array(self.ages), AGES)

    def by_popularity(self) -> list[Band]:
        """NDCG by how often the item was taken before."""
        return self._bands(np.array(self.seen), COUNTS)

    @property
    def has_course(self) -> bool:
        """Whether the predictions have times; what is left out of every user's history has no course."""
        return self.protocol != "leave-one-out" and bool(np.isfinite(np.array(self.times, np.float64)).all())

    def over_time(self, parts: int = 16) -> list[tuple[float, Band]]:
        """(mean time, NDCG) of equal parts of the predictions, in time order."""
        told: list[tuple[float, Band]] = []
        for a, b in pairwise(self._edges(parts)):
            mask = np.zeros(self.measured, np.bool_)
            mask[a:b] = True
            times = np.array(self.times[a:b])
            told.append((float(times.mean()) if len(times) else float("nan"), self._band(f"{a + 1}–{b}", mask)))
        return told

    def _edges(self, parts: int) -> list[int]:
        return np.linspace(0, self.measured, min(parts, max(self.measured, 1)) + 1).round().astype(int).tolist()

    def _bands(self, values: np.ndarray[Any, np.dtype[np.int64]], edges: Sequence[int]) -> list[Band]:
        told: list[Band] = []
        for low, high in zip(edges, [*edges[1:], None], strict=True):
            mask = (values >= low) & ((values < high) if high is not None else True)
            last = None if high is None else high - 1
            name = f"{low}+" if last is None else (f"{low}" if last == low else f"{low}–{last}")
            if mask.any():
                told.append(self._band(name, mask))
        return told

    def _band(self, name: str, mask: Bools) -> Band:
        return Band(name, int(mask.sum()), *self._drawn(mask, DRAWS))

    def _drawn(self, mask: Bools, draws: int) -> tuple[dict[str, Interval], dict[str, Interval]]:
        """NDCG by method, and the engine's less each other method's, on the predictions of the mask."""
        all_gains = {method: self.gains(method)[mask] for method in self.ranks}
        others = {method: all_gains[OURS] - gain for method, gain in all_gains.items() if method != OURS}
        if not mask.any():
            nothing = Interval(0.0, 0.0, 0.0)
            return dict.fromkeys(all_gains, nothing), dict.fromkeys(others, nothing)
        rows: dict[str, int] = {}
        who = np.array([rows.setdefault(user, len(rows)) for user in self.users])[mask]
        found = by_user_intervals([*all_gains.values(), *others.values()], who, draws=draws)
        first = len(all_gains)
        return dict(zip(all_gains, found[:first], strict=True)), dict(zip(others, found[first:], strict=True))

    # -- telling -----------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        from penchant.evaluate.table import text

        return text(self)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, without the single ranks."""
        intervals, leads = self._drawn(np.ones(self.measured, np.bool_), 1000)
        methods = {method: self._method(method, intervals[method], leads.get(method)) for method in self.ranks}
        told = {
            "name": self.name,
            "protocol": self.protocol,
            "task": self.task,
            "events": self.events,
            "unknown items": self.unknown,
            "measured": self.measured,
            "every": self.every,
            "seconds": round(self.seconds, 1),
            "learned per second": round(self.events / max(self.learn_seconds, 1e-9)),
            "methods": methods,
            "by age": [_band(band) for band in self.by_age()],
            "by popularity": [_band(band) for band in self.by_popularity()],
            "over time": [{"time": time, **_band(band)} for time, band in self.over_time()] if self.has_course else [],
            "levels": self.levels.to_dict(),
        }
        return _rounded(told)

    def _method(self, method: str, interval: Interval, lead: Interval | None) -> dict[str, Any]:
        train, predict = self.seconds_of.get(method, (None, None))
        return {
            **self.row(method),
            f"ndcg@{self.k} interval": [interval.low, interval.high] if self.measured else None,
            "penchant's lead": None if lead is None else {"ndcg": lead.mean, "interval": [lead.low, lead.high]},
            **(self.shown(method) or {"coverage": None, "gini": None, "novelty": None}),
            "warm users": self.row(method, True),
            "new users": self.row(method, False),
            "rated 4 or better": self.row(method, liked=True),
            "train seconds": train,
            "predict seconds": predict,
            "settings": dict(self.settings.get(method, {})),
            "note": self.notes.get(method, ""),
        }


def _band(band: Band) -> dict[str, Any]:
    ndcg, leads = (
        {method: [found.mean, found.low, found.high] for method, found in told.items()}
        for told in (band.ndcg, band.leads)
    )
    return {"of": band.name, "events": band.count, "ndcg": ndcg, "penchant's lead": leads}


def _rounded(value: Any) -> Any:
    """The same with numbers of six places, which is more than anything here can tell."""
    match value:
        case float():
            return round(value, 6)
        case dict():
            return {key: _rounded(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [_rounded(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value
