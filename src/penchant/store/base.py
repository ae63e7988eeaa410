"""The store's contract. Every implementation passes `tests/contract/store_contract.py`.

The log is the truth. Everything else that a store keeps (vectors, snapshots) can be lost and made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from penchant.records import Ack, Draft, Entry, EntryType

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State of a model after the entry numbered `seq`: JSON-able meta and named arrays."""

    seq: int
    meta: dict[str, Any]
    arrays: Arrays


@dataclass(frozen=True, slots=True)
class Erased:
    """What `erase` removed, in rows."""

    log: int
    vectors: int
    snapshots: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What a log holds: events, items that were not deleted, and users of whom something is known."""

    events: int
    items: int
    users: int


class Store(Protocol):
    """Append-only log with look-ups, a vector cache and snapshots. One writer a catalogue.

    All methods may be called from several threads. Errors are `StoreError` (full disk, torn file, wrong schema: nothing
    half-written), `StoreBusy` (another writer holds the catalogue) and `InvalidRecord` (a field can't be stored).

    Attributes:
        lasting: whether it is there after the process has ended; a snapshot is of use only then.
    """

    @property
    def lasting(self) -> bool:
        """See above."""
        ...

    def append(self, drafts: Sequence[Draft]) -> list[Ack]:
        """Write all drafts or none, in order, and return once they are on disk.

        A draft whose id is in the log already (or twice in `drafts`) is not written again: its `Ack` has the first
        one's seq and `duplicate=True`. Concurrent calls are committed in groups; a draft that can't be written (a body
        that JSON can't hold, an id with a lone surrogate) fails its own call only.
        """
        ...

    def last_seq(self) -> int:
        """Highest number given so far, 0 if none. A number is never used twice, even after an erasure of its entry."""
        ...

    def entries(
        self,
        *,
        after: int = 0,
        until: int | None = None,
        types: Iterable[EntryType] | None = None,
        user: str | None = None,
        item: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Entry]:
        """Entries with after < seq <= until, in order of seq, narrowed by type, user, item.

        Covers what was in the log when called: a fold may append while it reads.
        """
        ...

    def entry_of(self, id: str) -> Entry | None:
        """The entry with this idempotency key."""
        ...

    def engaged(self, users: Sequence[str], *, until: int | None = None) -> dict[str, int]:
        """Items that any of the users have events with, and how many events."""
        ...

    def counts(self, *, until: int | None = None) -> Counts:
        """How many events, items and users the log holds, up to a number if it is given."""
        ...

    def put_vectors(self, encoder: str, vectors: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Keep vectors by content hash; a hash that is there already is left as it is."""
        ...

    def get_vectors(self, encoder: str, hashes: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Those of the hashes that are there; the arrays may be read-only."""
        ...

    def drop_vectors(self, encoder: str, hashes: Sequence[str]) -> int:
        """Remove these vectors; returns how many were there."""
        ...

    def save_snapshot(self, snapshot: Snapshot, *, keep: int = 2) -> None:
        """Write it whole or not at all; an older one of the same seq is replaced, those beyond `keep` are removed.

        Raises:
            ValueError, TypeError: an array of other than bool or numbers, a meta that JSON can't hold, keep below 1.
        """
        ...

    def snapshots(self) -> Iterator[Snapshot]:
        """Whole and readable snapshots, newest first; a damaged one is passed over."""
        ...

    def drop_snapshots(self) -> int:
        """Remove all snapshots; returns how many."""
        ...

    def block(self, user: str) -> None:
        """Leave a tombstone (a salted hash, not the id) so that `is_blocked` is true from now on."""
        ...

    def is_blocked(self, user: str) -> bool:
        """Whether this user was forgotten."""
        ...

    def erase(self, user: str, *, vectors: Mapping[str, Sequence[str]]) -> Erased:
        """Remove the user's entries, these vectors (encoder → hashes) and all snapshots, down to the file's bytes.

        Takes time in proportion to the catalogue. If the bytes can't be removed yet (full disk, a long reading), it
        raises `StoreError` and the next opening or erasure does it.
        """
        ...

    def drop_entries(self, seqs: Sequence[int]) -> int:
        """Remove these entries and all snapshots, down to the file's bytes, as `erase`; returns how many were there."""
        ...

    def prune(self, type: EntryType, keep: int) -> int:
        """Remove the oldest entries of this type beyond the newest `keep`; returns how many. For answers, which no
        state depends on.
        """
        ...

    def set_meta(self, key: str, value: Any) -> None:
        """Keep a small JSON-able value beside the log (backups made, receipts)."""
        ...

    def get_meta(self, key: str) -> Any:
        """The value, or None."""
        ...

    def check(self) -> list[str]:
        """Problems found by the engine's own integrity check, in words; empty when sound."""
        ...

    def backup(self, target: Path) -> None:
        """A consistent copy, on disk when this returns, taken while writing goes on; an older copy is replaced."""
        ...

    def close(self) -> None:
        """Release the catalogue; a second call does nothing."""
        ...
