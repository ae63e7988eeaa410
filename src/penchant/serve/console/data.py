"""The page Data: one person's export, backups, forgetting with its receipt, and who did what."""

from __future__ import annotations

import json
import time as clock

from fastapi import Request
from nicegui import ui

from penchant.engine import Engine
from penchant.serve.audit import Act
from penchant.serve.console.backups import Backups
from penchant.serve.console.desk import Desk, Here
from penchant.serve.console.frame import card, empty, page, table
from penchant.serve.console.said import say
from penchant.trust.erase import Receipt

EVERY = 0.5  # seconds between looks at a receipt
RECEIPTS, ACTS = 8, 15
PLACES = ("log", "memory", "vectors", "snapshots", "parameters", "trained evidence", "backups")


OUTCOMES = {
    "done": "done", "UnknownId": "unknown", "InvalidRecord": "invalid", "ConfigError": "invalid", "Refused": "refused",
    "Forbidden": "refused", "Busy": "busy", "Closing": "busy", "NotReady": "busy", "StoreError": "store",
    "StoreBusy": "store",
}  # fmt: skip


def add(desk: Desk) -> None:
    """The page."""

    @page(desk, "/data", "data")
    async def data(here: Here, request: Request) -> None:  # pyright: ignore[reportUnusedFunction]
        with ui.element("h1"):
            ui.label(here.t("page.data"))
        with ui.element("div").classes("grid"):
            with ui.element("div").classes("stack"):
                _export(here)
                await Backups(here).draw()
            with ui.element("div").classes("stack"):
                await _forget(here)
        await _acts(here)


def _export(here: Here) -> None:
    t, engine = here.t, here.catalogue.engine

    async def export() -> None:
        user = box.value or ""  # as typed: an id may begin or end with a blank
        if not user:
            ui.notify(t("data.who_first"), type="warning")
            return
        found = await here.act("GET /users/{id}/export", engine.export, user)
        if found is not None:
            text = json.dumps(found, ensure_ascii=False, indent=1)
            ui.download.content(text, f"export-{clock.strftime('%Y%m%d-%H%M%S')}.json", "application/json")
            here.done("data.exported", n=f"{len(found['records']):,}")

    with card(t("data.export"), part="export"):
        ui.label(t("data.export_what")).classes("faint")
        with ui.element("form").classes("line").on("submit.prevent", export):
            box = ui.input(placeholder=t("data.who")).props(
                f'dense outlined aria-label="{t("data.export")}: {t("data.who")}" maxlength=1024'
            ).classes("grow")  # fmt: skip
            ui.button(t("data.download"), icon="download").props("type=submit unelevated no-caps")


async def _forget(here: Here) -> None:
    t, engine = here.t, here.catalogue.engine

    async def ask() -> None:
        user = box.value or ""
        if not user:
            ui.notify(t("data.who_first"), type="warning")
            return
        with ui.dialog() as dialog, ui.card().classes("dialog"):
            ui.label(t("data.sure", id=user)).classes("strong wrap")
            ui.label(t("data.sure_what")).classes("faint")
            again = ui.input(t("data.again")).props("outlined dense autofocus").classes("again")
            with ui.element("div").classes("line"):
                yes = ui.button(t("data.forget_now"), on_click=lambda: dialog.submit(True))
                yes.props("unelevated no-caps color=negative").bind_enabled_from(again, "value", lambda v: v == user)
                ui.button(t("data.keep"), on_click=lambda: dialog.submit(False)).props("flat no-caps")
        if await dialog:
            receipt = await here.act("DELETE /users/{id}", engine.forget, user)
            if receipt is not None:
                box.value = ""
                await watch(receipt)
        dialog.delete()

    async def watch(receipt: Receipt) -> None:
        """Draw the receipt until every place that penchant cleans is clean."""
        place.clear()
        with place:
            bar = ui.linear_progress(0, show_value=False, size="8px").props(f'aria-label="{t("data.progress")}"')
            rows = ui.element("div")

            async def draw() -> None:
                ended = receipt.wait(0)  # all that penchant itself cleans is done; the rest may stand there for long
                known = await here.attempt_quietly(_receipt, engine, receipt.id) or receipt
                bar.value = sum(p.clean_at is not None for p in known.places.values()) / max(len(known.places), 1)
                rows.clear()
                with rows:
                    ui.label(t("data.receipt", id=known.id)).classes("strong wrap")
                    _places(here, known)
                    if known.is_clean:
                        ui.label(t("data.clean")).classes("strong")
                if ended:
                    timer.deactivate()
                    await earlier()

            timer = ui.timer(EVERY, draw)
        await earlier()

    async def earlier() -> None:
        known = (await here.attempt(engine.receipts) or [])[::-1][:RECEIPTS]
        old.clear()
        with old:
            if not known:
                empty(t("data.nobody"), t("data.nobody_what"))
            else:
                state = {True: t("data.is_clean"), False: t("data.not_clean")}
                rows = [(here.moment(one.at), one.id, state[one.is_clean]) for one in known]
                table((t("data.when"), t("data.receipt_id"), t("data.state")), rows, part="receipts")

    with card(t("data.forget"), part="forget"):
        ui.label(t("data.forget_what")).classes("faint")
        with ui.element("form").classes("line").on("submit.prevent", ask):
            box = ui.input(placeholder=t("data.who")).props(
                f'dense outlined aria-label="{t("data.forget")}: {t("data.who")}" maxlength=1024'
            ).classes("grow")  # fmt: skip
            ui.button(t("data.forget"), icon="person_remove", color="negative").props("type=submit unelevated no-caps")
        place = ui.element("div").classes("stack").style("gap: 8px").props('aria-live="polite"')
        ui.label(t("data.receipts")).classes("strong")
        old = ui.element("div")
        await earlier()


def _receipt(engine: Engine, id: str) -> Receipt | None:
    return next((one for one in reversed(engine.receipts()) if one.id == id), None)


def _places(here: Here, receipt: Receipt) -> None:
    t = here.t
    names = {name: t("place." + name.replace(" ", "_")) for name in PLACES}
    rows = [
        (
            names.get(place.name, place.name),
            here.moment(place.clean_at) or t("data.not_yet"),
            say(place.what, t.language),
        )
        for place in receipt.places.values()
    ]
    table((t("data.place"), t("data.clean_since"), t("data.done_there")), rows, part="receipt-places")


async def _acts(here: Here) -> None:
    t = here.t
    acts = await here.attempt(_latest, here) or []
    with card(t("data.acts"), part="acts"):
        if not acts:
            empty(t("data.no_acts"), t("data.no_acts_what"))
            return
        heads = (t("data.when"), t("data.key"), t("data.act"), t("data.outcome"))
        table(heads, [(here.moment(act.time), act.who, act.act, _outcome(here, act)) for act in acts])


def _outcome(here: Here, act: Act) -> str:
    """How an act ended: the status of an answer, or in words what became of it here."""
    if act.outcome.isdecimal():
        return act.outcome
    return here.t("outcome." + OUTCOMES.get(act.outcome, "other"))


def _latest(here: Here) -> list[Act]:
    """The tenant's newest acts, newest first."""
    audit, found, after = here.desk.service.audit, list[Act](), 0
    while part := audit.read(here.login.tenant, after=after, limit=1000):
        found, after = (found + part)[-ACTS:], part[-1].seq
    return found[::-1]
