"""The card of versions on the page Settings: what changed the model lately, and going back to what it was."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from nicegui import ui

from penchant.engine.differences import Difference, in_a_line
from penchant.engine.versions import Version
from penchant.serve.console.desk import Here
from penchant.serve.console.frame import card, table
from penchant.serve.console.texts import Texts

SHOWN = 10


class Lately:
    """The card.

    Args:
        versions: oldest first.
    """

    def __init__(self, here: Here, versions: Sequence[Version]) -> None:
        self.here, t = here, here.t
        with card(t("version.versions"), part="versions"):
            ui.label(t("version.about")).classes("faint wrap")
            with ui.element("table").classes("plain"):
                with ui.element("tr"):
                    for head in (t("version.number"), t("version.at"), t("version.change"), ""):
                        with ui.element("th").props("scope=col"):
                            ui.label(head)
                for place, one in enumerate(reversed(versions[-SHOWN:])):
                    self._row(one, latest=not place)
            self._far = ui.element("div").classes("stack").props('aria-live="polite"')

    def _row(self, one: Version, *, latest: bool) -> None:
        t = self.here.t
        with ui.element("tr").props("data-version"):
            for text in (f"{one.version:,}", self.here.moment(one.time), f"{t('version.' + one.what)} {_told(one, t)}"):
                with ui.element("td"):
                    ui.label(text).classes("wrap")
            with ui.element("td").style("white-space: nowrap"):
                if not latest:
                    ui.button(t("version.go"), icon="history", on_click=partial(self._ask, one.version)).props(
                        "flat dense no-caps size=12px"
                    )

    async def _ask(self, version: int) -> None:
        t = self.here.t
        found = await self.here.attempt(self.here.catalogue.engine.diff, version)
        if found is None:
            return
        with ui.dialog() as dialog, ui.card().classes("dialog"):
            ui.label(t("version.sure", version=f"{version:,}")).classes("strong wrap")
            ui.label(t("version.sure_what")).classes("faint wrap")
            rows = _back(found)
            if rows:
                table((t("version.field"), t("version.now"), t("version.then")), rows, part="back")
            else:
                ui.label(t("version.same")).classes("wrap")
            with ui.element("div").classes("line"):
                yes = ui.button(t("version.go_now"), on_click=lambda: dialog.submit(True)).props("unelevated no-caps")
                yes.set_enabled(bool(rows))
                ui.button(t("version.keep"), on_click=lambda: dialog.submit(False)).props("flat no-caps")
        if await dialog:
            await self._go(version)
        dialog.delete()

    async def _go(self, version: int) -> None:
        here, far = self.here, [0, 1]

        def step(done: int, total: int) -> None:
            far[:] = [done, max(total, 1)]

        with self._far:
            bar = ui.linear_progress(0, show_value=False, size="10px").props(
                f'aria-label="{here.t("version.progress")}"'
            )
            timer = ui.timer(0.2, lambda: bar.set_value(far[0] / far[1]))
        engine = here.catalogue.engine
        done = await here.act("POST /catalogue/versions/rollback", engine.roll_back, version, progress=step)
        timer.cancel()
        self._far.clear()
        if done is not None:
            ui.navigate.reload()


def _told(one: Version, t: Texts) -> str:
    """What changed; in another language than the engine's by the names of fields."""
    if t.language == "en":
        return one.summary
    if one.what == "fit":
        return t("version.fitted")
    return in_a_line(one.fields) or t("version.begun")


def _back(found: Difference) -> list[tuple[str, str, str]]:
    """(field, as it is, as it would be) of what a roll back would change."""
    fields = [*found.settings, *([found.encoder] if found.encoder else []), *found.trainings]
    return [(one.name, _cell(one.after), _cell(one.before)) for one in fields]


def _cell(value: object) -> str:
    return "-" if value is None else str(value)
