"""What the users who asked last have had, kept to be quick; the store has it all."""

from __future__ import annotations

from collections import OrderedDict

USERS = 10_000  # whose items are kept
ITEMS = 1_000_000  # kept in all


class Had:
    """Sets of item rows by user row, of at most 10,000 users and 1,000,000 items in all; who asked longest ago leaves.

    A set that alone is larger is not kept.

    >>> had = Had(items=3)
    >>> had.put(0, {1, 2}); had.put(1, {5}); had.put(2, {7}); had.of(0), had.of(1), had.of(2)
    (None, {5}, {7})
    """

    def __init__(self, users: int = USERS, items: int = ITEMS) -> None:
        self.users, self.items = users, items
        self._of: OrderedDict[int, set[int]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        """How many items are kept in all."""
        return self._size

    def of(self, user: int) -> set[int] | None:
        """What the user has had, not to be changed; None if it isn't kept."""
        had = self._of.get(user)
        if had is not None:
            self._of.move_to_end(user)
        return had

    def put(self, user: int, items: set[int]) -> None:
        """The user has had these."""
        self.drop(user)
        self._of[user] = items
        self._size += len(items)
        self._trim()

    def add(self, user: int, item: int) -> None:
        """The user has now had this one too."""
        had = self._of.get(user)
        if had is not None and item not in had:
            had.add(item)
            self._size += 1
            self._trim()

    def drop(self, user: int) -> None:
        """Nothing of this user is kept."""
        self._size -= len(self._of.pop(user, ()))

    def clear(self) -> None:
        """Nothing is kept."""
        self._of.clear()
        self._size = 0

    def _trim(self) -> None:
        while len(self._of) > self.users or self._size > self.items:
            _, gone = self._of.popitem(last=False)
            self._size -= len(gone)
