"""Which item comes after which: bounded lists of neighbours with decayed weights, shared by `next` and `together`.

An engagement with i adds 0.9^k to (j → i) and 0.3 · 0.9^k to (i → j) for the k-th latest of the user's last 20 items j.
"""

from __future__ import annotations

import numpy as np

from penchant.interest.arrays import F32, F64, I8, I32, Arrays, Flags, compiled, room
from penchant.interest.lanes import AHEAD, fetch

WIDTH = 128
BACK = 20


@compiled
def _strengthen(ids: I32, weights: F32, item: int, gain: float) -> None:  # pragma: no cover - compiled
    """Add to one neighbour; where the list is full, the weakest leaves for the new one."""
    weakest, least = 0, np.float32(np.inf)
    for k in range(len(ids)):
        if ids[k] == item:
            weights[k] += np.float32(gain)
            return
        if ids[k] < 0:
            ids[k], weights[k] = item, np.float32(gain)
            return
        if weights[k] < least:
            weakest, least = k, weights[k]
    ids[weakest], weights[weakest] = item, np.float32(gain)


@compiled
def _fade(weights: F32, times: F64, row: int, time: float, half_life: float) -> float:  # pragma: no cover - compiled
    """Decay the row's list up to `time`; returns the weight that something of `time` has in it (< 1 if late)."""
    if times[row] == -np.inf:
        times[row] = time
    gap = time - times[row]
    if gap > 0:
        if gap > half_life * 1e-3:
            weights[row] *= np.float32(2.0 ** (-gap / half_life))
            times[row] = time
        return 1.0
    return 2.0 ** (gap / half_life)


@compiled
def _observe(
    ids: I32, weights: F32, times: F64, count: F64, history: I32, item: int, gain: float, time: float, half_life: float
) -> None:  # pragma: no cover - compiled
    mine = _fade(weights, times, item, time, half_life)
    count[item] += gain
    step = 1.0
    for k in range(len(history) - 1, max(-1, len(history) - 1 - BACK), -1):
        j = history[k]
        if j != item:
            theirs = _fade(weights, times, j, time, half_life)
            _strengthen(ids[j], weights[j], item, step * gain * theirs)
            _strengthen(ids[item], weights[item], j, 0.3 * step * gain * mine)
        step *= 0.9


@compiled
def _strongest(ids: I32, weights: F32, history: I32, row: int, theirs: bool) -> int:  # pragma: no cover - compiled
    """Of the last 20 of history, each later one weighing more: in whose list the row weighs most, or who in its own."""
    best, most, step = -1, 0.0, 1.0
    for a in range(len(history) - 1, max(-1, len(history) - 1 - BACK), -1):
        j = history[a]
        mine, other = (j, row) if theirs else (row, j)
        for k in range(ids.shape[1]):
            if ids[mine, k] == other:
                if weights[mine, k] * step > most:
                    best, most = j, weights[mine, k] * step
                break
        step *= 0.8
    return best


@compiled
def _gather(
    ids: I32, weights: F32, times: F64, count: F64, history: I32, at: float, half_life: float, mark: I32, place: I8,
    rows: I32,
) -> F64:  # pragma: no cover - compiled  # fmt: skip
    """[5, rows]: transitions from the last 20, from the last alone, two normalisations, from the row to them.

    mark and place [items] are 0 before and after: which of `rows` an item is, and which of the last 20, from 1.
    """
    n, last = len(rows), history[max(0, len(history) - BACK) :]
    out, sums = np.zeros((5, n)), np.zeros((n, 4))
    for k in range(len(last)):
        fetch(ids, last[k])
    for a in range(n):
        if mark[rows[a]] == 0:
            mark[rows[a]] = a + 1
    recency = 1.0
    for k in range(len(last) - 1, -1, -1):
        j = last[k]
        fade = 2.0 ** (-max(at - times[j], 0.0) / half_life)
        latest = 1.0 if k == len(last) - 1 else 0.0
        half, whole = 1.0 / np.sqrt(count[j] + 5), 1.0 / (count[j] + 5)
        for b in range(ids.shape[1]):
            i = ids[j, b]
            if i < 0:
                break
            a = mark[i] - 1
            if a >= 0:
                w = weights[j, b] * fade
                sums[a, 0] += recency * w
                sums[a, 1] += latest * w
                sums[a, 2] += half * w
                sums[a, 3] += whole * w
        recency *= 0.8
    for a in range(n):
        same = mark[rows[a]] - 1
        if sums[same, 0] > 0:  # most items are no neighbour of any: 0
            out[0, a] = np.log1p(10 * sums[same, 0])
            out[1, a] = np.log1p(10 * sums[same, 1]) if sums[same, 1] > 0 else 0.0
            out[2, a] = np.log1p(100 * sums[same, 2] / np.sqrt(count[rows[a]] + 5))
            out[3, a] = np.log1p(100 * sums[same, 3])
    for a in range(n):
        mark[rows[a]] = 0
    # the other way round, from the item's own list, where less popular ones are not crowded out
    recent = np.zeros(BACK + 1)
    for k in range(len(last) - 1, -1, -1):
        if place[last[k]] == 0:
            place[last[k]] = k + 1
        recent[place[last[k]]] += 0.8 ** (len(last) - 1 - k)
    for a in range(-AHEAD, n):
        if a + AHEAD < n:
            fetch(ids, rows[a + AHEAD])
        if a < 0:
            continue
        i, total = rows[a], 0.0
        for b in range(ids.shape[1]):
            j = ids[i, b]
            if j < 0:
                break
            if place[j] > 0:
                total += weights[i, b] * recent[place[j]]
        if total > 0:
            out[4, a] = np.log1p(10 * total * 2.0 ** (-max(at - times[i], 0.0) / half_life))
    for k in range(len(last)):
        place[last[k]] = 0
    return out


@compiled
def _led_to(ids: I32, weights: F32, last: I32, mark: I32) -> tuple[I32, F64]:  # pragma: no cover - compiled
    """Neighbours [n] of `last`, their weights [n], the k-th latest's times 0.8^k; mark is 0 before and after."""
    found, total = np.empty(len(last) * ids.shape[1], np.int32), np.empty(len(last) * ids.shape[1])
    n, recency = 0, 1.0
    for k in range(len(last) - 1, -1, -1):
        for b in range(ids.shape[1]):
            i = ids[last[k], b]
            if i < 0:
                break
            if mark[i] == 0:
                found[n], total[n] = i, 0.0
                n += 1
                mark[i] = n
            total[mark[i] - 1] += recency * weights[last[k], b]
        recency *= 0.8
    for a in range(n):
        mark[found[a]] = 0
    return found[:n], total[:n]


@compiled
def _leave(ids: I32, weights: F32, gone: Flags) -> None:  # pragma: no cover - compiled
    """Rows that are gone leave all lists; the others move up."""
    for row in range(len(ids)):
        n = 0
        for k in range(ids.shape[1]):
            if ids[row, k] < 0:
                break
            if not gone[ids[row, k]]:
                ids[row, n], weights[row, n] = ids[row, k], weights[row, k]
                n += 1
        for k in range(n, ids.shape[1]):
            ids[row, k], weights[row, k] = -1, 0


class Pairs:
    """Neighbour lists by item row: ids [items, 128] (-1: free), weights, time of last decay, engagements per item."""

    def __init__(self, half_life: float) -> None:
        self.half_life = half_life
        self.ids: I32 = np.full((0, WIDTH), -1, np.int32)
        self.weights: F32 = np.zeros((0, WIDTH), np.float32)
        self.times: F64 = np.zeros(0)
        self.count: F64 = np.zeros(0)
        self._mark: I32 = np.zeros(0, np.int32)
        self._place: I8 = np.zeros(0, np.int8)

    def grow(self, items: int) -> None:
        """Room for so many items."""
        if len(self.count) >= items:
            return
        self.ids, self.weights = room(self.ids, items, -1), room(self.weights, items)
        self.times, self.count = room(self.times, items, -np.inf), room(self.count, items)
        self._mark, self._place = room(self._mark, items), room(self._place, items)

    def leave(self, rows: I32, gone: Flags) -> None:
        """These rows are nobody's; gone [items]: whether a row is one of them."""
        self.ids[rows], self.weights[rows], self.times[rows], self.count[rows] = -1, 0, -np.inf, 0
        _leave(self.ids, self.weights, gone)

    def observe(self, history: I32, item: int, gain: float, time: float) -> None:
        """An engagement with `item` after `history` (oldest first)."""
        _observe(self.ids, self.weights, self.times, self.count, history, item, gain, time, self.half_life)

    def gather(self, history: I32, rows: I32, at: float) -> F64:
        """[5, n] for the item rows [n]: next, follows (the last item's), together, leads, beside; log1p-scaled."""
        if not len(history):
            return np.zeros((5, len(rows)))
        return _gather(
            self.ids, self.weights, self.times, self.count, history, at, self.half_life, self._mark, self._place, rows
        )

    def neighbours(self, history: I32, most: int) -> I32:
        """Rows that the last 20 of `history` lead to, strongest first, at most `most`."""
        found, total = _led_to(self.ids, self.weights, history[-BACK:], self._mark)
        if len(found) > most:
            some = np.argpartition(-total, most)[:most]
            found, total = found[some], total[some]
        best = np.argsort(-total, kind="stable")
        return found[best[total[best] > 0]]

    def strongest(self, history: I32, row: int) -> int:
        """Which of the last 20 leads most to `row`; -1 if none does."""
        return _strongest(self.ids, self.weights, history, row, True)

    def nearest(self, history: I32, row: int) -> int:
        """Which of the last 20 stands strongest in the list of `row`; -1 if none does."""
        return _strongest(self.ids, self.weights, history, row, False)

    def states(self, items: int) -> Arrays:
        """Arrays of the state, the first `items` rows."""
        return {
            "ids": self.ids[:items],
            "weights": self.weights[:items],
            "times": self.times[:items],
            "count": self.count[:items],
        }

    def load(self, states: Arrays) -> None:
        """Take over a saved state."""
        self.ids, self.weights = states["ids"].copy(), states["weights"].copy()
        self.times, self.count = states["times"].copy(), states["count"].copy()
        self._mark, self._place = np.zeros(len(self.count), np.int32), np.zeros(len(self.count), np.int8)
