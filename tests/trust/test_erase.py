"""Receipts, and what an erasure takes from the log."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from penchant.records import Draft
from penchant.store import SqliteStore
from penchant.trust.erase import Receipt, erase, finish, keep, receipts, settle, settle_trained


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore(":memory:") as store:
        yield store


def said(user: str, *hashes: str) -> Draft:
    return Draft("utterance", 1.0, {"text": "x", "clauses": [{"hash": key} for key in hashes]}, user=user)


def fill(store: SqliteStore) -> None:
    """Ann and Bob say "shared"; an item and a node's name have vectors that ann's words have too."""
    store.append(
        [
            Draft("item", 1.0, {"hash": "item"}, item="i"),
            Draft("warm", 1.0, {"names": [["name", "War", "", "a war film"]]}),
            Draft("event", 1.0, {"kind": "view"}, user="ann", item="i"),
            said("ann", "own", "shared", "item", "name"),
            said("bob", "shared"),
        ]
    )
    vector = np.ones(4, np.float32)
    for encoder in ("one", "other"):
        store.put_vectors(encoder, dict.fromkeys(("own", "shared", "item", "name"), vector))


def kept(store: SqliteStore, encoder: str) -> set[str]:
    return set(store.get_vectors(encoder, ["own", "shared", "item", "name"]))


def test_only_what_nobody_else_needs_goes(store: SqliteStore) -> None:
    fill(store)
    erased, hashes = erase(store, ["ann"], ["one", "other"])
    assert (erased.log, erased.vectors, hashes) == (2, 2, ["own"])
    for encoder in ("one", "other"):
        assert kept(store, encoder) == {"shared", "item", "name"}
    assert {e.user for e in store.entries()} == {None, "bob"}


def test_what_two_share_goes_with_the_two(store: SqliteStore) -> None:
    fill(store)
    assert erase(store, ["ann", "bob"], ["one"])[1] == ["own", "shared"]
    assert kept(store, "one") == {"item", "name"}
    assert kept(store, "other") == {"own", "shared", "item", "name"}, "an encoder that isn't named is left alone"


def test_an_interrupted_erasure_is_finished_for_the_blocked_only(store: SqliteStore) -> None:
    fill(store)
    receipt = Receipt.new()
    receipt.pending("log", "being removed")
    receipt.pending("parameters", "being replayed")
    keep(store, receipt)
    store.block("ann")
    finish(store, ["one"])
    assert {e.user for e in store.entries()} == {None, "bob"}
    found = receipts(store)[0]
    assert found.places["log"].clean_at is not None
    assert found.places["log"].what.startswith("2 rows")
    assert found.places["parameters"].clean_at is None
    settle(store)
    assert receipts(store)[0].is_clean


def test_nothing_is_looked_for_where_no_receipt_says_so(store: SqliteStore) -> None:
    fill(store)
    store.block("ann")
    finish(store, ["one"])
    assert {e.user for e in store.entries()} == {None, "ann", "bob"}


@pytest.mark.parametrize(("trained_at", "clean"), [(5.0, False), (15.0, True), (None, True)])
def test_trained_evidence_is_clean_once_all_of_it_is_newer(
    store: SqliteStore, trained_at: float | None, clean: bool
) -> None:
    receipt = Receipt("r", 10.0, {})
    receipt.pending("trained evidence", "trained with them")
    keep(store, receipt)
    if trained_at is not None:
        store.append([Draft("trained", trained_at, {})])
    settle_trained(store)
    assert receipts(store)[0].is_clean is clean


def test_receipts_of_several_threads_are_all_kept(store: SqliteStore) -> None:
    made = [Receipt.new() for _ in range(24)]
    threads = [threading.Thread(target=keep, args=(store, receipt)) for receipt in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {receipt.id for receipt in receipts(store)} == {receipt.id for receipt in made}


def test_a_receipt_survives_as_json_and_as_text() -> None:
    receipt = Receipt.new()
    receipt.clean("log", "3 rows removed")
    receipt.pending("backups", "delete copy.db")
    assert not receipt.is_clean
    again = Receipt.from_dict(receipt.to_dict())
    assert again == receipt
    lines = str(receipt).splitlines()
    assert "3 rows removed" in lines[1]
    assert "UTC" in lines[1]
    assert "not yet" in lines[2]
    assert not receipt.wait(0)
    receipt.finish()
    assert receipt.wait(0)
