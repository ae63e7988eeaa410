"""How large, deep and slow a body may be, and that JSON is the JSON of RFC 8259: UTF-8, no NaN, no lone surrogates."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import anyio
import numpy as np
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penchant.serve.faults import TooLarge, TooSlow, Unprocessable
from penchant.serve.settings import ServeSettings

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
LONGEST = 1000  # characters of a number
_OPEN, _CLOSE = b"[{", b"]}"
_OTHERS = bytes(set(range(256)) - set(_OPEN + _CLOSE))
_SUSPECT = re.compile(rb"[eE]\+?[0-9]{3}|(?<![0-9])[0-9]{300}")
_NUMBER = re.compile(rb"(?<![0-9.])[0-9.]++(?:[eE][+-]?[0-9]++)?")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
STREAMS = frozenset({"application/x-ndjson", "application/jsonl", "application/json-seq"})


def check_json(body: bytes, depth: int) -> None:
    """Refuse bytes that a JSON parser should not even see. It need not be well formed to pass.

    Args:
        body: as it came.
        depth: arrays and objects that may lie within each other.

    Raises:
        Unprocessable: invalid UTF-8, nested deeper, NaN or Infinity or a number that no float holds, half a character.

    >>> check_json(b'{"user": "ann", "value": [1e3, "[[[[NaN"]}', depth=2)
    >>> check_json(b"[[[1]]]", depth=2)
    Traceback (most recent call last):
    penchant.serve.faults.Unprocessable: the body is nested deeper than 2; send it flatter
    """
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unprocessable(f"the body is not UTF-8 at byte {error.start}", fix="encode it as UTF-8") from None
    bare = _STRING.sub(b"", body)
    if b"N" in bare or b"I" in bare or (_SUSPECT.search(bare) and not all(map(_is_finite, _NUMBER.finditer(bare)))):
        raise Unprocessable("the body holds NaN, Infinity or a number too large", fix="send finite numbers, or null")
    if sum(bare.count(char) for char in (b"[", b"{")) > depth:
        brackets = np.frombuffer(bare.translate(None, _OTHERS), dtype=np.uint8)
        steps = np.where((brackets == ord("[")) | (brackets == ord("{")), np.int8(1), np.int8(-1))
        if np.cumsum(steps, dtype=np.int32).max(initial=0) > depth:
            raise Unprocessable(f"the body is nested deeper than {depth}", fix="send it flatter")
    if _SURROGATE.search(body):
        _check_characters(body)


def _is_finite(number: re.Match[bytes]) -> bool:
    """Whether a float holds it; what is no number is the parser's to refuse."""
    text = number[0]
    if len(text) > LONGEST:
        return False
    try:
        return math.isfinite(float(text))
    except ValueError:
        return True


def _check_characters(body: bytes) -> None:
    try:
        held = json.loads(body)
    except ValueError:
        return  # not JSON: the parser says so
    try:
        json.dumps(held, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Unprocessable("the body holds half a character (a lone surrogate)", fix="send whole characters") from None


def _check_address(scope: Scope) -> None:
    """Refuse a path or query that is not UTF-8: two ids must not become one by what replaces their wrong bytes."""
    for part in (scope.get("raw_path") or b"", scope.get("query_string") or b""):
        try:
            unquote_to_bytes(part).decode("utf-8")
        except UnicodeDecodeError:
            raise Unprocessable("the address is not UTF-8", fix="encode it as UTF-8, then percent-encode") from None


class Bodies:
    """ASGI middleware: addresses in UTF-8, bodies within their limits.

    JSON is looked at as a whole; streams of lines pass part by part.
    """

    def __init__(self, app: ASGIApp, settings: Callable[[], ServeSettings]) -> None:
        self.app, self._settings = app, settings

    @property
    def settings(self) -> ServeSettings:
        """Those that count now."""
        return self._settings()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        _check_address(scope)
        headers = Headers(scope=scope)
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        most = self.settings.stream_bytes if media in STREAMS else self.settings.body_bytes
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > most:
            raise _too_large(most)
        if media in STREAMS:
            await self.app(scope, self._counted(receive, most), send)
            return
        if (length in ("", "0")) and "transfer-encoding" not in headers:
            await self.app(scope, receive, send)
            return
        body = await self._whole(receive, most)
        if body is None:  # the client has gone
            return
        if media in ("", "application/json") or media.endswith("+json"):
            check_json(body, self.settings.json_depth)
        await self.app(scope, _replayed(body, receive), send)

    async def _whole(self, receive: Receive, most: int) -> bytes | None:
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self.settings.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    part: bytes = message.get("body", b"")
                    size += len(part)
                    if size > most:
                        raise _too_large(most)
                    parts.append(part)
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            raise TooSlow("the body did not come in time", fix="send it faster, or in parts") from None

    def _counted(self, receive: Receive, most: int) -> Receive:
        size = 0

        async def counted() -> Message:
            nonlocal size
            try:
                with anyio.fail_after(self.settings.body_seconds):
                    message = await receive()
            except TimeoutError:
                raise TooSlow("the next part of the body did not come in time", fix="send it faster") from None
            size += len(message.get("body", b""))
            if size > most:
                raise _too_large(most)
            return message

        return counted


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body in one message, then what else comes: that the client has gone."""
    left: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return left.pop() if left else await receive()

    return replayed


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the body is larger than {most:,} bytes", fix="send less at a time")
