"""Whatever goes wrong is a problem of one shape, and nothing of the inside is in it."""

from __future__ import annotations

import json
import logging

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field

from penchant import errors
from penchant.serve import faults
from penchant.serve.access import Read
from penchant.serve.problems import Problem, problem_of, responses
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


def test_details_are_short() -> None:
    problem, _ = problem_of(errors.UnknownId("x" * 10_000, fix="y" * 10_000))
    assert len(problem.detail) == len(problem.fix) == 300
