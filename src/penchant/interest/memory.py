"""What is kept of one user: a ring of recent engagements, decayed counts per node, a long-term vector.

Fixed-size records, so memory per user is known beforehand (`Memory.bytes_per_user`). All decay is in event time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from penchant.interest.arrays import F32, F64, I32, U64, Arrays, Flags, add_scaled, compiled, room
from penchant.interest.had import WORDS, make_room, mark

RING = 32
NODES = 32
DAY = 86_400.0


def node_of_category(row: int) -> int:
    """A category's number in memory."""
    return 2 * row


def node_of_dimension(row: int) -> int:
    """A dimension's number in memory."""
    return 2 * row + 1


@compiled
def _insert(
    items: I32, times: F64, strengths: npt.NDArray[np.int8], item: int, time: float, strength: int
) -> None:  # pragma: no cover - compiled
    """Into the ring by time (equal times by arrival); where it is full the oldest leaves."""
    n = 0
    while n < len(items) and items[n] >= 0:
        n += 1
    if n == len(items):
        if time < times[0]:
            return
        for k in range(n - 1):
            items[k], times[k], strengths[k] = items[k + 1], times[k + 1], strengths[k + 1]
        n -= 1
    k = n
    while k > 0 and times[k - 1] > time:
        items[k], times[k], strengths[k] = items[k - 1], times[k - 1], strengths[k - 1]
        k -= 1
    items[k], times[k], strengths[k] = item, time, strength


@compiled
def _add_node(
    nodes: I32, pro: F32, con: F32, seen: F32, node: int, plus: float, minus: float, day: float
) -> None:  # pragma: no cover - compiled
    """Counts of one node; where there is no room the node with the smallest counts leaves."""
    spot, least = -1, np.inf
    for k in range(len(nodes)):
        if nodes[k] == node:
            pro[k] += np.float32(plus)
            con[k] += np.float32(minus)
            seen[k] = max(seen[k], np.float32(day))
            return
        if nodes[k] < 0:
            spot = k
            break
        if pro[k] + con[k] < least:
            spot, least = k, pro[k] + con[k]
    nodes[spot], pro[spot], con[spot], seen[spot] = node, plus, minus, day


@compiled
def _learn(
    ring_item: I32, ring_time: F64, ring_strength: npt.NDArray[np.int8], node: I32, pro: F32, con: F32, seen: F32,
    long: F32, time: F64, had: U64, user: int, item: int, categories: I32, dimensions: I32, vector: F32, plus: float,
    minus: float, strength: int, engages: bool, turn: int, at: float, long_half_life: float, node_half_life: float,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    weight, size, last = np.float32(1), 1.0, time[user]
    if at >= last:
        if np.isfinite(last) and at > last:
            fade = np.float32(2.0 ** (-(at - last) / long_half_life))
            for q in range(long.shape[1]):
                long[user, q] *= fade
            fade = np.float32(2.0 ** (-(at - last) / node_half_life))
            for k in range(node.shape[1]):
                pro[user, k] *= fade
                con[user, k] *= fade
        time[user] = at
    else:
        weight = np.float32(2.0 ** (-(last - at) / long_half_life))
        size = 2.0 ** (-(last - at) / node_half_life)
    for level in range(2):
        nodes = categories if level == 0 else dimensions
        n = 0
        while n < len(nodes) and nodes[n] >= 0:
            n += 1
        for k in range(n):
            _add_node(
                node[user], pro[user], con[user], seen[user], 2 * nodes[k] + level, size * plus / n, size * minus / n,
                at / DAY,
            )  # fmt: skip
    add_scaled(long[user], vector, weight * np.float32(plus if plus > 0 else -0.5 * minus))
    if engages:
        make_room(had[user], turn)
        mark(had[user], item)
    if plus > 0:
        _insert(ring_item[user], ring_time[user], ring_strength[user], item, at, strength)


@compiled
def _leave(items: I32, times: F64, strengths: npt.NDArray[np.int8], gone: Flags) -> None:  # pragma: no cover - compiled
    """Items that are gone leave all rings [users, 32]."""
    for user in range(len(items)):
        n = 0
        for k in range(items.shape[1]):
            if items[user, k] < 0:
                break
            if not gone[items[user, k]]:
                items[user, n], times[user, n], strengths[user, n] = items[user, k], times[user, k], strengths[user, k]
                n += 1
        for k in range(n, items.shape[1]):
            items[user, k], times[user, k], strengths[user, k] = -1, 0, 0


class Memory:
    """Records of fixed size by user row.

    Attributes:
        ring_item, ring_time, ring_strength: [users, 32] engagements, oldest first, -1 where there
            is none; strengths in hundredths.
        node, pro, con, node_seen: [users, 32] node numbers, decayed counts for and against, day last seen.
        long: [users, d] decayed sum of the vectors of what they engaged with.
        time: [users] latest event time; counts and long are decayed up to it.
        events: [users] how many events were learned.
        delta: [users, 3] the user's own correction of the α logits.
        had: [users, 8] a small Bloom filter of the items they have had (see `had.py`).
    """

    def __init__(self, dim: int, users: int = 0) -> None:
        self.dim = dim
        self.ring_item: I32 = np.full((users, RING), -1, np.int32)
        self.ring_time: F64 = np.zeros((users, RING))
        self.ring_strength = np.zeros((users, RING), np.int8)
        self.node: I32 = np.full((users, NODES), -1, np.int32)
        self.pro: F32 = np.zeros((users, NODES), np.float32)
        self.con: F32 = np.zeros((users, NODES), np.float32)
        self.node_seen: F32 = np.zeros((users, NODES), np.float32)
        self.long: F32 = np.zeros((users, dim), np.float32)
        self.time: F64 = np.full(users, -np.inf)
        self.events: I32 = np.zeros(users, np.int32)
        self.delta: F32 = np.zeros((users, 3), np.float32)
        self.had: U64 = np.zeros((users, WORDS), np.uint64)

    def grow(self, users: int) -> None:
        """Room for so many users."""
        if len(self.events) >= users:
            return
        self.ring_item, self.node = room(self.ring_item, users, -1), room(self.node, users, -1)
        self.ring_time, self.ring_strength = room(self.ring_time, users), room(self.ring_strength, users)
        self.pro, self.con = room(self.pro, users), room(self.con, users)
        self.node_seen, self.long = room(self.node_seen, users), room(self.long, users)
        self.time, self.events = room(self.time, users, -np.inf), room(self.events, users)
        self.delta, self.had = room(self.delta, users), room(self.had, users)

    def bytes_per_user(self) -> int:
        """Size of one user's record in bytes."""
        return sum(array[:1].nbytes for array in self._arrays().values()) if len(self.events) else 0

    def advance(self, user: int, time: float, long_half_life: float, node_half_life: float) -> tuple[float, float]:
        """Decay the record up to `time`, and the weights (long, nodes) that something of `time` now has."""
        last = self.time[user]
        if time >= last:
            if np.isfinite(last) and time > last:
                self.long[user] *= np.float32(2.0 ** (-(time - last) / long_half_life))
                fade = np.float32(2.0 ** (-(time - last) / node_half_life))
                self.pro[user] *= fade
                self.con[user] *= fade
            self.time[user] = time
            return 1.0, 1.0
        return 2.0 ** (-(last - time) / long_half_life), 2.0 ** (-(last - time) / node_half_life)

    def learn(
        self, user: int, item: int, categories: I32, dimensions: I32, vector: F32, plus: float, minus: float,
        strength: float, engages: bool, time: float, long_half_life: float, node_half_life: float,
    ) -> None:  # fmt: skip
        """An event with an item of these nodes (-1: no more) and vector [d]: `plus` for them, `minus` against."""
        _learn(
            self.ring_item, self.ring_time, self.ring_strength, self.node, self.pro, self.con, self.node_seen,
            self.long, self.time, self.had, user, item, categories, dimensions, vector, plus, minus,
            round(100 * strength), engages, int(self.events[user]), time, long_half_life, node_half_life,
        )  # fmt: skip
        self.events[user] += 1

    def remember(self, user: int, item: int, time: float, strength: float) -> None:
        """An engagement enters the ring."""
        _insert(self.ring_item[user], self.ring_time[user], self.ring_strength[user], item, time, round(100 * strength))

    def count(self, user: int, nodes: Sequence[int], plus: float, minus: float, time: float) -> None:
        """Add to the counts of nodes, each the same."""
        for node in nodes:
            _add_node(
                self.node[user], self.pro[user], self.con[user], self.node_seen[user], node, plus, minus, time / DAY
            )

    def leave(self, gone: Flags) -> None:
        """Items leave the rings; gone [items]: whether a row is one of them. What they taught stays."""
        _leave(self.ring_item, self.ring_time, self.ring_strength, gone)

    def copy_of(self, user: int) -> Memory:
        """A memory of one user (row 0) that can be learned on without touching this one."""
        copy = Memory(self.dim, 1)
        for name, array in self._arrays().items():
            getattr(copy, name)[0] = array[user]
        return copy

    def absorb(self, user: int, guest: int, long_half_life: float, node_half_life: float) -> None:
        """Merge the guest's record into the user's and empty it; counts as if all had been the user's."""
        if not self.events[guest]:
            return
        now = max(self.time[user], self.time[guest])
        self.advance(user, now, long_half_life, node_half_life)
        self.advance(guest, now, long_half_life, node_half_life)
        self.long[user] += self.long[guest]
        for k in range(NODES):
            if self.node[guest, k] >= 0:
                _add_node(
                    self.node[user], self.pro[user], self.con[user], self.node_seen[user], self.node[guest, k],
                    self.pro[guest, k], self.con[guest, k], self.node_seen[guest, k],
                )  # fmt: skip
        for k in range(RING):
            if self.ring_item[guest, k] >= 0:
                self.remember(user, *self._ring(guest, k))
        self.had[user] |= self.had[guest]
        self.events[user] += self.events[guest]
        self.clear(guest)

    def _ring(self, user: int, k: int) -> tuple[int, float, float]:
        return int(self.ring_item[user, k]), float(self.ring_time[user, k]), float(self.ring_strength[user, k]) / 100

    def clear(self, user: int) -> None:
        """Back to nothing known."""
        empty = Memory(self.dim, 1)
        for name, array in empty._arrays().items():
            getattr(self, name)[user] = array[0]

    def start_over(self, user: int) -> None:
        """Back to nothing known, but for what they have had, which is no interest."""
        had = self.had[user].copy()
        self.clear(user)
        self.had[user] = had

    def _arrays(self) -> Arrays:
        return {
            "ring_item": self.ring_item,
            "ring_time": self.ring_time,
            "ring_strength": self.ring_strength,
            "node": self.node,
            "pro": self.pro,
            "con": self.con,
            "node_seen": self.node_seen,
            "long": self.long,
            "time": self.time,
            "events": self.events,
            "delta": self.delta,
            "had": self.had,
        }

    def states(self, users: int) -> Arrays:
        """Arrays of the state, the first `users` rows."""
        return {name: array[:users] for name, array in self._arrays().items()}

    def load(self, states: Arrays) -> None:
        """Take over a saved state."""
        for name, array in states.items():
            setattr(self, name, array.copy())
