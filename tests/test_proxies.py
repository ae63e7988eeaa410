"""What a service promises holds behind nginx and Caddy as `deploy/` sets them up."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import httpx
import httpx2
import pytest

from browsing import CHROMIUM, PATIENCE
from local_server import free_port
from mixed_load import Process
from penchant import Client
from penchant.serve.envelope import SECURE
from penchant.serve.keys import KeyBook
from penchant.serve.routes.events import GROUP
from penchant.serve.settings import ServeSettings
from proxies import Caddy, Nginx, Proxy, make_certificate
from serving import CHEAP

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
BODY = ServeSettings().body_bytes
LINES = {"Content-Type": "application/x-ndjson"}
ONLY_NGINX = pytest.mark.parametrize("proxy", [Nginx], ids=["nginx"], indirect=True)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("behind")
    (folder / "broken.db").write_bytes(b"this is no catalogue" * 1000)  # so that it is never ready, but for its shop
    started = Process(folder, port=free_port(), log="critical")
    yield started
    started.close()


@pytest.fixture(scope="module", params=[Nginx, Caddy], ids=lambda kind: kind.program)
def proxy(
    request: pytest.FixtureRequest, service: Process, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    certificate = make_certificate(tmp_path_factory.mktemp("certificate"))
    started: Proxy = request.param(service.address.removeprefix("http://"), certificate)
    yield started
    started.close()


@pytest.fixture
def client(proxy: Proxy, service: Process) -> Iterator[httpx.Client]:
    with proxy.client(headers={"X-API-Key": service.key}) as client:
        yield client


def test_keys_pass_and_every_header_comes_once(proxy: Proxy, client: httpx.Client) -> None:
    answer = client.post("/recommendations", json={"user": "ann", "n": 2}, headers={"X-Request-Id": "seen-1"})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["items"]) == 2
    for name in (*SECURE, "Strict-Transport-Security", "Server-Timing"):
        assert len(answer.headers.get_list(name)) == 1, name
    assert answer.headers.get_list("X-Request-Id") == ["seen-1"]
    with proxy.client() as stranger:
        assert stranger.get("/catalogue").status_code == 401
    plain = httpx.get(f"http://localhost:{proxy.plain_port}/docs?a=b", follow_redirects=False)
    assert plain.status_code in (301, 308)
    assert plain.headers["Location"].startswith("https://localhost")
    assert plain.headers["Location"].endswith("/docs?a=b")


def test_metrics_are_read_from_inside_only(service: Process, client: httpx.Client) -> None:
    inside = httpx.get(f"{service.address}/metrics", headers={"X-API-Key": service.key})
    assert "penchant_items" in inside.text
    for path in ("/metrics", "/%6detrics", "//metrics", "/./metrics", "/a/../metrics"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "penchant_items" not in answer.text


def test_ids_of_any_characters_arrive_as_they_were_sent(client: httpx.Client) -> None:
    for id in ("a b+c%20d", "ü/é?&#", "../x", "片//名", "x;y=%2F"):
        assert client.post("/items", json={"id": id, "text": "odd"}).status_code == 200
        assert client.get(f"/items/one?id={quote(id, safe='')}").json()["item"]["id"] == id
        if "/" not in id:
            assert client.get(f"/items/{quote(id, safe='')}").json()["item"]["id"] == id


def test_a_body_that_is_too_large_is_a_problem_and_one_at_the_limit_passes(client: httpx.Client) -> None:
    def sized(size: int) -> bytes:
        return b'{"user": "ann", "n": 1' + b" " * (size - 23) + b"}"

    json_kind = {"Content-Type": "application/json"}
    assert client.post("/recommendations", content=sized(BODY), headers=json_kind).status_code == 200
    for content in (sized(BODY + 1), sized(2 * BODY), iter([sized(BODY + 1)])):  # of the last no length is told
        answer = client.post("/recommendations", content=content, headers=json_kind)
        assert answer.status_code == 413
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:penchant:problem:too-large"
    line = b" " * 1000 + b"\n"
    event = json.dumps({"user": "ann", "item": "f1"}).encode() + b"\n"
    stream = client.post("/events/stream", content=line * (BODY // 1000) + event, headers=LINES)
    assert stream.status_code == 200, stream.text
    assert json.loads(stream.text.splitlines()[-1])["accepted"] == 1


def test_lines_are_learned_while_the_stream_is_still_being_sent(client: httpx.Client) -> None:
    goes_on, before = threading.Event(), client.get("/catalogue").json()["version"]

    def lines() -> Iterator[bytes]:
        for k in range(GROUP + 10):
            yield json.dumps({"user": "streamer", "item": f"f{k % 12}", "kind": "view"}).encode() + b"\n"
        assert goes_on.wait(60)
        yield b'{"user": "streamer", "item": "f1"}\n'

    answers: list[httpx.Response] = []

    def send() -> None:
        answers.append(client.post("/events/stream", content=lines(), headers=LINES))

    sender = threading.Thread(target=send)
    sender.start()
    until = time.monotonic() + 30
    while client.get("/catalogue").json()["version"] < before + GROUP:
        assert time.monotonic() < until, "it waits for the stream's end"
        time.sleep(0.05)
    goes_on.set()
    sender.join()
    end = json.loads(answers[0].text.splitlines()[-1])
    assert (end["done"], end["accepted"]) == (True, GROUP + 11)


def test_a_rate_says_when_to_come_again(proxy: Proxy, service: Process) -> None:
    book = KeyBook(service.folder / "keys.db", hasher=CHEAP)
    _, token = book.create("shop", ["read"], rate="1/hour")
    book.close()
    with proxy.client(headers={"X-API-Key": token}) as client:
        assert client.get("/catalogue").status_code == 200
        answer = client.get("/catalogue")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600
    assert answer.json()["type"] == "urn:penchant:problem:rate-limited"


def test_guesses_are_counted_by_the_address_that_they_come_from(proxy: Proxy) -> None:
    first = {"nginx": "127.0.0.11", "caddy": "127.0.0.21"}[proxy.program]
    tries: list[str] = []
    if (left := 60 - time.time() % 60) < 10:  # over a minute's edge what was counted is weighed, and one more may pass
        time.sleep(left + 0.5)
    with proxy.client(first) as client:
        for k in range(32):
            forged = {"X-Forwarded-For": f"192.0.2.{k}"}
            answer = client.post("/console/login", data={"key": "wrong"}, headers=forged)
            tries.append(httpx.URL(answer.headers["Location"]).params["why"])
    assert tries == ["wrong"] * 30 + ["often"] * 2
    with proxy.client(first[:-1] + "2") as client:
        answer = client.post("/console/login", data={"key": "wrong"})
        assert "why=wrong" in answer.headers["Location"]


def test_the_console_works_over_its_socket(proxy: Proxy, service: Process) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright (extra dev) is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium (apt-get install chromium)")
    sockets: list[str] = []
    frames: list[object] = []
    faults: list[str] = []

    def watch(opened: Any) -> None:
        sockets.append(opened.url)
        opened.on("framereceived", lambda frame: frames.append(frame))

    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(ignore_https_errors=True)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("websocket", watch)
        page.goto(f"{proxy.url}/console/login?lang=en&next=/live")
        page.fill("#key", service.key)
        page.press("#key", "Enter")
        page.wait_for_selector("#content")
        [cookie] = context.cookies()
        assert (cookie["secure"], cookie["httpOnly"]) == (True, True)
        before = len(frames)
        page.get_by_role("link", name="People").click()
        page.wait_for_url("**/console/people")
        page.wait_for_selector("#content")
        page.wait_for_timeout(300)
        assert len(frames) > before
        browser.close()
    assert sockets
    assert all(url.startswith(f"wss://localhost:{proxy.port}/") for url in sockets)
    assert faults == []


@ONLY_NGINX  # Caddy counts no connections
def test_many_connections_of_one_address_are_bounded(proxy: Proxy, service: Process, client: httpx.Client) -> None:
    head = f"POST /events/stream HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {service.key}\r\n"
    head += "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(100):
            raw = socket.create_connection(("localhost", proxy.port), timeout=60)
            held = stack.enter_context(proxy.trust.wrap_socket(raw, server_hostname="localhost"))
            held.sendall(head.encode())
        until = time.monotonic() + 30
        while (answer := client.get("/catalogue")).status_code == 200 and time.monotonic() < until:
            time.sleep(0.05)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
        assert answer.json()["type"] == "urn:penchant:problem:rate-limited"


def test_a_service_that_is_away_is_a_problem_and_no_line_in_a_log(proxy: Proxy) -> None:
    away = type(proxy)(f"127.0.0.1:{free_port()}", proxy.certificate)
    try:
        with away.client(headers={"X-API-Key": "penchant_shop_secret"}) as client:
            answer = client.get("/users/someone/profile")
        logged = (away.folder / "log").read_text()
    finally:
        away.close()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:penchant:problem:not-ready"
    assert [what for what in ("penchant_shop_secret", "someone") if what in logged] == []


@ONLY_NGINX  # it is the caller who waits, whatever stands between
def test_callers_outlast_a_service_that_dies(proxy: Proxy, service: Process) -> None:
    service.kill()
    back = threading.Thread(target=service.start)
    back.start()
    transport = httpx2.HTTPTransport(verify=proxy.trust)
    with Client(proxy.url, service.key, retries=60, longest_wait=1.0, transport=transport) as caller:
        wrote = caller.observe("away", "f3", "like", id="away-1")
        back.join()
        assert wrote.accepted == 1
        assert caller.observe("away", "f3", "like", id="away-1").duplicates == 1
