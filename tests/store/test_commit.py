"""Group commit, on its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import pytest

from penchant.errors import StoreError
from penchant.records import Ack
from penchant.store.commit import MAX_GROUP_ROWS, GroupCommit, Row, Ticket


def rows(name: str, count: int = 1) -> list[Row]:
    return [("event", None, name, None, 0.0, "{}")] * count


class Disk:
    """Commits groups slowly enough for others to queue, and notes them."""

    def __init__(self) -> None:
        self.groups: list[list[Ticket]] = []
        self.open, self.entered = threading.Event(), threading.Event()
        self.open.set()
        self.busy = threading.Lock()

    def commit(self, group: Sequence[Ticket]) -> None:
        assert self.busy.acquire(blocking=False), "two commits at once"
        self.entered.set()
        self.open.wait(10)
        self.groups.append(list(group))
        for ticket in group:
            if ticket.rows[0][2] == "bad":
                ticket.error = StoreError("bad")
            ticket.acks = [Ack(1)] * len(ticket.rows)
        self.busy.release()
        if any(ticket.rows[0][2] == "interrupt" for ticket in group):
            raise KeyboardInterrupt


def start(group: GroupCommit, name: str, outcomes: dict[str, object], count: int = 1) -> threading.Thread:
    def work() -> None:
        try:
            outcomes[name] = len(group.submit(rows(name, count)))
        except BaseException as error:
            outcomes[name] = error

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def gather(disk: Disk, names: dict[str, int]) -> dict[str, object]:
    """Have one caller occupy the disk while the named ones queue in order, with so many rows each."""
    group, outcomes = GroupCommit(disk.commit), dict[str, object]()
    disk.open.clear()
    threads = [start(group, "first", outcomes)]
    assert disk.entered.wait(10)
    for name, count in names.items():
        waiting = len(group._waiting)
        threads.append(start(group, name, outcomes, count))
        while len(group._waiting) == waiting:
            time.sleep(0.001)
    disk.open.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert group.submit(rows("last")) == [Ack(1)]
    return outcomes


def test_those_who_wait_share_one_commit() -> None:
    disk = Disk()
    assert gather(disk, {"a": 1, "b": 2, "c": 3}) == {"first": 1, "a": 1, "b": 2, "c": 3}
    assert [[ticket.rows[0][2] for ticket in group] for group in disk.groups] == [["first"], ["a", "b", "c"], ["last"]]


def test_groups_are_bounded() -> None:
    disk = Disk()
    gather(disk, {"a": MAX_GROUP_ROWS, "b": 1, "c": MAX_GROUP_ROWS + 5, "d": 1})
    assert [[ticket.rows[0][2] for ticket in group] for group in disk.groups[1:-1]] == [["a"], ["b"], ["c"], ["d"]]


def test_an_error_is_its_own_callers() -> None:
    outcomes = gather(Disk(), {"a": 1, "bad": 1, "c": 1})
    assert (outcomes["a"], outcomes["c"]) == (1, 1)
    assert isinstance(outcomes["bad"], StoreError)


def test_an_interrupted_leader_tells_its_followers() -> None:
    outcomes = gather(Disk(), {"interrupt": 1, "b": 1})
    assert isinstance(outcomes["interrupt"], KeyboardInterrupt)
    assert isinstance(outcomes["b"], StoreError)
    assert "send the records again with the same ids" in str(outcomes["b"])


def test_one_who_is_interrupted_while_waiting_leaves_the_queue() -> None:
    """The interrupt comes where Ctrl-C does: in the wait for the group's end."""
    disk = Disk()
    group, outcomes = GroupCommit(disk.commit), dict[str, object]()
    disk.open.clear()
    first = start(group, "first", outcomes)
    assert disk.entered.wait(10)

    import ctypes

    waiter = start(group, "second", outcomes)
    while not group._waiting:
        time.sleep(0.001)
    third = start(group, "third", outcomes)
    while len(group._waiting) < 2:
        time.sleep(0.001)
    # arrives as soon as the thread runs Python again, which is when it is given the lead
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(waiter.ident or 0), ctypes.py_object(KeyboardInterrupt))
    disk.open.set()
    for thread in (first, waiter, third):
        thread.join(10)
        assert not thread.is_alive()
    assert isinstance(outcomes["second"], KeyboardInterrupt)
    assert outcomes["third"] == 1
    with pytest.raises(StoreError):
        group.submit(rows("bad"))
