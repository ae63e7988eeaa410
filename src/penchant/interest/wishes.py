"""What users state about themselves: edits of the profile and likes or dislikes in words, dated and undoable.

On one node the latest statement stands; an older one on the same node is superseded, not lost, and comes back when the
newer one is undone or ends. The table is bounded: so many statements of one user and so many of all. Vectors are looked
up by their hashes, and a few kept.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from penchant.interest.arrays import F32
from penchant.language.constraints import Constraint
from penchant.records import Op

LOUDEST = 1.5  # all that was said counts at most as one strong statement does
MOST = 64  # statements kept of one user; the oldest leaves first
IN_ALL = 100_000  # statements kept of all users, unless the settings say otherwise
WORDS = 200  # characters kept of a statement's words; the log has them all
VECTORS = 4096  # vectors kept to be quick; the least recently used leaves first

log = logging.getLogger("penchant")


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
        text: the user's words, cut where they are long, "" for an edit.
        hash: content hash of the vector of what was wished for, "" if there is none.
        limits: on the items' fields; what doesn't keep to them is not shown.
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
    limits: tuple[Constraint, ...] = ()


@dataclass(slots=True)
class Stand:
    """What stands of one user at a time: pseudo-counts and rules by node, weighted vectors of what was said, limits."""

    pro: dict[tuple[int, int], float] = field(default_factory=dict[tuple[int, int], float])
    con: dict[tuple[int, int], float] = field(default_factory=dict[tuple[int, int], float])
    never: dict[tuple[int, int], None] = field(default_factory=dict[tuple[int, int], None])
    always: dict[tuple[int, int], None] = field(default_factory=dict[tuple[int, int], None])
    said: list[tuple[float, Wish]] = field(default_factory=list[tuple[float, Wish]])
    limits: list[Constraint] = field(default_factory=list[Constraint])


class Wishes:
    """Statements by user row, oldest first; users in the order in which they last said something.

    Where `most` statements are kept of all users, those of whoever has said nothing for longest leave first, oldest
    first: words before edits, which were meant to stay.

    Args:
        find: [n, d] vectors by content hash, projected.
        most: statements kept of all users.
    """

    def __init__(self, find: Callable[[Sequence[str]], F32] | None = None, most: int = IN_ALL) -> None:
        self.of: dict[int, list[Wish]] = {}
        self.most = most
        self._count = 0
        self._full = False
        self.find = find
        self._fading: dict[int, None] = {}  # of the users, in the same order, those with a statement that fades
        self._vectors: OrderedDict[str, F32] = OrderedDict()
        self._looking = threading.Lock()

    def __len__(self) -> int:
        return self._count

    def add(self, user: int, wish: Wish) -> None:
        """A statement is made."""
        if len(wish.text) > WORDS:
            wish = replace(wish, text=wish.text[: WORDS - 1] + "…")
        self._keep(user, [*self.of.get(user, ()), wish])

    def undo(self, user: int, id: str | None) -> bool:
        """Take back the statements of this record, of the latest one if None; False if there is none."""
        wishes = self.of.get(user, [])
        if id is None and wishes:
            id = wishes[-1].id
        kept = [wish for wish in wishes if wish.id != id]
        if len(kept) == len(wishes):
            return False
        self._keep(user, kept)
        return True

    def merge(self, user: int, guest: int) -> None:
        """The guest's statements become the user's."""
        theirs = self.of.get(guest, [])
        self.clear(guest)
        self._keep(user, self.of.get(user, []) + theirs)

    def clear(self, user: int) -> None:
        """All statements of a user are gone, with the vectors kept of them."""
        gone = self.of.pop(user, [])
        self._fading.pop(user, None)
        self._count -= len(gone)
        with self._looking:
            for wish in gone:
                self._vectors.pop(wish.hash, None)

    def _keep(self, user: int, wishes: list[Wish]) -> None:
        """These are the user's statements now, and they are the last who said something."""
        before = self.of.pop(user, [])
        self._fading.pop(user, None)
        wishes = sorted(wishes, key=lambda wish: wish.time)[-MOST:]
        if wishes:
            self.of[user] = wishes
        if any(wish.fades for wish in wishes):
            self._fading[user] = None
        self._count += len(wishes) - len(before)
        while self._count > self.most:
            self._leave()

    def _leave(self) -> None:
        """The statement that is worth least leaves."""
        if not self._full:
            self._full = True
            log.warning(
                "%d statements are kept, as many as may be: those of whoever has said nothing for longest leave first; "
                "the setting statements_kept may be larger", self.most,
            )  # fmt: skip
        user = next(iter(self._fading), next(iter(self.of)))
        wishes = self.of[user]
        wishes.remove(next((wish for wish in wishes if wish.fades), wishes[0]))
        self._count -= 1
        if not any(wish.fades for wish in wishes):
            self._fading.pop(user, None)
        if not wishes:
            del self.of[user]

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
            for limit in wish.limits:
                stand.limits = [one for one in stand.limits if not limit.replaces(one)] + [limit]
            for category, dimension, _ in wish.nodes:
                latest[category, dimension] = wish
            if wish.hash and not (wish.op == "never" and wish.nodes):  # a rule about its nodes shades no others
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
        if stand:
            vectors = self.vectors([wish.hash for _, wish in stand.said])
            for weight, wish in stand.said:
                total += np.float32(weight) * vectors[wish.hash]
        return total * np.float32(min(1.0, LOUDEST / max(float(np.linalg.norm(total)), 1e-9)))

    def vectors(self, hashes: Sequence[str]) -> dict[str, F32]:
        """Vectors [d] by content hash; reasons ask for them from other threads too."""
        with self._looking:
            found = {key: vector for key in hashes if (vector := self._vectors.get(key)) is not None}
            absent = [key for key in dict.fromkeys(hashes) if key not in found]
            if absent and self.find is not None:
                found |= zip(absent, self.find(absent), strict=True)
            for key in found:
                self._vectors[key] = found[key]
                self._vectors.move_to_end(key)
            while len(self._vectors) > VECTORS:
                self._vectors.popitem(last=False)
            return found

    def moved(self) -> None:
        """The space is another one: vectors are looked up anew."""
        with self._looking:
            self._vectors.clear()

    def beside(self) -> Wishes:
        """An empty table with the same vectors, for statements as they once were."""
        return Wishes(self.find, self.most)

    def meta(self) -> dict[str, Any]:
        """The state in words, JSON-able, users in their order; vectors are found again by their hashes."""
        return {str(user): [_written(wish) for wish in wishes] for user, wishes in self.of.items()}

    def load(self, meta: dict[str, Any]) -> None:
        """Take over a saved state."""
        self.of = {int(user): [_read(wish) for wish in wishes] for user, wishes in meta.items()}
        self._count = sum(map(len, self.of.values()))
        self._fading = {user: None for user, wishes in self.of.items() if any(wish.fades for wish in wishes)}
        self.moved()


def _written(wish: Wish) -> dict[str, Any]:
    return asdict(wish) | {"limits": [one.to_dict() for one in wish.limits]}


def _read(data: dict[str, Any]) -> Wish:
    nodes = tuple((int(c), int(d), float(w)) for c, d, w in data["nodes"])
    limits = tuple(Constraint(**one) for one in data.get("limits", ()))
    given: dict[str, Any] = {**data, "nodes": nodes, "limits": limits}
    return Wish(**given)
