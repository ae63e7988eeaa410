"""Events of many callers in one group: the same as one by one, and one that is refused costs no other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lives import T0, BagOfWords, Open, films, stream
from penchant import Engine, Event, Learned
from penchant.errors import PenchantError, Refused, UnknownId

BAD = (
    Event(user="u0", item="nowhere", time=T0),
    Event(user="gone", item="f1", time=T0),
    Event(user="u1", item="f59", time=T0),
    Event(user="u2", item="f2", time=4e9),
    Event(user="u2", item="f2", time=T0, request_id="no such answer"),
)


@settings(max_examples=12)
@given(st.lists(st.sampled_from([*stream(40), *BAD]), max_size=30), st.integers(1, 7))
def test_a_group_is_as_one_after_the_other(events: list[Event], size: int) -> None:
    with (
        Engine.open(base="movies", encoder=BagOfWords()) as one,
        Engine.open(base="movies", encoder=BagOfWords()) as many,
    ):
        for engine in (one, many):
            engine.add_items(films(60))
            engine.observe(Event(user="gone", item="f3", time=T0))
            engine.forget("gone").wait(30)
            engine.delete("f59")
        alone: list[str | int] = []
        for event in events:
            try:
                alone.append(one.observe(event).accepted)
            except PenchantError as error:
                alone.append(str(error))
        grouped: list[str | int] = []
        for first in range(0, len(events), size):
            outcomes = many.observe_each(events[first : first + size])
            grouped += [o.accepted if isinstance(o, Learned) else str(o) for o in outcomes]
        assert grouped == alone
        ours, theirs = one.model.states(), many.model.states()
        assert all((ours[name] == theirs[name]).all() for name in ours)


def test_duplicates_are_told_one_by_one(opened: Open) -> None:
    engine = opened(items=films(60))
    event = Event(user="ann", item="f1", id="once", time=T0)
    first, again, other = engine.observe_each([event, event, Event(user="ann", item="f2", time=T0)])
    assert [(o.accepted, o.duplicates) for o in (first, again, other) if isinstance(o, Learned)] == [
        (1, 0),
        (0, 1),
        (1, 0),
    ]
    assert engine.observe_each([]) == []


def test_kinds_of_refusal_keep_their_class(opened: Open) -> None:
    engine = opened(items=films(60))
    unknown, future = engine.observe_each([BAD[0], BAD[3]])
    assert isinstance(unknown, UnknownId)
    assert isinstance(future, Refused)
    engine.close()


def test_reading_only_is_said(opened: Open, tmp_path: object) -> None:
    path = f"{tmp_path}/a.db"
    opened(path, items=films(6)).close()
    with pytest.raises(Refused):
        opened(path, read_only=True).observe_each([Event(user="ann", item="f1")])
