"""What the sequence model trains on: every user's engagements in time order, cut into windows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from penchant.interest.arrays import F32, I32, Flags, key_of
from penchant.interest.model import Model
from penchant.interest.sequence.settings import WINDOW
from penchant.records import Entry

FEW = 500  # held-out events below which their mean rank is mostly noise


@dataclass(frozen=True, slots=True)
class Histories:
    """Engagements of all users, one user after the other, oldest first.

    Attributes:
        ids: external ids of the items, by number.
        vectors: [items, D] projected vectors of the items.
        item: [n] item numbers.
        wanted: [n] whether it is a thing to predict (it counts as engagement), or only history.
        start: [users + 1] where each user begins in `item`.
        until: seq of the last log entry read.
    """

    ids: list[str]
    vectors: F32
    item: I32
    wanted: Flags
    start: npt.NDArray[np.int64]
    until: int = 0

    def __len__(self) -> int:
        return len(self.start) - 1

    def fingerprint(self) -> str:
        """Of what is trained on: the same data give the same."""
        digest = hashlib.blake2b("\x1f".join(self.ids).encode("utf-8", "replace"), digest_size=16)
        for array in (self.item, self.wanted, self.start, self.vectors):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Windows:
    """Training examples [n, 32], older events on the left, padded with -1 there.

    Attributes:
        inputs: item numbers.
        targets: the item that came after each, -1 where there is none or it isn't to be predicted.
    """

    inputs: I32
    targets: I32


def read_histories(model: Model, entries: Iterable[Entry]) -> Histories:
    """The engagements in the log as memory keeps them: what enters the ring, in the ring's order.

    Args:
        model: knows items, users (guests count as the user they became) and what each kind of event means.
        entries: of the log, in order; others than events are passed over.
    """
    settings, rows = model.settings, model.world.catalogue.rows
    users: dict[int, list[tuple[float, int, bool]]] = {}
    until = 0
    for entry in entries:
        until = entry.seq
        item, user = rows.get(entry.item or ""), model.user(entry.user or "")
        if entry.type != "event" or item is None or user is None:
            continue
        kind = settings.kind(entry.body["kind"])
        strength = kind.strength(entry.body.get("value"))
        if max(strength, 0.0) + (settings.model.engagement if kind.engages else 0.0) <= 0:
            continue
        wanted = strength > 0 or (settings.objective == "next" and kind.engages)
        users.setdefault(user, []).append((entry.time, item, wanted))
    for events in users.values():
        events.sort(key=lambda event: event[0])  # stable: equal times stay in order of arrival
    flat = [event for events in users.values() for event in events]
    used, item = np.unique(np.array([row for _, row, _ in flat], np.int32), return_inverse=True)
    lengths = [len(events) for events in users.values()]
    return Histories(
        ids=[rows.ids[row] for row in used.tolist()],
        vectors=model.world.catalogue.vectors[used],
        item=item.astype(np.int32),
        wanted=np.array([wanted for _, _, wanted in flat], np.bool_),
        start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        until=until,
    )


def vectors_of(model: Model, ids: Sequence[str]) -> F32:
    """[n, D] projected vectors of these items."""
    catalogue = model.world.catalogue
    return catalogue.vectors[[row for id in ids if (row := catalogue.rows.get(id)) is not None]]


def hold_out(histories: Histories, share: float, most: int, seed: int) -> tuple[npt.NDArray[np.int64], Windows]:
    """([users] where each user's training part ends, the held-out last events as windows).

    A held-out user keeps all events before the last one that is to be predicted. Drawn by the seed: that share of the
    users with something to predict, at least 500 or half of them, at most `most`.
    """
    end = histories.start[1:].copy()
    rng = np.random.Generator(np.random.Philox(key_of(seed, "hold out")))
    last = np.full(len(histories), -1, np.int64)
    for user in range(len(histories)):
        first, stop = histories.start[user], histories.start[user + 1]
        spots = np.flatnonzero(histories.wanted[first + 1 : stop])
        if len(spots):
            last[user] = first + 1 + spots[-1]
    able = np.flatnonzero(last >= 0)
    n = min(most, max(round(share * len(able)), min(FEW, (len(able) + 1) // 2))) if share > 0 else 0
    held = np.sort(rng.permutation(able)[:n])
    end[held] = last[held]
    inputs = np.full((len(held), WINDOW), -1, np.int32)
    targets = np.full((len(held), WINDOW), -1, np.int32)
    for k, user in enumerate(held.tolist()):
        past = histories.item[max(histories.start[user], last[user] - WINDOW) : last[user]]
        inputs[k, WINDOW - len(past) :] = past
        targets[k, -1] = histories.item[last[user]]
    return end, Windows(inputs, targets)


def windows(histories: Histories, end: npt.NDArray[np.int64], seed: int, epoch: int) -> Windows:
    """One pass over all events, each predicted once, in windows whose places and order the epoch draws."""
    rng = np.random.Generator(np.random.Philox(key_of(seed, "windows", epoch)))
    offsets = rng.integers(0, WINDOW, len(histories))
    spans = np.array(list(_spans(histories.start, end, offsets)), np.int64).reshape(-1, 2)
    spans = spans[rng.permutation(len(spans))]
    inputs = np.full((len(spans), WINDOW), -1, np.int32)
    targets = np.full((len(spans), WINDOW), -1, np.int32)
    for k, (first, stop) in enumerate(spans.tolist()):
        after = histories.item[first + 1 : stop + 1]
        inputs[k, WINDOW - (stop - first) :] = histories.item[first:stop]
        targets[k, WINDOW - (stop - first) :] = np.where(histories.wanted[first + 1 : stop + 1], after, -1)
    return Windows(inputs, targets)


def _spans(
    start: npt.NDArray[np.int64], end: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64]
) -> Iterator[tuple[int, int]]:
    """(first, stop) of inputs; the target of the last one is at `stop`."""
    for first, stop, offset in zip(start[:-1].tolist(), end.tolist(), offsets.tolist(), strict=True):
        a, b = first, min(first + 1 + offset, stop - 1)
        while a < b:
            yield a, b
            a, b = b, min(b + WINDOW, stop - 1)
