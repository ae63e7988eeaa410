"""The streaming protocol on cases small enough to count by hand."""

from __future__ import annotations

import numpy as np

from lives import T0, BagOfWords, films, stream
from penchant import Engine, Event
from penchant.evaluate import ItemKNN, Popularity, Tick, prequential


def test_every_event_is_predicted_before_it_is_learned() -> None:
    events = [Event(user=u, item=i, kind="like", time=T0 + k) for k, (u, i) in enumerate(
        [("a", "f0"), ("b", "f0"), ("a", "f1"), ("b", "f1"), ("c", "f0"), ("c", "f1"), ("c", "f1")])]  # fmt: skip
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(films(6))
        seen: list[Tick] = []
        report = prequential(engine, events, [Popularity(6)], cut=0.5, progress=seen.append)
        # from the fourth event on; the last is a repeat and not predicted. popularity before each:
        # f0: 2, f1: 1 → b takes f1 (has had f0): rank 0; c takes f0 (f0 2, f1 2): tie, .5; c takes f1, has had f0: 0
        assert report.ranks["popularity"] == [0.0, 0.5, 0.0]
        assert report.measured == 3
        assert report.warm == [True, False, False]
        assert engine.model.learned == 7
        assert seen[-1].done == 7
        assert report.to_dict()["methods"]["popularity"]["hr@10"] == 1.0


def test_the_engine_ends_as_if_it_had_only_learned() -> None:
    with (
        Engine.open(base="movies", encoder=BagOfWords()) as one,
        Engine.open(base="movies", encoder=BagOfWords()) as two,
    ):
        for engine in (one, two):
            engine.add_items(films())
        prequential(one, stream(), [Popularity(60), ItemKNN(60)], every=3)
        two.observe_many(stream())
        for name, array in one.model.states().items():
            assert array.tobytes() == two.model.states()[name].tobytes(), name


def test_item_knn_by_hand() -> None:
    knn = ItemKNN(3, last=None)
    histories: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    for user, item in [("a", 0), ("a", 1), ("b", 0), ("b", 1), ("c", 0), ("c", 2)]:
        knn.learn(histories[user], item)
        histories[user].append(item)
    # users: 0 by 3, 1 by 2, 2 by 1; 0 and 1 together twice, 0 and 2 once
    np.testing.assert_allclose(knn.scores([0])[1:], [2 / np.sqrt(6), 1 / np.sqrt(3)], rtol=1e-6)
