"""The streaming protocol in one call, rankings alone: every event is first predicted, then learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from penchant.engine import Engine
from penchant.errors import UnknownId
from penchant.evaluate.peers import Peer
from penchant.evaluate.protocols import plan
from penchant.evaluate.report import Report
from penchant.evaluate.run import Tick, in_race, measure, scores_of
from penchant.metrics import rank_of
from penchant.records import Event


def prequential(
    engine: Engine,
    events: Sequence[Event],
    peers: Sequence[Peer] = (),
    *,
    cut: float = 0.8,
    every: int = 1,
    train: Sequence[float] = (),
    name: str = "",
    progress: Callable[[Tick], None] | None = None,
) -> Report:
    """Run the protocol on an engine that holds the items and none of the events; `measure` tells of the levels too.

    An item that the user has had is not predicted: it is learned only. Events of items that are not in the catalogue
    are left out and counted.

    Args:
        events: in time order.
        peers: kept up to date with the same events.
        cut: share of the events with known items that is learned before anything is measured.
        every: the first event after the cut and every so manieth from there is measured (no draw); all are learned.
        train: shares of those events after which the evidence `sequence` is trained on what was learned until then.
        progress: called after every group.

    Raises:
        InvalidRecord: cut, every or train out of range; an event can't be used.
        MissingExtra, ConfigError: `sequence` can't be trained here.
    """
    asked = plan(engine, events, cut=cut, every=every, name=name)
    return measure(engine, asked, peers, levels=False, train=train, progress=progress)


def position(engine: Engine, event: Event, had: Sequence[int]) -> float:
    """How many items stand before the event's, just before it: among all but those that the user has had, ties half.

    Args:
        had: their rows; the event's item may be among them.

    Raises:
        UnknownId: the item is not in the catalogue.
    """
    model = engine.model
    item = model.world.catalogue.rows.get(event.item)
    if item is None:
        raise UnknownId(f"item {event.item!r} is not in the catalogue", fix="add it")
    race = in_race(engine, item, had)
    at = event.time if event.time is not None else engine.now
    scores = scores_of(engine, model.asker(model.user(event.user), at, context=event.context), race)
    scores[~race] = float("-inf")
    return rank_of(scores, item)
