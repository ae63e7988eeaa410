"""What every store must do. To try your own, subclass `StoreContract` in a test file and give it `store_factory`.

class TestMyStore(StoreContract):
    @pytest.fixture
    def store_factory(self):
        return lambda: MyStore(...)   # a new, empty catalogue at each call
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penchant.errors import InvalidRecord, StoreError
from penchant.records import Ack, Draft, Entry
from penchant.store import Counts, Erased, Snapshot, Store

Factory = Callable[[], Store]
# the fixture makes a new store at each call, and the classes that inherit the tests hold no state
few = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
)

AWKWARD = [
    "a",
    "A",
    " a",
    "",
    "é",
    "e\u0301",
    "我",
    "🦆",
    "'; DROP TABLE log; --",
    "../../etc/passwd",
    "%_*?",
    "x" * 10_000,
    "1",
    "01",
]
ids = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(AWKWARD)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
drafts = st.builds(
    Draft,
    type=st.sampled_from(["item", "event", "utterance", "edit", "answer"]),
    time=st.floats(allow_nan=False, allow_infinity=False),
    body=st.dictionaries(st.text(max_size=5), json_values, max_size=3),
    id=st.none() | st.sampled_from("abcdef") | ids,
    user=st.none() | ids,
    item=st.none() | ids,
)


def event(user: str, item: str, *, time: float = 0.0, id: str | None = None, **body: Any) -> Draft:
    """A draft of an event."""
    return Draft("event", time, body or {"kind": "view"}, id=id, user=user, item=item)


def same(entry: Entry, draft: Draft) -> bool:
    """Whether the entry holds what the draft does."""
    return all(getattr(entry, field.name) == getattr(draft, field.name) for field in dataclasses.fields(draft))


class StoreContract:
    """The whole contract of `penchant.store.Store`."""

    @pytest.fixture
    def store_factory(self) -> Factory:
        raise NotImplementedError("give a function that makes a new, empty store")

    @pytest.fixture
    def store(self, store_factory: Factory) -> Iterator[Store]:
        store = store_factory()
        yield store
        store.close()

    # the log

    def test_empty(self, store: Store) -> None:
        assert store.last_seq() == 0
        assert list(store.entries()) == []
        assert store.append([]) == []
        assert store.entry_of("a") is None
        assert store.engaged(["ann"]) == {}
        assert list(store.snapshots()) == []
        assert store.check() == []

    def test_appended_is_there(self, store: Store) -> None:
        draft = event("ann", "dune", time=1.5, id="e1", value=2.25, words="科幻")
        (ack,) = store.append([draft])
        assert ack == Ack(ack.seq, duplicate=False)
        (entry,) = store.entries()
        assert same(entry, draft)
        assert entry.seq == ack.seq == store.last_seq() > 0
        assert store.entry_of("e1") == entry

    def test_seq_grows_whatever_the_time(self, store: Store) -> None:
        acks = [store.append([event("ann", "dune", time=time)])[0] for time in (1e9, 0.0, -5.0, 1e9)]
        assert all(a.seq < b.seq for a, b in pairwise(acks))
        assert [entry.time for entry in store.entries()] == [1e9, 0.0, -5.0, 1e9]

    def test_duplicates(self, store: Store) -> None:
        first, second = store.append([event("ann", "dune", id="a"), event("ann", "emma", id="b")])
        again = store.append(
            [event("bob", "other", id="a"), event("cid", "x", id="c"), event("dan", "y", id="c"), event("eve", "z")]
        )
        assert [ack.duplicate for ack in again] == [True, False, True, False]
        assert again[0].seq == first.seq
        assert again[1].seq == again[2].seq > second.seq
        assert [entry.user for entry in store.entries()] == ["ann", "ann", "cid", "eve"]
        assert store.append([event("bob", "other", id="b")]) == [Ack(second.seq, duplicate=True)]

    def test_old_entries_of_a_type_are_pruned(self, store: Store) -> None:
        answers = [Draft("answer", 0.0, {"k": k}, id=f"answer:{k}") for k in range(10)]
        store.append([*answers[:5], event("ann", "dune"), *answers[5:]])
        last = store.last_seq()
        assert store.prune("answer", 3) == 7
        assert store.prune("answer", 3) == 0
        assert [entry.body["k"] for entry in store.entries(types=["answer"])] == [7, 8, 9]
        assert len(list(store.entries(types=["event"]))) == 1
        assert store.last_seq() == last
        assert store.check() == []

    def test_an_id_is_one_across_types(self, store: Store) -> None:
        (ack,) = store.append([Draft("utterance", 0.0, {"text": "hello"}, id="a", user="ann")])
        assert store.append([event("ann", "dune", id="a")]) == [Ack(ack.seq, duplicate=True)]

    @few
    @given(st.lists(drafts, max_size=12))
    def test_a_batch_is_one_by_one(self, store_factory: Factory, batch: list[Draft]) -> None:
        whole, single = store_factory(), store_factory()
        try:
            acks = whole.append(batch)
            singles = [ack for draft in batch for ack in single.append([draft])]
            assert [ack.duplicate for ack in acks] == [ack.duplicate for ack in singles]
            found, expected = list(whole.entries()), list(single.entries())
            assert [dataclasses.replace(e, seq=0) for e in found] == [dataclasses.replace(e, seq=0) for e in expected]
            by_seq = {entry.seq: entry for entry in found}
            for draft, ack in zip(batch, acks, strict=True):
                assert ack.duplicate or same(by_seq[ack.seq], draft)
                assert by_seq[ack.seq].id == draft.id
            for user in {draft.user for draft in batch if draft.user is not None}:
                assert list(whole.entries(user=user)) == [entry for entry in found if entry.user == user]
        finally:
            whole.close()
            single.close()

    def test_awkward_ids_stay_apart(self, store: Store) -> None:
        store.append([event(name, name + "!", id=name) for name in AWKWARD])
        for name in AWKWARD:
            assert [entry.user for entry in store.entries(user=name)] == [name]
            assert store.engaged([name]) == {name + "!": 1}
            entry = store.entry_of(name)
            assert entry is not None
            assert entry.item == name + "!"

    def test_a_body_may_hold_any_text(self, store: Store) -> None:
        body = {"lone": "\ud800", "nul": "a\x00b", "controls": "\x01\x1f\x7f\u2028", "both": "我\udfff", "": [[], {}]}
        store.append([Draft("item", 0.0, body)])
        assert next(store.entries()).body == body

    @pytest.mark.parametrize("body", [{"x": object()}, {"x": float("nan")}, {"x": b"bytes"}, {"x": {1, 2}}])
    def test_a_body_that_is_not_json(self, store: Store, body: dict[str, Any]) -> None:
        with pytest.raises(InvalidRecord, match=r"draft\.body"):
            store.append([event("ann", "dune"), Draft("event", 0.0, body)])
        assert list(store.entries()) == []

    @pytest.mark.parametrize(
        "change", [{"time": float("nan")}, {"user": "\ud800"}, {"id": "\ud800"}, {"type": None}, {"item": object()}]
    )
    def test_a_field_that_cannot_be_stored(self, store: Store, change: dict[str, Any]) -> None:
        bad = dataclasses.replace(event("ann", "dune", id="a"), **change)
        with pytest.raises(InvalidRecord, match=rf"draft\.{next(iter(change))}"):
            store.append([event("ann", "dune"), bad])
        assert list(store.entries()) == []
        assert store.append([event("bob", "dune")])[0].seq == store.last_seq()

    def test_narrowing(self, store: Store) -> None:
        kinds = ["event", "utterance", "item", "answer"]
        batch = [
            Draft(kinds[n % 4], float(n), {"n": n}, user=f"u{n % 3}", item=f"i{n % 5}")  # type: ignore[arg-type]
            for n in range(240)
        ]
        store.append(batch)
        everything = list(store.entries())
        choices: list[dict[str, Any]] = [
            {"after": 100},
            {"until": 50},
            {"after": 10, "until": 200, "limit": 7},
            {"types": ["event"]},
            {"types": ["answer", "event", "fit"], "after": 9, "until": 233},
            {"types": []},
            {"user": "u1"},
            {"user": "u1", "types": ["event", "item"], "limit": 3},
            {"item": "i4", "until": 77},
            {"user": "u2", "item": "i3"},
            {"user": "nobody"},
            {"limit": 0},
            {"after": 500},
            {"after": -3, "until": 10_000},
        ]
        for choice in choices:
            expected = [
                entry
                for entry in everything
                if choice.get("after", 0) < entry.seq <= choice.get("until", 1e9)
                and entry.type in choice.get("types", kinds)
                and entry.user == choice.get("user", entry.user)
                and entry.item == choice.get("item", entry.item)
            ]
            assert list(store.entries(**choice)) == expected[: choice.get("limit")], choice
            backwards = list(store.entries(**choice, newest_first=True))
            assert backwards == expected[::-1][: choice.get("limit")], choice

    def test_long_readings(self, store: Store) -> None:
        store.append([event(f"u{n % 2}", "dune", n=n) for n in range(2500)])
        assert [entry.body["n"] for entry in store.entries()] == list(range(2500))
        assert [entry.body["n"] for entry in store.entries(newest_first=True)] == list(range(2499, -1, -1))
        assert [entry.body["n"] for entry in store.entries(user="u1", limit=1100)] == list(range(1, 2200, 2))
        assert len(list(store.entries(types=["event", "item"]))) == 2500

    def test_a_reading_covers_what_was_there_when_it_began(self, store: Store) -> None:
        store.append([event("ann", f"i{n}") for n in range(3)])
        seen = 0
        for _ in store.entries():
            store.append([event("ann", "more")])
            seen += 1
        assert seen == 3

    def test_engaged(self, store: Store) -> None:
        store.append([event("ann", "dune"), event("ann", "dune"), event("guest", "dune"), event("bob", "emma")])
        store.append([Draft("answer", 0.0, user="ann", item="emma"), Draft("event", 0.0, user="ann")])
        last = store.last_seq()
        store.append([event("ann", "ivanhoe")])
        assert store.engaged(["ann"]) == {"dune": 2, "ivanhoe": 1}
        assert store.engaged(["ann", "guest", "ann"], until=last) == {"dune": 3}
        assert store.engaged([]) == {}
        assert store.engaged([f"u{n}" for n in range(2000)] + ["bob"]) == {"emma": 1}

    def test_counts(self, store: Store) -> None:
        assert store.counts() == Counts(0, 0, 0)
        store.append([Draft("item", 1.0, item=id) for id in ("dune", "emma", "dune")])
        store.append([event("ann", "dune"), event("ann", "emma"), event("bob", "dune")])
        last = store.append([Draft("edit", 5.0, user="cem")])[0].seq
        store.append([Draft("delete", 6.0, item="emma"), Draft("answer", 7.0, user="dee")])
        assert store.counts(until=last) == Counts(events=3, items=2, users=3)
        assert store.counts() == Counts(events=3, items=1, users=3)
        store.erase("ann", vectors={})
        assert store.counts() == Counts(events=1, items=1, users=2)

    def test_many_threads(self, store: Store) -> None:
        """Every call gets its own numbers, each id enters once, and the order within a call stays."""
        acks: dict[int, list[Ack]] = {}
        faults: list[BaseException] = []

        def work(worker: int) -> None:
            mine: list[Ack] = []
            try:
                for n in range(40):
                    # an id of the worker's own, and one that all workers send
                    mine += store.append(
                        [event(f"u{worker}", "dune", id=f"{worker}-{n}"), event("all", "x", id=f"s{n}")]
                    )
                    assert store.last_seq() >= mine[-1].seq
                    with pytest.raises(InvalidRecord):
                        store.append([event("\ud800", "dune")])
            except BaseException as error:
                faults.append(error)
            acks[worker] = mine

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not faults
        entries = {entry.seq: entry for entry in store.entries()}
        assert len(entries) == 6 * 40 + 40
        for worker, mine in acks.items():
            assert [entries[ack.seq].id for ack in mine[::2]] == [f"{worker}-{n}" for n in range(40)]
            assert [entries[ack.seq].id for ack in mine[1::2]] == [f"s{n}" for n in range(40)]
        assert sum(not ack.duplicate for mine in acks.values() for ack in mine) == len(entries)

    # vectors

    def test_vectors(self, store: Store) -> None:
        vectors = {f"h{n}": np.arange(4, dtype=np.float32) + n for n in range(1200)}
        store.put_vectors("one", vectors)
        store.put_vectors("one", {"h0": np.full(4, 9, np.float32)})  # stays as it is
        store.put_vectors("two", {"h0": np.full(3, 7, np.float32)})
        found = store.get_vectors("one", [*vectors, "absent"])
        assert found.keys() == vectors.keys()
        assert all(found[name].dtype == np.float32 for name in found)
        assert all(np.array_equal(found[name], vectors[name]) for name in vectors)
        np.testing.assert_array_equal(store.get_vectors("two", ["h0"])["h0"], np.full(3, 7, np.float32))
        assert store.drop_vectors("one", ["h0", "h1", "absent"]) == 2
        assert store.get_vectors("one", ["h0", "h1", "h2"]).keys() == {"h2"}
        assert store.get_vectors("two", ["h0"]).keys() == {"h0"}
        assert store.drop_vectors("one", []) == 0
        assert store.get_vectors("none", []) == {}

    def test_vectors_keep_their_bits(self, store: Store) -> None:
        bits = np.array([0x00000001, 0x80000000, 0x7F7FFFFF, 0x3F800001], np.uint32)
        store.put_vectors("one", {"h": bits.view(np.float32)})
        np.testing.assert_array_equal(store.get_vectors("one", ["h"])["h"].view(np.uint32), bits)

    def test_a_vector_has_one_dimension(self, store: Store) -> None:
        with pytest.raises(ValueError, match="one dimension"):
            store.put_vectors("one", {"h": np.zeros((2, 2), np.float32)})

    # snapshots

    def test_snapshots(self, store: Store) -> None:
        rng = np.random.default_rng(0)
        arrays: dict[str, Any] = {
            "f8": rng.normal(size=(3, 5)),
            "f4": rng.normal(size=1_500_000).astype(np.float32),  # more than one part
            "zeros": np.zeros((400, 700)),
            "i8": rng.integers(-9, 9, 7),
            "u1": np.arange(256, dtype=np.uint8),
            "flags": rng.random(11) < 0.5,
            "empty": np.zeros((0, 4), np.float32),
            "scalar": np.array(3.5),
            "turned": np.arange(12).reshape(3, 4).T,
            "名": np.array([np.nan, np.inf, -0.0]),
        }
        store.append([event("ann", "dune")] * 5)
        store.save_snapshot(Snapshot(5, {"name": "深", "n": [1, 2.5, None]}, arrays))
        (found,) = store.snapshots()
        assert (found.seq, found.meta) == (5, {"name": "深", "n": [1, 2.5, None]})
        assert found.arrays.keys() == arrays.keys()
        for name, array in arrays.items():
            assert found.arrays[name].dtype == array.dtype
            assert found.arrays[name].shape == array.shape
            assert found.arrays[name].tobytes() == array.tobytes()
            found.arrays[name][...] = 1  # the caller's own
        assert store.check() == []

    def test_only_the_newest_snapshots_stay(self, store: Store) -> None:
        store.append([event("ann", "dune")] * 9)
        for seq in (1, 2, 3, 3):
            store.save_snapshot(Snapshot(seq, {"seq": seq}, {"a": np.full(3, seq)}))
        assert [(found.seq, found.arrays["a"][0]) for found in store.snapshots()] == [(3, 3), (2, 2)]
        store.save_snapshot(Snapshot(9, {}, {}), keep=1)
        assert [(found.seq, found.arrays) for found in store.snapshots()] == [(9, {})]
        assert store.drop_snapshots() == 1
        assert list(store.snapshots()) == []
        assert store.drop_snapshots() == 0

    @pytest.mark.parametrize(
        "array", [np.array([object()]), np.array(["text"]), np.zeros(2, [("a", int)]), np.array(["2020"], "M8[Y]")]
    )
    def test_only_plain_arrays(self, store: Store, array: Any) -> None:
        store.save_snapshot(Snapshot(0, {"kept": True}, {"a": np.ones(2)}))
        with pytest.raises(ValueError, match="give bool or numbers"):
            store.save_snapshot(Snapshot(0, {}, {"fine": np.ones(2), "bad": array}))
        assert [found.meta for found in store.snapshots()] == [{"kept": True}]

    def test_a_snapshot_is_saved_while_others_append(self, store: Store) -> None:
        stop = threading.Event()
        count = 0

        def append() -> None:
            nonlocal count
            while not stop.is_set():
                store.append([event("ann", "dune")])
                count += 1

        thread = threading.Thread(target=append)
        thread.start()
        try:
            for seq in range(3):
                store.save_snapshot(Snapshot(seq, {}, {"a": np.random.default_rng(seq).normal(size=700_000)}))
        finally:
            stop.set()
            thread.join()
        assert [found.seq for found in store.snapshots()] == [2, 1]
        assert len(list(store.entries())) == count

    # forgetting

    def test_blocking(self, store: Store) -> None:
        assert not any(store.is_blocked(name) for name in AWKWARD)
        store.block("我")
        store.block("我")
        store.block("\ud800")
        assert store.is_blocked("我")
        assert store.is_blocked("\ud800")
        assert not any(store.is_blocked(name) for name in AWKWARD if name != "我")

    def test_erasing(self, store: Store) -> None:
        store.append([event("ann", "dune", id="a1"), event("bob", "dune", id="b1"), event("ann", "emma", id="a2")])
        store.put_vectors("one", {"h": np.ones(2, np.float32), "kept": np.ones(2, np.float32)})
        store.save_snapshot(Snapshot(3, {}, {"a": np.ones(3)}))
        last = store.last_seq()
        assert store.erase("ann", vectors={"one": ["h", "absent"], "none": ["h"]}) == Erased(2, 1, 1)
        assert [entry.user for entry in store.entries()] == ["bob"]
        assert store.engaged(["ann"]) == {}
        assert store.entry_of("a1") is None
        assert store.get_vectors("one", ["h", "kept"]).keys() == {"kept"}
        assert list(store.snapshots()) == []
        assert store.last_seq() == last  # no number is used twice
        assert store.append([event("cid", "dune", id="a1")])[0].seq > last
        assert store.erase("ann", vectors={}) == Erased(0, 0, 0)
        assert store.check() == []

    def test_dropping_entries(self, store: Store) -> None:
        acks = store.append(
            [event("ann", "dune", id="a1"), event("bob", "dune", id="b1"), event("ann", "emma", id="a2")]
        )
        store.save_snapshot(Snapshot(3, {}, {"a": np.ones(3)}))
        last = store.last_seq()
        assert store.drop_entries([acks[1].seq, last + 7]) == 1
        assert [entry.id for entry in store.entries()] == ["a1", "a2"]
        assert store.entry_of("b1") is None
        assert list(store.snapshots()) == []
        assert store.last_seq() == last
        assert store.drop_entries([]) == 0
        assert store.check() == []

    # the rest

    def test_meta(self, store: Store) -> None:
        assert store.get_meta("a") is None
        store.set_meta("a", {"x": [1, 2.5, None, "我"]})
        store.set_meta("b", None)
        store.set_meta("a", [1])
        assert store.get_meta("a") == [1]
        assert store.get_meta("b") is None

    def test_backup(self, store: Store, tmp_path: Path) -> None:
        from penchant.store import open_store

        store.append([event("ann", "dune", id="a", words="科幻")])
        store.save_snapshot(Snapshot(1, {"m": 1}, {"a": np.arange(3)}))
        store.block("bob")
        target = tmp_path / "copy.db"
        store.backup(target)
        store.append([event("ann", "later")])
        assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy.db"]
        copy = open_store(target)
        try:
            assert [entry.item for entry in copy.entries()] == ["dune"]
            assert [found.meta for found in copy.snapshots()] == [{"m": 1}]
            assert copy.is_blocked("bob")
            assert copy.check() == []
        finally:
            copy.close()
        store.backup(target)  # replaces the older copy
        copy = open_store(target, read_only=True)
        assert copy.last_seq() == 2
        copy.close()

    def test_closing(self, store_factory: Factory, tmp_path: Path) -> None:
        store = store_factory()
        store.append([event("ann", "dune")] * 3)
        reading = store.entries()
        store.close()
        store.close()
        calls: list[Callable[[], object]] = [
            lambda: store.append([event("ann", "dune")]),
            lambda: list(store.entries()),
            lambda: list(reading),
            lambda: store.entry_of("a"),
            lambda: store.get_meta("a"),
            lambda: store.is_blocked("ann"),
            lambda: store.last_seq(),
            lambda: store.check(),
            lambda: store.backup(tmp_path / "copy.db"),
            lambda: store.erase("ann", vectors={}),
        ]
        for call in calls:
            with pytest.raises(StoreError, match="closed"):
                call()
