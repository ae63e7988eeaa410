"""Whatever goes wrong is a problem of one shape, and nothing of the inside is in it."""

from __future__ import annotations

import ast
import json
import logging
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field

import penchant
from penchant import errors
from penchant.serve import faults
from penchant.serve.access import Read
from penchant.serve.problems import Problem, problem_of, responses
from penchant.serve.ways import WAYS, over_http
from serving import Serve

SECRET = "/home/ann/shop.db penchant_shop_abc ann@example.org postgresql://u:p@h"
CASES = [
    (errors.InvalidRecord("event.kind", SECRET, "give a name"), 422, "invalid-record"),
    (errors.UnknownId("item 'x' is not in the catalogue"), 404, "unknown-id"),
    (errors.Refused("user 'x' was forgotten"), 409, "refused"),
    (errors.Busy("9 events wait", retry_after=2.5), 429, "busy"),
    (errors.Closing("the service is shutting down"), 503, "closing"),
    (errors.StoreBusy(SECRET), 503, "store-busy"),
    (errors.StoreError(SECRET, fix=SECRET), 503, "store-failed"),
    (errors.EncoderMismatch(SECRET), 503, "encoder-mismatch"),
    (errors.EncoderFailed(SECRET), 503, "encoder-failed"),
    (errors.MissingExtra("torch", extra="train"), 501, "missing-extra"),
    (errors.PenchantError(SECRET), 500, "fault"),
    (RuntimeError(SECRET), 500, "fault"),
    (KeyError(SECRET), 500, "fault"),
    (faults.NotReady("the catalogue is being opened", retry_after=0.1), 503, "not-ready"),
    (faults.RateLimited("the key may make 2 per 1 hour", retry_after=60), 429, "rate-limited"),
]


class Thing(BaseModel):
    name: str = Field(max_length=3)
    size: int


def failing(app: FastAPI) -> None:
    @app.get("/fail/{case}")
    def fail(session: Read, case: int) -> None:
        raise CASES[case][0]

    @app.post("/things", responses=responses(404))
    def things(session: Read, thing: Thing) -> str:
        return thing.name


def test_every_error_is_a_problem_without_the_inside(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    served = serve(change=failing)
    for case, (error, status, slug) in enumerate(CASES):
        with caplog.at_level(logging.ERROR):
            answer = served.ask("GET", f"/fail/{case}", "read")
        assert answer.status_code == status, error
        assert answer.headers["content-type"] == "application/problem+json"
        problem = Problem.model_validate_json(answer.content)
        assert (problem.status, problem.type) == (status, f"urn:penchant:problem:{slug}")
        assert problem.request_id == answer.headers["x-request-id"]
        for part in SECRET.split():
            assert part not in answer.text
        if status in (429, 503):
            assert int(answer.headers["retry-after"]) >= 1
        assert (problem.request_id in caplog.text) == (status >= 500)


def test_a_fault_nobody_foresaw_is_logged_without_its_text(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    served = serve(change=failing)
    served.ask("GET", f"/fail/{CASES.index(next(c for c in CASES if isinstance(c[0], RuntimeError)))}", "read")
    assert "RuntimeError at test_problems.py:" in caplog.text
    assert "example.org" not in caplog.text


def test_a_field_that_cannot_be_used_is_named(serve: Serve) -> None:
    served = serve(change=failing)
    problem = served.ask("POST", "/things", json={"name": "secret", "size": "many"}).json()
    assert problem["status"] == 422
    assert problem["field"] == "body.name"
    assert [e["field"] for e in problem["errors"]] == ["body.name", "body.size"]
    assert "secret" not in json.dumps(problem)
    assert served.ask("GET", "/fail/x").json()["field"] == "path.case"


def test_no_path_and_no_method_are_problems(serve: Serve) -> None:
    served = serve(change=failing)
    for answer, status in ((served.ask("GET", "/no"), 404), (served.ask("GET", "/things"), 405)):
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
    assert served.ask("GET", "/things").headers["allow"] == "POST"
    assert "/users/profile?id=a/b" in served.ask("GET", "/users/a/b/profile").json()["fix"]


def test_openapi_documents_problems(serve: Serve) -> None:
    api = serve(change=failing).ask("GET", "/openapi.json").json()
    documented = api["paths"]["/things"]["post"]["responses"]
    assert set(documented) == {"200", "400", "401", "403", "404", "408", "413", "422", "429", "500", "503"}
    for status, response in documented.items():
        if status != "200":
            assert set(response["content"]) == {"application/problem+json"}, status
    assert api["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status", "detail"]


def test_every_route_documents_its_problems_as_such(serve: Serve) -> None:
    api = serve().ask("GET", "/openapi.json").json()
    assert "HTTPValidationError" not in api["components"]["schemas"]
    for path, methods in api["paths"].items():
        for operation in methods.values():
            # not ready is no problem: it says how far it is
            wrong = [r for s, r in operation["responses"].items() if s >= "4" and (path, s) != ("/health/ready", "503")]
            assert wrong, path
            assert all(set(r["content"]) == {"application/problem+json"} for r in wrong), path


PYTHON = re.compile(r"\b(?:engine|penchant|Engine|print|profile|self)\b[\w.]*\(|\bthis engine\b|\w= ")
PACKAGES = ("engine", "interest", "language", "recommend", "trust", "serve")
HIDDEN = {"open it with that encoder, or change it with penchant.reembed(path, encoder)"}  # its answer has other words


def test_every_text_that_names_a_python_call_is_told_in_http() -> None:
    """Every text in the code that the service reaches, docstrings and the console's code apart."""
    found: set[str] = set()
    source = Path(penchant.__file__).parent
    for file in (p for package in PACKAGES for p in (source / package).rglob("*.py")):
        if "console" in file.parts or file.name == "ways.py":
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        docs = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        found |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and node not in docs and isinstance(node.value, str)
            and PYTHON.search(node.value)
        }  # fmt: skip
    assert found - HIDDEN == set(WAYS) - {text for text in WAYS if not PYTHON.search(text)}
    for text in WAYS:
        assert not PYTHON.search(over_http(text)), text
    for text in (*HIDDEN, *WAYS):
        for kind in {kind for kind in vars(errors).values() if isinstance(kind, type)} - {
            errors.InvalidRecord, errors.MissingExtra
        }:  # fmt: skip
            if (text in HIDDEN) == (kind is errors.EncoderMismatch):
                problem, _ = problem_of(kind(text, fix=text))
                assert not PYTHON.search(f"{problem.detail} {problem.fix}"), (kind, text)
        problem, _ = problem_of(errors.InvalidRecord("item.id", 1, text if text in WAYS else "x"))
        assert not PYTHON.search(f"{problem.detail} {problem.fix}"), text


REFUSED = [
    ("GET", "/items/nothing", {}),
    ("GET", "/items/nothing/similar", {}),
    ("DELETE", "/items/nothing", {}),
    ("POST", "/items/retire", {"json": {"items": ["nothing"]}}),
    ("POST", "/items", {"json": {"id": "gone", "text": "again"}}),
    ("POST", "/events", {"json": {"user": "ann", "item": "nothing"}}),
    ("POST", "/events", {"json": {"user": "ann", "item": "f1", "request_id": "nothing"}}),
    ("POST", "/events", {"json": {"user": "ann", "item": "f1", "time": 4e9}}),
    ("POST", "/events", {"json": {"user": "gone", "item": "f1"}}),
    ("POST", "/recommendations", {"json": {"similar_to": "nothing"}}),
    ("POST", "/recommendations", {"json": {"history": [{"item": "nothing"}]}}),
    ("POST", "/recommendations", {"json": {"filters": "price <"}}),
    ("POST", "/recommendations", {"json": {"filters": [{"action": "boost"}]}}),
    ("POST", "/recommendations", {"json": {"min_version": 10**9}}),
    ("POST", "/recommendations", {"json": {"user": "gone"}}),
    ("POST", "/explanations", {"json": {"item": "nothing"}}),
    ("GET", "/explanations/nothing", {}),
    ("POST", "/utterances", {"json": {"user": "ann", "text": " "}}),
    ("GET", "/users/gone/profile", {}),
    ("PATCH", "/users/ann/profile", {"json": {"edits": [{"path": ["Horor"], "op": "more"}]}}),
    ("PATCH", "/users/ann/profile", {"json": {"edits": [{"path": ["Zzzzzzzz"], "op": "more"}]}}),
    ("PATCH", "/users/ann/profile", {"json": {"edits": [{"path": [], "op": "more"}]}}),
    ("POST", "/users/ann/profile/undo", {"json": {}}),
    ("POST", "/users/ann/profile/undo", {"json": {"undoes": "nothing"}}),
    ("DELETE", "/users/nobody/profile", {}),
    ("POST", "/users/merge", {"json": {"guest": "nobody", "into": "ann"}}),
    ("POST", "/users/merge", {"json": {"guest": "ann", "into": "ann"}}),
    ("GET", "/users/nobody/export", {}),
    ("DELETE", "/users/nobody", {}),
    ("GET", "/receipts/nothing", {}),
]


def test_what_a_route_refuses_says_what_to_do_over_http(serve: Serve) -> None:
    served = serve()
    for user in ("ann", "gone"):
        assert served.ask("POST", "/events", json={"user": user, "item": "f2"}).status_code == 200
    assert served.ask("POST", "/items", json={"id": "gone", "text": "x"}).status_code == 200
    assert served.ask("DELETE", "/items/gone").status_code == 200
    assert served.ask("DELETE", "/users/gone").status_code == 202
    for method, path, more in REFUSED:
        answer = served.ask(method, path, **more)
        problem = Problem.model_validate_json(answer.content)
        assert 400 <= answer.status_code < 500, (method, path, more)
        texts = [problem.detail, problem.fix, *(complaint.detail for complaint in problem.errors)]
        assert not any(PYTHON.search(text) for text in texts), (method, path, texts)
        assert problem.fix or problem.errors, (method, path, texts)


def test_details_are_short() -> None:
    problem, _ = problem_of(errors.UnknownId("x" * 10_000, fix="y" * 10_000))
    assert len(problem.detail) == len(problem.fix) == 300
