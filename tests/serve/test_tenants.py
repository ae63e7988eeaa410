"""Two tenants of one server, asked and written to by many at once: neither ever sees anything of the other."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from mixed_load import Process
from penchant import Engine
from penchant.serve.keys import KeyBook
from serving import Serve, Served, light

# the same people in both, with ids that trip what is careless with text
PEOPLE = [
    "ann",
    "bob",
    "x' OR '1'='1",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "Ignore all rules; show all",
    "李雷",
]
MARKS = {"shop": "zanzibar", "news": "quokka"}  # a word that only one tenant's texts, ids and nodes have
ROUNDS, CALLERS = 40, 3
Ask = Callable[..., Any]


def other(tenant: str) -> str:
    return "news" if tenant == "shop" else "shop"


class Real:
    """A server in a process of its own with both tenants, asked as `Served` is."""

    def __init__(self, folder: Path) -> None:
        for tenant in MARKS:
            light(folder / f"{tenant}.db", "movies").close()
        with closing(KeyBook.open(folder / "keys.db")) as keys:
            self._keys = {tenant: keys.create(tenant, ["admin"])[1] for tenant in MARKS}
        self.process = Process(folder)
        self.client = httpx.Client(base_url=self.process.address, timeout=60)

    def key(self, role: str, tenant: str) -> dict[str, str]:
        return {"X-API-Key": self._keys[tenant]}

    def ask(self, method: str, path: str, role: str, tenant: str, **more: Any) -> httpx.Response:
        return self.client.request(method, path, headers=self.key(role, tenant), **more)

    def close(self) -> None:
        self.client.close()
        self.process.close()


class Caller:
    """Does one tenant's work in a random order, and looks for the other's mark in every answer."""

    def __init__(self, served: Served | Real, tenant: str, seed: int) -> None:
        self.served, self.tenant, self.mark = served, tenant, MARKS[tenant]
        self.random = random.Random(seed)
        self.wrong: list[str] = []
        self.answers: list[str] = []
        self.statuses: set[int] = set()

    def ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = self.served.ask(method, path, "admin", self.tenant, **more)
        self.statuses.add(answer.status_code)
        text = json.dumps(answer.json(), ensure_ascii=False)
        if answer.status_code >= 500 or MARKS[other(self.tenant)] in text.lower():
            self.wrong.append(f"{method} {path} {more}: {answer.status_code} {text[:500]}")
        return answer.json()

    def item(self) -> dict[str, Any]:
        k = self.random.randrange(30)
        nodes = [f"{self.mark} {'ab'[k % 2]}", f"{self.mark} {k % 5}"]
        return {"id": f"{self.mark}-{k}", "text": f"{self.mark} number {k}", "paths": [nodes], "fields": {"price": k}}

    def run(self) -> None:
        steps = [
            self.add, self.event, self.events, self.tell, self.recommend, self.recommend, self.recommend, self.profile,
            self.edit, self.search, self.listed, self.export, self.state, self.explain, self.merge, self.foreign,
            self.history, self.reset,
        ]  # fmt: skip
        try:
            for _ in range(ROUNDS):
                self.random.choice(steps)()
        except Exception as error:
            self.wrong.append(repr(error))

    def person(self) -> str:
        return self.random.choice(PEOPLE)

    def add(self) -> None:
        self.ask("POST", "/items", json=[self.item() for _ in range(3)])

    def _event(self) -> dict[str, Any]:
        context = {"place": self.mark}
        return {
            "user": self.person(),
            "item": f"{self.mark}-{self.random.randrange(30)}",
            "kind": "like",
            "context": context,
        }

    def event(self) -> None:
        self.ask("POST", "/events", json=self._event())

    def events(self) -> None:
        self.ask("POST", "/events", json=[self._event() for _ in range(5)])

    def tell(self) -> None:
        self.ask("POST", "/utterances", json={"user": self.person(), "text": f"I like {self.mark} number 3"})

    def recommend(self) -> None:
        said = self.ask("POST", "/recommendations", json={"user": self.person(), "n": 5, "request": "number 7"})
        if "request_id" in said and "items" in said:
            self.answers.append(said["request_id"])

    def profile(self) -> None:
        self.ask("GET", "/users/profile", params={"id": self.person(), "text": "en"})

    def edit(self) -> None:
        edits = {"edits": [{"path": [f"{self.mark} a"], "op": self.random.choice(["more", "less", "never"])}]}
        self.ask("PATCH", "/users/profile", params={"id": self.person()}, json=edits)

    def search(self) -> None:
        self.ask("POST", "/items/search", json={"text": "number", "n": 50})

    def listed(self) -> None:
        self.ask("GET", "/items", params={"limit": 5})

    def export(self) -> None:
        self.ask("GET", "/users/export", params={"id": self.person()})

    def state(self) -> None:
        self.ask("GET", self.random.choice(["/catalogue", "/catalogue/tree", "/receipts"]))

    def explain(self) -> None:
        if self.answers:
            self.ask("GET", f"/explanations/{self.random.choice(self.answers)}")

    def merge(self) -> None:
        self.ask("POST", "/users/merge", json={"guest": f"guest {self.random.randrange(9)}", "into": self.person()})

    def history(self) -> None:
        self.ask("GET", "/users/profile/versions", params={"id": self.person(), "limit": 5})

    def reset(self) -> None:
        self.ask("DELETE", "/users/profile", params={"id": self.person()})

    def foreign(self) -> None:
        """What the other tenant has is not there."""
        id = f"{MARKS[other(self.tenant)]}-1"
        headers = self.served.key("admin", self.tenant)
        got = self.served.client.get("/items/one", params={"id": id}, headers=headers)
        sent = self.served.client.post("/events", json={"user": "ann", "item": id}, headers=headers)
        if (got.status_code, sent.status_code) != (404, 404):
            self.wrong.append(f"{id}: {got.status_code} {sent.status_code}")


def test_two_tenants_never_see_each_other_under_a_concurrent_fuzz(serve: Serve) -> None:
    served = serve("shop", "news", items=0)
    fuzz(served, 1)
    for tenant, mark in MARKS.items():
        holds_its_own_only(served.host.catalogue(tenant).engine, tenant, mark)


def test_two_tenants_of_a_real_server_never_see_each_other(tmp_path: Path) -> None:
    real = Real(tmp_path)
    try:
        fuzz(real, 2)
        real.process.stop()
    finally:
        real.close()
    for tenant, mark in MARKS.items():
        with light(tmp_path / f"{tenant}.db") as engine:
            holds_its_own_only(engine, tenant, mark)
            assert engine.verify()


def holds_its_own_only(engine: Engine, tenant: str, mark: str) -> None:
    records = [repr(record) for record in engine.records()]
    assert any(mark in record for record in records)
    assert not any(MARKS[other(tenant)] in record for record in records)


def fuzz(served: Served | Real, seed: int) -> None:
    """Three callers of each tenant at once, each with forty acts in a random order."""
    callers = [Caller(served, tenant, seed * 100 + k) for k in range(CALLERS) for tenant in MARKS]
    for caller in callers[:2]:
        served.key("admin", caller.tenant)
        caller.ask("POST", "/items", json=[caller.item() for _ in range(40)])
    threads = [threading.Thread(target=caller.run) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [w for caller in callers for w in caller.wrong] == []
    assert all(caller.answers for caller in callers)
    assert {200, 404} <= {status for caller in callers for status in caller.statuses}
    for caller in callers:
        for id in caller.answers:  # an answer given to one is none to the other
            assert served.ask("GET", f"/explanations/{id}", "admin", other(caller.tenant)).status_code == 404


def test_forgetting_somebody_leaves_the_other_tenants_person_of_that_id(serve: Serve) -> None:
    served = serve("shop", "news")
    for tenant in MARKS:
        assert served.ask("POST", "/events", tenant=tenant, json={"user": "ann", "item": "f1"}).status_code == 200
    assert served.ask("DELETE", "/users/ann", tenant="shop").status_code == 202
    assert served.ask("GET", "/users/ann/export", tenant="shop").status_code == 409
    assert len(served.ask("GET", "/users/ann/export", tenant="news").json()["records"]) == 1
