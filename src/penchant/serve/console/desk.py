"""What all pages of the console share, and what each has at hand: who looks, at which catalogue, in what language."""

from __future__ import annotations

import logging
import time as clock
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar
from urllib.parse import quote

from nicegui import ui

from penchant.errors import Busy, PenchantError, StoreError
from penchant.recommend.phrases import Language
from penchant.serve.answering import aside
from penchant.serve.console.pulse import Pulse
from penchant.serve.console.said import say_error
from penchant.serve.console.sessions import Login, Logins
from penchant.serve.console.texts import Texts
from penchant.serve.host import Catalogue
from penchant.serve.problems import note_fault
from penchant.serve.service import Service

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("penchant.serve")
BASE = "/console"  # NiceGUI puts it before the addresses of its own links
MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="13" fill="none" '
    'stroke="#17626d" stroke-width="5" stroke-dasharray="50 12"/><circle cx="16" cy="16" r="6" fill="#a63d2f"/></svg>'
)
KINDS = {
    "UnknownId": "error.unknown", "InvalidRecord": "error.invalid", "ConfigError": "error.invalid",
    "Refused": "error.refused", "Busy": "error.busy", "Closing": "error.closing", "StoreError": "error.store",
    "StoreBusy": "error.store", "NotReady": "error.closing", "TooLarge": "error.invalid",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """The console of one service."""

    service: Service
    logins: Logins
    pulse: Pulse


@dataclass(frozen=True, slots=True)
class Here:
    """What a page has at hand.

    Attributes:
        login: who looks.
        catalogue: the tenant's, open.
        t: texts in the language chosen.
    """

    desk: Desk
    login: Login
    catalogue: Catalogue
    t: Texts

    @property
    def language(self) -> Language:
        """That of the texts."""
        return self.t.language

    async def attempt(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What a function of the engine returns, run aside; None if it failed, which is told on the page."""
        if not await self.alive():
            return None
        try:
            return await aside(function, *args, **kwargs)
        except Exception as error:
            self.tell(error)
            return None

    async def attempt_quietly(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The same for what a page reads by itself again and again: a failure shows in what is not updated."""
        try:
            return await aside(function, *args, **kwargs)
        except Exception as error:
            if not isinstance(error, PenchantError):
                note_fault(error, "console")
            return None

    async def act(self, what: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The same for what changes something: into the audit log, under the name of the route that does the same."""
        if not await self.alive():
            return None
        outcome, result, failed = "done", None, None
        try:
            result = await aside(function, *args, **kwargs)
        except Exception as error:
            outcome, failed = type(error).__name__, error
        try:
            await aside(
                self.desk.service.audit.note, self.login.key, self.login.tenant, what, outcome, about="console",
                request_id=uuid.uuid4().hex,
            )  # fmt: skip
        except StoreError as error:
            log.error("%s: not in the audit log: %s", what, error)
        if failed is not None:
            self.tell(failed)
        return result

    async def alive(self, *, looks: bool = True) -> bool:
        """Whether the login still holds; if it doesn't, the browser is sent to log in."""
        if await aside(self.desk.logins.holds, self.login, looks=looks):
            return True
        ui.navigate.to(f"/login?why=ended&lang={self.language}")
        return False

    def why(self, error: Exception) -> str:
        """What happened, as a person is told it."""
        if not isinstance(error, PenchantError):
            note_fault(error, "console")
            return self.t("error.fault")
        kinds = [KINDS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in KINDS]
        said = self.t(kinds[0] if kinds else "error.other")
        if isinstance(error, Busy):
            return said
        if isinstance(error, StoreError):
            note_fault(error, "console")
            return said
        told = say_error(error, self.language)
        return f"{said} {told}" if told else said

    def tell(self, error: Exception) -> None:
        """Show why something failed."""
        ui.notify(self.why(error), type="negative", multi_line=True, close_button=self.t("act.close"), timeout=12_000)

    def done(self, name: str, /, **values: object) -> None:
        """Show that something was done."""
        ui.notify(self.t(name, **values), type="positive")

    def day(self, time: float | None) -> str:
        """A date, UTC."""
        return "" if time is None else clock.strftime("%Y-%m-%d", clock.gmtime(time))

    def moment(self, time: float | None) -> str:
        """Date and time, UTC."""
        return "" if time is None else clock.strftime("%Y-%m-%d %H:%M", clock.gmtime(time))


def item_address(item: str) -> str:
    """Where an item's page is, below the console.

    >>> item_address("a/b")
    '/item?id=a%2Fb'
    """
    return f"/item?id={quote(item, safe='')}"
