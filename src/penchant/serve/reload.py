"""New settings for a service that runs: what may change does, the rest stays and the log says so.

On SIGHUP, and when the file of settings changes. A file that can't be used changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from penchant.errors import ConfigError
from penchant.serve.logs import set_level
from penchant.serve.settings import ServeSettings

if TYPE_CHECKING:
    from penchant.serve.service import Service

log = logging.getLogger("penchant.serve")
EVERY = 1.0  # seconds between looks at the file
RELOADABLE = frozenset({
    "rate", "cors", "queue", "threads", "body_bytes", "stream_bytes", "json_depth", "body_seconds", "open_seconds",
    "linger_seconds", "log", "log_texts",
})  # fmt: skip


class Reloader:
    """Gives a service new settings.

    Args:
        service: that runs.
        load: reads the settings as at the start: file, environment, command line.
        file: that is watched; None: only `reload` reads anew.
    """

    def __init__(self, service: Service, load: Callable[[], ServeSettings], file: Path | None = None) -> None:
        self._service, self._load, self._file = service, load, file

    def reload(self) -> bool:
        """Read the settings and use them from now on; False if none changed or they can't be used."""
        before = self._service.settings
        try:
            read = self._load()
        except ConfigError as error:
            log.error("the settings stay as they are: %s", error)
            return False
        changed = {name for name in ServeSettings.model_fields if getattr(read, name) != getattr(before, name)}
        for name in sorted(changed - RELOADABLE):
            log.warning("serve.%s: only a restart changes it; it stays as it is", name)
        if not changed & RELOADABLE:
            return False
        self._use(before.model_copy(update={name: getattr(read, name) for name in changed & RELOADABLE}))
        log.info("new settings: %s", ", ".join(sorted(changed & RELOADABLE)))
        return True

    def _use(self, settings: ServeSettings) -> None:
        service = self._service
        if settings.rate != service.settings.rate:
            service.rates.change(settings.rate)
        service.settings = service.host.settings = settings
        for name in service.host.names():
            if (catalogue := service.host.ready(name)) is not None:
                catalogue.writer.capacity = settings.queue
        set_level(settings)

    async def watch(self) -> None:
        """Reload whenever the file has changed; for ever."""
        seen = self._mark()
        while True:
            await asyncio.sleep(EVERY)
            if (mark := self._mark()) != seen:
                seen = mark
                await self.reload_aside()

    async def reload_aside(self) -> None:
        """`reload` off the event loop, and what only the loop can change."""
        if await to_thread.run_sync(self.reload):
            to_thread.current_default_thread_limiter().total_tokens = self._service.settings.threads

    def _mark(self) -> tuple[int, int, int] | None:
        try:
            found = None if self._file is None else self._file.stat()
        except OSError:
            return None
        return None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)


class Cors:
    """ASGI middleware: pages of the settings' origins may call.

    Args:
        app: what is inside.
        service: whose settings count.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self._service = app, service
        self._origins: tuple[str, ...] = ()
        self._opened: ASGIApp = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origins = self._service.settings.cors
        if origins != self._origins:
            self._origins = origins
            self._opened = CORSMiddleware(
                self.app, allow_origins=origins, allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
                allow_headers=["X-API-Key", "Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id"],
                expose_headers=["X-Request-Id", "Retry-After", "Server-Timing"], max_age=600,
            ) if origins else self.app  # fmt: skip
        await self._opened(scope, receive, send)
