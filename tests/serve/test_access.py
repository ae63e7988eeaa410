"""Nobody comes in without a key that holds, and nobody does what the key's roles don't allow."""

from __future__ import annotations

import time
from typing import Any

import pytest
from fastapi import FastAPI

from penchant.serve.access import Admin, Ingest, Read
from penchant.serve.keys import ROLES, KeyBook
from serving import Serve, Served

OPEN = {"/health/live", "/health/ready"}
# every route stands here, so that giving one to another role is a decision
WHO = {
    "ingest": {
        "POST /items", "POST /items/place", "POST /items/retire", "POST /events", "POST /events/stream",
        "POST /utterances",
        "PATCH /users/profile", "PATCH /users/{id}/profile", "POST /users/profile/undo",
        "POST /users/{id}/profile/undo",
        "DELETE /users/profile", "DELETE /users/{id}/profile", "POST /users/merge", "POST /probe/ingest",
    },
    "read": {
        "GET /items", "GET /items/one", "GET /items/{id}", "GET /items/similar", "GET /items/{id}/similar",
        "POST /items/search", "POST /recommendations", "POST /recommendations/many", "POST /explanations",
        "GET /explanations/{request_id}", "GET /users/profile", "GET /users/{id}/profile",
        "GET /users/profile/versions", "GET /users/{id}/profile/versions", "GET /catalogue",
        "GET /catalogue/tree", "GET /catalogue/versions", "GET /catalogue/versions/diff", "GET /items/unplaced",
        "GET /probe/read",
    },
    "admin": {
        "DELETE /items/one", "DELETE /items/{id}", "DELETE /users/one", "DELETE /users/{id}", "GET /users/export",
        "GET /users/{id}/export", "GET /receipts", "GET /receipts/{id}", "POST /catalogue/backups",
        "POST /catalogue/versions/rollback", "DELETE /probe/admin/{name}",
    },
}  # fmt: skip


def probes(app: FastAPI) -> None:
    """Routes of each role that say whose catalogue they have."""

    @app.get("/probe/read")
    async def read(session: Read) -> str:
        return session.catalogue.name

    @app.post("/probe/ingest")
    async def ingest(session: Ingest) -> str:
        return session.catalogue.name

    @app.delete("/probe/admin/{name}")
    async def admin(session: Admin, name: str) -> str:
        if name == "fault":
            raise RuntimeError(name)
        return session.catalogue.name


def operations(served: Served) -> list[tuple[str, str, list[str]]]:
    """Method, path and needed roles of every route, as OpenAPI tells them."""
    paths: dict[str, Any] = served.ask("GET", "/openapi.json").json()["paths"]
    return [
        (
            method.upper(),
            path,
            sorted({role for way in operation.get("security", []) for roles in way.values() for role in roles}),
        )
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]


def filled(path: str) -> str:
    return path.replace("{", "").replace("}", "")


def test_every_route_but_health_names_one_role_and_answers_nothing_without_a_key(serve: Serve) -> None:
    served = serve(change=probes)
    found = operations(served)
    assert {path for _, path, roles in found if not roles} == OPEN
    for method, path, roles in found:
        answer = served.client.request(method, filled(path))
        if path in OPEN:
            assert answer.status_code == 200, path
            continue
        assert len(roles) == 1, path
        assert answer.status_code == 401, path
        assert answer.json()["type"] == "urn:penchant:problem:unauthenticated"
        assert answer.headers["www-authenticate"].startswith("ApiKey")


@pytest.mark.parametrize("role", ROLES)
def test_every_route_lets_in_its_role_and_admins_only(serve: Serve, role: str) -> None:
    served = serve(change=probes)
    for method, path, roles in operations(served):
        if path in OPEN:
            continue
        denied = served.ask(method, filled(path), role).status_code == 403
        assert denied == (role not in (*roles, "admin")), f"{method} {path} with {role}"


def test_every_route_has_the_role_that_was_decided(serve: Serve) -> None:
    found = operations(serve(change=probes))
    for role in ROLES:
        assert {f"{method} {path}" for method, path, roles in found if roles == [role]} == WHO[role]


def test_the_contract_is_for_those_who_have_a_key_unless_it_is_opened(serve: Serve) -> None:
    closed, opened = serve(), serve(docs=True)
    for path in ("/openapi.json", "/docs"):
        assert closed.client.get(path).status_code == 401
        assert opened.client.get(path).status_code == 200
    assert closed.ask("GET", "/openapi.json", "ingest").status_code == 200
    assert "cdn.jsdelivr.net" in opened.client.get("/docs").headers["content-security-policy"]


def test_a_path_that_is_not_there_is_not_told_without_a_key(serve: Serve) -> None:
    served = serve()
    for path in ("/nowhere", "/console", "/", "/health", "/healthy", "/docs", "//health/live", "/health/../items"):
        assert served.client.get(path).status_code == 401, path
    assert served.ask("GET", "/nowhere").status_code == 404


@pytest.mark.parametrize("header", ["X-API-Key", "Authorization"])
def test_a_key_comes_in_either_header(serve: Serve, header: str) -> None:
    served = serve(change=probes)
    token = served.key("read")["X-API-Key"]
    value = token if header == "X-API-Key" else f"Bearer {token}"
    assert served.client.get("/probe/read", headers={header: value}).json() == "shop"
    assert served.client.get("/probe/read", headers={"Authorization": f"Basic {token}"}).status_code == 401


def test_wrong_keys_open_nothing(serve: Serve) -> None:
    served = serve("shop", "news", change=probes)
    token = served.key("read")["X-API-Key"]
    assert served.ask("GET", "/probe/read", "read").status_code == 200
    other = "b" if token[-1] == "a" else "a"
    wrong = [
        token[:-1] + other,
        token[:-1],
        token + "a",
        token.replace("shop", "news"),
        "",
        "penchant_shop_",
        "x" * 5000,
        "é" * 44,
    ]
    for text in wrong:
        answer = served.client.get("/probe/read", headers={"X-API-Key": text.encode()})
        assert answer.status_code == 401, text
        assert "penchant_" not in answer.text


def test_a_key_opens_its_own_tenants_catalogue(serve: Serve) -> None:
    served = serve("shop", "news", change=probes)
    assert [served.ask("GET", "/probe/read", "read", tenant).json() for tenant in ("shop", "news")] == ["shop", "news"]


def test_a_key_of_no_catalogue_is_told_so(serve: Serve) -> None:
    served = serve(change=probes)
    assert served.ask("GET", "/probe/read", "read", "gone").status_code == 404


def test_a_revoked_key_opens_nothing_at_once(serve: Serve) -> None:
    served = serve(change=probes)
    key, token = served.service.keys.create("shop", ["read"])
    headers = {"X-API-Key": token}
    assert served.client.get("/probe/read", headers=headers).status_code == 200
    served.service.keys.revoke(key.id)
    assert "revoked" in served.client.get("/probe/read", headers=headers).json()["detail"]


def test_a_key_revoked_by_another_process_opens_nothing_soon(serve: Serve) -> None:
    served = serve(change=probes)
    key, token = served.service.keys.create("shop", ["read"])
    headers = {"X-API-Key": token}
    assert served.client.get("/probe/read", headers=headers).status_code == 200
    other = KeyBook.open(served.host.keys)
    other.revoke(key.id)
    other.close()
    until = time.monotonic() + 30  # far more than the second that is promised, for slow machines
    while served.client.get("/probe/read", headers=headers).status_code != 401:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_expired_key_opens_nothing(serve: Serve) -> None:
    served = serve(change=probes)
    _, token = served.service.keys.create("shop", ["read"], expires=time.time() + 0.5)
    time.sleep(0.6)
    answer = served.client.get("/probe/read", headers={"X-API-Key": token})
    assert answer.status_code == 401
    assert "expired" in answer.json()["detail"]


def test_a_key_beyond_its_rate_is_told_when_to_come_again(serve: Serve) -> None:
    served = serve(change=probes)
    _, slow = served.service.keys.create("shop", ["read"], rate="2/hour")
    answers = [served.client.get("/probe/read", headers={"X-API-Key": slow}) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600
    assert served.ask("GET", "/probe/read", "read").status_code == 200  # another key has its own


def test_the_services_rate_counts_where_a_key_has_none(serve: Serve) -> None:
    served = serve(change=probes, rate="1/hour")
    assert [served.ask("GET", "/probe/read", "read").status_code for _ in range(2)] == [200, 429]


def test_guesses_at_a_known_id_are_slowed_down(serve: Serve) -> None:
    served = serve(change=probes)
    _, token = served.service.keys.create("shop", ["read"])
    served.service.keys._known.clear()  # as after a restart
    wrong = [f"{token[:-2]}{k:02}" for k in range(60)]
    statuses = {served.client.get("/probe/read", headers={"X-API-Key": text}).status_code for text in wrong}
    assert statuses == {401, 429}


def test_admin_acts_are_in_the_audit_log_with_their_outcome(serve: Serve) -> None:
    served = serve(change=probes)
    done = served.ask("DELETE", "/probe/admin/ann@example.org")
    denied = served.ask("DELETE", "/probe/admin/x", "read")
    failed = served.ask("DELETE", "/probe/admin/fault")
    served.ask("GET", "/probe/read")
    assert [done.status_code, denied.status_code, failed.status_code] == [200, 403, 500]
    acts = served.service.audit.read("shop")
    assert [(a.act, a.outcome) for a in acts] == [("DELETE /probe/admin/{name}", s) for s in ("200", "403", "500")]
    assert [a.request_id for a in acts] == [a.headers["x-request-id"] for a in (done, denied, failed)]
    assert acts[0].who in served.key()["X-API-Key"]
    assert "ann" not in repr(acts)
