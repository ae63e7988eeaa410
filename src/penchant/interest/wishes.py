"""What users state about themselves: edits of the profile and likes or dislikes in words, dated and undoable.

On one node the latest statement stands; an older one on the same node is superseded, not lost, and comes back when the
newer one is undone or ends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from penchant.interest.arrays import F32
from penchant.records import Op

LOUDEST = 1.5  # all that was said counts at most as one strong statement does
MOST = 64  # statements kept of one user; the oldest leaves first


@dataclass(frozen=True, slots=True)
class Wish:
    """One statement.

    Attributes:
        id: of the record that made it; undo names it.
        op: more, less, never or always.
        nodes: (category row, dimension row or -1, weight in [0, 1]); none if only the meaning counts.
        strength: 0.5 weak, 1 normal, 1.5 strong.
        time: when stated, UTC seconds.
        until: when it ends, UTC seconds; None: it stands.
        fades: whether it fades with the half-life of `said` (words do, edits don't).
        text: the user's words, "" for an edit.
        hash: content hash of the vector of what was wished for, "" if there is none.
    """

    id: str
    op: Op
    nodes: tuple[tuple[int, int, float], ...]
    strength: float
    time: float
    until: float | None = None
    fades: bool = False
    text: str = ""
    hash: str = ""


@dataclass(slots=True)
class Stand:
    """What stands of one user at a time: pseudo-counts and rules by node, and weighted vectors of what was said."""

    pro: dict[tuple[int, int], float] = field(default_factory=dict[tuple[int, int], float])
    con: dict[tuple[int, int], float] = field(default_factory=dict[tuple[int, int], float])
    never: dict[tuple[int, int], None] = field(default_factory=dict[tuple[int, int], None])
    always: dict[tuple[int, int], None] = field(default_factory=dict[tuple[int, int], None])
    said: list[tuple[float, Wish]] = field(default_factory=list[tuple[float, Wish]])


class Wishes:
    """Statements by user row, oldest first, and the vectors of what was said, as long as a statement uses them."""

    def __init__(self) -> None:
        self.of: dict[int, list[Wish]] = {}
        self.vectors: dict[str, F32] = {}
        self._uses: Counter[str] = Counter()

    def add(self, user: int, wish: Wish, vector: F32 | None = None) -> None:
        """A statement is made; vector [d], projected, of what it is about."""
        wishes = self.of.setdefault(user, [])
        wishes.append(wish)
        wishes.sort(key=lambda w: w.time)
        if vector is not None and wish.hash:
            self.vectors[wish.hash] = vector
        self._uses[wish.hash] += 1
        self._release(wishes[:-MOST])
        del wishes[:-MOST]

    def undo(self, user: int, id: str | None) -> bool:
        """Take back the statements of this record, of the latest one if None; False if there is none."""
        wishes = self.of.get(user, [])
        if id is None and wishes:
            id = wishes[-1].id
        kept = [wish for wish in wishes if wish.id != id]
        if len(kept) == len(wishes):
            return False
        self._release([wish for wish in wishes if wish.id == id])
        self._set(user, kept)
        return True

    def merge(self, user: int, guest: int) -> None:
        """The guest's statements become the user's."""
        both = sorted(self.of.get(user, []) + self.of.pop(guest, []), key=lambda w: w.time)
        self._release(both[:-MOST])
        self._set(user, both[-MOST:])

    def clear(self, user: int) -> None:
        """All statements of a user are gone."""
        self._release(self.of.pop(user, []))

    def _release(self, wishes: list[Wish]) -> None:
        """These statements are gone; a vector that no other uses goes too."""
        for wish in wishes:
            self._uses[wish.hash] -= 1
            if not self._uses[wish.hash]:
                del self._uses[wish.hash]
                self.vectors.pop(wish.hash, None)

    def _set(self, user: int, wishes: list[Wish]) -> None:
        if wishes:
            self.of[user] = wishes
        else:
            self.of.pop(user, None)

    def standing(self, user: int, at: float, half_life: float) -> Stand | None:
        """What stands at the time `at`; None if nothing does."""
        wishes = self.of.get(user)
        if not wishes:
            return None
        stand = Stand()
        latest: dict[tuple[int, int], Wish] = {}
        for wish in wishes:
            if wish.time > at or (wish.until is not None and at > wish.until):
                continue
            for category, dimension, _ in wish.nodes:
                latest[category, dimension] = wish
            if wish.hash:
                stand.said.append((self._weight(wish, at, half_life), wish))
        for (category, dimension), wish in latest.items():
            node = (category, dimension)
            match wish.op:
                case "never":
                    stand.never[node] = None
                case "always":
                    stand.always[node] = None
                case _:
                    share = next(w for c, d, w in wish.nodes if (c, d) == node)
                    size = 8.0 * share * abs(self._weight(wish, at, half_life))
                    (stand.pro if wish.op == "more" else stand.con)[node] = size
        # what was superseded on all its nodes speaks no more
        stand.said = [
            (weight, wish)
            for weight, wish in stand.said
            if not wish.nodes or any(latest.get((c, d)) is wish for c, d, _ in wish.nodes)
        ]
        return stand

    @staticmethod
    def _weight(wish: Wish, at: float, half_life: float) -> float:
        fade = 2.0 ** (-(at - wish.time) / half_life) if wish.fades else 1.0
        return (1 if wish.op in ("more", "always") else -1) * wish.strength * fade

    def said_vector(self, stand: Stand | None, dim: int) -> F32:
        """Weighted sum [d] of the vectors of what was said, signed, at most as long as one strong statement's."""
        total = np.zeros(dim, np.float32)
        for weight, wish in stand.said if stand else ():
            vector = self.vectors.get(wish.hash)
            if vector is not None:
                total += np.float32(weight) * vector
        return total * np.float32(min(1.0, LOUDEST / max(float(np.linalg.norm(total)), 1e-9)))

    def hashes(self) -> dict[str, None]:
        """Content hashes of the vectors that standing statements use."""
        return {wish.hash: None for wishes in self.of.values() for wish in wishes if wish.hash}

    def meta(self) -> dict[str, Any]:
        """The state in words, JSON-able; vectors are found again by their hashes."""
        return {str(user): [asdict(wish) for wish in wishes] for user, wishes in sorted(self.of.items())}

    def load(self, meta: dict[str, Any]) -> None:
        """Take over a saved state (without the vectors)."""
        self.of = {}
        for user, wishes in meta.items():
            self.of[int(user)] = [_read(wish) for wish in wishes]
        self._uses = Counter(wish.hash for wishes in self.of.values() for wish in wishes)


def _read(data: dict[str, Any]) -> Wish:
    nodes = tuple((int(c), int(d), float(w)) for c, d, w in data["nodes"])
    given: dict[str, Any] = {**data, "nodes": nodes}
    return Wish(**given)
