"""The way of an answer: caps and filters fill the list, and what is logged of a draw is what its probability was."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lives import T0, Open, films, stream
from penchant import Engine, Event, Item
from penchant.recommend.caps import fill, probabilities
from penchant.recommend.policy import Facts, Policy, Rule


def two_kinds(opened: Open, war: int, comedy: int) -> Engine:
    items = [Item(id=f"w{k}", text=f"war film {k}", paths=[["War"]], time=T0) for k in range(war)]
    return opened(
        items=items + [Item(id=f"c{k}", text=f"a comedy {k}", paths=[["Comedy"]], time=T0) for k in range(comedy)]
    )


CAP = [{"action": "cap", "path": ["War"], "limit": 2}]


@pytest.mark.parametrize("diversity", ["none", "mmr", "calibrated"])
@pytest.mark.parametrize("exploration", [0.0, 0.7])
def test_a_cap_leaves_room_for_what_is_far_down(opened: Open, diversity: str, exploration: float) -> None:
    engine = two_kinds(opened, 500, 60)
    for k in range(10):
        engine.observe(Event(user="u", item=f"w{k}", kind="like", time=T0 + k))
    engine.edit("u", "War", "always")
    assert {r.item[0] for r in engine.recommend("u", 50, diversity="none")} == {"w"}
    answer = engine.recommend("u", 10, filters=CAP, diversity=diversity, exploration=exploration)
    assert len(answer) == 10
    assert sum(r.item[0] == "w" for r in answer) <= 2
    boosted = [*CAP, {"action": "boost", "path": ["Comedy"], "amount": 50}]
    assert len(engine.recommend("u", 10, filters=boosted)) == 10


def test_probabilities_under_a_cap_are_those_of_the_draw(opened: Open) -> None:
    """What may stand second, given the first, has probabilities that sum to 1, and those of the first do too."""
    engine = two_kinds(opened, 3, 2)
    first: dict[str, float] = {}
    second: dict[str, dict[str, float]] = defaultdict(dict)
    for _ in range(300):
        one, two = engine.recommend("x", 2, exploration=1.0, diversity="none", filters=[CAP[0] | {"limit": 1}])
        assert first.setdefault(one.item, one.probability) == pytest.approx(one.probability)
        assert second[one.item].setdefault(two.item, two.probability) == pytest.approx(two.probability)
    assert math.fsum(first.values()) == pytest.approx(1)
    assert len(second) == 5
    for shown, following in second.items():
        assert len(following) == (2 if shown[0] == "w" else 4)
        assert math.fsum(following.values()) == pytest.approx(1)


def test_without_a_cap_it_is_the_whole_draw(opened: Open) -> None:
    engine = opened(items=films())
    engine.observe_many(stream())
    drawn = engine.recommend("u1", 5, exploration=0.4, filters="year > 0")
    assert all(0 < r.probability < 1 for r in drawn)
    assert all(move.key == "exploration" for r in drawn for move in r.explanation.moves)
    plain = engine.recommend("u1", 5, diversity="none")
    assert [r.probability for r in plain] == [1.0] * 5
    assert not [move for r in plain for move in r.explanation.moves]


@given(
    marks=st.lists(st.sets(st.integers(0, 2)), max_size=30), limits=st.tuples(*[st.integers(0, 4)] * 3),
    need=st.integers(0, 12), n=st.integers(0, 8),
)  # fmt: skip
def test_fill_is_enough_or_everything(marks: list[set[int]], limits: tuple[int, ...], need: int, n: int) -> None:
    policy = Policy([Rule(action="cap", path=(f"n{k}",), limit=limit) for k, limit in enumerate(limits)])
    facts = [Facts(str(k), {}, [(f"n{mark}",) for mark in sorted(marked)]) for k, marked in enumerate(marks)]
    verdict = policy.judge(facts)
    order = range(len(marks))
    pool, enough = fill(order, dict(enumerate(verdict.caps)), verdict.limits, need, n)
    assert pool == sorted(pool)
    assert verdict.take(pool, n) == verdict.take(order, n), "nothing that would have been taken is left out"
    assert pool[:need] == [*order][:need]
    if enough:
        assert len(verdict.take(pool, n)) == n
    logits = {k: float(k % 5) for k in pool}
    told = probabilities(verdict, verdict.take(pool, n), logits)
    assert all(0 < p <= 1 for p in told)
    if told:
        open_to = [k for k in pool if all(limits[mark] > 0 for mark in marks[k])]
        assert told[0] == pytest.approx(np.exp(logits[open_to[0]]) / sum(np.exp(logits[k]) for k in open_to))


def test_scores_of_one_item_are_those_of_the_list(opened: Open) -> None:
    engine = opened(items=films())
    engine.observe_many(stream())
    for r in engine.recommend("u2", 5, diversity="none"):
        (explanation,) = engine.explain(user="u2", item=r.item)
        assert explanation.score == pytest.approx(r.score, abs=1e-9)
        assert [p.name for p in explanation.parts] == [p.name for p in r.explanation.parts]
