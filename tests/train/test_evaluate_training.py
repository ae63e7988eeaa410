"""A run through a protocol trains the sequence model where it is told to, on what was learned until then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from lives import BagOfWords, films, stream
from penchant import Engine
from penchant.errors import InvalidRecord
from penchant.evaluate import prequential

pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")
SMALL: dict[str, Any] = {"options": {"sequence": {"dim": 8, "inner": 8, "epochs": 1, "negatives": 20}}}


@pytest.fixture
def engines() -> Iterator[Callable[[], Engine]]:
    """Engines that hold the items, closed at the end."""
    with ExitStack() as stack:

        def opened() -> Engine:
            engine = stack.enter_context(Engine.open(base="movies", settings=SMALL, encoder=BagOfWords()))
            engine.add_items(films())
            return engine

        yield opened


def test_it_is_trained_after_these_shares_of_the_events(engines: Callable[[], Engine]) -> None:
    events = stream()
    engine = engines()
    report = prequential(engine, events, every=5, train=[0.8, 0.9])
    first, second = engine.trained()
    before = [len(list(engine.store.entries(types=["event"], until=v.seen_until))) for v in (first, second)]
    assert before == [int(0.8 * len(events)), int(0.9 * len(events))]
    assert report.events == len(events)
    whole, learning = report.seconds_of["penchant"][0], report.learn_seconds
    assert whole is not None
    assert whole > learning  # training is part of what learning cost
    without = prequential(engines(), events, every=5)
    assert without.ranks["penchant"] != report.ranks["penchant"]


@pytest.mark.parametrize("share", [0.0, -0.1, 1.5, float("nan")])
def test_a_share_out_of_range_is_refused(engines: Callable[[], Engine], share: float) -> None:
    with pytest.raises(InvalidRecord, match="train"):
        prequential(engines(), stream(), train=[share])
