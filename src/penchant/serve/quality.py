"""Rolling quality of a catalogue's answers, from the events that name them by `request_id`; read from the log.

Two numbers over the last such events. HR@10: of those that engage with an item, the share whose item stood among the
answer's first ten. Calibration, of those whose item was shown: the answer's scores as a softmax are probabilities of
being the one that is taken; the expected calibration error of the first item's against how often it was the one.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from penchant.engine import Engine
from penchant.metrics import calibration_error
from penchant.recommend.journal import answer_key
from penchant.records import Entry

WINDOW = 1_000  # events that the numbers are of
BACK = 20_000  # entries of the log that are looked at first
PART = 5_000  # entries at a look, so that nobody waits long for a scrape
FIRST = 10


@dataclass(frozen=True, slots=True)
class Quality:
    """Numbers of the last events that name an answer.

    Attributes:
        events: how many they are, at most 1,000.
        hit_rate: HR@10, in [0, 1]; None: there were none.
        calibration: expected calibration error, in [0, 1]; None: there were none.
    """

    events: int
    hit_rate: float | None
    calibration: float | None


class Rolling:
    """Follows one catalogue's log.

    Args:
        engine: whose log; also one that only reads.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._after = max(0, engine.version - BACK)
        self._hits: deque[bool] = deque(maxlen=WINDOW)
        self._sure: deque[tuple[float, bool]] = deque(maxlen=WINDOW)
        self._early: list[Entry] = []  # events whose answers were still on their way into the log
        self._lock = threading.Lock()

    def look(self) -> Quality:
        """The numbers, with what came since the last look."""
        with self._lock:
            until = self.engine.version
            if until - self._after > BACK:
                self._after = until - BACK
            early, self._early = self._early, []
            for entry in early:
                self._take(entry, last=True)
            while self._after < until:
                part = min(until, self._after + PART)
                for entry in self.engine.store.entries(after=self._after, until=part, types=["event"]):
                    if entry.body.get("request_id") is not None:
                        self._take(entry)
                self._after = part
            sure, right = [p for p, _ in self._sure], [y for _, y in self._sure]
            return Quality(
                len(self._hits), sum(self._hits) / len(self._hits) if self._hits else None,
                calibration_error(sure, right) if sure else None,
            )  # fmt: skip

    def _take(self, event: Entry, last: bool = False) -> None:
        kind = self.engine.settings.kind(event.body["kind"])
        if not kind.engages or kind.strength(event.body.get("value")) <= 0:
            return
        answer = self.engine.store.entry_of(answer_key(event.body["request_id"]))
        if answer is None:  # not yet, or no more: answers are kept for a while
            if not last:
                self._early.append(event)
            return
        shown = [item["item"] for item in answer.body["items"]]
        self._hits.append(event.item in shown[:FIRST])
        if event.item in shown:
            scores = np.array([item["score"] for item in answer.body["items"]], np.float64)
            chances = np.exp(scores - scores.max())
            self._sure.append((float(chances[0] / chances.sum()), event.item == shown[0]))
