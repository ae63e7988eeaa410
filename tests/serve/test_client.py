"""The clients against the real service: typed answers, the errors of the engine, retries that write once."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from lives import T0
from penchant import AsyncClient, Client, Event, Item
from penchant.errors import Busy, InvalidRecord, PenchantError, Refused, UnknownId
from penchant.serve.calling import Call, described
from penchant.serve.calls import Calls
from penchant.serve.client import Unreachable
from penchant.serve.faults import Forbidden, Unauthenticated
from serving import Serve, Served


class Recorder(httpx2.BaseTransport):
    """Passes on to the application, and can lose an answer on its way or give another instead."""

    def __init__(self, served: Served) -> None:
        self._inner = served.client._transport
        self.requests: list[httpx2.Request] = []
        self.before: list[Callable[[httpx2.Request], httpx2.Response | None]] = []
        self.lose = 0  # answers to lose after they were made

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if self.before and (instead := self.before.pop(0)(request)) is not None:
            return instead
        response = self._inner.handle_request(request)
        if self.lose:
            self.lose -= 1
            response.read()
            raise httpx2.ReadError("lost on its way", request=request)
        return response


def client_of(served: Served, role: str = "admin", **more: Any) -> tuple[Client, Recorder]:
    recorder = Recorder(served)
    key = served.key(role)["X-API-Key"]
    return Client("http://testserver", key, transport=recorder, longest_wait=0.01, **more), recorder


@pytest.fixture
def served(serve: Serve) -> Served:
    return serve(items=30)


def test_every_operation_of_the_contract_has_a_method_and_every_method_an_operation(served: Served) -> None:
    spec: dict[str, Any] = served.app.openapi()
    operations = {
        operation["operationId"]
        for path, methods in spec["paths"].items()
        for operation in methods.values()
        if not path.startswith("/health")
    }
    named = {name for name, _ in inspect.getmembers(Calls, lambda m: isinstance(m, described))}
    by_path = {name for name in operations if name.endswith("_by_path")}
    assert {name.removesuffix("_by_path") for name in by_path} <= operations
    assert named - {"observe", "add_item"} == operations - by_path  # those two are shorter forms


def test_a_whole_life_by_the_client(served: Served) -> None:
    client, _ = client_of(served)
    with client:
        assert client.add_item("x/y", "A very special thing", paths=[["Comedy"]], fields={"price": 3}).accepted == 1
        assert client.add_items([Item(id="z", text="Z"), {"id": "x/y2", "text": "W"}]).accepted == 2
        assert client.get_item("x/y").item.title == "A very special thing"
        first = client.list_items(20)
        rest = client.list_items(20, first.next)
        assert first.total == 33 == len(first.items) + len(rest.items)
        assert rest.next is None
        assert client.search_items("very special thing", 1).items[0].item == "x/y"
        assert len(client.similar_items("f1", 3).items) == 3
        assert client.retire_items(["z"]).accepted == 1
        assert client.delete_item("x/y2").accepted == 1

        assert client.observe("ann", "f1", "like", value=None, time=datetime.fromtimestamp(T0, UTC)).accepted == 1
        both = client.add_events([Event(user="ann", item="f2", id="e2"), {"user": "ann", "item": "nowhere"}])
        assert (both.accepted, [r.index for r in both.refused]) == (1, [1])
        streamed = client.stream_events(Event(user=f"u{k}", item=f"f{k % 30}") for k in range(40))
        assert (streamed.end.accepted, {line.outcome for line in streamed.lines}) == (40, {"accepted"})

        answer = client.recommend("ann", 5, explain="parts")
        assert answer.version >= both.version
        assert answer.items[0].parts is not None
        assert sum(part.value for part in answer.items[0].parts) == pytest.approx(answer.items[0].score)
        assert client.observe("ann", answer.items[2].item, "like", request_id=answer.request_id).accepted == 1
        assert [one.item for one in client.explain_answer(answer.request_id).items] == [
            one.item for one in answer.items
        ]
        assert client.explain_item("f9", "ann").items[0].item == "f9"
        guest = client.recommend(
            n=3, history=[{"item": "f3", "kind": "like"}], context={"device": "tv"}, similar_to="f4"
        )
        assert len(guest.items) == 3
        assert [a.user for a in client.recommend_many(["ann", "bob"], 2).answers] == ["ann", "bob"]

        told = client.tell("ann", "no more horror")
        assert (told.accepted, [one.text for one in told.understood]) == (1, ["no more horror"])
        assert client.edit_profile("ann", ["War"], "never").accepted == 1
        tree = client.get_profile("ann", text="en")
        assert next(node for node in tree.nodes if node.name == "War").edits == ["never"]
        assert tree.text
        assert client.undo("ann").accepted == 1
        versions = client.profile_versions("ann", 3)
        assert [change.type for change in versions.changes] == ["edit", "edit", "utterance"]
        older = client.get_profile("ann", of_version=versions.changes[1].version)
        assert next(node for node in older.nodes if node.name == "War").edits == ["never"]
        assert client.merge_users("u5", "ann").accepted == 1
        assert client.export_user("ann").ids == ["ann", "u5"]
        state = client.catalogue_state()
        assert sum((state.alpha.category, state.alpha.dimension, state.alpha.intensity)) == pytest.approx(1)
        assert client.catalogue_tree().nodes
        assert client.back_up("one").bytes > 0
        assert (client.reset_profile("ann").accepted, client.get_profile("ann").is_new) == (1, True)
        receipt = client.forget_user("ann").receipt
        assert client.get_receipt(receipt.id).receipt.at == receipt.at
        assert [one.id for one in client.list_receipts().receipts] == [receipt.id]
        with pytest.raises(Refused):
            client.get_profile("ann")


def test_awaited_it_is_the_same(served: Served) -> None:
    async def life() -> None:
        key = served.key()["X-API-Key"]
        transport = httpx2.ASGITransport(app=served.app)
        async with AsyncClient("http://testserver", key, transport=transport) as client:
            wrote = await client.observe("ann", "f1", "like")
            answers = await asyncio.gather(*(client.recommend("ann", 3) for _ in range(5)))
            assert all(answer.version >= wrote.version and len(answer.items) == 3 for answer in answers)
            with pytest.raises(UnknownId):
                await client.get_item("nowhere")

    asyncio.run(life())


def test_errors_are_those_of_the_engine(served: Served) -> None:
    client, _ = client_of(served)
    with pytest.raises(UnknownId, match="'nowhere' is not in the catalogue"):
        client.observe("ann", "nowhere")
    with pytest.raises(InvalidRecord, match=r"^body\.n: input should be greater than or equal to 1$") as told:
        client.recommend("ann", 0)
    assert told.value.field == "body.n"
    for value in (float("nan"), float("inf")):
        with pytest.raises(InvalidRecord, match="the body is no JSON"):
            client.observe("ann", "f1", value=value)
    with pytest.raises(InvalidRecord, match="the body is no JSON"):
        client.tell("ann", "half a sign: \ud83d")
    with pytest.raises(InvalidRecord):
        client.list_items(cursor="mine")
    reader, _ = client_of(served, "read")
    with pytest.raises(Forbidden):
        reader.observe("ann", "f1")
    with pytest.raises(Unauthenticated):
        Client("http://testserver", "wrong", transport=Recorder(served)).catalogue_state()


@pytest.mark.parametrize(
    "write",
    [
        lambda c: c.observe("ann", "f1"),
        lambda c: c.add_events([{"user": "ann", "item": "f1"}, {"user": "ann", "item": "f2"}]),
        lambda c: c.stream_events([{"user": "ann", "item": "f1"}]).end,
        lambda c: c.tell("ann", "more comedy"),
        lambda c: c.edit_profile("ann", ["War"], "less"),
        lambda c: c.add_item("new", "A new one"),
        lambda c: c.retire_items(["f1"]),
        lambda c: c.delete_item("f1"),
        lambda c: c.merge_users("guest", "bob"),
        lambda c: c.reset_profile("guest"),
    ],
)  # fmt: skip
def test_an_answer_lost_on_its_way_is_asked_for_again_and_nothing_is_written_twice(
    served: Served, write: Callable[[Client], Any]
) -> None:
    client, recorder = client_of(served)
    client.observe("guest", "f3")
    before = served.host.catalogue("shop").engine.version
    recorder.lose = 2
    written = write(client)
    assert written.accepted == 0
    assert written.duplicates >= 1
    engine = served.host.catalogue("shop").engine
    once = engine.version
    assert once > before
    entries = [e for e in engine.records(after=before) if e.type not in ("fit", "warm")]
    assert len(entries) == written.duplicates
    keys = {request.headers.get("Idempotency-Key") for request in recorder.requests[-3:]}
    assert len(keys) == 1


def test_a_forgetting_whose_answer_was_lost_gives_the_receipt_again(served: Served) -> None:
    client, recorder = client_of(served)
    client.observe("ann", "f1")
    recorder.lose = 1
    receipt = client.forget_user("ann").receipt
    assert [one.id for one in client.list_receipts().receipts] == [receipt.id]


def _busy(request: httpx2.Request, status: int = 429, slug: str = "busy") -> httpx2.Response:
    told = {"type": f"urn:penchant:problem:{slug}", "detail": "9 events wait", "status": status}
    return httpx2.Response(status, json=told, headers={"Retry-After": "0"}, request=request)


def test_a_full_queue_is_waited_for_and_in_the_end_said(served: Served) -> None:
    client, recorder = client_of(served, retries=2)
    recorder.before = [_busy, lambda request: _busy(request, 503, "closing")]
    assert client.observe("ann", "f1").accepted == 1
    recorder.before = [_busy] * 3
    with pytest.raises(Busy, match="9 events wait"):
        client.observe("ann", "f1")
    assert len(recorder.requests) == 6


def test_what_trying_again_can_not_mend_is_tried_once(served: Served) -> None:
    client, recorder = client_of(served)
    with pytest.raises(UnknownId):
        client.get_item("nowhere")
    recorder.before = [lambda request: httpx2.Response(500, text="<html>", request=request)]
    with pytest.raises(PenchantError, match="answered 500"):
        client.catalogue_state()
    assert len(recorder.requests) == 2


def test_nobody_there_is_said_in_one_line() -> None:
    with pytest.raises(Unreachable, match=r"^http://127\.0\.0\.1:9: .*check that the service runs there$"):
        Client("http://127.0.0.1:9", "k", retries=1, longest_wait=0.01).catalogue_state()


def test_one_client_serves_many_threads(served: Served) -> None:
    client, _ = client_of(served)
    seen: list[bool] = []

    def ask(user: str) -> None:
        for k in range(5):
            wrote = client.observe(user, f"f{k}", "like")
            seen.append(
                f"f{k}" not in {one.item for one in client.recommend(user, 10, min_version=wrote.version).items}
            )

    threads = [threading.Thread(target=ask, args=(f"u{k}",)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 20


def test_the_client_needs_neither_the_service_nor_numbers() -> None:
    code = (
        "import sys; from penchant import Client; Client();"
        "print([m for m in ('numpy', 'fastapi', 'numba') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "[]"
    ran = subprocess.run(
        [sys.executable, "-c", "import sys, penchant.engine; print('httpx2' in sys.modules)"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert ran.stdout.strip() == "False"


def test_a_call_can_be_made_by_hand(served: Served) -> None:
    from penchant.serve.wire.stamp import Stamped

    client, _ = client_of(served)
    assert client.send(Call(Stamped, "GET", "/catalogue")).version > 0
