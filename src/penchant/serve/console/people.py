"""The page People: find somebody, see what they want and why, change it, ask for them."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from penchant.serve.console.answers import AnswerPanel
from penchant.serve.console.desk import Desk, Here, item_address
from penchant.serve.console.frame import card, empty, page
from penchant.serve.console.lookup import Seen, people_lately, people_like, titles
from penchant.serve.console.profile import ProfilePanel
from penchant.serve.console.timeline import Timeline

EVENTS = 12


def add(desk: Desk) -> None:
    """The page."""

    @page(desk, "/people", "people")
    async def people(here: Here, request: Request) -> None:  # pyright: ignore[reportUnusedFunction]
        user = request.query_params.get("user", "")
        await _finder(here, user)
        if user:
            await _person(here, user)


async def _finder(here: Here, user: str) -> None:
    t, engine = here.t, here.catalogue.engine
    with card(part="finder"):
        with ui.element("form").classes("line").on("submit.prevent", lambda: _go(box.value)):
            box = ui.input(placeholder=t("people.find"), value=user, on_change=lambda: look()).props(
                f'dense outlined clearable debounce=250 aria-label="{t("people.find")}" maxlength=1024'
            ).classes("grow")  # fmt: skip
            ui.button(t("people.open"), icon="person_search").props("type=submit unelevated no-caps")
        place = ui.element("div").classes("line")

    def show(found: list[Seen], heading: str) -> None:
        place.clear()
        with place:
            ui.label(heading).classes("faint")
            for one in found:
                shown = one.user if one.user == one.user.strip() else f"“{one.user}”"  # blanks alone could not be seen
                ui.link(shown, _address(one.user)).classes("chip clip").tooltip(here.moment(one.time))

    async def look() -> None:
        wanted = (box.value or "").strip()
        if not wanted:
            show(await here.attempt(people_lately, engine) or [], t("people.lately"))
            return
        found = await here.attempt(people_like, engine, wanted) or []
        show(found, t("people.found") if found else t("people.none", id=wanted))

    lately = await here.attempt(people_lately, engine) or []
    if lately:
        show(lately, t("people.lately"))
    elif not user:
        with place:
            empty(t("people.nobody"), t("people.nobody_what"))


def _address(user: str) -> str:
    return f"/people?user={quote(user, safe='')}"


def _go(user: str | None) -> None:
    if user and user.strip():
        ui.navigate.to(_address(user.strip()))


async def _person(here: Here, user: str) -> None:
    async def changed() -> None:
        await answers.refresh()
        await profile.refresh()
        await recent()

    with ui.element("div").classes("line"):
        with ui.element("h1").classes("wrap"):
            ui.label(user)
        ui.element("span").classes("grow")
        ui.button(here.t("act.refresh"), icon="refresh", on_click=changed).props("flat dense no-caps")
    with ui.element("div").classes("grid person"):
        with ui.element("div").classes("stack"):
            profile = ProfilePanel(here, user, changed)
            Timeline(here, user)
        with ui.element("div").classes("stack"):
            answers = AnswerPanel(here, user, changed)
            place = ui.element("div").classes("stack")

    async def recent() -> None:
        await _recent(here, user, place)

    await profile.refresh()
    await answers.refresh()
    await recent()


async def _recent(here: Here, user: str, place: ui.element) -> None:
    t, engine = here.t, here.catalogue.engine
    changes = await here.attempt(engine.changes, user, EVENTS)
    place.clear()
    with place, card(t("people.events"), part="events"):
        if not changes:
            empty(t("people.no_events"), t("people.no_events_what"))
            return
        named = titles(engine, [change.item for change in changes if change.item])
        with ui.element("table").classes("plain"):
            for change in changes:
                with ui.element("tr"):
                    with ui.element("td").classes("faint").style("white-space: nowrap"):
                        ui.label(here.moment(change.time))
                    with ui.element("td").classes("kind"):
                        ui.label(change.what if change.type == "event" else t("change." + change.type))
                    with ui.element("td"):
                        if change.type == "event" and change.item:
                            ui.link(named.get(change.item, change.item), item_address(change.item))
                        elif change.type == "edit":
                            op = t("op." + change.what)
                            ui.label(f"{op}: {' › '.join(change.path)}" if change.path else op)
                        else:
                            ui.label(change.what)
