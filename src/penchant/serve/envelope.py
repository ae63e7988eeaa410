"""What every answer has around it: a request id, the time it took, secure headers; a problem for whatever failed."""

from __future__ import annotations

import re
import time as clock
import uuid
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penchant.serve.problems import answer, note_fault

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
SECURE = {
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": NOTHING, "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}  # fmt: skip


_SECURE = [(name.lower().encode(), value.encode()) for name, value in SECURE.items()]  # as ASGI has headers


class Envelope:
    """ASGI middleware, the outermost.

    Args:
        app: what is inside.
        policies: content security policies by beginning of path, for pages that load something.
    """

    def __init__(self, app: ASGIApp, policies: Mapping[str, str] | None = None) -> None:
        self.app, self._policies = app, dict(policies or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = clock.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        state = scope.setdefault("state", {})
        state["request_id"], state["started"] = request_id, started
        begun = False

        async def sealed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers["Server-Timing"] = f"app;dur={(clock.perf_counter() - started) * 1000:.3f}"
                set_already = {name for name, _ in headers.raw}
                headers.raw.extend(pair for pair in _SECURE if pair[0] not in set_already)
                for path, policy in self._policies.items():
                    if scope["path"].startswith(path):
                        headers["Content-Security-Policy"] = policy
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        try:
            await self.app(scope, receive, sealed)
        except Exception as error:
            if begun:  # too late for another answer: the connection is cut
                note_fault(error, request_id)
                raise ConnectionAbortedError("the answer failed on its way") from None
            await answer(error, request_id)(scope, receive, sealed)
