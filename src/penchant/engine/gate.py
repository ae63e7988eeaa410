"""The gate before the log: many records pass at once; while it is shut, none is between its check and the log."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager


class Gate:
    """Lets threads pass together, or one of them alone.

    A thread that is passing may pass again inside; it must not shut the gate. Locks are taken before the gate, never
    inside it.

    >>> gate = Gate()
    >>> with gate.passing(), gate.passing():
    ...     print("in")
    in
    >>> with gate.shut():
    ...     print("alone")
    alone
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._passing: dict[int, int] = {}  # thread → how deep it is inside
        self._shut = False

    @contextmanager
    def passing(self) -> Generator[None]:
        """Wait while the gate is shut; it can't be shut while this block runs."""
        me = threading.get_ident()
        with self._changed:
            if me not in self._passing:
                while self._shut:
                    self._changed.wait()
            self._passing[me] = self._passing.get(me, 0) + 1
        try:
            yield
        finally:
            with self._changed:
                self._passing[me] -= 1
                if not self._passing[me]:
                    del self._passing[me]
                    self._changed.notify_all()

    @contextmanager
    def shut(self) -> Generator[None]:
        """Wait until all who are passing have passed, and keep everybody else out while this block runs."""
        with self._changed:
            while self._shut:
                self._changed.wait()
            self._shut = True
            while self._passing:
                self._changed.wait()
        try:
            yield
        finally:
            with self._changed:
                self._shut = False
                self._changed.notify_all()
