"""Items near a meaning: the same with and without an index, while it is made, and after items were changed."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from lives import Open, films
from penchant import Engine
from penchant.interest.arrays import F32
from penchant.recommend import nearest
from penchant.recommend.nearest import Nearest

MOST = 10


@pytest.fixture
def engine(opened: Open, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(nearest, "EXACT", 100)
    return opened(items=films(400))


@pytest.fixture
def found(engine: Engine) -> Iterator[Nearest]:
    made = Nearest()
    yield made
    made.close()


def asked(engine: Engine) -> F32:
    return engine.model.world.catalogue.vectors[[3, 77]] + np.float32(0.01)


def exact(engine: Engine, vectors: F32) -> set[int]:
    catalogue = engine.model.world.catalogue
    cosine = vectors @ catalogue.vectors[: len(catalogue)].T
    return set(np.argsort(-cosine, axis=1, kind="stable")[:, :MOST].ravel().tolist())


def overlap(engine: Engine, found: Nearest, vectors: F32) -> float:
    right = exact(engine, vectors)
    return len(right & set(found.near(engine.model, vectors, MOST).tolist())) / len(right)


def ready(engine: Engine, found: Nearest) -> None:
    """Wait until the index is in use."""
    working = found.begin(engine.model)
    assert working is not None
    working.join()
    found.near(engine.model, asked(engine), MOST)
    assert found._index is not None
    assert found.begin(engine.model) is None


def test_few_are_compared(opened: Open) -> None:
    few, found = opened(items=films(60)), Nearest()
    assert overlap(few, found, few.model.world.catalogue.vectors[[5]]) == 1.0
    assert len(found.near(few.model, few.model.world.catalogue.vectors[:2], 1000)) == 120
    assert found.begin(few.model) is None


def test_before_the_index_is_made_all_are_compared(
    engine: Engine, found: Nearest, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    monkeypatch.setattr(nearest.time, "sleep", lambda _: go.wait(30))
    monkeypatch.setattr(nearest, "PART", 50)
    assert overlap(engine, found, asked(engine)) == 1.0
    assert found._index is None
    # meanwhile one is changed and others come: they are in the index that is made
    catalogue = engine.model.world.catalogue
    catalogue.vectors[5] = -catalogue.vectors[5]
    found.update(engine.model, 5)
    engine.add_items([one.model_copy(update={"id": f"new {k}"}) for k, one in enumerate(films(20))])
    go.set()
    ready(engine, found)
    assert len(found._index or ()) == len(catalogue) == 420
    assert 5 in found.near(engine.model, catalogue.vectors[[5]], MOST)
    assert overlap(engine, found, asked(engine)) > 0.8


def test_what_changes_later_is_found(engine: Engine, found: Nearest) -> None:
    ready(engine, found)
    catalogue = engine.model.world.catalogue
    catalogue.vectors[9] = -catalogue.vectors[9]
    found.update(engine.model, 9)
    assert 9 in found.near(engine.model, catalogue.vectors[[9]], MOST)
    found.reset()
    assert found._index is None
    assert overlap(engine, found, asked(engine)) == 1.0


def test_one_that_fails_is_made_again(engine: Engine, found: Nearest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with monkeypatch.context() as broken:
        broken.setattr(nearest, "PART", "no number")
        working = found.begin(engine.model)
        assert working is not None
        working.join()
    assert overlap(engine, found, asked(engine)) == 1.0
    ready(engine, found)


def test_an_engine_is_prepared_and_closed_while_it_is_made(engine: Engine) -> None:
    engine.prepare()
    assert engine.recommend("ann", request="something funny")
    engine._ranker.refitted()
    engine.recommend("ann")
    engine.close()
    assert not [one for one in threading.enumerate() if one.name == "penchant-index"]
