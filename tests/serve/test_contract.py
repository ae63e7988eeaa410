"""The service against its own OpenAPI: whatever is sent, no 5xx and no answer that is not documented."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from lives import T0
from serving import Serve, Served

PYTHON = re.compile(r"\bengine\b|\w\(")  # what to do is said to somebody who calls over HTTP
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@schemathesis.serializer("application/x-ndjson")
def _lines(context: Any, value: Any) -> Any:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


EXAMPLES = 40  # of each operation: half a minute in all


def _peopled(serve: Serve) -> Served:
    served = serve(items=12, eager=False)
    for k in range(12):
        event = {"user": f"u{k % 6}", "item": f"f{k}", "kind": "like", "id": f"e{k}", "time": T0 + k}
        assert served.ask("POST", "/events", json=event).status_code == 200
    return served


FORGETTING = {"DELETE /users/one", "DELETE /users/{id}"}


@pytest.mark.filterwarnings("ignore")  # of what is generated, not of the service
@pytest.mark.timeout(400)
def test_no_request_gets_a_fault_or_an_undocumented_answer(serve: Serve) -> None:
    served = _peopled(serve)
    schema: Any = schemathesis.openapi.from_dict(served.app.openapi())
    operations = [found.ok() for found in schema.get_all_operations()]
    # whoever is forgotten is refused from then on: that comes last
    operations.sort(key=lambda operation: operation.label in FORGETTING)
    seen = {operation.label: _ask(served, operation) for operation in operations}
    assert len(seen) > 30
    assert all({202, 404, 409} <= seen[label] for label in FORGETTING), seen
    engine = served.host.catalogue("shop").engine
    while any(receipt.places["parameters"].clean_at is None for receipt in engine.receipts()):  # in the background
        time.sleep(0.02)
    assert engine.verify()


def _ask(served: Served, operation: Any) -> set[int]:
    """Statuses of the answers to what is drawn."""
    statuses: set[int] = set()
    # what is drawn is hardly ever an id of somebody
    first = 3 * ("{id}" in operation.path)
    people = iter([f"u{k}" for k in (first, first + 1, first)] if operation.label in FORGETTING else [])

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operation.as_strategy())
    def ask(case: Any) -> None:
        if user := next(people, None):
            (case.path_parameters or case.query)["id"] = user
        case.headers = {**(case.headers or {}), **served.key()}
        arguments = case.as_transport_kwargs(base_url="http://testserver")
        arguments.pop("timeout", None)
        response = served.client.request(**_for_httpx(arguments))
        answer = schemathesis.Response.from_httpx(response, verify=False)
        case.validate_response(answer, checks=CHECKS)
        statuses.add(response.status_code)
        if response.status_code >= 400:
            assert not PYTHON.search(response.json().get("fix", "")), response.text

    ask()
    return statuses


def _for_httpx(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments that were made for requests."""
    data = arguments.pop("data", None)
    kept = {
        name: arguments[name] for name in ("method", "url", "params", "headers", "cookies", "json") if name in arguments
    }
    if data is not None:
        kept["content"] = data if isinstance(data, bytes | str) else str(data)
    kept["headers"] = {k: v for k, v in dict(kept.get("headers") or {}).items() if v is not None}
    kept.pop("cookies", None)
    return kept


def test_every_operation_is_described_for_people_and_for_generators(serve: Serve) -> None:
    contract: dict[str, Any] = serve().app.openapi()
    ids: list[str] = []
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            ids.append(operation["operationId"])
            assert operation["operationId"].isidentifier(), where
            assert operation.get("summary"), where
            assert operation.get("description"), where
            assert operation.get("tags"), where
            for parameter in operation.get("parameters", []):
                assert parameter.get("description"), (where, parameter["name"])
            for status, answer in operation["responses"].items():
                assert answer["description"], where
                if status[0] in "45" and not path.startswith("/health"):
                    assert "application/problem+json" in answer["content"], (where, status)
            if not path.startswith("/health"):
                assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), where
    assert len(ids) == len(set(ids))
    for name, schema in contract["components"]["schemas"].items():
        if not name.startswith(("HTTPValidationError", "ValidationError")):
            assert schema.get("description"), name
