"""Events in one group, each with an outcome of its own: what one does wrong costs its neighbours nothing."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence

from penchant.engine.core import Learned
from penchant.engine.training import Training
from penchant.errors import PenchantError, Refused, StoreError
from penchant.records import Draft, Event

Outcome = Learned | PenchantError


class Each(Training):
    """The method that a service writes by."""

    def observe_each(self, events: Sequence[Event]) -> list[Outcome]:
        """Events in order, written and learned as one group; one that can't be taken fails alone.

        Returns:
            For each event what `observe` would have returned or raised. `version` is that of the whole group.

        Raises:
            StoreError: nothing could be written.

        >>> from penchant import Engine
        >>> engine = Engine.open(base="shop")
        >>> added = engine.add_items([{"id": "tea", "text": "green tea"}])
        >>> good, bad = engine.observe_each([Event(user="ann", item="tea"), Event(user="ann", item="cup")])
        >>> good.accepted, str(bad)
        (1, "item 'cup' is not in the catalogue; add it with engine.add_items([...])")
        >>> engine.close()
        """
        self._writable()
        while True:
            outcomes: list[Outcome | None] = [None] * len(events)
            drafts: list[Draft] = []
            places: list[int] = []
            for place, event in enumerate(events):
                try:
                    drafts.append(self._draft(event, clock.time()))
                    places.append(place)
                except StoreError:
                    raise
                except PenchantError as error:
                    outcomes[place] = error
            if not drafts:
                return [outcome for outcome in outcomes if outcome is not None]
            try:
                acks = self._append(drafts)
            except Refused:  # somebody was forgotten since the drafts were made: they are made anew, without them
                continue
            version = self._take_in(drafts, acks).version
            for place, ack in zip(places, acks, strict=True):
                outcomes[place] = Learned(version, int(not ack.duplicate), int(ack.duplicate))
            return [outcome for outcome in outcomes if outcome is not None]
