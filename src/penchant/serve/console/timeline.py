"""One person's interests over time: what the tree said after some of their events."""

from __future__ import annotations

from nicegui import ui

from penchant.engine import Engine
from penchant.serve.console.charts import lines
from penchant.serve.console.desk import Here
from penchant.serve.console.frame import card, empty

MOST, POINTS, TOP = 400, 14, 6  # events looked back on, profiles read, categories drawn
LEAST = 3  # events that a line needs
Curves = dict[str, list[tuple[float, float | None]]]


def over_time(engine: Engine, user: str) -> Curves:
    """Shares of somebody's largest categories after some of their latest events, oldest first; empty for too few.

    Raises:
        Refused: the user was forgotten.
    """
    events = [change for change in engine.changes(user, MOST) if change.type == "event"][::-1]
    if len(events) < LEAST:
        return {}
    step = (len(events) - 1) / (min(POINTS, len(events)) - 1)
    picked = [events[round(k * step)] for k in range(min(POINTS, len(events)))]
    shares = [
        (change.time, {node.name: node.share for node in engine.profile_then(user, change.version).nodes})
        for change in picked
    ]
    last = shares[-1][1]
    top = sorted(last, key=lambda name: -last[name])[:TOP]
    return {name: [(time, share.get(name, 0.0)) for time, share in shares] for name in top}


class Timeline:
    """The card with the chart; read when it is asked for, for it takes longer than the rest of the page."""

    def __init__(self, here: Here, user: str) -> None:
        self.here, self.user = here, user
        with card(here.t("people.over_time"), part="timeline"):
            self._place = ui.element("div")
            with self._place:
                ui.button(here.t("people.show"), icon="timeline", on_click=self.show).props("flat dense no-caps")

    async def show(self) -> None:
        """Read and draw it."""
        t = self.here.t
        self._place.clear()
        with self._place:
            ui.spinner(size="md")
        found = await self.here.attempt(over_time, self.here.catalogue.engine, self.user)
        self._place.clear()
        with self._place:
            if not found:
                empty(t("people.no_time"), t("people.no_time_what", n=LEAST))
            else:
                chart = ui.echart(lines(found, percent=True, whole=False)).classes("chart")
                chart.props(f'role="img" aria-label="{t("people.over_time")}"')
