"""The journal of answers: what was shown is logged in the background, not in the answer's way."""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from penchant.recommend.answer import Answer
from penchant.recommend.rank import Ranked
from penchant.recommend.shown import body_of
from penchant.records import Draft

RECENT = 1000  # answers whose feedback finds them in memory
GROUP = 200
PATIENCE = 0.1  # seconds in which a group gathers: what is done for one answer alone costs those who ask meanwhile
POLITE = 0.02  # seconds that an answer's entry waits for a moment in which nobody asks


def answer_key(request_id: str) -> str:
    """Idempotency key of the answer's entry in the log."""
    return f"answer:{request_id}"


@dataclass(slots=True)
class Given:
    """An answer that was given lately: to whom, which items, and all of it until it is in the log."""

    user: str
    items: tuple[str, ...]
    answer: Answer | None


class Journal:
    """Writes answers to the log by one background thread, in groups; `flush` waits for what is queued.

    Args:
        write: appends drafts to the log.
    """

    def __init__(self, write: Callable[[list[Draft]], object]) -> None:
        self._write = write
        self._queue: queue.Queue[tuple[Ranked, float] | None] = queue.Queue(maxsize=10_000)
        self._recent: OrderedDict[str, Given] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._awaited = threading.Event()  # somebody waits until all is written
        self._asking = 0
        self._quiet = threading.Event()  # nobody asks
        self._quiet.set()
        self.failed: Exception | None = None

    def put(self, ranked: Ranked, at: float) -> None:
        """Queue an answer; `at` is its time, UTC seconds."""
        with self._lock:
            answer = ranked.answer
            self._recent[answer.request_id] = Given(answer.user, tuple(one.item for one in answer), answer)
            while len(self._recent) > RECENT:
                self._recent.popitem(last=False)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="penchant-journal", daemon=True)
                self._thread.start()
        self._queue.put((ranked, at))

    @contextmanager
    def asking(self) -> Generator[None]:
        """While somebody asks; entries of earlier answers are made between questions, not beside them."""
        with self._lock:
            self._asking += 1
            self._quiet.clear()
        try:
            yield
        finally:
            with self._lock:
                self._asking -= 1
                if not self._asking:
                    self._quiet.set()

    def shown(self, request_id: str) -> tuple[str, ...] | None:
        """Items of an answer that was given lately."""
        given = self._recent.get(request_id)
        return None if given is None else given.items

    def unlogged(self, request_id: str) -> Answer | None:
        """An answer that was given lately and is not in the log (yet)."""
        given = self._recent.get(request_id)
        return None if given is None else given.answer

    def forget(self, users: set[str]) -> None:
        """Drop the answers given to these users."""
        self.flush()
        with self._lock:
            for request_id in [r for r, given in self._recent.items() if given.user in users]:
                del self._recent[request_id]

    def drop(self, request_id: str) -> None:
        """Drop one answer from memory."""
        with self._lock:
            self._recent.pop(request_id, None)

    def flush(self) -> None:
        """Wait until everything queued is in the log."""
        self._awaited.set()
        try:
            self._queue.join()
        finally:
            self._awaited.clear()

    def close(self) -> None:
        """Write what is queued and end the thread."""
        self.flush()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            group = [self._queue.get()]
            if group[0] is not None and self._queue.qsize() < GROUP:
                self._awaited.wait(PATIENCE)
            while len(group) < GROUP and not self._queue.empty():
                group.append(self._queue.get())
            try:
                self._log([one for one in group if one is not None])
            finally:
                for _ in group:
                    self._queue.task_done()
            if None in group:
                return

    def _log(self, group: list[tuple[Ranked, float]]) -> None:
        """Write these answers; if that fails, each alone, so that one's fault costs no other."""
        try:
            if group:
                drafts: list[Draft] = []
                for one in group:
                    if not self._awaited.is_set():
                        self._quiet.wait(POLITE)
                    drafts.append(self._draft(*one))
                self._write(drafts)
                for ranked, _ in group:  # its parts hold on to much
                    given = self._recent.get(ranked.answer.request_id)
                    if given is not None:
                        given.answer = None
        except Exception as error:  # the answer was given; that it could not be logged is shown by `doctor`
            if len(group) == 1:
                self.failed = error
            else:
                for one in group:
                    self._log([one])

    def _draft(self, ranked: Ranked, at: float) -> Draft:
        answer = ranked.answer
        body = {**body_of(answer), "candidates": ranked.candidates, "best": [list(one) for one in ranked.best]}
        return Draft("answer", at, body, id=answer_key(answer.request_id), user=answer.user or None)
