"""The streaming protocol on cases small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lives import T0, BagOfWords, films, stream
from penchant import Engine, Event
from penchant.errors import InvalidRecord
from penchant.evaluate import ItemKNN, Popularity, Tick, prequential, simple_peers
from penchant.metrics import ndcg


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


def test_what_can_be_predicted() -> None:
    """An unknown item is left out and counted, a retired one is no rival, `every` counts from the cut."""
    told = [("a", "f0"), ("b", "f0"), ("b", "f1"), ("c", "f0"), ("a", "nothing"), ("d", "f1"), ("d", "f2"), ("e", "f2")]
    events = [Event(user=u, item=i, kind="rating", value=3 + k % 3, time=T0 + k) for k, (u, i) in enumerate(told)]
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(films(4))
        engine.retire("f0")
        report = prequential(engine, events, [Popularity(4)], cut=0.5, every=2)
        # 7 are known, of them the fourth and the sixth are predicted: c takes f0 (2 before), retired since, yet taken;
        # d takes f2 and has had f1, f0 is out of the race, f2 and f3 tie at nothing
        assert (report.unknown, report.events, report.measured) == (1, 7, 2)
        assert report.ranks["popularity"] == [0.0, 0.5]
        assert report.users == ["c", "d"]
        assert report.liked == [False, False]
        assert report.row("popularity", liked=True)["events"] == 0
        assert "penchant" in str(report)
        for wrong in ({"cut": 1.0}, {"cut": -0.1}, {"every": 0}):
            with pytest.raises(InvalidRecord, match="prequential"):
                prequential(engine, [], **wrong)


def test_course_takes_the_predictions_in_order() -> None:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(films())
        report = prequential(engine, stream(), simple_peers(60), cut=0.5)
        assert report.to_dict()["methods"].keys() == {"penchant", "popularity", "item-kNN (last 20)", "item-kNN (all)"}
        for method, ranks in report.ranks.items():
            halves = report.course(method, 2)
            middle = round(len(ranks) / 2)
            assert halves == [ndcg(ranks[:middle]), ndcg(ranks[middle:])]
            assert len(report.course(method, 10_000)) == report.measured


def test_two_knns_on_the_same_counts_are_two_on_their_own() -> None:
    rng = np.random.default_rng(3)
    _, short, long = simple_peers(12)
    alone = (ItemKNN(12), ItemKNN(12, None))
    histories: dict[int, list[int]] = {}
    for user, item in rng.integers(0, 12, (400, 2)).tolist():  # with repeats
        had = histories.setdefault(user, [])
        np.testing.assert_array_equal(short.scores(had), alone[0].scores(had))
        np.testing.assert_array_equal(long.scores(had), alone[1].scores(had))
        for peer in (short, long, *alone):
            peer.learn(had, item)
        had.append(item)


def test_item_knn_by_hand() -> None:
    knn = ItemKNN(3, last=None)
    histories: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    for user, item in [("a", 0), ("a", 1), ("b", 0), ("b", 1), ("c", 0), ("c", 2)]:
        knn.learn(histories[user], item)
        histories[user].append(item)
    # users: 0 by 3, 1 by 2, 2 by 1; 0 and 1 together twice, 0 and 2 once
    np.testing.assert_allclose(knn.scores([0])[1:], [2 / np.sqrt(6), 1 / np.sqrt(3)], rtol=1e-6)
