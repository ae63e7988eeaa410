"""What settings are measured on: items, and a window of the events that never reaches their last part."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from penchant.config import Settings
from penchant.engine import Engine
from penchant.errors import InvalidRecord
from penchant.evaluate.prequential import Report, Tick, prequential
from penchant.evaluate.protocols import in_order
from penchant.language.encoder import Encoder, Vectors
from penchant.records import Event, Item


class Kept:
    """An encoder that encodes every text once, so that all trials are given the same vectors.

    Args:
        encoder: asked for what is new.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._rows: dict[str, Vectors] = {}

    @property
    def id(self) -> str:
        """The encoder's own."""
        return self._encoder.id

    @property
    def dim(self) -> int:
        """The encoder's own."""
        return self._encoder.dim

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new:
            self._rows.update(zip(new, self._encoder.encode(new), strict=True))
        return np.array([self._rows[text] for text in texts], np.float32).reshape(len(texts), self.dim)


@dataclass(frozen=True)
class TuningData:
    """Items and events, and the window in which trials are measured.

    Attributes:
        name: of the data.
        items: the catalogue.
        events: those before the window's end, of known items, in time order; nothing later is kept.
        first: number of the first event of the window.
        every: of the window's events every so manieth is predicted.
    """

    name: str
    items: tuple[Item, ...]
    events: tuple[Event, ...]
    first: int
    every: int

    @classmethod
    def of(
        cls, name: str, items: Iterable[Item], events: Iterable[Event], *,
        window: tuple[float, float] = (0.6, 0.8), every: int = 4,
    ) -> TuningData:  # fmt: skip
        """Cut the stream.

        Args:
            events: in any order; those of unknown items are left out.
            window: (begin, end) as shares of the events; what comes after its end is never looked at.

        Raises:
            InvalidRecord: the window or every is out of range, or the window is empty.
        """
        begin, end = window
        if not 0 <= begin < end <= 1:
            raise InvalidRecord("tune.window", window, "give two shares with 0 <= begin < end <= 1")
        if every < 1:
            raise InvalidRecord("tune.every", every, "give a whole number of at least 1")
        catalogue = tuple(items)
        known = {item.id for item in catalogue}
        kept = in_order(event for event in events if event.item in known)
        first, last = int(len(kept) * begin), int(len(kept) * end)
        if first >= last:
            raise InvalidRecord("tune.window", window, f"widen it: of {len(kept)} events of known items none is in it")
        return cls(name, catalogue, tuple(kept[:last]), first, every)

    @cached_property
    def digest(self) -> str:
        """Names the items, events and window, so that no two data sets share a study."""
        hashed = hashlib.blake2b(digest_size=16)
        for item in self.items:
            hashed.update(f"{item.id}\x1f{item.text}\x1f{item.paths}\x1e".encode("utf-8", "replace"))
        for event in self.events:
            told = f"{event.user}\x1f{event.item}\x1f{event.kind}\x1f{event.time}\x1f{event.value}\x1e"
            hashed.update(told.encode("utf-8", "replace"))
        hashed.update(f"{self.first}\x1f{self.every}".encode())
        return hashed.hexdigest()

    def measure(self, settings: Settings, encoder: Encoder, progress: Callable[[Tick], None] | None = None) -> Report:
        """The streaming protocol on the window, with an engine of these settings."""
        last = len(self.events)
        brief = settings.model_copy(update={"snapshot_every": 1 << 40})  # its state is kept by nobody
        with Engine.open(":memory:", settings=brief, encoder=encoder) as engine:
            engine.add_items(self.items)
            # half an event more, so that the cut's rounding gives this very number
            cut = (self.first + 0.5) / last
            return prequential(engine, self.events, cut=cut, every=self.every, name=self.name, progress=progress)
