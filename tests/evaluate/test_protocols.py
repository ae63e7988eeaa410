"""What each protocol trains on and predicts, on streams small enough to see through and on drawn ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lives import T0, BagOfWords, Open, films, stream
from penchant import Engine, Event, Item
from penchant.data.leave_one_out import held_out, read_sequences
from penchant.errors import InvalidRecord
from penchant.evaluate import Popularity, in_order, measure, plan
from penchant.evaluate.protocols import Target

ITEMS = 6


@pytest.fixture(scope="module")
def small() -> Any:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(films(ITEMS))
        yield engine


streams = st.lists(st.tuples(st.integers(0, 3), st.integers(0, ITEMS), st.integers(0, 9)), max_size=40).map(
    lambda told: in_order(
        Event(user=f"u{u}", item=f"f{i}", kind="like", time=T0 + t) for u, i, t in told  # item 6 is unknown
    )
)  # fmt: skip


@given(events=streams, cut=st.sampled_from([0.0, 0.5, 0.8]), every=st.integers(1, 3))
def test_all_protocols(small: Engine, events: list[Event], cut: float, every: int) -> None:
    known = [event for event in events if event.item != "f6"]
    for protocol in ("prequential", "time-split", "leave-one-out"):
        asked = plan(small, events, protocol, cut=cut, every=every)
        task = asked.task
        assert asked.unknown == len(events) - len(known)
        assert Counter(map(repr, asked.events)) == Counter(map(repr, known))  # each once, none lost
        assert [task.items[row] for row in task.item] == [event.item for event in asked.events]
        assert [task.users[row] for row in task.user] == [event.user for event in asked.events]
        assert (task.predicted >= task.first).all()
        assert (np.diff(task.predicted) > 0).all()
        for k in task.predicted.tolist():
            assert task.item[k] not in task.had(k)
        for user in task.users:  # nobody's history is shuffled
            own = [event for event in asked.events if event.user == user]
            assert own == [event for event in known if event.user == user]


@given(events=streams)
def test_leave_one_out(small: Engine, events: list[Event]) -> None:
    lengths = Counter(event.user for event in events if event.item != "f6")
    test, validation = (plan(small, events, "leave-one-out", target=target) for target in ("test", "validation"))
    many = [user for user, n in lengths.items() if n >= 3]
    assert test.task.first == validation.task.first == sum(lengths.values()) - 2 * len(many)
    assert len(validation.events) == sum(lengths.values()) - len(many)
    for asked in (test, validation):
        predicted = [asked.events[k].user for k in asked.task.predicted]
        assert len(set(predicted)) == len(predicted)  # of each user one at most
        assert set(predicted) <= set(many)
        for k in asked.task.predicted.tolist():  # it is the user's last of what the task holds
            assert asked.events[k].user not in [event.user for event in asked.events[k + 1 :]]
    trained = Counter(event.user for event in test.events[: test.task.first])
    assert all(trained[user] == lengths[user] - 2 for user in many)


@given(events=streams, cut=st.sampled_from([0.3, 0.5, 0.8]))
def test_time_split_is_at_one_moment(small: Engine, events: list[Event], cut: float) -> None:
    asked = plan(small, events, "time-split", cut=cut)
    first = asked.task.first
    assert not asked.task.online
    if 0 < first < len(asked.events):
        assert asked.task.time[first - 1] < asked.task.time[first]
    assert first <= int(len(asked.events) * cut)


def test_a_window_to_pick_settings_on_ends_before_the_test(small: Engine) -> None:
    events = stream(50, items=ITEMS)
    window, whole = plan(small, events, cut=0.6, until=0.8), plan(small, events, cut=0.8)
    assert window.events == whole.events[:40] == events[:40]
    assert window.task.first == 30
    assert whole.task.first == 40


def test_order_without_times() -> None:
    told = [("a", "x"), ("b", "x"), ("a", "y"), ("a", "z"), ("b", "z")]
    ordered = in_order(Event(user=u, item=i) for u, i in told)
    # ends aligned: b's two events are beside a's last two
    assert [(e.user, e.item) for e in ordered] == [("a", "x"), ("a", "y"), ("b", "x"), ("a", "z"), ("b", "z")]
    assert ordered[3].time == ordered[4].time


def test_what_is_refused(small: Engine) -> None:
    wrong: list[dict[str, Any]] = [
        {"protocol": "random"}, {"cut": 1.0}, {"cut": -0.1}, {"every": 0}, {"cut": 0.8, "until": 0.8}, {"until": 1.1},
        {"target": "train"}, {"cut": float("nan")},
    ]  # fmt: skip
    for options in wrong:
        with pytest.raises(InvalidRecord, match=next(reversed(options))):
            plan(small, [], **options)


@pytest.mark.parametrize("protocol", ["leave-one-out", "time-split"])
def test_nothing_shared_is_learned_of_what_is_held_out(opened: Open, protocol: Any) -> None:
    engine, other = opened(items=films()), opened(items=films())
    asked = plan(engine, stream(), protocol, cut=0.7)
    report = measure(engine, asked, [Popularity(60)])
    assert report.measured > 0
    assert report.events == asked.task.first
    other.observe_many(asked.events[: asked.task.first])
    for name, array in engine.model.states().items():
        assert array.tobytes() == other.model.states()[name].tobytes(), name
    # popularity is that of training alone
    counts = np.bincount(asked.task.item[: asked.task.first], minlength=60)
    for k, rank in zip(asked.task.predicted.tolist(), report.ranks["popularity"], strict=True):
        race, right = asked.task.candidates(k), counts[asked.task.item[k]]
        ties = (counts[race] == right).sum() - 1
        assert rank == (counts[race] > right).sum() + ties / 2


@pytest.mark.parametrize("protocol", ["leave-one-out", "time-split"])
def test_what_is_held_out_is_history_of_its_user(opened: Open, protocol: Any) -> None:
    """The ranking is that of `recommend(history=)` after training."""
    engine = opened(items=films(), settings={"policy": {"repeats": False}, "diversity": {"method": "none"}})
    asked = plan(engine, stream(), protocol, cut=0.7)
    report = measure(engine, asked)
    task = asked.task
    for spot, k in list(enumerate(task.predicted.tolist()))[-7:]:
        event = asked.events[k]
        later = [e for e in asked.events[task.first : k] if e.user == event.user]
        answer = engine.recommend(event.user, 60, history=later, at=event.time, context=event.context, repeats=True)
        had = {task.items[row] for row in task.had(k)} - {event.item}
        order = [r.item for r in answer if r.item not in had]
        top = [task.items[row] for row in report.top["penchant"][spot] if row >= 0]
        assert top == order[: len(top)]
        assert order.index(event.item) == pytest.approx(report.ranks["penchant"][spot], abs=0.5)


def test_a_held_out_event_changes_what_comes_next(opened: Open) -> None:
    told = [("a", "f0"), ("b", "f0"), ("a", "f1"), ("b", "f1"), ("c", "f2"), ("c", "f3"), ("a", "f4"), ("b", "f5")]
    events = [Event(user=u, item=i, kind="like", time=T0 + k) for k, (u, i) in enumerate(told)]
    ranks: list[float] = []
    for before in ("f2", "f0"):  # the last but one of a newcomer, trained on by nobody
        more = [Event(user="new", item=i, kind="like", time=T0 + 90 + k) for k, i in enumerate([before, "f3"])]
        engine = opened(items=films(ITEMS))
        ranks.append(measure(engine, plan(engine, events + more, "time-split", cut=0.8)).ranks["penchant"][-1])
    assert ranks[0] < ranks[1]  # f3 came after f2


@settings(max_examples=10)
@given(k=st.integers(1, 60))
def test_what_stands_first_and_where_the_right_one_stands_agree(k: int) -> None:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(films())
        asked = plan(engine, stream(60), cut=0.8)
        report = measure(engine, asked, [Popularity(60)], k=k)
        for method, ranks in report.ranks.items():
            for event, rank, top in zip(asked.task.predicted, ranks, report.top[method], strict=True):
                assert len(top) == k
                if method != "penchant":  # of many that tie by popularity any may stand first
                    continue
                if rank < k - 10:
                    assert asked.task.item[event] in top
                if rank >= k + 10:
                    assert asked.task.item[event] not in top


def test_leave_one_out_is_that_of_the_published_tables(
    opened: Open, public_data: Callable[[str], Path], tmp_path: Path
) -> None:
    """On Amazon Beauty: the last item of a line is the test, the last but one the validation."""
    folder = public_data("amazon-beauty")
    lines = (folder / "sequences_loo.txt").read_text(encoding="utf-8").splitlines()[:80]
    (tmp_path / "sequences_loo.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    events = list(read_sequences(tmp_path / "sequences_loo.txt"))
    engine = opened(items=[Item(id=id, text=f"thing {id}") for id in sorted({event.item for event in events})])
    found: dict[Target, dict[str, str]] = {}
    for target in ("test", "validation"):
        asked = plan(engine, in_order(events), "leave-one-out", target=target)
        predicted = [asked.events[k] for k in asked.task.predicted]
        found[target] = {event.user: event.item for event in predicted}
        for k in asked.task.predicted.tolist()[:5]:  # all before it is known, and in order
            user, *items = next(line.split() for line in lines if line.startswith(f"{asked.events[k].user} "))
            end = -1 if target == "test" else -2
            assert [asked.task.items[row] for row in asked.task.had(k)] == items[:end], user
    expected = held_out(tmp_path / "sequences_loo.txt")
    assert found["test"] == {user: last for user, (_, last) in expected.items()}
    assert found["validation"] == {user: before for user, (before, _) in expected.items()}
