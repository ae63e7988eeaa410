"""One process writes to PostgreSQL, one follows it: an answer has seen the version asked for, or says it is behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from lives import BagOfWords, films
from mixed_load import ITEMS, Process
from penchant import Engine
from penchant.serve.answering import WAIT
from postgres import Server

NEVER = 3600.0  # seconds between the follower's own looks at the log: what it learns, it learns for who asks


@dataclass
class Pair:
    """The two processes, and a client of each."""

    writing: httpx.Client
    following: httpx.Client

    def write(self, user: str, item: str) -> int:
        """Version at which the event was learned."""
        answer = self.writing.post("/events", json={"user": user, "item": item, "kind": "like"})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["version"])

    def ask(self, user: str, version: int | None) -> httpx.Response:
        return self.following.post("/recommendations", json={"user": user, "n": ITEMS, "min_version": version})

    def version(self) -> int:
        """Where the writer is."""
        return int(self.writing.get("/catalogue").json()["version"])


def until_ready(process: Process) -> httpx.Client:
    client = httpx.Client(base_url=process.address, headers={"X-API-Key": process.key}, timeout=60)
    until = time.monotonic() + 120
    while client.get("/health/ready").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.05)
    return client


@pytest.fixture(scope="module")
def pair(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    url = postgres_server.url()
    with Engine.open(url, "movies", encoder=BagOfWords()) as engine:
        engine.add_items(films(ITEMS))
    shared: dict[str, Any] = {"catalogues": {"shop": url}}
    with ExitStack() as stack:

        def start(name: str, **settings: Any) -> httpx.Client:
            process = Process(tmp_path_factory.mktemp(name), **shared, **settings)
            stack.callback(process.close)
            return stack.enter_context(closing(until_ready(process)))

        writing = start("writing")  # holds the catalogue's lock from here on
        yield Pair(writing, start("following", read_only=True, refresh_seconds=NEVER))


def test_an_answer_has_seen_the_version_asked_for(pair: Pair) -> None:
    before = pair.ask("ann", None).json()["version"]
    for k in range(5):
        wrote = pair.write("ann", f"f{k}")
        if k == 0:  # it doesn't follow by itself here
            assert pair.ask("ann", None).json()["version"] == before < wrote
        answer = pair.ask("ann", wrote)
        assert answer.status_code == 200, answer.text
        assert answer.json()["version"] >= wrote
        assert f"f{k}" not in {one["item"] for one in answer.json()["items"]}
    profile = pair.following.get("/users/ann/profile", params={"min_version": pair.write("ann", "f5")})
    assert profile.json()["version"] == pair.version()
    assert any(note["item"] == "f5" for node in profile.json()["nodes"] for note in node["events"])


def test_a_version_that_is_not_there_in_time_is_said(pair: Pair) -> None:
    ahead = pair.version() + 3
    for ask in (
        lambda: pair.ask("bob", ahead),
        lambda: pair.following.get("/users/bob/profile", params={"min_version": ahead}),
    ):
        begun = time.monotonic()
        answer = ask()
        assert time.monotonic() - begun >= WAIT
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (503, "urn:penchant:problem:not-ready")
        assert problem["detail"] == f"version {ahead} has not come yet, this process is at {ahead - 3}"
        assert int(answer.headers["retry-after"]) == 1
    assert pair.following.get("/health/ready").status_code == 200, "it is ready for what doesn't ask for that"


def test_who_waits_gets_it_when_it_comes(pair: Pair) -> None:
    ahead = pair.version() + 2
    with ThreadPoolExecutor() as others:
        waiting = [others.submit(pair.ask, "cid", ahead) for _ in range(4)]
        time.sleep(0.3)
        assert not any(one.done() for one in waiting)
        pair.write("cid", "f1")
        assert pair.write("cid", "f2") == ahead
        for one in waiting:
            assert one.result().json()["version"] >= ahead
            assert not {"f1", "f2"} & {item["item"] for item in one.result().json()["items"]}


def test_many_write_and_read_what_they_wrote_elsewhere(pair: Pair) -> None:
    wrong: list[str] = []

    def live(user: str) -> None:
        for k in range(8):
            wrote = pair.write(user, f"f{k}")
            answer = pair.ask(user, wrote)
            seen = {one["item"] for one in answer.json().get("items", [])}
            if answer.status_code != 200 or answer.json()["version"] < wrote or f"f{k}" in seen:
                wrong.append(answer.text)

    threads = [threading.Thread(target=live, args=(f"p{k}",)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_follower_takes_nothing(pair: Pair) -> None:
    for method, path, body in (
        ("POST", "/events", {"user": "ann", "item": "f1"}),
        ("POST", "/items", {"id": "new", "text": "x"}),
        ("POST", "/utterances", {"user": "ann", "text": "more war"}),
        ("DELETE", "/users/ann/profile", None),
        ("DELETE", "/users/ann", None),
    ):
        answer = pair.following.request(method, path, json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:penchant:problem:refused"), answer.text
        assert answer.json()["detail"] == "this service only reads"
        assert answer.json()["fix"] == "send it to the service that writes"
