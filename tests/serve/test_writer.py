"""The writer: many callers at once are some sequence that keeps every user's order; nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lives import T0, BagOfWords, Open, films, held
from penchant import Engine, Event, Learned
from penchant.engine.each import Outcome
from penchant.errors import Busy, Closing, StoreError, UnknownId
from penchant.serve.writer import Writer

# what one caller does: groups of events, told apart by whether their item exists
callers = st.lists(st.lists(st.lists(st.booleans(), max_size=5), max_size=6), min_size=1, max_size=5)


@settings(max_examples=25)
@given(callers, st.integers(1, 4))
def test_concurrent_callers_are_some_sequence_in_every_users_order(plans: list[list[list[bool]]], group: int) -> None:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine:
        engine.add_items(films(12))
        writer = Writer(engine, group=group)
        given_: dict[str, list[Event]] = {}
        answers: dict[str, list[Outcome]] = {}

        def call(user: str, plan: list[list[bool]]) -> None:
            number = 0
            futures: list[Future[list[Outcome]]] = []
            for size in plan:
                events = [
                    Event(
                        user=user,
                        item=f"f{(number + k) % 12}" if good else "nowhere",
                        id=f"{user}-{number + k}",
                        time=T0,
                    )
                    for k, good in enumerate(size)
                ]
                number += len(events)
                given_.setdefault(user, []).extend(events)
                futures.append(writer.submit(events))
            answers[user] = [outcome for future in futures for outcome in future.result(30)]

        threads = [threading.Thread(target=call, args=(f"u{k}", plan)) for k, plan in enumerate(plans)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert writer.drain(30)
        assert writer.depth == 0
        for user, outcomes in answers.items():
            events = given_.get(user, [])
            kept = [e.id for e in events if e.item != "nowhere"]
            assert [e.id for e in engine.store.entries(types=["event"], user=user)] == kept
            assert [isinstance(o, Learned) for o in outcomes] == [e.item != "nowhere" for e in events]
            assert all(isinstance(o, Learned | UnknownId) for o in outcomes)
            versions = [o.version for o in outcomes if isinstance(o, Learned)]
            assert versions == sorted(versions)
            for event, outcome in zip(events, outcomes, strict=True):
                entry = engine.store.entry_of(str(event.id))
                assert (entry is None) == (event.item == "nowhere")
                assert entry is None or (isinstance(outcome, Learned) and entry.seq <= outcome.version)


def _event(k: int, item: str = "f1") -> Event:
    return Event(user="ann", item=item, id=f"e{k}", time=T0)


def test_a_full_queue_is_refused_and_what_was_taken_is_written(opened: Open) -> None:
    engine = opened(items=films(6))
    writer = Writer(engine, capacity=10, group=4)
    release, thread = held(engine)
    futures = [writer.submit([_event(k)]) for k in range(10)]
    with pytest.raises(Busy, match="10 events wait") as caught:
        writer.submit([_event(10)])
    assert caught.value.retry_after >= 1
    assert writer.depth == 10
    release.set()
    thread.join()
    assert all(isinstance(future.result(30)[0], Learned) for future in futures)
    assert isinstance(writer.submit([_event(10)]).result(30)[0], Learned)
    assert [e.id for e in engine.events()] == [f"e{k}" for k in range(11)]


def test_a_list_longer_than_the_queue_is_taken_when_nothing_waits(opened: Open) -> None:
    engine = opened(items=films(6))
    writer = Writer(engine, capacity=10, group=4)
    outcomes = writer.submit([_event(k) for k in range(37)]).result(30)
    assert len(outcomes) == 37
    assert writer.submit([]).result(0) == []
    assert [e.id for e in engine.events()] == [f"e{k}" for k in range(37)]


def test_draining_writes_what_waits_and_takes_no_more(opened: Open) -> None:
    engine = opened(items=films(6))
    writer = Writer(engine, group=3)
    release, thread = held(engine)
    futures = [writer.submit([_event(k)]) for k in range(20)]
    assert not writer.drain(0.01)
    with pytest.raises(Closing):
        writer.submit([_event(20)])
    release.set()
    thread.join()
    assert writer.drain(30)
    assert all(future.done() for future in futures)
    assert len(list(engine.events())) == 20
    assert Writer(engine).drain()


def test_an_event_whose_caller_is_gone_before_it_began_is_not_written(opened: Open) -> None:
    engine = opened(items=films(6))
    writer = Writer(engine, group=1)
    release, thread = held(engine)

    async def impatient() -> None:
        first = asyncio.ensure_future(writer.put([_event(0)]))
        while engine.store.entry_of("e0") is None:  # until the writer has begun with it
            await asyncio.sleep(0.001)
        second = asyncio.ensure_future(writer.put([_event(1)]))
        while writer.depth < 2:
            await asyncio.sleep(0.001)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        release.set()
        await first
        assert isinstance((await writer.put([_event(2)]))[0], Learned)

    asyncio.run(impatient())
    thread.join()
    assert [e.id for e in engine.events()] == ["e0", "e2"]


def test_when_the_store_fails_everyone_is_told_and_the_writer_lives_on(opened: Open) -> None:
    engine = opened(items=films(6))
    writer = Writer(engine, group=2)
    release, thread = held(engine)
    futures = [writer.submit([_event(k), _event(k + 100)]) for k in range(3)]
    engine.store.close()
    release.set()
    thread.join()
    errors = [future.exception(30) for future in futures]
    assert any(isinstance(error, StoreError) for error in errors)
    assert all(error is None or isinstance(error, StoreError) for error in errors)
    assert isinstance(writer.submit([_event(9)]).exception(30), StoreError)
    assert writer.depth == 0
    assert writer.drain(30)


def test_limits_are_checked() -> None:
    with Engine.open(base="movies", encoder=BagOfWords()) as engine, pytest.raises(ValueError, match="at least 1"):
        Writer(engine, capacity=0)
