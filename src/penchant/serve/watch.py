"""What watches every request from outside: its time for Prometheus, a line in the log if it failed, its span."""

from __future__ import annotations

import logging
import time as clock
from contextlib import nullcontext

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penchant.serve.service import Service
from penchant.serve.traces import finish

log = logging.getLogger("penchant.serve.requests")
READY = "/health/ready"  # that it isn't is an answer, neither a fault nor a problem
NOWHERE = "(none)"  # route of a request that reached none
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
GONE = 499  # status of a request whose caller went before it was answered


class Watch:
    """ASGI middleware, around all others.

    Args:
        app: what is inside.
        service: whose requests they are.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = clock.perf_counter()
        method = scope["method"] if scope["method"] in METHODS else "OTHER"  # anybody may invent one
        state = scope.setdefault("state", {})
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        traces = self.service.traces
        with nullcontext() if traces is None else traces.request(method, Headers(scope=scope)) as span:
            try:
                await self.app(scope, receive, watched)
            finally:
                seconds = clock.perf_counter() - started
                route = str(getattr(scope.get("route"), "path", NOWHERE))
                tenant = getattr(state.get("key"), "tenant", "")
                request_id = state.get("request_id", "")
                problem = (status or GONE) >= 400 and route != READY
                self.service.metrics.note(tenant, method, route, status or GONE, seconds, problem=problem)
                if span is not None:
                    finish(span, method, route, status or GONE, tenant, request_id)
                level = logging.ERROR if problem and status >= 500 else logging.INFO if status >= 400 else logging.DEBUG
                if log.isEnabledFor(level):
                    log.log(
                        level, "request %s: %s %s %d in %.1f ms", request_id, method, route, status or GONE,
                        seconds * 1000, extra={
                            "request_id": request_id, "tenant": tenant, "method": method, "route": route,
                            "status": status or GONE, "took_ms": round(seconds * 1000, 3),
                        },
                    )  # fmt: skip
