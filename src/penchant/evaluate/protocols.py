"""Protocols: which events are trained on, which are predicted, and what may be used for that.

- **prequential**: all events in time order; from the cut on each is first predicted, then learned (Dawid 1984; Gama et
  al. 2013). It is the life of a recommender: everybody learns from everybody, all the time.
- **leave-one-out**: of every user the last event is predicted and the last but one is known of that user alone, who has
  at least three; all else is trained on (S3-Rec and what followed it). Nothing is learned from what is held out.
- **time-split**: everything before one moment is trained on; each later event is predicted from the up-to-date history
  of its user, and nothing that is shared is learned after the cut (Meng et al. 2020).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from penchant.data.leave_one_out import HOUR, START
from penchant.engine import Engine
from penchant.errors import InvalidRecord
from penchant.evaluate.exchange import Task
from penchant.records import Event

Protocol = Literal["prequential", "leave-one-out", "time-split"]
Target = Literal["test", "validation"]
LEAST = 3  # events of a user of whom one is predicted


@dataclass(frozen=True, slots=True)
class Plan:
    """A task and its events as records.

    Attributes:
        task: what is to be predicted.
        events: [E] in the task's order.
        unknown: events left out, for their items are not in the catalogue.
        every: only every so manieth of what could be predicted is.
    """

    task: Task
    events: list[Event]
    unknown: int
    every: int


def in_order(events: Iterable[Event]) -> list[Event]:
    """Stream order: by time, then user as text, then as they came.

    Where no event has a time, what a file says is each user's order: event k of a user is given start + k hours, ends
    aligned, so that all users end together.

    >>> [e.item for e in in_order([Event(user="b", item="x", time=1), Event(user="a", item="y", time=1)])]
    ['y', 'x']
    >>> events = in_order([Event(user="a", item="x"), Event(user="b", item="y"), Event(user="a", item="z")])
    >>> [(e.item, (e.time - START) / HOUR) for e in events]
    [('x', 0.0), ('z', 1.0), ('y', 1.0)]
    """
    given = list(events)
    if given and all(event.time is None for event in given):
        left = Counter(event.user for event in given)
        longest, timed = max(left.values()), list[Event]()
        for event in given:
            timed.append(event.model_copy(update={"time": START + (longest - left[event.user]) * HOUR}))
            left[event.user] -= 1
        given = timed
    return sorted(given, key=lambda event: (event.time, event.user) if event.time is not None else (0.0, ""))


def plan(
    engine: Engine,
    events: Sequence[Event],
    protocol: Protocol = "prequential",
    *,
    cut: float = 0.8,
    until: float = 1.0,
    target: Target = "test",
    every: int = 1,
    name: str = "",
) -> Plan:
    """What a protocol asks for, of an engine that holds the items and none of the events.

    Events of items that are not in the catalogue are left out and counted; what a user has had before is not predicted.

    Args:
        events: in stream order; see `in_order`.
        cut: prequential, time-split: share of the events that is trained on.
        until: prequential, time-split: share of the events that is used at all; settings are picked with 0.6 and 0.8.
        target: leave-one-out: "validation" predicts the last but one of every user and leaves the last out.
        every: of what can be predicted every so manieth is, beginning with the first (no draw).
        name: of the data.

    Raises:
        InvalidRecord: an argument is out of range.
    """
    if protocol not in get_args(Protocol):
        raise InvalidRecord("protocol", protocol, f"give one of {', '.join(get_args(Protocol))}")
    if target not in get_args(Target):
        raise InvalidRecord("protocol.target", target, "give test or validation")
    if not 0 <= cut < 1:
        raise InvalidRecord(f"{protocol}.cut", cut, "give a share from 0 to below 1")
    if not cut < until <= 1:
        raise InvalidRecord(f"{protocol}.until", until, "give a share above the cut, up to 1")
    if every < 1:
        raise InvalidRecord(f"{protocol}.every", every, "give a whole number of at least 1")
    rows = engine.model.world.catalogue.rows
    known = [event for event in events if rows.get(event.item) is not None]
    unknown = len(events) - len(known)
    if protocol == "leave-one-out":
        known, first, wanted = _held_out(known, target)
    else:
        first = int(len(known) * cut)
        known = known[: max(first, round(len(known) * until))]
        if protocol == "time-split":
            first = _moment(known, first)
        wanted = range(first, len(known))
    return Plan(_task(engine, known, protocol, first, wanted, every, name), known, unknown, every)


def _moment(events: Sequence[Event], first: int) -> int:
    """The first event of those that share its time: the split is at one moment."""
    while 0 < first < len(events) and events[first - 1].time == events[first].time:
        first -= 1
    return first


def _held_out(events: Sequence[Event], target: Target) -> tuple[list[Event], int, Sequence[int]]:
    """(trained on, then last but ones, then lasts; how many are trained on; the events to predict)."""
    left = Counter(event.user for event in events)
    whole = dict(left)
    trained, before, last = list[Event](), list[Event](), list[Event]()
    for event in events:
        place = left[event.user] if whole[event.user] >= LEAST else LEAST
        left[event.user] -= 1
        (last if place == 1 else before if place == 2 else trained).append(event)
    first = len(trained)
    if target == "validation":
        return trained + before, first, range(first, first + len(before))
    return trained + before + last, first, range(first + len(before), first + len(before) + len(last))


def _task(
    engine: Engine,
    events: Sequence[Event],
    protocol: Protocol,
    first: int,
    wanted: Sequence[int],
    every: int,
    name: str,
) -> Task:
    catalogue = engine.model.world.catalogue
    users: dict[str, int] = {}
    user = np.array([users.setdefault(event.user, len(users)) for event in events], np.int32)
    item = np.array([catalogue.rows.get(event.item) for event in events], np.int32)
    had = dict[int, set[int]]()
    again = np.zeros(len(events), np.bool_)
    for k, (who, what) in enumerate(zip(user.tolist(), item.tolist(), strict=True)):
        taken = had.setdefault(who, set())
        again[k] = what in taken
        taken.add(what)
    open_ = np.zeros(len(catalogue), np.bool_)
    open_[catalogue.live()] = True
    asked = np.array(wanted, np.int64)[::every]
    nan = float("nan")
    return Task(
        name, protocol, protocol == "prequential", list(catalogue.rows.ids), list(users), user, item,
        np.array([nan if event.time is None else event.time for event in events]),
        np.array([nan if event.value is None else event.value for event in events]),
        first, asked[~again[asked]], open_,
    )  # fmt: skip
