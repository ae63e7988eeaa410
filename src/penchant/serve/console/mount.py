"""How the console comes onto an application: its pages below `/console`, its watch begun and ended with the service."""

from __future__ import annotations

import importlib
import logging
from importlib import resources

from fastapi import FastAPI, Request
from nicegui import app as pages
from nicegui import ui
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from penchant.errors import PenchantError
from penchant.serve.console import login
from penchant.serve.console.desk import BASE, MARK, Desk
from penchant.serve.console.pulse import Meter, Pulse
from penchant.serve.console.sessions import Logins
from penchant.serve.service import Service

PUBLIC = (BASE, f"{BASE}/")  # it has a login of its own
PAGES = ("live", "people", "catalogue", "importing", "data", "settings")
# Vue compiles its templates in the browser; nothing comes from elsewhere
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def attach(app: FastAPI) -> None:
    """Put the console onto an application of `create_app`, which must have `PUBLIC` open.

    Raises:
        PenchantError: this process has a console already; the pages are the process's, not the application's.
    """
    if hasattr(pages.state, "desk"):
        raise PenchantError("this process has a console already", fix="serve all catalogues by one application")
    service: Service = app.state.service
    logins = Logins(service.keys)
    meter = Meter()
    desk = Desk(service, logins, Pulse(service.host, logins.tenants, meter))
    pages.state.desk = desk
    app.add_middleware(Meter.Middleware, meter=meter)
    pages.add_api_route("/style.css", _style, methods=["GET"], include_in_schema=False)
    login.add(pages, desk)
    for name in PAGES:
        importlib.import_module(f"penchant.serve.console.{name}").add(desk)
    pages.on_startup(desk.pulse.begin)  # pyright: ignore[reportUnknownMemberType]
    pages.on_shutdown(desk.pulse.end)  # pyright: ignore[reportUnknownMemberType]
    logging.getLogger("uvicorn.error").addFilter(_unspoken)
    app.add_route(BASE, _home, methods=["GET"], include_in_schema=False)
    ui.run_with(  # pyright: ignore[reportUnknownMemberType]
        app, mount_path=BASE, title="penchant", favicon=MARK, dark=None, tailwind=False, storage_secret=None,
        show_welcome_message=False, reconnect_timeout=10.0, binding_refresh_interval=None,
    )  # fmt: skip


def _unspoken(record: logging.LogRecord) -> bool:
    """Keeps addresses of the pages' sockets out of the log: who knows one could speak for that page."""
    return "WebSocket" not in record.getMessage()


def _home(request: Request) -> Response:
    return RedirectResponse(f"{BASE}/", status_code=303)


def _style() -> Response:
    text = (resources.files("penchant.serve.console") / "style.css").read_text(encoding="utf-8")
    return PlainTextResponse(text, media_type="text/css", headers={"Cache-Control": "no-cache"})
