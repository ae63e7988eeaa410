"""Everything that goes wrong as RFC 9457 problems: one shape, one type for each kind, nothing of the inside shown.

Texts that may hold a path, an address or a secret (of the store, the encoder, faults nobody foresaw) stay in the log;
the answer says what happened and what to do. The request id finds the one by the other.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException

from penchant import errors
from penchant.serve.faults import Fault
from penchant.serve.ways import over_http

log = logging.getLogger("penchant.serve")
MEDIA = "application/problem+json"
TYPE = "urn:penchant:problem:"
LONGEST = 300  # characters of a detail


class Complaint(BaseModel):
    """One field of several that can't be used."""

    field: str = Field(description="Where, from the body, query or path on.", examples=["body.events.3.kind"])
    detail: str = Field(description="What is wrong with it.", examples=["give a name such as 'view'"])


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": f"{TYPE}unknown-id", "title": "Not Found", "status": 404,
                "detail": "item 'dune' is not in the catalogue", "field": None, "fix": "add it with POST /items",
                "request_id": "0b6a4f1c2d3e4f5061728394a5b6c7d8", "errors": [],
            }
        }
    )  # fmt: skip

    type: str = Field(description="Kind of problem, stable.", examples=[f"{TYPE}invalid-record"])
    title: str = Field(description="The status in words.", examples=["Unprocessable Content"])
    status: int = Field(description="HTTP status.", examples=[422])
    detail: str = Field(description="What happened.")
    field: str | None = Field(default=None, description="The field that can't be used, if it is one.")
    fix: str = Field(default="", description="What to do.")
    request_id: str = Field(default="", description="Names this request in the service's log.")
    errors: list[Complaint] = Field(default=[], description="All fields that can't be used, where there are several.")


# class: (status, slug, what is said instead of the error's own text)
_KINDS: dict[type[errors.PenchantError], tuple[int, str, str]] = {
    errors.InvalidRecord: (422, "invalid-record", ""),
    errors.ConfigError: (422, "invalid-setting", ""),
    errors.UnknownId: (404, "unknown-id", ""),
    errors.Refused: (409, "refused", ""),
    errors.Busy: (429, "busy", ""),
    errors.Closing: (503, "closing", ""),
    errors.StoreBusy: (503, "store-busy", "another process writes to this catalogue"),
    errors.StoreError: (503, "store-failed", "the catalogue's store can't do this now"),
    errors.EncoderMismatch: (503, "encoder-mismatch", "the catalogue needs another encoder than the one it has"),
    errors.EncoderFailed: (503, "encoder-failed", "the encoder gave no usable vector"),
    errors.MissingExtra: (501, "missing-extra", ""),
    errors.PenchantError: (500, "fault", "something failed that should not have"),
}
_OPERATORS = "tell who runs the service, with the request id"
_SLUGS = {
    400: "unreadable", 401: "unauthenticated", 403: "forbidden", 404: "not-found", 405: "method-not-allowed",
    408: "too-slow", 413: "too-large", 415: "unsupported-media-type", 422: "invalid-request", 429: "rate-limited",
}  # fmt: skip
_MEANINGS = {
    400: "The body can't be read.", 401: "No key, or one that is unknown, expired or revoked.",
    403: "The key lacks the role.", 404: "There is nothing of that id.", 405: "The path has no such method.",
    408: "The body came too slowly.",
    409: "Well formed, but it must not enter: a forgotten user, a deleted item, a time in the future.",
    413: "The body is too large.", 415: "The body is of a type that is not read here.", 422: "A field can't be used.",
    429: "Too many requests of this key, or the queue is full; Retry-After says when to come again.",
    500: "A fault of the service.", 501: "Needs a package that is not installed.",
    503: "The catalogue is being opened or is behind the version asked for, its store fails, or the service stops.",
}  # fmt: skip
ALWAYS = (400, 401, 403, 408, 413, 422, 429, 500, 503)


def responses(*statuses: int, always: Sequence[int] = ALWAYS) -> dict[int | str, dict[str, Any]]:
    """The problems of a route for its `responses=`: those that every route may have, and these.

    >>> sorted(responses(404, always=(401,)))
    [401, 404]
    """
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _MEANINGS[status], "content": {MEDIA: {"schema": schema}}}
        for status in sorted({*always, *statuses})
    }


def schemas() -> dict[str, Any]:
    """Schemas of a problem by name, for OpenAPI's components."""
    _, found = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    return cast("dict[str, Any]", found["$defs"])


def problem_of(error: Exception, request_id: str = "") -> tuple[Problem, dict[str, str]]:
    """The problem that stands for an error, and headers that go with it."""
    if isinstance(error, RequestValidationError):
        return _of_validation(error, request_id), {}
    if isinstance(error, HTTPException):
        return _of_http(error, request_id)
    if isinstance(error, Fault):
        problem = _problem(error.http, error.slug, error.what, request_id, fix=error.fix)
        headers = {} if error.retry_after is None else {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
        if error.http == 401:
            headers["WWW-Authenticate"] = 'ApiKey realm="penchant", header="X-API-Key"'
        return problem, headers
    if isinstance(error, errors.PenchantError):
        kind = next(cls for cls in type(error).__mro__ if cls in _KINDS)
        status, slug, said = _KINDS[cast("type[errors.PenchantError]", kind)]
        if said:
            headers = {"Retry-After": "5"} if status == 503 else {}
            return _problem(status, slug, said, request_id, fix=_OPERATORS), headers
        headers = {"Retry-After": str(max(1, math.ceil(error.retry_after)))} if isinstance(error, errors.Busy) else {}
        if isinstance(error, errors.InvalidRecord):
            detail = f"{error.field} can't be used"  # what was given may be personal
            return _problem(status, slug, detail, request_id, field=error.field, fix=over_http(error.fix)), headers
        return _problem(status, slug, over_http(error.what), request_id, fix=over_http(error.fix)), headers
    return _problem(500, "fault", "something failed that should not have", request_id, fix=_OPERATORS), {}


def answer(error: Exception, request_id: str = "") -> JSONResponse:
    """The problem as an answer."""
    problem, headers = problem_of(error, request_id)
    if problem.status >= 500:
        note_fault(error, request_id)
    return JSONResponse(problem.model_dump(), problem.status, headers, MEDIA)


def note_fault(error: Exception, request_id: str) -> None:
    """Into the log: what kind of error, and where it was raised; its text only where it is penchant's own."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = "?" if where is None else f"{where.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{where.tb_lineno}"
    text = f": {error}" if isinstance(error, errors.StoreError | errors.EncoderFailed | errors.EncoderMismatch) else ""
    log.error("request %s: %s at %s%s", request_id or "?", type(error).__name__, place, text)


def install(app: FastAPI) -> None:
    """Make every error of the app's routes a problem."""

    def handle(request: Request, error: Exception) -> JSONResponse:
        return answer(error, str(getattr(request.state, "request_id", "")))

    for kind in (errors.PenchantError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, handle)


def _problem(
    status: int, slug: str, detail: str, request_id: str, *, field: str | None = None, fix: str = "",
    complaints: Sequence[Complaint] = (),
) -> Problem:  # fmt: skip
    return Problem(
        type=TYPE + slug, title=HTTPStatus(status).phrase, status=status, detail=detail[:LONGEST], field=field,
        fix=fix[:LONGEST], request_id=request_id, errors=list(complaints),
    )  # fmt: skip


def _of_validation(error: RequestValidationError, request_id: str) -> Problem:
    found: Sequence[dict[str, Any]] = error.errors()
    if any(e["type"] == "json_invalid" for e in found):
        return _problem(400, "unreadable", "the body is not JSON", request_id, fix="send one JSON value")
    complaints = [
        Complaint(field=".".join(map(str, e["loc"]))[:LONGEST], detail=_plain(str(e["msg"]))) for e in found[:20]
    ]
    first = complaints[0]
    return _problem(
        422, "invalid-request", f"{first.field}: {first.detail}", request_id, field=first.field,
        fix=str(found[0].get("fix", "")), complaints=complaints,
    )  # fmt: skip


def _of_http(error: HTTPException, request_id: str) -> tuple[Problem, dict[str, str]]:
    status, fix = error.status_code, ""
    detail = _MEANINGS.get(status, "") or HTTPStatus(status).phrase
    if status == 404:
        detail = "There is no such path."
        fix = "all are in /openapi.json; an id with a slash goes into the query, as in /users/profile?id=a/b"
    elif error.detail != HTTPStatus(status).phrase and status < 500:
        detail = error.detail
    return _problem(status, _SLUGS.get(status, "http"), detail, request_id, fix=fix), dict(error.headers or {})


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return (message[:1].lower() + message[1:])[:LONGEST]


def to_bytes(problem: Problem) -> bytes:
    """The problem as the body of an answer."""
    return json.dumps(problem.model_dump(), ensure_ascii=False, separators=(",", ":")).encode()
