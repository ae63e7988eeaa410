"""Bodies: as large, deep, slow and clean as may be; what every answer has around it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st

from penchant.serve.access import Read
from penchant.serve.faults import TooSlow, Unprocessable
from penchant.serve.limits import Bodies, check_json
from penchant.serve.settings import ServeSettings
from serving import Serve

DEEPEST = 32
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)  # fmt: skip


def depth(value: Any) -> int:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def echo(app: FastAPI) -> None:
    @app.post("/echo")
    async def whole(session: Read, body: dict[str, Any]) -> int:
        return len(body)

    @app.post("/lines")
    async def lines(session: Read, request: Request) -> int:
        return sum([len(part) async for part in request.stream()])


@given(values, st.integers(0, 6), st.booleans())
def test_what_passes_is_exactly_what_is_not_too_deep(value: Any, most: int, ascii_: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_).encode()
    if depth(value) <= most:
        check_json(body, most)
    else:
        with pytest.raises(Unprocessable, match="deeper"):
            check_json(body, most)


BAD = [
    b'{"a": "\xff"}',
    b'{"a": "\xed\xa0\x80"}',
    b"\xfe\xff\x00{",
    b'{"a": NaN}',
    b'{"a": -Infinity}',
    b'{"a": 1e400}',
    b'{"a": 1.5E+0999}',
    b'{"a": ' + b"9" * 400 + b"}",
    b'{"a": ' + b"1" * 5000 + b"}",
    b'{"a": "\\ud800"}',
    b'{"\\uDFFF": 1}',
    b'{"a": "\\ude00\\ud83d"}',
    b"[" * 100_000,
    b'{"a":' * 1000,
    b"[" * 100_000 + b"]" * 100_000,
]


def test_what_no_json_is_made_of_is_refused(serve: Serve) -> None:
    served = serve(change=echo)
    for body in BAD:
        with pytest.raises(Unprocessable):
            check_json(body, DEEPEST)
        answer = served.ask("POST", "/echo", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 400, body[:20]
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:penchant:problem:unreadable"


@pytest.mark.parametrize(
    "text",
    [
        '"NaN [[[[ \\" Infinity"',
        '"\\\\ud800"',
        '"\\ud83d\\ude00"',
        "[1e-400, 1e308, 0.1, " + "9" * 300 + "]",
        '"\\\\"',
        '"unfinished [',
        "{",
    ],
)
def test_what_only_looks_bad_passes(text: str) -> None:
    check_json(text.encode(), 1)


def test_half_json_and_no_json_are_problems(serve: Serve) -> None:
    served = serve(change=echo)
    for body in (b"", b"{", b"{]", b"'a'", b"{} {}"):
        answer = served.ask("POST", "/echo", content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.headers["content-type"]) in {
            (400, "application/problem+json"), (422, "application/problem+json"),
        }  # fmt: skip
    assert served.ask("POST", "/echo", content=b"{}", headers={"content-type": "text/html"}).status_code == 422


def parts(n: int, size: int = 1000) -> Iterator[bytes]:
    for _ in range(n):
        yield b" " * size


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused_with_and_without_its_length(serve: Serve, chunked: bool) -> None:
    served = serve(change=echo, body_bytes=10_000)
    kind = {"content-type": "application/json"}

    def body(n: int) -> Any:
        return parts(n) if chunked else b"".join(parts(n))

    small = served.ask("POST", "/echo", content=[b"{}", *parts(9)] if chunked else b"{}" + body(9), headers=kind)
    assert small.json() == 0
    large = served.ask("POST", "/echo", content=body(11), headers=kind)
    assert (large.status_code, large.json()["type"]) == (413, "urn:penchant:problem:too-large")


def test_a_stream_of_lines_has_its_own_limit(serve: Serve) -> None:
    served = serve(change=echo, body_bytes=2000, stream_bytes=10_000)
    kind = {"content-type": "application/x-ndjson"}
    assert served.ask("POST", "/lines", content=parts(9), headers=kind).json() == 9000
    assert served.ask("POST", "/lines", content=parts(11), headers=kind).status_code == 413


def test_a_body_that_comes_too_slowly_is_given_up() -> None:
    async def never() -> Any:
        await anyio.sleep_forever()

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await receive()

    async def ask(media: bytes) -> None:
        scope = {"type": "http", "headers": [(b"content-length", b"9"), (b"content-type", media)]}
        await Bodies(inner, lambda: ServeSettings(body_seconds=0.05))(scope, never, never)

    for media in (b"application/json", b"application/x-ndjson"):
        with pytest.raises(TooSlow):
            anyio.run(ask, media)


def test_every_answer_is_sealed(serve: Serve) -> None:
    served = serve(change=echo)
    answers = [served.client.get("/health/live"), served.client.get("/nowhere"), served.ask("GET", "/nowhere")]
    answers += [served.ask("POST", "/echo", json={}), served.ask("DELETE", "/echo")]
    assert [a.status_code for a in answers] == [200, 401, 404, 200, 405]
    for answer in answers:
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert math.isfinite(float(headers["server-timing"].removeprefix("app;dur=")))
        assert "access-control-allow-origin" not in headers
    assert len({a.headers["x-request-id"] for a in answers}) == len(answers)


def test_a_request_id_comes_back_if_it_is_one(serve: Serve) -> None:
    served = serve()
    assert served.client.get("/health/live", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    for bad in ("a b", "x" * 200, "a\x7fb", ""):
        assert served.client.get("/health/live", headers={"X-Request-Id": bad}).headers["x-request-id"] not in (
            bad,
            "abc-1",
        )
    assert served.client.get("/nowhere", headers={"X-Request-Id": "abc-2"}).json()["request_id"] == "abc-2"


def test_other_origins_may_call_only_where_they_are_named(serve: Serve) -> None:
    ask = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in serve().client.options("/echo", headers=ask).headers
    named = serve(cors=("https://shop.example",)).client
    assert named.options("/echo", headers=ask).headers["access-control-allow-origin"] == "https://shop.example"
    assert (
        "access-control-allow-origin"
        not in named.options("/echo", headers=ask | {"Origin": "https://x.example"}).headers
    )


def test_httpx_speaks_to_it_without_a_server(serve: Serve) -> None:
    """The application is plain ASGI: its own client's transport works on it."""
    served = serve(change=echo)

    async def ask() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(served.app), base_url="http://x") as client:
            return (await client.post("/echo", json={"a": 1}, headers=served.key())).json()

    assert anyio.run(ask) == 1


def test_an_address_that_is_not_utf8_is_refused(serve: Serve) -> None:
    served = serve()
    for address in ("/users/%ff/profile", "/users/profile?id=%ed%a0%80", "/items/%c3", "/users/profile?id=a%FFb"):
        answer = served.ask("GET", address)
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:penchant:problem:unreadable"), address
    for address in ("/users/%E6%9D%8E/profile", "/users/profile?id=%C3%A9%25ff+b"):
        assert served.ask("GET", address).status_code == 200, address


def test_a_line_of_a_stream_is_looked_at_like_a_body(serve: Serve) -> None:
    lines = [b'{"user":"a","item":"f1","context":{"k":"' + text + b'"}}' for text in (rb"\udfff", b"\xff", b"tv")]
    answer = serve().ask(
        "POST", "/events/stream", content=b"\n".join(lines), headers={"content-type": "application/x-ndjson"}
    )
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["outcome"] for line in told[:3]] == ["refused", "refused", "accepted"]
    assert told[0]["type"] == "urn:penchant:problem:unreadable"
