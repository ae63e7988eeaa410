"""The frame of every page: header with the pages, language and theme; who is not logged in goes to the login."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from fastapi import Request
from nicegui import ui
from starlette.responses import RedirectResponse

from penchant.errors import PenchantError
from penchant.recommend.phrases import Language
from penchant.serve.answering import aside
from penchant.serve.console.desk import BASE, Desk, Here
from penchant.serve.console.said import say_error
from penchant.serve.console.sessions import COOKIE, Login, Theme
from penchant.serve.console.texts import LANGUAGES, Texts

PAGES = ("live", "people", "catalogue", "data", "settings")
UNDER = {"item": "catalogue", "import": "catalogue"}
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")
WORDS: dict[Language, Literal["en-US", "zh-CN"]] = {"en": "en-US", "zh": "zh-CN"}
DARK: dict[Theme, bool | None] = {"auto": None, "light": False, "dark": True}
ALIVE = 2.0  # seconds between looks whether the login still holds
AGAIN = 3.0  # seconds after which a page is tried again whose catalogue was not open
SHORT = 12  # letters of a cell that a narrow table must not break: "200" over two lines can't be read
DATE = 16  # of a date, which breaks before the time alone
Build = Callable[[Here, Request], Awaitable[None]]


def page(desk: Desk, path: str, name: str) -> Callable[[Build], Build]:
    """A page for those who are logged in; `build` fills it.

    Args:
        path: below the console.
        name: of the page in the header; its title is the text `page.<name>`.
    """

    def add(build: Build) -> Build:
        @ui.page(path, response_timeout=60.0)
        async def shown(request: Request) -> Any:  # pyright: ignore[reportUnusedFunction]
            login = await aside(desk.logins.find, request.cookies.get(COOKIE))
            if login is None:
                query = f"?{request.url.query}" if request.url.query else ""
                return RedirectResponse(f"{BASE}/login?next={quote(path + query)}", status_code=303)
            t = Texts(login.language)
            ui.page_title(f"{t('page.' + name)} · penchant")
            try:
                catalogue = await aside(desk.service.host.catalogue, login.tenant, desk.service.settings.open_seconds)
            except PenchantError as error:
                with _framed(None, login, desk, t, name):
                    empty(t("error.closing"), say_error(error, t.language))
                    ui.button(t("act.again"), on_click=ui.navigate.reload)
                    ui.timer(AGAIN, ui.navigate.reload, once=True)
                return None
            here = Here(desk, login, catalogue, t)
            with _framed(here, login, desk, t, name):
                try:
                    await build(here, request)
                except PenchantError as error:
                    empty(t("error.page"), here.why(error))
            return None

        return build

    return add


@contextlib.contextmanager
def _framed(here: Here | None, login: Login, desk: Desk, t: Texts, name: str) -> Generator[None]:
    client = ui.context.client
    client.page = copy.copy(client.page)  # what is of all visitors; of this one the words of NiceGUI and Quasar
    client.page.language = WORDS[t.language]
    ui.add_head_html(f'<link rel="stylesheet" href="{BASE}/style.css">')
    ui.colors(primary="#17626d", secondary="#86bdb6", accent="#a63d2f", positive="#2f7d4f", negative="#a63d2f")
    dark = ui.dark_mode(DARK[login.theme])

    def choose(theme: Theme) -> None:
        login.theme = theme
        dark.value = DARK[theme]

    def speak(language: Any) -> None:
        login.language = language
        ui.navigate.reload()

    with ui.header(elevated=False).classes("head"):
        ui.link(t("act.skip"), "#content").classes("skip")
        ui.label("penchant").classes("brand")
        ui.label(login.tenant).classes("tenant")
        with ui.element("nav").props(f'aria-label="{t("page.nav")}"').classes("nav"):
            for one in PAGES:
                link = ui.link(t("page." + one), f"/{one}")
                if one == UNDER.get(name, name):
                    link.props('aria-current="page"')
        with (
            ui.button(icon="translate", color=None).props(f'flat dense round aria-label="{t("act.language")}"'),
            ui.menu(),
        ):
            for language in LANGUAGES:
                ui.menu_item(Texts(language)("language.name"), partial(speak, language)).props("role=menuitem")
        with _round("contrast", t("act.theme")), ui.menu():
            for theme in THEMES:
                ui.menu_item(t("theme." + theme), partial(choose, theme)).props("role=menuitem")
        with ui.element("form").props(f'method="post" action="{BASE}/logout"'):
            ui.button(t("act.leave"), icon="logout", color=None).props("flat dense type=submit no-caps").classes(
                "leave"
            )
    if here is not None:
        ui.timer(ALIVE, partial(_watch, here))
    with ui.element("div").props('id="content" tabindex="-1"').classes("page"):
        yield


async def _watch(here: Here) -> None:
    """To the login when it has ended; anew when the catalogue was opened anew."""
    if await here.alive(looks=False):
        current = here.desk.service.host.ready(here.login.tenant)
        if current is not None and current is not here.catalogue:
            ui.navigate.reload()


def _round(icon: str, label: str) -> ui.button:
    return ui.button(icon=icon, color=None).props(f'flat dense round aria-label="{label}"')


def empty(title: str, what: str) -> None:
    """What stands where there is nothing yet: that, and what to do next."""
    with ui.column().classes("empty"):
        ui.label(title).classes("empty-title")
        ui.label(what)


@contextlib.contextmanager
def card(title: str = "", *, part: str = "") -> Generator[None]:
    """A part of a page with a heading."""
    with ui.element("section").classes("card") as section:
        if part:
            section.props(f'data-part="{part}"')
        if title:
            with ui.element("h2"):
                ui.label(title)
        yield


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, part: str = "") -> None:
    """A table of texts."""
    with ui.element("table").classes("plain").props(f'data-part="{part}"' if part else ""):
        if heads:
            with ui.element("tr"):
                for head in heads:
                    with ui.element("th").props("scope=col"):
                        ui.label(head)
        for row in rows:
            with ui.element("tr"):
                for cell in map(str, row):
                    width = "" if len(cell) > DATE else "kind" if " " in cell else "short" if len(cell) <= SHORT else ""
                    with ui.element("td").classes(width):
                        ui.label(cell)
