"""The card of backups on the page Data: one is made, or the catalogue is brought back to one."""

from __future__ import annotations

import time as clock
from functools import partial
from pathlib import Path

from nicegui import ui

from penchant.engine import Engine
from penchant.engine.restoring import Phase
from penchant.serve.console.desk import Here
from penchant.serve.console.frame import card, empty
from penchant.serve.host import Host
from penchant.serve.restore import last_restored, restore


class Backups:
    """The card."""

    def __init__(self, here: Here) -> None:
        self.here = here

    async def draw(self) -> None:
        """Draw it."""
        t = self.here.t
        with card(t("data.backup"), part="backup"):
            ui.label(t("data.backup_what")).classes("faint")
            with ui.element("div").classes("line"):
                self._button = ui.button(t("data.back_up"), icon="save", on_click=self._make).props(
                    "unelevated no-caps"
                )
                self._spinner = ui.spinner(size="sm")
                self._spinner.visible = False
            self._place = ui.element("div").classes("stack").style("gap: 8px")
            self._far = ui.element("div").classes("stack").style("gap: 6px").props('aria-live="polite"')
            await self._show()

    async def _make(self) -> None:
        here = self.here
        self._button.disable()
        self._spinner.visible = True
        path = await here.act("POST /catalogue/backups", back_up, here.desk.service.host, here.catalogue.name)
        self._spinner.visible = False
        self._button.enable()
        if path is not None:
            here.done("data.backed_up", path=str(path))
            await self._show()

    async def _show(self) -> None:
        t = self.here.t
        known = await self.here.attempt(backups, self.here.catalogue.engine) or []
        latest = await self.here.attempt(last_restored, self.here.catalogue)
        self._place.clear()
        with self._place:
            if latest is not None:
                when = self.here.moment(latest.at)
                ui.label(t("data.restored", file=latest.file, when=when, before=Path(latest.before).name)).classes(
                    "wrap"
                )
            if not known:
                empty(t("data.no_backup"), t("data.no_backup_what"))
                return
            with ui.element("table").classes("plain").props('data-part="backups"'):
                with ui.element("tr"):
                    for head in (t("data.file"), t("data.size"), ""):
                        with ui.element("th").props("scope=col"):
                            ui.label(head)
                for path in map(Path, reversed(known)):
                    self._row(path)

    def _row(self, path: Path) -> None:
        t, size = self.here.t, _size(path)
        with ui.element("tr"):
            with ui.element("td"):
                ui.label(str(path))
            with ui.element("td").style("white-space: nowrap"):
                ui.label(size or t("data.gone"))
            with ui.element("td").style("white-space: nowrap"):
                if size:
                    ui.button(t("data.restore"), icon="history", on_click=partial(self._ask, path)).props(
                        "flat dense no-caps size=12px"
                    )

    async def _ask(self, path: Path) -> None:
        t, name = self.here.t, self.here.catalogue.name
        with ui.dialog() as dialog, ui.card().classes("dialog"):
            ui.label(t("data.restore_sure", file=path.name, catalogue=name)).classes("strong wrap")
            ui.label(t("data.restore_what")).classes("faint")
            again = ui.input(t("data.restore_again", catalogue=name)).props("outlined dense autofocus").classes("again")
            with ui.element("div").classes("line"):
                yes = ui.button(t("data.restore_now"), on_click=lambda: dialog.submit(True))
                yes.props("unelevated no-caps color=negative").bind_enabled_from(again, "value", lambda v: v == name)
                ui.button(t("data.restore_not"), on_click=lambda: dialog.submit(False)).props("flat no-caps")
        if await dialog:
            await self._restore(path)
        dialog.delete()

    async def _restore(self, path: Path) -> None:
        here, t = self.here, self.here.t
        far: list[tuple[Phase, float]] = [("copy", 0.0)]

        def step(phase: Phase, done: int, total: int) -> None:
            far[0] = (phase, done / max(total, 1))

        self._far.clear()
        with self._far:
            what = ui.label(t("data.phase_copy"))
            bar = ui.linear_progress(0, show_value=False, size="10px").props(f'aria-label="{t("data.restoring")}"')

        def draw() -> None:
            what.text, bar.value = t(f"data.phase_{far[0][0]}"), far[0][1]

        timer = ui.timer(0.2, draw)
        self._button.disable()
        done = await here.act(f"restore {path.name}", restore, here.desk.service.host, here.catalogue.name, path, step)
        timer.cancel()
        self._far.clear()
        self._button.enable()
        if done is not None:
            ui.navigate.reload()


def back_up(host: Host, name: str) -> Path:
    """A copy of the tenant's catalogue beside it, as the route makes it.

    Raises:
        StoreError: it can't be written.
    """
    folder = (host.folder if host.folder is not None else host.keys.parent) / "backups" / name
    folder.mkdir(parents=True, exist_ok=True)
    return host.catalogue(name).engine.backup(folder / f"{clock.strftime('%Y%m%d-%H%M%S', clock.gmtime())}.db")


def backups(engine: Engine) -> list[str]:
    """Paths of the backups that the catalogue remembers, oldest first."""
    known: list[str] = engine.store.get_meta("backups") or []
    return known


def _size(path: Path) -> str:
    try:
        return f"{path.stat().st_size / 2**20:,.1f} MiB"
    except OSError:
        return ""
