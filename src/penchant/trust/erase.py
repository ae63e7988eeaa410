"""Erasure: what `forget` removed, where, and when each place is clean."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from penchant.records import Entry
from penchant.store.base import Erased, Store

RECEIPTS = "receipts"
_KEEPING = threading.RLock()  # receipts are read, changed and written again, by several threads


@dataclass(frozen=True, slots=True)
class Place:
    """One place that held the user's data: what was done, and when it was clean (UTC seconds; None: not yet)."""

    name: str
    what: str
    clean_at: float | None


@dataclass(slots=True)
class Receipt:
    """What became of one user's data. It names no user.

    Attributes:
        id: of the receipt.
        at: when the user was blocked, UTC seconds.
        places: log, memory, vectors, snapshots, parameters, trained evidence, backups.
    """

    id: str
    at: float
    places: dict[str, Place]
    _done: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    @classmethod
    def new(cls) -> Receipt:
        """A receipt with no place yet."""
        return cls(uuid.uuid4().hex, time.time(), {})

    def clean(self, name: str, what: str) -> None:
        """The place is clean now."""
        self.places[name] = Place(name, what, time.time())

    def pending(self, name: str, what: str) -> None:
        """The place is not clean yet."""
        self.places[name] = Place(name, what, None)

    @property
    def is_clean(self) -> bool:
        """Whether every place is clean."""
        return all(place.clean_at is not None for place in self.places.values())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until what penchant itself can clean is clean; False if `timeout` seconds passed before."""
        return self._done.wait(timeout)

    def finish(self) -> None:
        """All that penchant itself cleans is done."""
        self._done.set()

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "id": self.id,
            "at": self.at,
            "clean": self.is_clean,
            "places": [
                {"name": place.name, "what": place.what, "clean_at": place.clean_at} for place in self.places.values()
            ],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Receipt:
        """What `to_dict` gave."""
        places = {p["name"]: Place(p["name"], p["what"], p["clean_at"]) for p in data["places"]}
        receipt = cls(data["id"], data["at"], places)
        return receipt

    def __str__(self) -> str:
        lines = [f"receipt {self.id}"]
        for place in self.places.values():
            when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(place.clean_at)) if place.clean_at else "not yet"
            lines.append(f"  {place.name:<18} {when:<24} {place.what}")
        return "\n".join(lines)


def keep(store: Store, receipt: Receipt) -> None:
    """Keep the receipt beside the log; the newest 1,000 are kept."""
    with _KEEPING:
        known: dict[str, Any] = store.get_meta(RECEIPTS) or {}
        known[receipt.id] = receipt.to_dict()
        store.set_meta(RECEIPTS, dict(list(known.items())[-1000:]))


def receipts(store: Store) -> list[Receipt]:
    """Receipts kept, oldest first."""
    known: dict[str, Any] = store.get_meta(RECEIPTS) or {}
    return [Receipt.from_dict(data) for data in known.values()]


def erasures(store: Store) -> set[tuple[str, str]]:
    """(receipt, place) of what was removed from the log; and, if it was restored, when."""
    restored = store.get_meta("restored")
    return ({("restored", str(restored["at"]))} if restored else set[tuple[str, str]]()) | {
        (receipt.id, name)
        for receipt in receipts(store)
        for name in ("log", "trained evidence")
        if (place := receipt.places.get(name)) is not None and place.clean_at is not None
    }


def erase(store: Store, users: Sequence[str], encoders: Iterable[str]) -> tuple[Erased, list[str]]:
    """Remove what the log holds of these users, their words' vectors by any of the encoders, and all snapshots.

    Returns what was removed, and the content hashes of the vectors. Nobody may write meanwhile.
    """
    mine = {key for user in users for e in store.entries(types=["utterance"], user=user) for key in _hashes(e)}
    if mine:
        for e in store.entries(types=["item", "warm", "utterance"]):
            if e.type != "utterance" or e.user not in users:
                mine.difference_update(_hashes(e))
    hashes = sorted(mine)
    vectors = dict.fromkeys(encoders, hashes)
    log = kept = snapshots = 0
    for user in users:
        erased = store.erase(user, vectors=vectors)
        log, kept, snapshots = log + erased.log, kept + erased.vectors, snapshots + erased.snapshots
    return Erased(log, kept, snapshots), hashes


def _hashes(entry: Entry) -> list[str]:
    """Content hashes of the vectors that an entry needs."""
    if entry.type == "item":
        return [entry.body["hash"]]
    if entry.type == "warm":
        return [name[0] for name in entry.body["names"]]
    return [clause["hash"] for clause in entry.body["clauses"]]


def finish(store: Store, encoders: Iterable[str]) -> None:
    """Finish erasures that a crash interrupted: what is left of users who are blocked goes, before anything is learned.

    The receipts name no user, so every user in the log is looked at; only where a receipt says that it is due.
    """
    for receipt in receipts(store):
        place = receipt.places.get("log")
        if place is not None and place.clean_at is None:
            users = {e.user: None for e in store.entries() if e.user is not None}
            blocked = [user for user in users if store.is_blocked(user)]
            erased, _ = erase(store, blocked, encoders)
            receipt.clean("memory", "rebuilt from the log without the user")
            receipt.clean("log", f"{erased.log} rows removed after an interruption, and their bytes overwritten")
            receipt.clean("vectors", f"{erased.vectors} vectors of their own words removed after an interruption")
            receipt.clean("snapshots", "removed; the next is made without them")
            keep(store, receipt)


def settle(store: Store) -> None:
    """The state was just rebuilt from the erased log: parameters that were pending are clean now."""
    for receipt in receipts(store):
        if receipt.places.get("parameters") and receipt.places["parameters"].clean_at is None:
            receipt.clean("parameters", "rebuilt from the log without the user")
            keep(store, receipt)
    settle_trained(store)


def settle_trained(store: Store) -> None:
    """Trained evidence that was pending is clean once nothing trained before the user was forgotten is in the log."""
    with _KEEPING:
        waiting = [r for r in receipts(store) if (place := r.places.get("trained evidence")) and place.clean_at is None]
        if not waiting:
            return
        oldest = min((e.time for e in store.entries(types=["trained"])), default=float("inf"))
        for receipt in waiting:
            if oldest > receipt.at:
                receipt.clean("trained evidence", "trained again without the user, and the older training removed")
                keep(store, receipt)
