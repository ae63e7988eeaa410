"""The log: lines of JSON for programs, and nobody's name, text or key in them unless that is asked for."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from penchant.errors import StoreError, UnknownId
from penchant.serve.logs import set_up
from penchant.serve.settings import ServeSettings
from serving import Serve

Log = Callable[..., io.StringIO]


@pytest.fixture
def log() -> Log:
    """Sends the log to a text, as `penchant serve` does to standard error."""

    def start(**settings: Any) -> io.StringIO:
        stream = io.StringIO()
        set_up(ServeSettings(**settings), stream)
        return stream

    return start


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_no_personal_text_whatever_happens(serve: Serve, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = log(log="debug")
    served = serve(items=12)
    served.ask("POST", "/events", json={"user": "Ann-Secret", "item": "f1", "context": {"place": "Ann-Secret"}})
    served.ask("POST", "/events", json={"user": "Ann-Secret", "item": "Ann-Secret"})
    served.ask("POST", "/events", json={"user": "Ann-Secret", "item": ["Ann-Secret"]})
    served.ask("POST", "/events/stream", content=b'{"user": "Ann-Secret"}\nAnn-Secret', headers={
        "Content-Type": "application/x-ndjson"})  # fmt: skip
    served.ask("POST", "/utterances", json={"user": "Ann-Secret", "text": "no more Ann-Secret"})
    served.ask("POST", "/recommendations", json={"user": "Ann-Secret", "request": "Ann-Secret films"})
    served.ask("GET", "/users/Ann-Secret/profile")
    served.ask("GET", "/Ann-Secret")
    served.client.get("/catalogue", headers={"X-API-Key": "penchant_shop_Ann-Secret"})
    served.ask("DELETE", "/users/Ann-Secret")
    engine = served.host.catalogue("shop").engine

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("broken at Ann-Secret")

    monkeypatch.setattr(engine, "recommend", broken)
    assert served.ask("POST", "/recommendations", json={"user": "Ann-Secret"}).status_code == 500
    text = stream.getvalue()
    assert "Ann-Secret" not in text
    assert not [token for token in served.tokens.values() if token in text]
    told = lines(stream)
    routes = {(line.get("route"), line.get("status")) for line in told}
    assert {("/events", 200), ("/events", 404), ("/users/{id}/profile", 200), ("(none)", 401)} <= routes
    assert {line["level"] for line in told} >= {"debug", "info", "error"}
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in told)
    [failed] = [line for line in told if line.get("status") == 500]
    assert failed["tenant"] == "shop"
    assert [line for line in told if failed["request_id"] in line["message"] and "RuntimeError" in line["message"]]


def test_only_what_failed_is_logged_by_default(serve: Serve, log: Log) -> None:
    stream = log()
    served = serve()
    served.ask("GET", "/catalogue")
    served.ask("GET", "/nothing")
    assert [line["status"] for line in lines(stream) if "status" in line] == [404]


def test_libraries_and_errors_are_shown_by_their_kind(log: Log) -> None:
    stream = log()
    other, ours = logging.getLogger("asyncio"), logging.getLogger("penchant.serve")
    other.warning("task of %s failed", "ann")
    other.warning("no item 'ann' there")
    other.error(PermissionError(13, "Permission denied", "/home/ann"))
    ours.error("not done: %s", UnknownId("no user 'ann'"))
    ours.error("not done: %s", StoreError("the disk is full"))
    ours.error("of penchant_shop_abcdefghijklmnopqrstuvwxyz012345 at postgresql://me:ann@db/x")
    try:
        raise ValueError("ann")
    except ValueError:
        other.exception("it failed")
    assert "ann" not in stream.getvalue()
    told = lines(stream)
    assert [line["message"] for line in told] == [
        "task of %s failed", "no item … there",
        "PermissionError: Permission denied", "not done: UnknownId", "not done: the disk is full",
        "of … at postgresql://…@db/x", "it failed",
    ]  # fmt: skip
    assert told[-1]["error"] == "ValueError"
    assert told[-1]["place"].rpartition(":")[0].endswith("test_logs.py")
    assert "trace" not in told[-1]


def test_texts_are_shown_where_that_is_asked_for(log: Log) -> None:
    stream = log(log_texts=True)
    try:
        raise ValueError("ann")
    except ValueError:
        logging.getLogger("asyncio").exception("of %s", "ann")
    [told] = lines(stream)
    assert told["message"] == "of ann"
    assert "ValueError: ann" in told["trace"]


def test_a_line_for_people(log: Log) -> None:
    stream = log(log_format="text", log="warning")
    logging.getLogger("penchant.serve").info("not shown")
    logging.getLogger("penchant.serve").warning("catalogue %s: %s", "shop", "slow")
    assert stream.getvalue().endswith("WARNING penchant.serve: catalogue shop: slow\n")
    assert stream.getvalue().count("\n") == 1
