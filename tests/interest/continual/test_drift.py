"""What notices a change of a category: only a change, for so long, within its cap, and to the same bits."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.errors import MissingExtra
from penchant.interest.continual import ContinualSettings, Drifts
from penchant.interest.continual import drift as module

pytest.importorskip("river", reason="the extra drift is not installed")


def drifts(**over: object) -> Drifts:
    return Drifts(ContinualSettings.model_validate({"drift": True, "boost": 4.0, "boost_for": 20, **over}))


def errors(n: int, share: float, seed: int = 0) -> list[bool]:
    return (np.random.default_rng(seed).random(n) < share).tolist()


def test_larger_steps_follow_more_errors_for_so_many_examples_of_the_category() -> None:
    made = drifts()
    calm = [made.observe([0, 1], wrong, k) for k, wrong in enumerate(errors(400, 0.2))]
    assert set(calm) == {1.0}
    assert made.noticed == []
    rates: list[float] = []
    for k, wrong in enumerate(errors(200, 0.9)):
        rates.append(made.observe([0], wrong, 400 + k, 5.0 + k))
        if made.noticed:
            break
    seen = made.noticed[-1]
    assert (seen.category, seen.at, seen.time) == (0, 400 + len(rates) - 1, 5.0 + len(rates) - 1)
    assert seen.before < 0.5 < seen.after
    assert rates[-1] == 4.0
    assert made.boosted == {0: 19}
    assert made.observe([1], False, 0) == 1.0, "another category learns as ever"
    assert made.observe([0, 1], False, 0) == 4.0
    assert [made.observe([0], True, 0) for _ in range(20)] == [4.0] * 18 + [1.0] * 2
    assert made.boosted == {}


def test_fewer_errors_are_noticed_and_change_no_step() -> None:
    made = drifts()
    rates = [made.observe([2], wrong, k) for k, wrong in enumerate(errors(300, 0.9) + errors(300, 0.1))]
    assert made.noticed
    assert all(seen.after < seen.before for seen in made.noticed)
    assert set(rates) == {1.0}


def test_the_detectors_are_wrong_seldom_where_nothing_changes() -> None:
    noticed = 0
    for seed in range(20):
        made = drifts()
        for k, wrong in enumerate(errors(3000, 0.5, seed)):
            made.observe([0], wrong, k)
        noticed += len(made.noticed)
    assert noticed <= 3


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=400), st.integers(0, 400))
@settings(max_examples=30, deadline=None)
def test_a_saved_state_goes_on_to_the_same_bits(told: list[tuple[int, bool]], cut: int) -> None:
    told = [*told, *((0, True) for _ in range(200)), *((0, False) for _ in range(200))]
    whole, half = drifts(), drifts()
    rates = [whole.observe([category], wrong, k) for k, (category, wrong) in enumerate(told)]
    for k, (category, wrong) in enumerate(told[:cut]):
        half.observe([category], wrong, k)
    again = drifts()
    again.load(json.loads(json.dumps(half.meta())), half.states())
    later = [again.observe([category], wrong, cut + k) for k, (category, wrong) in enumerate(told[cut:])]
    assert later == rates[cut:]
    assert again.meta() == whole.meta()
    assert {name: a.tobytes() for name, a in again.states().items()} == {
        name: a.tobytes() for name, a in whole.states().items()
    }


def test_what_is_kept_has_a_cap() -> None:
    made = drifts(drift_delta=0.9)
    for k in range(60_000):
        made.observe([k % 3], k // 300 % 2 == 0, k)
    assert made.states()["counts"].max() < module.MOST
    assert len(made.noticed) <= module.LOG
    assert made.noticed[-1].at > 59_000, "the oldest leave"
    assert len(made.noticed) > 100


def test_without_river_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"river is not installed; pip install 'penchant\[drift\]'"):
        drifts()
    module.need(ContinualSettings())
