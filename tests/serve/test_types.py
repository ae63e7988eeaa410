"""A number is a number and a flag a flag, as the contract has them: nothing that only reads like one is taken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lives import T0
from penchant.errors import InvalidRecord
from penchant.records import Event
from penchant.serve.lines import event_of
from penchant.serve.problems import Problem
from serving import Serve, Served

NO_NUMBER: list[Any] = ["4", "", True, False, [], {}]
NO_INTEGER: list[Any] = [*NO_NUMBER, 4.5]
NO_FLAG: list[Any] = ["yes", "true", "", 1, 0, 1.0, []]
# every field of a body that is a number or a flag: path, the rest of the body, where it stands, what it is not
ASKED: list[tuple[str, Any, list[str | int], list[Any], list[Any]]] = [
    ("/events", {"user": "ann", "item": "f1"}, ["value"], NO_NUMBER, [4, 4.5, None]),
    ("/events", [{"user": "ann", "item": "f1"}], [0, "value"], NO_NUMBER, [4]),
    ("/recommendations", {"user": "ann"}, ["n"], NO_INTEGER, [4, 4.0]),
    ("/recommendations", {"user": "ann"}, ["repeats"], NO_FLAG, [True, False, None]),
    ("/recommendations", {"user": "ann"}, ["exploration"], NO_NUMBER, [1, 0.5, None]),
    ("/recommendations", {"user": "ann"}, ["min_version"], NO_INTEGER, [1, 1.0, None]),
    ("/recommendations", {"history": [{"item": "f1"}]}, ["history", 0, "value"], NO_NUMBER, [4]),
    ("/recommendations/many", {"users": ["ann"]}, ["n"], NO_INTEGER, [4]),
    ("/items/search", {"text": "war"}, ["n"], NO_INTEGER, [4]),
    ("/items/search", {"text": "war"}, ["retired"], NO_FLAG, [True]),
    ("/items", {"id": "new"}, ["available"], NO_FLAG, [True]),
    ("/items", [{"id": "new"}], [0, "available"], NO_FLAG, [False]),
    ("/items", {"id": "new", "vectors": {"other": [1, 0.5]}}, ["vectors", "other", 1], NO_NUMBER, [1, 2.5]),
    ("/catalogue/versions/rollback", {}, ["version"], NO_INTEGER, [1]),
]  # fmt: skip


def with_at(body: Any, where: list[str | int], value: Any) -> Any:
    """The body with a value put somewhere."""
    body = json.loads(json.dumps(body))
    held = body
    for part in where[:-1]:
        held = held[part]
    held[where[-1]] = value
    return body


@pytest.fixture
def served(serve: Serve) -> Served:
    served = serve()
    for k in range(3):
        event = {"user": "ann", "item": f"f{k}", "time": T0 + k}
        assert served.ask("POST", "/events", json=event).status_code == 200
    return served


@pytest.mark.parametrize(("path", "body", "where", "wrong", "right"), ASKED)
def test_what_only_reads_like_it_is_refused_and_the_field_is_named(
    served: Served, path: str, body: Any, where: list[str | int], wrong: list[Any], right: list[Any]
) -> None:
    for value in wrong:
        answer = served.ask("POST", path, json=with_at(body, where, value))
        problem = Problem.model_validate_json(answer.content)
        assert (answer.status_code, problem.type) == (422, "urn:penchant:problem:invalid-request"), value
        assert problem.field is not None
        assert problem.field.endswith(".".join(map(str, where))), (problem.field, value)
        assert "input should be a valid" in problem.detail
    for value in right:
        answer = served.ask("POST", path, json=with_at(body, where, value))
        assert answer.status_code == 200, (value, answer.text)


def numbers_of(schema: dict[str, Any], components: dict[str, Any]) -> set[str]:
    """Names of the fields that are numbers or flags, of a body's schema and what is below it."""
    if "$ref" in schema:
        return numbers_of(components[schema["$ref"].rpartition("/")[2]], components)
    found: set[str] = set()
    for name, inner in schema.get("properties", {}).items():
        kinds = {one.get("type") for one in [inner, *inner.get("anyOf", [])]}
        more = inner.get("additionalProperties")
        if isinstance(more, dict) and "items" in more:
            kinds |= {more["items"].get("type")}
        if kinds & {"number", "integer", "boolean"} and "string" not in kinds:  # a time may be text
            found.add(name)
        found |= numbers_of(inner, components)
    for inner in [*schema.get("anyOf", []), *schema.get("oneOf", []), *filter(None, [schema.get("items")])]:
        found |= numbers_of(inner, components)
    return found


def test_every_number_and_every_flag_of_a_body_is_tried(served: Served) -> None:
    contract: dict[str, Any] = served.app.openapi()
    tried = [(path, part) for path, _, where, _, _ in ASKED for part in where]
    count = 0
    for path, methods in contract["paths"].items():
        for operation in methods.values():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            due = numbers_of(body, contract["components"]["schemas"])
            if path != "/recommendations/many":  # the same question
                assert due <= {part for where, part in tried if where == path}, path
            count += len(due)
    assert count > 10


def test_a_parameter_of_a_query_is_text_that_reads_like_a_number(served: Served) -> None:
    assert served.ask("GET", "/items", params={"limit": "3"}).status_code == 200
    assert served.ask("GET", "/items", params={"limit": "true"}).json()["field"] == "query.limit"


@pytest.mark.parametrize("value", ["4", "", True])
def test_a_line_of_a_stream_is_an_event_as_any_other(served: Served, value: Any) -> None:
    given = {"user": "ann", "item": "f1", "value": value}
    refused = event_of(json.dumps(given).encode())
    assert isinstance(refused, InvalidRecord)
    assert refused.field == "event.value"
    lines = b"\n".join(json.dumps(one).encode() for one in (given, given | {"value": 4}, given | {"value": None}))
    answer = served.ask("POST", "/events/stream", content=lines, headers={"content-type": "application/x-ndjson"})
    assert [json.loads(line).get("outcome") for line in answer.text.splitlines()[:3]] == [
        "refused", "accepted", "accepted"
    ]  # fmt: skip


def test_records_in_a_program_are_as_lenient_as_ever() -> None:
    assert Event.read({"user": "ann", "item": "f1", "value": "4"}).value == 4
