"""The process that serves: how it listens, guards its connections, and ends without losing anything.

On SIGTERM or SIGINT readiness goes false; after the time to linger it stops listening and lets what is under way end;
then writers are drained, snapshots kept, stores released. A second signal skips the lingering.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from penchant.serve.app import create_app
from penchant.serve.faults import Fault, TooSlow, Unprocessable
from penchant.serve.host import Host
from penchant.serve.problems import MEDIA, problem_of, to_bytes
from penchant.serve.service import Service
from penchant.serve.settings import ServeSettings
from penchant.serve.warm import THREAD, quietly, warm

log = logging.getLogger("penchant.serve")
HEAD = 64 * 1024  # bytes of a request's line and headers
# Seconds after which a thread lets another run. With Python's own 0.005 every hand-over between the loop, the writer,
# what ranks and what logs answers may cost 5 ms; under load the median is a fifth lower, p99 within chance the same.
SWITCH = 0.0005


class HeadTooLarge(Fault):
    """The request's line and headers are larger than the limit."""

    http, slug = 431, "head-too-large"


class Server(uvicorn.Server):
    """Serves one application until a signal comes.

    Args:
        host: whose catalogues; closed at the end.
        settings: of the service.
    """

    def __init__(self, host: Host, settings: ServeSettings) -> None:
        app = _application(host, settings)
        self.service: Service = app.state.service
        self.announce: Callable[[str], None] | None = None  # called with its address once it listens
        self._warmer: threading.Thread | None = None
        config = uvicorn.Config(
            app,
            settings.host,
            settings.port,
            http=_protocol(settings),
            lifespan="on",
            log_config=None,
            access_log=False,  # paths hold ids of people
            server_header=False,
            timeout_keep_alive=max(1, round(settings.idle_seconds)),
            timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
            h11_max_incomplete_event_size=HEAD,
        )
        super().__init__(config)

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal comes; this process is the service's own."""
        sys.setswitchinterval(SWITCH)
        super().run(sockets)

    @property
    def address(self) -> str:
        """Where it listens, as `http://host:port`; after it was started."""
        name, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        self.service.warming = self.service.settings.warm
        await super().startup(sockets)
        if self.started:
            if self.service.warming:
                self._warmer = threading.Thread(target=self._warm, name=THREAD, daemon=True)
                self._warmer.start()
            log.info("listening on %s", self.address)
            self._reload_on_hangup()
            if self.announce is not None:
                self.announce(self.address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening and close; what is being warmed ends first."""
        await super().shutdown(sockets)
        if self._warmer is not None:
            await asyncio.to_thread(self._warmer.join)

    def _warm(self) -> None:
        engines = logging.getLogger("penchant")
        engines.addFilter(quietly)
        try:
            log.info("warm after %.1f s", warm(lambda: self.service.stopping))
        except Exception as error:  # requests will be slower at first, that is all
            log.warning("not warm: %s", type(error).__name__)
        finally:
            engines.removeFilter(quietly)
            if self.service.settings.eager and not self.service.stopping:
                self.service.host.open_all()
            # what is loaded by now stays: to look through it for garbage again and again cost pauses of 0.2 s
            gc.collect()
            gc.freeze()
            self.service.warming = False

    def _reload_on_hangup(self) -> None:
        reloader, hangup = self.service.reloader, getattr(signal, "SIGHUP", None)
        if reloader is None or hangup is None or threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(hangup, lambda: asyncio.ensure_future(reloader.reload_aside()))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Not ready from now on; stop after the time to linger, at a second signal at once."""
        again = self.service.stopping
        self.service.stopping = True
        if again or not self.service.settings.linger_seconds:
            self.stop()
        else:
            timer = threading.Timer(self.service.settings.linger_seconds, self.stop)
            timer.daemon = True
            timer.start()

    def stop(self) -> None:
        """Stop listening, end what is under way, drain, close."""
        self.service.stopping = True
        self.should_exit = True


def _application(host: Host, settings: ServeSettings) -> FastAPI:
    """The application, with the console unless it is switched off or its package is missing."""
    if settings.console:
        try:
            from penchant.serve import console
        except ImportError:
            log.warning("no console: nicegui is not installed; pip install 'penchant[serve]'")
        else:
            app = create_app(host, settings, public=console.PUBLIC, policies={console.BASE: console.POLICY})
            console.attach(app)
            return app
    return create_app(host, settings)


def _protocol(settings: ServeSettings) -> Any:
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:  # where there is no httptools; h11 limits the head itself
        return "auto"

    class Guarded(HttpToolsProtocol):
        """Closes connections whose request's head comes too slowly or is too large."""

        _timer: asyncio.TimerHandle | None = None
        _head = 0
        _in_head = True

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._await_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._disarm()
            super().connection_lost(exc)

        def on_message_begin(self) -> None:
            self._await_head()
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._disarm()
            self._in_head = False
            super().on_headers_complete()

        def data_received(self, data: bytes) -> None:
            fed = len(data) if self._in_head else 0
            super().data_received(data)
            if self._in_head:
                self._head += fed
                if self._head > HEAD and not self.transport.is_closing():
                    self._refuse(HeadTooLarge(f"the request's head is larger than {HEAD:,} bytes", fix="send less"))

        def send_400_response(self, msg: str) -> None:
            self._refuse(Unprocessable("that is no HTTP request", fix="speak HTTP/1.1"))

        def _await_head(self) -> None:
            self._disarm()
            self._head, self._in_head = 0, True
            self._timer = self.loop.call_later(settings.idle_seconds, self._late)

        def _late(self) -> None:
            if not self.transport.is_closing():
                self._refuse(TooSlow("the request's head did not come in time", fix="send it faster"))

        def _disarm(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

        def _refuse(self, fault: Fault) -> None:
            problem, _ = problem_of(fault)
            body = to_bytes(problem)
            head = (
                f"HTTP/1.1 {problem.status} {problem.title}\r\nContent-Type: {MEDIA}\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
            self.transport.close()

    return Guarded
