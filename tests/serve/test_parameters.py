"""A parameter that a path hasn't is told on every route, with those that there are; it is never passed over."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI

from penchant.serve.access import Read
from penchant.serve.problems import Problem
from serving import Serve


def test_every_route_that_needs_a_key_tells_a_parameter_that_it_has_not(serve: Serve) -> None:
    served = serve()
    contract: dict[str, Any] = served.app.openapi()
    told = 0
    for path, methods in contract["paths"].items():
        if path.startswith("/health"):
            continue
        for method, operation in methods.items():
            known = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
            answer = served.ask(method.upper(), re.sub(r"{\w+}", "f1", path), params={"surplus": "1"})
            problem = Problem.model_validate_json(answer.content)
            assert (answer.status_code, problem.type) == (422, "urn:penchant:problem:invalid-request"), (method, path)
            assert (problem.field, problem.detail) == ("query.surplus", "query.surplus: there is no such parameter")
            assert problem.fix == (f"there are {', '.join(known)}" if known else "leave it out: this path has none")
            told += 1
    assert told > 30


SPELLED = [
    ("/users/one/profile?id=ann&version=1", ["query.id", "query.version"], "there are of_version, min_version, text"),
    ("/users/profile?id=ann&version=1", ["query.version"], "did you mean of_version? there are of_version, id, min"),
    ("/users/profile?id=ann&text=en&Text=zh", ["query.Text"], "did you mean text? there are text, id"),
    ("/items?lmit=3", ["query.lmit"], "did you mean limit? there are limit, cursor"),
    ("/items?limit=x&lmit=3", ["query.lmit"], "did you mean limit? there are limit, cursor"),
    ("/items?limit=3&", [], ""),
    ("/items?", [], ""),
    ("/items?=3", ["query."], "there are limit, cursor"),
    ("/catalogue/tree?depth=2", ["query.depth"], "leave it out: this path has none"),
    (f"/items?{'x' * 5000}=1", [f"query.{'x' * 294}"], "there are limit, cursor"),
]


@pytest.mark.parametrize(("address", "fields", "fix"), SPELLED, ids=[address[:40] for address, _, _ in SPELLED])
def test_what_is_misspelt_is_named_and_the_nearest_comes_first(
    serve: Serve, address: str, fields: list[str], fix: str
) -> None:
    answer = serve().ask("GET", address)
    if not fields:
        assert answer.status_code == 200
        return
    problem = Problem.model_validate_json(answer.content)
    assert answer.status_code == 422
    assert ([complaint.field for complaint in problem.errors], problem.field) == (fields, fields[0])
    assert problem.fix.startswith(fix)


def test_who_may_not_ask_is_told_that_first(serve: Serve) -> None:
    assert serve().ask("GET", "/receipts?lmit=3", role="read").status_code == 403


def test_nothing_is_looked_up_where_there_is_no_query(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(dependant: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr("penchant.serve.parameters.get_flat_params", fail)
    assert serve().ask("GET", "/items").status_code == 200


def test_a_name_in_the_path_is_no_parameter_of_the_query(serve: Serve) -> None:
    def change(app: FastAPI) -> None:
        @app.get("/odd/{name}")
        def odd(session: Read, name: str, n: int = 1) -> str:
            return f"{name} {n}"

    served = serve(change=change)
    assert served.ask("GET", "/odd/a?n=2").json() == "a 2"
    assert served.ask("GET", "/odd/a?name=b").json()["field"] == "query.name"


def test_an_act_that_was_refused_for_its_query_is_in_the_audit_log(serve: Serve) -> None:
    served = serve()
    assert served.ask("DELETE", "/users/one?id=ann&force=1").status_code == 422
    assert [(act.act, act.outcome) for act in served.service.audit.read("shop")] == [("DELETE /users/one", "422")]
