"""Who may come in: no answer without a key, but for health; and what a key's roles allow.

The gate is in front of everything, so that neither a body is read nor a path told to be missing before the key was
found good. Routes then take `Ingest`, `Read` or `Admin`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated

from anyio import CancelScope, to_thread
from fastapi import Request, Security
from fastapi.security import APIKeyHeader
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penchant.errors import StoreError
from penchant.serve.faults import Forbidden, Unauthenticated
from penchant.serve.keys import Key, KeyBook, Role
from penchant.serve.parameters import check_parameters
from penchant.serve.service import Service, Session

__all__ = ["Admin", "Gate", "Ingest", "Read", "Session"]

log = logging.getLogger("penchant.serve")
GUESSES = "20/second"  # keys of one id that are put to argon2
SCHEME = "A key made with `penchant keys create`; `Authorization: Bearer` with the same key does as well."


class Gate:
    """ASGI middleware: finds each request's key good and counts it, before anything else is done.

    Args:
        app: what is behind it.
        service: whose keys count.
        public: paths, and with a slash at the end: beginnings of paths, that need no key.
    """

    def __init__(self, app: ASGIApp, service: Service, public: frozenset[str]) -> None:
        self.app, self.service = app, service
        self._public = frozenset(path for path in public if not path.endswith("/"))
        self._below = tuple(path for path in public if path.endswith("/"))
        self._verifying: dict[str, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_public(scope["path"]):
            await self.app(scope, receive, send)
            return
        key = scope["state"]["key"] = await self._key(token_of(Headers(scope=scope)))
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            if (act := scope["state"].get("admin act")) is not None:
                request_id: str = scope["state"]["request_id"]
                with CancelScope(shield=True):
                    await to_thread.run_sync(self._note, key, act, status, request_id)

    def _note(self, key: Key, act: str, status: int, request_id: str) -> None:
        try:
            self.service.audit.note(key.id, key.tenant, act, status, request_id=request_id)
        except StoreError as error:
            log.error("request %s: not in the audit log: %s", request_id, error)

    def _is_public(self, path: str) -> bool:
        return path in self._public or path.startswith(self._below)

    async def _key(self, token: str) -> Key:
        keys = self.service.keys
        key = keys.recall(token) or await self._verify(keys, token)
        await self.service.rates.take(key.id, key.rate)
        return key

    async def _verify(self, keys: KeyBook, token: str) -> Key:
        """By argon2 in a thread; for one id one at a time, and not more often than a guesser would like."""
        id = token[-44:-32]
        lock = self._verifying.setdefault(id, asyncio.Lock())
        try:
            async with lock:
                if (key := keys.recall(token)) is not None:
                    return key
                await self.service.rates.take(f"verify {id}", GUESSES)
                return await to_thread.run_sync(keys.verify, token)
        finally:
            if not lock.locked():
                self._verifying.pop(id, None)


def token_of(headers: Headers) -> str:
    """The key of a request: X-API-Key, or Authorization: Bearer.

    Raises:
        Unauthenticated: there is none.
    """
    token = headers.get("x-api-key", "")
    if not token:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            token = ""
    if not token.strip():
        raise Unauthenticated("no key was given", fix="send it in the header X-API-Key")
    return token.strip()


class Needs(APIKeyHeader):
    """A dependency: the session of a request whose key has the role. One object is dependency and OpenAPI's scheme, for
    every further one costs each request time.

    Raises:
        Forbidden: it hasn't. RequestValidationError: the query has a parameter that the route doesn't know. NotReady:
            the catalogue can't be used now.
    """

    def __init__(self, role: Role) -> None:
        super().__init__(name="X-API-Key", scheme_name="key", description=SCHEME, auto_error=False)
        self.role: Role = role

    async def __call__(self, request: Request) -> Session:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The session."""
        service, state = Service.of(request), request.state
        key: Key = state.key
        if self.role == "admin":  # also when it is denied; the path as it is declared names nobody
            request.scope["state"]["admin act"] = f"{request.method} {request.scope['route'].path}"
        if not key.may(self.role):
            raise Forbidden(f"the key has not the role {self.role}", fix=f"use a key with the role {self.role}")
        check_parameters(request)
        catalogue = service.host.ready(key.tenant)
        if catalogue is None:
            wait = service.settings.open_seconds
            catalogue = await to_thread.run_sync(service.host.catalogue, key.tenant, wait)
        return Session(catalogue, key, state.request_id, service, state.started)


# the scopes show in OpenAPI as the roles that a route needs
Ingest = Annotated[Session, Security(Needs("ingest"), scopes=["ingest"])]
Read = Annotated[Session, Security(Needs("read"), scopes=["read"])]
Admin = Annotated[Session, Security(Needs("admin"), scopes=["admin"])]
