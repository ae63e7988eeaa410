"""The journal: answers reach the log in order, one bad one costs no other, the latest are in memory."""

from __future__ import annotations

import threading

import pytest

from penchant.recommend import journal
from penchant.recommend.answer import Answer
from penchant.recommend.journal import Journal, answer_key
from penchant.recommend.rank import Ranked
from penchant.records import Draft


def ranked(request_id: str, user: str = "ann", items: tuple[str, ...] = ("one",)) -> Ranked:
    return Ranked(Answer(request_id, user, 1, 0.5, ()), 10, [0] * len(items), [(item, 0.5) for item in items])


def test_answers_are_logged_in_order_with_external_ids() -> None:
    written: list[Draft] = []
    book = Journal(written.extend)
    for k in range(300):
        book.put(ranked(f"r{k}", items=("two", "one")), float(k))
    book.flush()
    assert [draft.id for draft in written] == [answer_key(f"r{k}") for k in range(300)]
    assert [draft.time for draft in written] == [float(k) for k in range(300)]
    assert written[0].body["best"] == [["two", 0.5], ["one", 0.5]]
    assert {draft.user for draft in written} == {"ann"}
    book.close()


def test_one_that_can_not_be_written_costs_no_other() -> None:
    written: list[str | None] = []
    started, go = threading.Event(), threading.Event()

    def write(drafts: list[Draft]) -> None:
        started.set()
        assert go.wait(30)
        if any(draft.user == "bad" for draft in drafts):
            raise ValueError("no such user")
        written.extend(draft.id for draft in drafts)

    book = Journal(write)
    book.put(ranked("first"), 0.0)
    assert started.wait(30)
    # these are one group
    book.put(ranked("a"), 0.0)
    book.put(ranked("b", user="bad"), 0.0)
    book.put(ranked("d"), 0.0)
    go.set()
    book.flush()
    assert written == [answer_key(id) for id in ("first", "a", "d")]
    assert isinstance(book.failed, ValueError)
    book.close()


def test_the_latest_answers_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "RECENT", 3)
    book = Journal(lambda drafts: None)
    for k in range(5):
        book.put(ranked(f"r{k}", user=f"u{k % 2}"), 0.0)
    assert book.shown("r1") is None
    assert book.shown("r4") == ()
    book.drop("r4")
    book.drop("never given")
    assert book.shown("r4") is None
    book.forget({"u1"})
    assert book.shown("r3") is None
    assert book.shown("r2") is not None
    book.close()


def test_an_answer_is_in_memory_whole_until_it_is_in_the_log() -> None:
    full = threading.Event()

    def write(drafts: list[Draft]) -> None:
        if full.is_set():
            raise OSError("no space left")

    book = Journal(write)
    book.put(ranked("r1"), 0.0)
    book.flush()
    assert (book.shown("r1"), book.unlogged("r1")) == ((), None)
    full.set()
    book.put(ranked("r2"), 0.0)
    book.flush()
    kept = book.unlogged("r2")
    assert kept is not None
    assert kept.request_id == "r2"
    book.close()


def test_closing_writes_what_is_queued_and_can_be_repeated() -> None:
    others = set(threading.enumerate())  # engines of other tests have journals of their own
    written: list[Draft] = []
    book = Journal(written.extend)
    book.close()
    book.put(ranked("r"), 0.0)
    book.close()
    book.close()
    assert len(written) == 1
    left = set(threading.enumerate()) - others
    assert not [thread for thread in left if thread.name == "penchant-journal"]


def test_entries_are_made_between_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "POLITE", 60.0)
    monkeypatch.setattr(journal, "PATIENCE", 0.0)
    made = threading.Event()
    book = Journal(lambda drafts: made.set())
    with book.asking():
        with book.asking():
            book.put(ranked("a"), 0.0)
        assert not made.wait(0.2), "somebody still asks"
    assert made.wait(30)
    book.close()


def test_entries_do_not_wait_for_ever() -> None:
    written: list[str | None] = []
    made = threading.Event()

    def write(drafts: list[Draft]) -> None:
        written.extend(draft.id for draft in drafts)
        made.set()

    book = Journal(write)
    with book.asking():
        book.put(ranked("a"), 0.0)
        assert made.wait(30), "under load somebody always asks"
        book.put(ranked("b"), 0.0)
        book.flush()
    assert written == [answer_key("a"), answer_key("b")]
    book.close()
