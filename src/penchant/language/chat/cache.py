"""Answers of a chat model kept on disk: the same question to the same model is paid for once. One SQLite file."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

from penchant.errors import StoreError
from penchant.language.chat.backend import Message

MOST = 100_000  # answers; the oldest leave first


class AnswerCache:
    """Texts by (model, messages). Safe to use from several threads, and by several processes.

    Args:
        path: of the file; ":memory:" keeps answers as long as this object.
        most: how many answers are kept.

    Raises:
        StoreError: the file can't be used.

    >>> cache = AnswerCache(":memory:")
    >>> key = AnswerCache.key("gguf:a", [{"role": "user", "content": "hello"}])
    >>> cache.put(key, "hi")
    >>> cache.get(key), cache.get("another")
    ('hi', None)
    """

    def __init__(self, path: str | Path = ":memory:", *, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._path = path
        try:
            self._base = sqlite3.connect(str(path), timeout=10, check_same_thread=False, isolation_level=None)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, text TEXT NOT NULL)")
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    @staticmethod
    def key(model: str, messages: Sequence[Message]) -> str:
        """blake2b-128 of the model's id and the messages."""
        asked = json.dumps([model, list(messages)], ensure_ascii=False, sort_keys=True)
        return hashlib.blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def get(self, key: str) -> str | None:
        """The text kept under a key."""
        try:
            with self._lock:
                row = self._base.execute("SELECT text FROM answers WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        return None if row is None else str(row[0])

    def put(self, key: str, text: str) -> None:
        """Keep a text; one that is there already is replaced."""
        try:
            with self._lock:
                self._base.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, text))
                self._base.execute(
                    "DELETE FROM answers WHERE rowid <= (SELECT max(rowid) FROM answers) - ?", (self._most,)
                )
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._base.execute("DELETE FROM answers")

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._base.close()

    def _unusable(self, error: sqlite3.Error) -> StoreError:
        return StoreError(f"chat cache {self._path}: {error}", fix="give another file, or none")
