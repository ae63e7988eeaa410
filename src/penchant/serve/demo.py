"""The demo's catalogue: real films and ratings, a part of them learned at the start, the rest live while it serves."""

from __future__ import annotations

import logging
import threading
import time as clock
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from penchant.errors import PenchantError

if TYPE_CHECKING:
    from penchant.engine import Engine
    from penchant.records import Event
    from penchant.serve.host import Catalogue

log = logging.getLogger("penchant.serve")
TENANT = "demo"
BASE = "movies"
SECONDS = 15.0  # for events at the start
LEAST = 2_000  # events at the start, however slow the machine is
GROUP = 500
Step = Callable[[int, int], None]


class Demo:
    """Ratings of MovieLens as a stream. Each has an id, so that a second start goes on where the first ended."""

    def __init__(self) -> None:
        from penchant.data import open_dataset

        dataset = open_dataset("demo")
        self.films = list(dataset.items)
        self.stream: list[Event] = [
            event.model_copy(update={"id": f"demo:{k}"}) for k, event in enumerate(dataset.events)
        ]
        self.latest = self.stream[0].user  # of whom something is known
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def prepare(self, engine: Engine, step: Step | None = None) -> int:
        """Films, and as many events as come in a while; returns how many of the stream are learned."""
        engine.add_items(self.films, progress=step)
        begun, done = clock.monotonic(), self.learned(engine)
        for group in _groups(self.stream[done:]):
            if done >= LEAST and clock.monotonic() - begun > SECONDS:
                break
            engine.observe_many(group)
            done += len(group)
            if step is not None:
                step(done, len(self.stream))
        self.latest = self.stream[max(done - 1, 0)].user
        return done

    def learned(self, engine: Engine) -> int:
        """How many events of the stream, from its first on, are in the log."""
        low, high = 0, len(self.stream)
        while low < high:
            middle = (low + high) // 2
            if engine.store.entry_of(f"demo:{middle}") is None:
                high = middle
            else:
                low = middle + 1
        return low

    def go_live(self, catalogue: Catalogue, per_second: float) -> None:
        """The rest of the stream, so many events a second, by the writer that requests go through."""
        rest = self.stream[self.learned(catalogue.engine) :]

        def work() -> None:
            due = clock.monotonic()
            for event in rest:
                due = max(due + 1 / per_second, clock.monotonic() - 1)
                if self._end.wait(max(0.0, due - clock.monotonic())):
                    return
                try:
                    catalogue.writer.submit([event]).result()
                except PenchantError as error:
                    log.warning("the demo's stream ends: %s", error)
                    return

        self._thread = threading.Thread(target=work, name="penchant-demo", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No more events."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()


def _groups(events: Sequence[Event]) -> list[tuple[Event, ...]]:
    return [tuple(events[k : k + GROUP]) for k in range(0, len(events), GROUP)]
