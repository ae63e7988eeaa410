"""Heads that don't forget: what is replayed, anchored, guarded and noticed, and the state to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.errors import InvalidRecord
from penchant.interest.arrays import F32, key_of
from penchant.interest.continual import ContinualHeads, ContinualSettings, Guard, Reservoir, learn_all, retention
from penchant.interest.continual.anchor import Anchor
from penchant.interest.heads import Heads
from penchant.interest.taxonomy import Taxonomy

DIM, TASKS, INTENTS, EACH = 24, 4, 5, 24


def stream(seed: int = 0) -> tuple[F32, list[int]]:
    """x and dimensions of tasks one after another; the directions of all overlap, as those of texts do."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((TASKS * INTENTS, DIM)) + 1.0
    rows: list[F32] = []
    right: list[int] = []
    for task in range(TASKS):
        for k in rng.permutation(INTENTS * EACH).tolist():
            d = task * INTENTS + k % INTENTS
            x = centres[d] + 0.4 * rng.standard_normal(DIM)
            rows.append((x / np.linalg.norm(x)).astype(np.float32))
            right.append(d)
    return np.stack(rows), right


def learner(**over: object) -> ContinualHeads:
    taxonomy = Taxonomy()
    for task in range(TASKS):
        for k in range(INTENTS):
            taxonomy.dimension(f"task {task}", f"intent {k}")
    return ContinualHeads(DIM, taxonomy, ContinualSettings.model_validate({"check_every": 60, "held": 6, **over}))


def teach(made: ContinualHeads, x: F32, right: list[int]) -> ContinualHeads:
    learn_all(made, x, [int(made.taxonomy.category_of[d]) for d in right], right)
    return made


def share_right(made: ContinualHeads, x: F32, right: list[int]) -> float:
    parents, hits = made.taxonomy.category_of[: TASKS * INTENTS], 0
    for row, d in zip(x, right, strict=True):
        p_c, p_d = made.heads.both(made.taxonomy, row)
        hits += int(np.argmax(p_c[parents] * p_d)) == d
    return hits / len(x)


def files(folder: Path) -> bytes:
    with np.load(folder / "continual.npz") as arrays:
        return (
            b"".join(arrays[name].tobytes() for name in sorted(arrays.files)) + (folder / "continual.json").read_bytes()
        )


def test_with_replay_the_first_task_is_kept_and_without_it_is_not() -> None:
    x, right = stream()
    first = INTENTS * EACH
    alone = teach(learner(replays=0, held=0), x, right)
    kept = teach(learner(held=0), x, right)
    assert share_right(kept, x[:first], right[:first]) > 0.9
    assert share_right(alone, x[:first], right[:first]) < share_right(kept, x[:first], right[:first]) - 0.1


def test_with_all_off_it_is_the_heads_step_alone() -> None:
    x, right = stream()
    made = teach(learner(replays=0, held=0), x[:50], right[:50])
    heads = Heads(DIM, joint=True)
    for k, (row, d) in enumerate(zip(x[:50], right[:50], strict=True)):
        c = made.taxonomy.category_of[d : d + 1]
        heads.learn(made.taxonomy, row, c, np.array([d], np.int32), 1.0, 0.2, 0.5, key_of(7, "step", k))
    for name, array in heads.states(made.taxonomy).items():
        assert array.tobytes() == made.heads.states(made.taxonomy)[name].tobytes(), name


@pytest.mark.parametrize("drift", [False, True])
def test_a_saved_state_goes_on_to_the_same_bits(drift: bool, tmp_path: Path) -> None:
    if drift:
        pytest.importorskip("river", reason="the extra drift is not installed")
    x, right = stream()
    whole = teach(learner(elastic=0.3, drift=drift), x, right)
    half = teach(learner(elastic=0.3, drift=drift), x[:301], right[:301])
    again = ContinualHeads.load(half.save(tmp_path / "half"))
    teach(again, x[301:], right[301:])
    assert files(again.save(tmp_path / "again")) == files(whole.save(tmp_path / "whole"))
    with pytest.raises(InvalidRecord, match=r"ContinualHeads\.save"):
        ContinualHeads.load(tmp_path / "nothing")


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60), st.integers(1, 8))
@settings(max_examples=40)
def test_a_reservoir_is_balanced_and_what_comes_between_changes_nothing(order: list[int], kept: int) -> None:
    mixed, apart = Reservoir(1, kept=kept, seed=3), Reservoir(1, kept=kept, seed=3)
    for k, category in enumerate(order):
        mixed.add(np.array([k], np.float32), category, k)
    for category in range(3):
        for k in (k for k, c in enumerate(order) if c == category):
            apart.add(np.array([k], np.float32), category, k)
    for category in range(3):
        count = order.count(category)
        x, dimensions = mixed.of(category)
        assert len(x) == min(count, kept)
        assert len(set(dimensions.tolist())) == len(x)
        assert x[:, 0].tolist() == dimensions.tolist()
        assert dimensions.tolist() == apart.of(category)[1].tolist()
    loaded = Reservoir(1, kept=kept, seed=3)
    loaded.load(mixed.states())
    assert all(
        a.tobytes() == b.tobytes() for a, b in zip(mixed.states().values(), loaded.states().values(), strict=True)
    )
    taken = mixed.take(5, 30)
    assert {category for _, category, _ in taken} <= set(order)


def test_a_reservoir_keeps_early_and_late_alike() -> None:
    kept = [
        d for seed in range(200) for r in [Reservoir(1, kept=5, seed=seed)]
        for _ in [[r.add(np.zeros(1, np.float32), 0, k) for k in range(50)]] for d in r.of(0)[1].tolist()
    ]  # fmt: skip
    assert np.mean(np.array(kept) < 25) == pytest.approx(0.5, abs=0.06)


def test_the_anchor_holds_what_mattered_and_leaves_the_rest() -> None:
    heads, taxonomy, anchor = Heads(4, joint=True), Taxonomy(), Anchor()
    d = taxonomy.dimension("a", "b")
    taxonomy.dimension("a", "c")
    x = np.array([1, 0, 0, 0.01], np.float32)
    for k in range(20):
        heads.learn(taxonomy, x, np.zeros(1, np.int32), np.array([d], np.int32), 1.0, 0.1, 0.1, k)
    anchor.pull(heads, 1.0)  # nothing to hold yet
    anchor.drop(heads, taxonomy)
    before = heads.W_D[d].copy()
    heads.W_D[d] += 1.0
    anchor.pull(heads, 1.0)
    moved = heads.W_D[d] - before
    assert 0 <= moved[0] < 0.3, "the weight that was learned by goes back"
    assert moved[1] > 0.9, "one that was not is free"


def test_the_guard_puts_back_heads_that_fell_by_more_than_the_margin() -> None:
    x, right = stream()
    made = teach(learner(held=4), x, right)
    good = {name: array.tobytes() for name, array in made.heads.states(made.taxonomy).items()}
    guard = Guard(DIM, kept=40, margin=0.1, seed=1)
    for row, d in zip(x, right, strict=True):
        guard.held.add(row, int(made.taxonomy.category_of[d]), d)
    assert guard.look(made.heads, made.taxonomy, 1) is None
    again = guard.look(made.heads, made.taxonomy, 2)
    assert again is not None
    assert (again.rolled_back, again.before) == (False, again.now)
    made.heads.W_D[: TASKS * INTENTS] *= -1
    fell = guard.look(made.heads, made.taxonomy, 3)
    assert fell is not None
    assert fell.rolled_back
    assert fell.before - fell.now > 0.1
    assert good == {name: array.tobytes() for name, array in made.heads.states(made.taxonomy).items()}


def test_wrong_labels_set_off_the_guard_in_the_stream() -> None:
    x, right = stream()
    made = learner(replays=0, margin=0.05)
    teach(made, x[:240], right[:240])
    looked = len(made.looks)
    before = share_right(made, x[:120], right[:120])
    for k in range(120):  # the first task's texts with another's labels
        made.learn(x[k], 3, 3 * INTENTS)
    assert any(look.rolled_back for look in made.looks[looked:])
    assert share_right(made, x[:120], right[:120]) >= before - 0.35


def test_drift_is_noticed_raises_the_rate_and_is_reported() -> None:
    pytest.importorskip("river", reason="the extra drift is not installed")
    x, right = stream()
    made = learner(drift=True, replays=0, held=0, boost_for=7)
    one = [k for k, d in enumerate(right) if d in (0, 1)]
    for k in one * 8:
        made.learn(x[k], 0, right[k])
    calm = len([drift for drift in made.drifts if drift.after > drift.before])
    assert calm == 0
    for n, k in enumerate(one * 8):  # labels that nothing foretells
        made.learn(x[k], 0, n * n * 7 // 3 % INTENTS)
        if len(made.drifts) and made.drifts[-1].after > made.drifts[-1].before:
            break
    assert made.drifts[-1].category == 0
    assert made.drifts[-1].after > made.drifts[-1].before
    assert made.watch is not None
    assert made.watch.boosted == {0: 6}


def test_forgetting_and_transfer_of_a_matrix() -> None:
    told = retention([[0, 0.1, 0.2], [0.9, 0.3, 0.2], [0.8, 0.9, 0.5], [0.6, 0.95, 1.0]])
    assert told.to_dict() == {
        "accuracy": 0.85, "forgetting": 0.125, "worst": 0.3, "forward": 0.25, "backward": -0.125,
    }  # fmt: skip
    with pytest.raises(ValueError, match="two tasks"):
        retention([[1.0], [1.0]])


def test_x_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="24 numbers"):
        learner().learn(np.zeros(3, np.float32), 0, 0)
