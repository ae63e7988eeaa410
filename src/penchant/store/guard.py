"""What connections of both databases refuse: use after closing, after a fork, writing to what is only read."""

from __future__ import annotations

import os

from penchant.errors import StoreError


class Guard:
    """Base of connections to one catalogue, in the process that opened them.

    Args:
        name: the catalogue's, for messages.
        read_only: nothing may be written.
    """

    def __init__(self, name: str, *, read_only: bool) -> None:
        self.name, self.read_only = name, read_only
        self._pid = os.getpid()
        self._closed = False

    def check_open(self) -> None:
        """See `Database.check_open`."""
        if self._closed:
            raise StoreError("the store is closed", fix="open it anew")
        if not self._is_ours():
            raise StoreError("the store was opened by another process before a fork", fix="open it anew in this one")

    def check_writable(self) -> None:
        """See `Database.check_writable`."""
        self.check_open()
        if self.read_only:
            raise StoreError(f"{self.name} is open for reading only", fix="open it with read_only=False")

    def _is_ours(self) -> bool:
        """Whether this process opened it: a forked child must not touch its parent's, not even to close it."""
        return os.getpid() == self._pid
