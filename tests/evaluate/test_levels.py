"""What the levels say is noted before the event is learned, and counted as it is told."""

from __future__ import annotations

import numpy as np
import pytest

from lives import T0, Open, films, stream
from penchant import Engine, Event, Item
from penchant.evaluate import measure, plan
from penchant.evaluate.levels import LEVELS, WAYS, LevelLog
from penchant.metrics import rmse

TREE = {"crime": ("heist", "noir"), "war": ("sea", "air")}


def shop() -> list[Item]:
    """Twelve items, three a dimension."""
    return [
        Item(id=f"{c}-{d}-{k}", text=f"a {d} story of {c} number {k}", paths=[[c, d]], time=T0)
        for c, dimensions in TREE.items() for d in dimensions for k in range(3)
    ]  # fmt: skip


def test_one_who_takes_one_dimension_only_is_read_so(opened: Open) -> None:
    """Everybody else takes crime; the profile and the own counts know that this one doesn't, the majority doesn't."""
    engine = opened(items=shop())
    others = [("b", "crime-noir-0"), ("c", "crime-noir-1"), ("d", "crime-heist-0"), ("e", "crime-noir-2")] * 3
    told = [*others, *[("a", f"war-sea-{k}") for k in (0, 1, 0, 1, 0, 1)]]
    events = [Event(user=u, item=i, kind="like", time=T0 + k) for k, (u, i) in enumerate(told)]
    engine.observe_many(events)
    log = LevelLog(engine.model)
    asker = engine.model.asker(engine.model.user("a"), T0 + 99)
    item = engine.model.world.catalogue.rows.get("war-sea-2")
    assert item is not None
    log.note(asker, "a", item, 0.8)
    levels = log.report()
    for level in LEVELS:
        accuracy = {way: node.figures.accuracy for way, node in levels.nodes[level].items()}
        assert accuracy["profile"] == accuracy["own counts"] == 1
        assert accuracy["majority"] == 0
    assert levels.names["dimension"] == ["crime › heist", "crime › noir", "war › sea", "war › air"]
    row = levels.nodes["dimension"]["profile"].figures.classes[2]
    assert (row.precision, row.recall, row.support) == (1, 1, 1)
    # all of the own counts are war's: certain, and right
    assert levels.nodes["category"]["own counts"].calibration_error == 0
    top = levels.certainty["category"][-1]
    profile = engine.profile("a", at=T0 + 99)
    assert top.low <= profile.node("war").certainty < top.high
    assert top.rated == 1
    assert top.rmse == pytest.approx(abs(profile.node("war").intensity - 0.8))
    assert top.skill > 0
    bands = levels.certainty["dimension"]
    assert sum(band.count for band in bands) == 4
    shares = {node.path: node.share for node in profile.walk() if len(node.path) == 2}
    probabilities = sum(point.probability * point.count for band in bands for point in band.curve)
    assert probabilities == pytest.approx(sum(shares.values()))


def test_of_one_without_events_only_the_population_is_known(opened: Open) -> None:
    engine = opened(items=shop())
    engine.observe_many([Event(user="b", item=f"war-air-{k}", kind="like", time=T0 + k) for k in range(3)])
    log = LevelLog(engine.model)
    item = engine.model.world.catalogue.rows.get("war-air-0")
    assert item is not None
    log.note(engine.model.asker(None, T0 + 9), "nobody", item, 0.1)
    for level, right in (("category", 1), ("dimension", 3)):
        assert {way: log.said[level][way] for way in WAYS} == {way: [right] for way in WAYS}
    assert [band.low for band in log.report().certainty["dimension"]] == [0.0]


def test_intensity_is_guessed_from_what_was_known(opened: Open) -> None:
    engine = opened(items=films())
    engine.observe_many(stream(50))
    log = LevelLog(engine.model)
    for user, item, strength in (("a", 0, 1.0), ("a", 1, 0.0), ("b", 0, 0.5)):
        log.learn(user, item, strength)
    log.learn("a", 2, -1.0, shared=False)  # history of a alone: the mean and item 2's mean stay
    asker = engine.model.asker(engine.model.user("u0"), T0 + 10**6)
    log.note(asker, "a", 0, 0.6)
    log.note(asker, "c", 2, 0.2)
    mean = 0.5
    assert log.guesses["the mean"] == [mean, mean]
    assert log.guesses["the item's mean"] == pytest.approx([(1.5 + 5 * mean) / 7, mean])
    assert log.guesses["the user's mean"] == pytest.approx([(0 + 5 * mean) / 8, mean])
    assert all(-1 <= guess <= 1 for guess in log.guesses["head"])
    told = log.report().intensity
    assert told["the mean"] == {"rmse": pytest.approx(rmse([mean] * 2, [0.6, 0.2])), "auc": 0.5}
    assert told["the item's mean"]["auc"] == 1.0


def test_the_head_is_the_one_that_is_learned(opened: Open) -> None:
    """What M_I is taught by events it then guesses."""
    engine = opened(items=films())
    engine.observe_many(stream(150))
    item = engine.model.world.catalogue.rows.get("f7")
    assert item is not None

    def guess(engine: Engine) -> float:
        log = LevelLog(engine.model)
        log.note(engine.model.asker(None, T0 + 10**6), "new", item, 1.0)
        return log.guesses["head"][0]

    before = guess(engine)
    engine.observe_many([Event(user=f"n{k}", item="f7", kind="rating", value=5, time=T0 + 10**6) for k in range(30)])
    assert guess(engine) > before


def test_a_run_notes_every_prediction(opened: Open) -> None:
    engine = opened(items=films())
    report = measure(engine, plan(engine, stream(), cut=0.5))
    levels = report.levels
    assert levels.guessed == levels.counts["category"] == report.measured
    for level, ways in levels.nodes.items():
        assert set(ways) == set(WAYS)
        for node in ways.values():
            assert node.figures.weighted.support == pytest.approx(levels.counts[level])
            assert sum(point.count for point in node.curve) == levels.counts[level]
        nodes = len(levels.names[level])
        assert sum(band.count for band in levels.certainty[level]) == levels.counts[level] * nodes
        # shares of one prediction sum to 1, and so does what came
        for part in ("probability", "frequency"):
            told = sum(getattr(p, part) * p.count for band in levels.certainty[level] for p in band.curve)
            assert told == pytest.approx(levels.counts[level])


def test_items_of_no_node_are_left_out(opened: Open) -> None:
    engine = opened(items=[Item(id=f"i{k}", text=f"thing {k}", time=T0) for k in range(3)])  # too few to induce a tree
    events = [Event(user=f"u{k % 3}", item=f"i{k % 3}", kind="view", time=T0 + k) for k in range(3)]
    report = measure(engine, plan(engine, events, cut=0.0))
    assert report.measured == 3
    assert report.levels.nodes == {}
    assert report.levels.guessed == 3
    assert np.isfinite(report.levels.intensity["head"]["rmse"] or np.nan)
    assert "intensity" in str(report)
