"""The application: routes, what stands before them, and how they begin and end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Any

from anyio import to_thread
from fastapi import FastAPI

import penchant
from penchant.serve.access import Gate
from penchant.serve.audit import Audit
from penchant.serve.envelope import Envelope
from penchant.serve.host import Host
from penchant.serve.keys import KeyBook
from penchant.serve.limits import Bodies
from penchant.serve.metrics import Metrics
from penchant.serve.problems import install, responses, schemas
from penchant.serve.rates import Rates
from penchant.serve.reload import Cors
from penchant.serve.routes import all_routers
from penchant.serve.routes import metrics as telling
from penchant.serve.service import Service
from penchant.serve.settings import ServeSettings
from penchant.serve.traces import Traces
from penchant.serve.watch import Watch

PUBLIC = (400, 408, 413, 500)  # problems that a route without keys may have
FLUSH = 30.0  # seconds between keeping when keys were last used
DOCS = ("/docs", "/openapi.json")
# what FastAPI's page of the documentation loads
DOCS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' https://cdn.jsdelivr.net; "
    "style-src 'self' 'unsafe-inline' https://cdn.jsdelivr.net; img-src 'self' data: https://fastapi.tiangolo.com; "
    "frame-ancestors 'none'"
)
DESCRIPTION = """\
A live, readable model of what each person wants. Send what people do (`POST /events`) and say, ask what to show them
(`POST /recommendations`), and read or change what is known of them. The next answer has seen the last event.

Every request but those to `/health` needs a key in the header `X-API-Key` (or as a bearer token); its roles are
`ingest` (write), `read` (ask) and `admin` (all). Errors are problems as in RFC 9457.
"""


class Application(FastAPI):
    """FastAPI, its OpenAPI with the schema of problems."""

    def openapi(self) -> dict[str, Any]:
        """The contract."""
        contract = super().openapi()
        contract.setdefault("components", {}).setdefault("schemas", {}).update(schemas())
        return contract


def create_app(
    host: Host, settings: ServeSettings | None = None, *, public: Iterable[str] = (),
    policies: Mapping[str, str] | None = None,
) -> FastAPI:  # fmt: skip
    """The application that serves a host's catalogues. It closes the host when it ends.

    Args:
        public: further paths that need no key, and beginnings of paths, which end with a slash: of pages that have a
            login of their own.
        policies: content security policies of those pages, by beginning of path.

    Raises:
        StoreError: the file of keys can't be used.
    """
    settings = settings or host.settings
    keys = KeyBook.open(host.keys)
    rates = Rates(settings.rate, settings.rate_storage)
    traces = Traces(settings.traces) if settings.traces else None
    service = Service(host, settings, keys, Audit(keys.engine), rates, Metrics(host), traces)
    app = Application(
        title="penchant", version=penchant.__version__, description=DESCRIPTION, lifespan=_lifespan,
        docs_url="/docs" if settings.docs else None, redoc_url=None, redirect_slashes=False,
    )  # fmt: skip
    app.state.service = service
    for router in all_routers():
        if router is telling.router and settings.metrics == "off":
            continue
        app.include_router(router, responses=responses(always=PUBLIC) if router.prefix == "/health" else responses())
    install(app)
    opened = {"/health/", *public, *(DOCS if settings.docs else ())}
    if settings.metrics == "public":
        opened.add(telling.PATH)
    # the last one added is the outermost
    app.add_middleware(Bodies, settings=lambda: service.settings)
    app.add_middleware(Gate, service=service, public=frozenset(opened))
    app.add_middleware(Cors, service=service)
    app.add_middleware(Envelope, policies={"/docs": DOCS_POLICY, **(policies or {})})
    app.add_middleware(Watch, service=service)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    service: Service = app.state.service
    to_thread.current_default_thread_limiter().total_tokens = service.settings.threads
    if service.settings.eager and not service.warming:
        service.host.open_all()
    flushing = asyncio.create_task(_flush(service.keys))
    watching = None if service.reloader is None else asyncio.create_task(service.reloader.watch())
    try:
        yield
    finally:
        service.stopping = True
        for task in filter(None, (flushing, watching)):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await to_thread.run_sync(service.host.close)
        await to_thread.run_sync(service.keys.close)
        if service.traces is not None:
            await to_thread.run_sync(service.traces.close)


async def _flush(keys: KeyBook) -> None:
    while True:
        await asyncio.sleep(FLUSH)
        await to_thread.run_sync(keys.flush)
