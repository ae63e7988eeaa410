"""Every route: what it does, and each documented answer when it can't."""

from __future__ import annotations

import json
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lives import T0, BagOfWords, films, held
from penchant import Engine, Item, reembed
from penchant.serve.app import create_app
from penchant.serve.host import Host
from penchant.serve.settings import ServeSettings
from penchant.serve.wire.items import ItemIn
from serving import Serve, Served, light

LINES = {"content-type": "application/x-ndjson"}


@pytest.fixture
def served(serve: Serve) -> Served:
    return serve(items=30)


def good(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    assert set(told) >= {"request_id", "version", "took_ms"}
    return told


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["type"] == f"urn:penchant:problem:{slug}"
    assert told["request_id"] == answer.headers["x-request-id"]
    return told


def _names(told: dict[str, Any]) -> list[str]:
    return [one["item"] for one in told["items"]]


# -- items -----------------------------------------------------------------------------------------------------------


def test_items_are_added_updated_listed_and_found_by_ids_of_any_characters(served: Served) -> None:
    odd = ["a/b", "..", "one", "search", "%2F", "猫 ?&#", "x" * 1024]
    assert (
        good(served.ask("POST", "/items", json=[{"id": id, "text": f"odd {k}"} for k, id in enumerate(odd)]))[
            "accepted"
        ]
        == 7
    )
    again = good(served.ask("POST", "/items", json={"id": "one", "text": "odd 2"}))
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    assert good(served.ask("POST", "/items", json={"id": "one", "text": "changed"}))["accepted"] == 1
    for id in odd:
        assert good(served.ask("GET", "/items/one", params={"id": id}))["item"]["id"] == id
    assert good(served.ask("GET", "/items/猫 %3F&%23"))["item"]["title"] == "odd 5"
    seen: list[str] = []
    cursor = None
    while True:
        page = good(served.ask("GET", "/items", params={"limit": 7} | ({"cursor": cursor} if cursor else {})))
        seen += [item["id"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == [f"f{k}" for k in range(30)] + odd
    assert page["total"] == 37


def test_items_that_can_not_be_used_are_refused_whole(served: Served) -> None:
    told = problem(served.ask("POST", "/items", json=[{"id": "n"}, {"text": "no id"}]), 422, "invalid-request")
    assert told["field"] == "body.many.1.id"
    assert (
        problem(served.ask("POST", "/items", json={"id": "n", "paths": [[""]]}), 422, "invalid-record")["field"]
        == "item.paths"
    )
    problem(served.ask("POST", "/items", json={"id": "n", "tittle": "x"}), 422, "invalid-request")
    long = problem(served.ask("POST", "/items", json={"id": "n", "fields": {"x" * 1025: 1}}), 422, "invalid-record")
    assert long["field"] == "item.fields"
    assert long["fix"].endswith("a name of at most 1024 bytes (it has 1025)")
    problem(served.ask("GET", "/items/n"), 404, "unknown-id")
    problem(served.ask("GET", "/items", params={"cursor": "x"}), 422, "invalid-record")
    problem(served.ask("GET", "/items/one"), 422, "invalid-request")
    problem(served.ask("POST", "/items", content=b"{", headers={"content-type": "application/json"}), 400, "unreadable")


def test_items_retire_come_back_and_go_for_good(served: Served) -> None:
    assert good(served.ask("POST", "/items/retire", json={"items": ["f1", "f2", "f1"]}))["accepted"] == 2
    assert good(served.ask("POST", "/items/retire", json={"items": ["f1"]}))["duplicates"] == 1
    assert good(served.ask("GET", "/items/f1"))["item"]["retired"]
    assert not {"f1", "f2"} & set(_names(good(served.ask("POST", "/recommendations", json={"n": 30}))))
    problem(served.ask("POST", "/items/retire", json={"items": ["f3", "nowhere"]}), 404, "unknown-id")
    assert not good(served.ask("GET", "/items/f3"))["item"]["retired"]
    assert good(served.ask("DELETE", "/items/f4"))["accepted"] == 1
    assert good(served.ask("DELETE", "/items/one", params={"id": "f4"}))["duplicates"] == 1
    problem(served.ask("GET", "/items/f4"), 404, "unknown-id")
    problem(served.ask("POST", "/items", json={"id": "f4"}), 409, "refused")
    problem(served.ask("POST", "/items/retire", json={"items": ["f4"]}), 409, "refused")
    problem(served.ask("DELETE", "/items/nowhere"), 404, "unknown-id")
    problem(served.ask("DELETE", "/items/f5", role="ingest"), 403, "forbidden")


def test_what_stands_nowhere_waits_with_proposals_and_is_placed(served: Served) -> None:
    good(served.ask("POST", "/items", json=[{"id": f"new/{k}", "text": f"film number {k}"} for k in range(3)]))
    first = good(served.ask("GET", "/items/unplaced", params={"limit": 2, "proposals": 3}))
    assert [one["item"]["id"] for one in first["items"]] == ["new/0", "new/1"]
    assert first["total"] == 3
    for one in first["items"]:
        shares = [node["share"] for node in one["proposals"]]
        assert len(shares) == 3
        assert shares == sorted(shares, reverse=True)
    last = good(served.ask("GET", "/items/unplaced", params={"limit": 2, "cursor": first["next"]}))
    assert [one["item"]["id"] for one in last["items"]] == ["new/2"]
    assert last["next"] is None
    path = first["items"][0]["proposals"][0]["path"]
    placed = good(served.ask("POST", "/items/place", json={"item": "new/0", "path": path}))
    assert (placed["accepted"], placed["duplicates"]) == (1, 0)
    assert good(served.ask("GET", "/items/one", params={"id": "new/0"}))["item"]["paths"] == [path]
    assert good(served.ask("GET", "/items/unplaced"))["total"] == 2
    again = good(served.ask("POST", "/items/place", json={"item": "new/0", "path": path}))
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    nowhere = served.ask("POST", "/items/place", json={"item": "new/1", "path": ["Cellar"]})
    assert problem(nowhere, 404, "unknown-id")["fix"] == "GET /catalogue/tree has them"
    problem(served.ask("POST", "/items/place", json={"item": "zzz", "path": path}), 404, "unknown-id")
    good(served.ask("DELETE", "/items/one", params={"id": "new/1"}))
    problem(served.ask("POST", "/items/place", json={"item": "new/1", "path": path}), 409, "refused")


def test_search_and_similar(served: Served) -> None:
    found = good(served.ask("POST", "/items/search", json={"text": "film number 7", "n": 3, "filters": "price > 0"}))
    assert found["items"][0]["item"] == "f7"
    assert good(served.ask("GET", "/items/f7/similar", params={"n": 2}))["items"][0]["item"] != "f7"
    problem(served.ask("POST", "/items/search", json={"text": " "}), 422, "invalid-record")
    problem(served.ask("POST", "/items/search", json={"text": "x", "filters": "price <"}), 422, "invalid-setting")
    problem(served.ask("GET", "/items/similar", params={"id": "nowhere"}), 404, "unknown-id")


# -- events ----------------------------------------------------------------------------------------------------------


def test_one_event_is_durable_learned_and_seen_in_the_next_answer(served: Served) -> None:
    wrote = good(served.ask("POST", "/events", json={"user": "ann", "item": "f1", "kind": "like", "id": "e"}))
    assert wrote["accepted"] == 1
    answer = good(
        served.ask("POST", "/recommendations", json={"user": "ann", "n": 30, "min_version": wrote["version"]})
    )
    assert answer["version"] >= wrote["version"]
    assert "f1" not in _names(answer)
    assert good(served.ask("POST", "/events", json={"user": "ann", "item": "f2", "id": "e"}))["duplicates"] == 1
    problem(served.ask("POST", "/events", json={"user": "ann", "item": "nowhere"}), 404, "unknown-id")
    problem(served.ask("POST", "/events", json={"user": "ann", "item": "f1", "time": 4e9}), 409, "refused")
    problem(served.ask("POST", "/events", json={"user": "ann", "item": "f1", "request_id": "none"}), 404, "unknown-id")
    problem(served.ask("POST", "/events", json={"user": "", "item": "f1"}), 422, "invalid-request")
    problem(served.ask("POST", "/events", json={"user": "a\x00", "item": "f1"}), 422, "invalid-record")
    problem(served.ask("POST", "/events", role="read", json={"user": "ann", "item": "f1"}), 403, "forbidden")


def test_a_list_takes_what_can_be_taken_and_says_what_not(served: Served) -> None:
    events = [{"user": "ann", "item": item, "id": f"e{k}"} for k, item in enumerate(["f1", "nowhere", "f2", "f1"])]
    told = good(served.ask("POST", "/events", json=[*events, events[0]]))
    assert (told["accepted"], told["duplicates"]) == (3, 1)
    assert [(r["index"], r["id"], r["type"]) for r in told["refused"]] == [(1, "e1", "urn:penchant:problem:unknown-id")]
    assert good(served.ask("POST", "/events", json=[]))["accepted"] == 0
    problem(served.ask("POST", "/events", json=[{"user": "ann"}]), 422, "invalid-request")


def test_an_idempotency_key_stands_in_for_ids(served: Served) -> None:
    for _ in range(2):
        one = good(served.ask("POST", "/events", json={"user": "ann", "item": "f1"}, headers={"Idempotency-Key": "k"}))
        many = [{"user": "ann", "item": "f2"}, {"user": "ann", "item": "f2"}]
        two = good(served.ask("POST", "/events", json=many, headers={"Idempotency-Key": "l"}))
        said = good(
            served.ask("POST", "/utterances", json={"user": "ann", "text": "war"}, headers={"Idempotency-Key": "k"})
        )
    assert (one["duplicates"], two["duplicates"], said["duplicates"]) == (1, 2, 1)
    assert len(good(served.ask("GET", "/users/ann/export"))["records"]) == 4


def test_a_stream_answers_line_by_line(served: Served) -> None:
    lines = [
        b'{"user":"ann","item":"f1","id":"a"}', b"", b"no json", b'{"user":"ann","item":"nowhere"}', b"[1]",
        b'{"user":"ann","item":"f1","id":"a"}', b'{"user":"ann","item":"f1","value":NaN}', b"\xff\xfe",
        b'{"user":"ann","item":"f2","colour":1}', b'{"user":"ann","item":"f2","time":"2020-01-01"}', b"[" * 5000,
    ]  # fmt: skip
    answer = served.ask("POST", "/events/stream", content=b"\r\n".join(lines), headers=LINES)
    assert answer.headers["content-type"] == "application/x-ndjson"
    *told, end = [json.loads(line) for line in answer.text.splitlines()]
    outcomes = {one["line"]: one["outcome"] for one in told}
    assert outcomes == {
        1: "accepted", 3: "refused", 4: "refused", 5: "refused", 6: "duplicate", 7: "refused", 8: "refused",
        9: "refused", 10: "accepted", 11: "refused",
    }  # fmt: skip
    assert all(("detail" in one) == (one["outcome"] == "refused") for one in told)
    assert (end["accepted"], end["duplicates"], end["refused"], end["done"]) == (2, 1, 7, True)
    assert set(end) >= {"request_id", "version", "took_ms"}
    again = served.ask(
        "POST", "/events/stream", content=lines[3] * 0 + lines[9], headers=LINES | {"Idempotency-Key": "s"}
    )
    more = served.ask("POST", "/events/stream", content=lines[9], headers=LINES | {"Idempotency-Key": "s"})
    assert [json.loads(a.text.splitlines()[0])["outcome"] for a in (again, more)] == ["accepted", "duplicate"]


def test_a_long_stream_keeps_its_order(served: Served) -> None:
    body = b"\n".join(b'{"user":"ann","item":"f%d","id":"s%d"}' % (k % 30, k) for k in range(1500))
    answer = served.ask("POST", "/events/stream", content=body, headers=LINES)
    assert json.loads(answer.text.splitlines()[-1])["accepted"] == 1500
    engine = served.host.catalogue("shop").engine
    assert [e.id for e in engine.events()] == [f"s{k}" for k in range(1500)]


def test_a_full_queue_is_429_with_when_to_come_again(serve: Serve) -> None:
    served = serve(items=6, queue=2)
    release, thread = held(served.host.catalogue("shop").engine)
    answers: list[Any] = []
    event = {"user": "ann", "item": "f1"}
    senders = [
        threading.Thread(target=lambda: answers.append(served.ask("POST", "/events", json=event))) for _ in range(2)
    ]
    served.key()
    for sender in senders:
        sender.start()
    writer = served.host.catalogue("shop").writer
    while writer.depth < 2:
        pass
    refused = served.ask("POST", "/events", json=event)
    problem(refused, 429, "busy")
    assert int(refused.headers["retry-after"]) >= 1
    release.set()
    for one in (*senders, thread):
        one.join()
    assert [good(answer)["accepted"] for answer in answers] == [1, 1]


def test_every_user_sees_what_they_did_while_others_write(serve: Serve) -> None:
    served = serve(items=60)
    served.key()
    wrong: list[str] = []

    def live(user: str) -> None:
        for k in range(12):
            item = f"f{k}"
            wrote = good(served.ask("POST", "/events", json={"user": user, "item": item, "kind": "like"}))
            answer = good(served.ask("POST", "/recommendations", json={"user": user, "n": 60, "explain": "none"}))
            if answer["version"] < wrote["version"] or item in _names(answer):
                wrong.append(f"{user} {item}")

    threads = [threading.Thread(target=live, args=(f"u{k}",)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# -- asking ----------------------------------------------------------------------------------------------------------


def test_recommendations_by_request_filter_likeness_and_session(served: Served) -> None:
    good(served.ask("POST", "/events", json={"user": "ann", "item": "f1", "kind": "like", "time": T0}))
    told = good(
        served.ask("POST", "/recommendations", json={"user": "ann", "n": 5, "request": "war", "explain": "parts"})
    )
    assert told["read"]
    assert all(sum(p["value"] for p in one["parts"]) == pytest.approx(one["score"]) for one in told["items"])
    cheap = good(served.ask("POST", "/recommendations", json={"user": "ann", "n": 30, "filters": ["price < 3"]}))
    assert cheap["blocked"]
    assert all(int(item[1:]) % 9 < 3 for item in _names(cheap))
    like = good(served.ask("POST", "/recommendations", json={"n": 5, "similar_to": "f2", "explain": "none"}))
    assert "f2" not in _names(like)
    assert all(one["why"] is None and one["parts"] is None for one in like["items"])
    session = {"n": 30, "history": [{"item": "f3", "kind": "like"}], "context": {"device": "tv"}, "at": "2002-01-01"}
    assert "f3" not in _names(good(served.ask("POST", "/recommendations", json=session)))
    assert served.host.catalogue("shop").engine.overview().learned == 1  # nothing was learned from the session
    chinese = good(served.ask("POST", "/recommendations", json={"user": "ann", "n": 1, "language": "zh"}))
    assert "。" in chinese["items"][0]["why"]


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"n": 0}, 422, "invalid-request"),
        ({"n": 1001}, 422, "invalid-request"),
        ({"nn": 1}, 422, "invalid-request"),
        ({"exploration": -1}, 422, "invalid-request"),
        ({"filters": "price <"}, 422, "invalid-setting"),
        ({"filters": [{"action": "boost", "when": "adult"}]}, 422, "invalid-setting"),
        ({"at": "yesterday"}, 422, "invalid-request"),
        ({"similar_to": "nowhere"}, 404, "unknown-id"),
        ({"history": [{"item": "nowhere"}]}, 404, "unknown-id"),
        ({"min_version": 10**9}, 409, "refused"),
        ({"user": "gone"}, 409, "refused"),
    ],
)
def test_a_question_that_can_not_be_answered(served: Served, body: dict[str, Any], status: int, slug: str) -> None:
    good(served.ask("POST", "/events", json={"user": "gone", "item": "f1"}))
    good(served.ask("DELETE", "/users/gone"), 202)
    problem(served.ask("POST", "/recommendations", json=body), status, slug)


def test_many_users_at_once(served: Served) -> None:
    good(served.ask("POST", "/events", json={"user": "gone", "item": "f1"}))
    good(served.ask("DELETE", "/users/gone"), 202)
    told = good(served.ask("POST", "/recommendations/many", json={"users": ["ann", "gone", "bob", "ann"], "n": 2}))
    assert [answer["user"] for answer in told["answers"]] == ["ann", "bob"]
    assert set(told["refused"]) == {"gone"}
    assert len({answer["request_id"] for answer in told["answers"]}) == 2
    problem(served.ask("POST", "/recommendations/many", json={"users": []}), 422, "invalid-request")


def test_explanations_and_feedback_name_an_answer(served: Served) -> None:
    answer = good(served.ask("POST", "/recommendations", json={"user": "ann", "n": 4}))
    why = good(served.ask("GET", f"/explanations/{answer['request_id']}"))
    assert _names(why) == _names(answer)
    assert why["explained"] == answer["request_id"]
    feedback = {"user": "ann", "item": _names(answer)[2], "kind": "like", "request_id": answer["request_id"]}
    good(served.ask("POST", "/events", json=feedback))
    entry = list(served.host.catalogue("shop").engine.records(types=["event"]))[-1]
    assert entry.body["passed"] == _names(answer)
    assert good(served.ask("POST", "/explanations", json={"user": "ann", "item": "f9"}))["items"][0]["item"] == "f9"
    problem(served.ask("GET", "/explanations/none"), 404, "unknown-id")
    problem(served.ask("POST", "/explanations", json={"item": "nowhere"}), 404, "unknown-id")


# -- people ----------------------------------------------------------------------------------------------------------


def test_what_is_said_and_edited_acts_and_can_be_taken_back(served: Served) -> None:
    body = {"user": "ann", "text": "no more horror, and nothing over 20 dollars", "id": "said"}
    for accepted in (1, 0):  # a retry is told the same
        told = good(served.ask("POST", "/utterances", json=body))
        assert told["accepted"] == accepted
        assert [(one["text"], one["polarity"], one["id"]) for one in told["understood"]] == [
            ("no more horror", -1.0, "said"), ("nothing over 20 dollars", 1.0, "said"),
        ]  # fmt: skip
        assert told["understood"][1]["limits"] == ["= nothing over 20 dollars: price <= 20"]
    odd = {"id": "a/b ?"}
    good(served.ask("PATCH", "/users/profile", params=odd, json={"edits": [{"path": ["War"], "op": "never"}]}))
    edited = good(
        served.ask("PATCH", "/users/ann/profile", json={"edits": [{"path": ["War"], "op": "never", "id": "n"}]})
    )
    tree = good(served.ask("GET", "/users/ann/profile", params={"text": "zh"}))
    assert {node["name"]: node["edits"] for node in tree["nodes"]}["War"] == ["never"]
    assert tree["statements"][0]["id"] == "said"
    assert tree["text"]
    names = _names(good(served.ask("POST", "/recommendations", json={"user": "ann", "n": 30})))
    assert not any("War" in str(good(served.ask("GET", f"/items/{item}"))["item"]["paths"]) for item in names)
    good(served.ask("POST", "/users/ann/profile/undo", json={"undoes": "n"}))
    versions = good(served.ask("GET", "/users/ann/profile/versions", params={"limit": 2}))
    assert [c["type"] for c in versions["changes"]] == ["edit", "edit"]
    older = good(served.ask("GET", "/users/ann/profile/versions", params={"limit": 2, "cursor": versions["next"]}))
    assert ([c["id"] for c in older["changes"]], older["next"]) == (["said"], None)
    then = good(served.ask("GET", "/users/ann/profile", params={"of_version": edited["version"]}))
    assert {node["name"]: node["edits"] for node in then["nodes"]}["War"] == ["never"]
    assert good(served.ask("GET", "/users/nobody/profile"))["is_new"]
    problem(
        served.ask("PATCH", "/users/ann/profile", json={"edits": [{"path": ["Wor"], "op": "more"}]}), 404, "unknown-id"
    )
    problem(
        served.ask("PATCH", "/users/ann/profile", json={"edits": [{"path": [], "op": "more"}]}), 422, "invalid-record"
    )
    problem(served.ask("PATCH", "/users/ann/profile", json={"edits": []}), 422, "invalid-request")
    problem(served.ask("POST", "/users/nobody/profile/undo", json={}), 404, "unknown-id")
    problem(served.ask("POST", "/utterances", json={"user": "ann", "text": "  "}), 422, "invalid-record")
    problem(served.ask("POST", "/utterances", json={"user": "ann", "text": "x", "time": 4e9}), 409, "refused")
    problem(served.ask("GET", "/users/ann/profile", params={"min_version": 10**9}), 409, "refused")


GOOD_PICTURES = ["https://shop.example/a.jpg?x=1", "HTTP://shop.example", "data:image/png;base64,iVBORw0KGgo="]


@pytest.mark.parametrize(
    "image",
    [
        "/etc/passwd", "../keys.db", "a.jpg", "file:///etc/passwd", "FILE:/etc/passwd", "C:\\x.png", "//host/x.png",
        "http:///etc/passwd", "https://", "data:text/html,<script>", "ftp://x/y", "", " https://x/y", "https://x/y\n",
        "gopher://x", "/proc/self/environ", "https://x/y z", "\\\\host\\share\\x.png",
    ],
)  # fmt: skip
def test_a_picture_is_never_a_file_of_the_server(served: Served, image: str) -> None:
    item = {"id": "new", "text": "x", "images": [GOOD_PICTURES[0], image]}
    told = problem(served.ask("POST", "/items", json=[item]), 422, "invalid-request")
    assert "data:image" in told["errors"][0]["detail"]
    assert "images.1" in told["field"]
    sounds = {"id": "new", "text": "x", "audio": [image]}  # from files only, not over HTTP
    problem(served.ask("POST", "/items", json=sounds), 422, "invalid-request")
    assert "passwd" not in str(told)
    problem(served.ask("GET", "/items/new"), 404, "unknown-id")


def test_every_field_of_an_item_comes_over_http() -> None:
    assert set(Item.model_fields) - {"audio"} == set(ItemIn.model_fields)


def test_addresses_of_pictures_are_kept_and_paths_of_an_import_are_shown(served: Served) -> None:
    good(served.ask("POST", "/items", json={"id": "new", "text": "x", "images": GOOD_PICTURES}))
    assert good(served.ask("GET", "/items/new"))["item"]["images"] == GOOD_PICTURES
    served.host.catalogue("shop").engine.add_items([{"id": "old", "text": "y", "images": ["posters/old.jpg"]}])
    assert good(served.ask("GET", "/items/old"))["item"]["images"] == ["posters/old.jpg"]
    assert good(served.ask("GET", "/items", params={"limit": 100}))["items"][-1]["images"] == ["posters/old.jpg"]


def test_interests_start_over_and_nobody_is_forgotten(served: Served) -> None:
    for user in ("ann", "profile", "a/b"):
        good(served.ask("POST", "/events", json={"user": user, "item": "f1", "kind": "like"}))
    good(served.ask("PATCH", "/users/ann/profile", json={"edits": [{"path": ["War"], "op": "never"}]}))
    first = good(served.ask("DELETE", "/users/ann/profile", role="ingest", headers={"Idempotency-Key": "k"}))
    assert (first["accepted"], first["duplicates"]) == (1, 0)
    assert good(served.ask("GET", "/users/ann/profile", params={"min_version": first["version"]}))["is_new"]
    good(served.ask("POST", "/events", json={"user": "ann", "item": "f2", "kind": "like"}))
    again = good(served.ask("DELETE", "/users/ann/profile", headers={"Idempotency-Key": "k"}))
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    assert not good(served.ask("GET", "/users/ann/profile"))["is_new"]
    assert good(served.ask("DELETE", "/users/profile", params={"id": "a/b"}))["accepted"] == 1
    assert not good(served.ask("GET", "/users/profile", params={"id": "profile"}))["is_new"]  # not that user
    changes = good(served.ask("GET", "/users/ann/profile/versions"))
    assert [c["type"] for c in changes["changes"]] == ["event", "reset", "edit", "event"]
    assert len(good(served.ask("GET", "/users/export", params={"id": "a/b"}))["records"]) == 2
    problem(served.ask("DELETE", "/users/nobody/profile"), 404, "unknown-id")
    problem(served.ask("DELETE", "/users/ann/profile", role="read"), 403, "forbidden")
    good(served.ask("DELETE", "/users/ann"), 202)
    problem(served.ask("DELETE", "/users/ann/profile"), 409, "refused")


def test_a_guest_becomes_a_user(served: Served) -> None:
    good(served.ask("POST", "/events", json={"user": "guest", "item": "f1", "kind": "like"}))
    assert good(served.ask("POST", "/users/merge", json={"guest": "guest", "into": "ann"}))["accepted"] == 1
    assert good(served.ask("POST", "/users/merge", json={"guest": "guest", "into": "ann"}))["duplicates"] == 1
    assert "f1" not in _names(good(served.ask("POST", "/recommendations", json={"user": "ann", "n": 30})))
    problem(served.ask("POST", "/users/merge", json={"guest": "nobody", "into": "ann"}), 404, "unknown-id")
    problem(served.ask("POST", "/users/merge", json={"guest": "ann", "into": "ann"}), 422, "invalid-record")


def test_one_person_is_exported_and_forgotten_with_a_receipt(served: Served) -> None:
    good(served.ask("POST", "/events", json={"user": "ann", "item": "f1", "id": "e"}))
    good(served.ask("POST", "/recommendations", json={"user": "ann", "n": 1}))
    whole = good(served.ask("GET", "/users/export", params={"id": "ann"}))
    assert [record["type"] for record in whole["records"]] == ["event", "answer"]
    problem(served.ask("GET", "/users/nobody/export"), 404, "unknown-id")
    problem(served.ask("GET", "/users/ann/export", role="read"), 403, "forbidden")
    problem(served.ask("DELETE", "/users/ann", role="ingest"), 403, "forbidden")
    receipt = good(served.ask("DELETE", "/users/ann", headers={"Idempotency-Key": "k"}), 202)["receipt"]
    assert (
        good(served.ask("DELETE", "/users/ann", headers={"Idempotency-Key": "k"}), 202)["receipt"]["id"]
        == receipt["id"]
    )
    problem(served.ask("DELETE", "/users/ann"), 409, "refused")
    problem(served.ask("DELETE", "/users/nobody"), 404, "unknown-id")
    assert "ann" not in json.dumps(receipt)
    for _ in range(500):  # until what they taught is unlearned, in the background
        now = good(served.ask("GET", f"/receipts/{receipt['id']}"))["receipt"]
        if now["clean"]:
            break
        time.sleep(0.02)
    assert now["id"] == receipt["id"]
    assert {place["name"] for place in now["places"]} >= {"log", "memory", "parameters", "backups"}
    assert all(place["clean_at"] is not None for place in now["places"])
    problem(served.ask("GET", "/receipts/none"), 404, "unknown-id")


def test_receipts_come_newest_first_part_by_part(served: Served) -> None:
    made: list[str] = []
    for user in ("a", "b", "c"):
        good(served.ask("POST", "/events", json={"user": user, "item": "f1"}))
        made.append(good(served.ask("DELETE", f"/users/{user}"), 202)["receipt"]["id"])
    first = good(served.ask("GET", "/receipts", params={"limit": 2}))
    rest = good(served.ask("GET", "/receipts", params={"limit": 2, "cursor": first["next"]}))
    assert [r["id"] for r in first["receipts"] + rest["receipts"]] == made[::-1]
    assert rest["next"] is None


# -- the catalogue ---------------------------------------------------------------------------------------------------


def test_the_catalogue_tells_its_state_its_tree_and_is_backed_up(served: Served) -> None:
    good(served.ask("POST", "/events", json={"user": "ann", "item": "f1"}))
    state = good(served.ask("GET", "/catalogue", role="read"))
    assert (state["catalogue"], state["items"], state["learned"], state["users"]) == ("shop", 30, 1, 1)
    assert sum(state["alpha"].values()) == pytest.approx(1)
    assert {one["name"] for one in state["evidence"]} >= {"long", "recent", "next"}
    tree = good(served.ask("GET", "/catalogue/tree", role="read"))
    assert sum(node["share"] for node in tree["nodes"]) == pytest.approx(1)
    backup = good(served.ask("POST", "/catalogue/backups", json={"name": "one"}), 201)
    assert backup["bytes"] > 0
    assert backup["path"].endswith("/backups/shop/one.db")
    for name in ("../x", ".hidden", "a/b", ""):
        problem(served.ask("POST", "/catalogue/backups", json={"name": name}), 422, "invalid-request")
    problem(served.ask("POST", "/catalogue/backups", role="ingest", json={}), 403, "forbidden")


def test_versions_are_listed_compared_and_gone_back_to(serve: Serve) -> None:
    served = serve(items=30)
    for k in range(5):
        good(served.ask("POST", "/events", json={"user": "ann", "item": f"f{k}", "kind": "like"}))
    engine = served.host.catalogue("shop").engine
    then, settings = engine.version, engine.settings
    half_life = settings.half_life.model_copy(update={"long": 30.0})
    engine = served.host.reopen("shop", settings.model_copy(update={"half_life": half_life})).engine
    good(served.ask("POST", "/events", json={"user": "bob", "item": "f1", "kind": "like"}))
    told = good(served.ask("GET", "/catalogue/versions", params={"limit": 1}))
    [latest] = told["versions"]
    assert latest["what"] == "settings"
    assert latest["fields"] == [{"name": "half_life.long", "before": 730.0, "after": 30.0}]
    older = good(served.ask("GET", "/catalogue/versions", params={"cursor": told["next"]}))
    assert [one["what"] for one in older["versions"]] == ["fit", "settings"]
    assert older["next"] is None
    found = good(served.ask("GET", "/catalogue/versions/diff", params={"before": then}))
    assert found["settings"] == latest["fields"]
    assert found["counts"][0] == {"name": "events", "before": 5, "after": 6}
    assert found["encoder"] is None
    done = good(served.ask("POST", "/catalogue/versions/rollback", json={"version": then}))
    assert (done["accepted"], done["duplicates"]) == (1, 0)
    assert engine.settings.half_life.long == 730
    assert engine.model.learned == 6
    assert engine.verify()
    assert good(served.ask("GET", "/catalogue/versions"))["versions"][0]["summary"] == (
        f"back to version {then}: half_life.long: 30 → 730"
    )
    again = good(served.ask("POST", "/catalogue/versions/rollback", json={"version": then}))
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    for version in (10**6, 2**62):
        bad = problem(
            served.ask("POST", "/catalogue/versions/rollback", json={"version": version}), 422, "invalid-record"
        )
        assert bad["field"] == "roll_back.version"
        assert bad["fix"].startswith("give a version from 1 to ")
        bad = problem(served.ask("GET", "/catalogue/versions/diff", params={"before": version}), 422, "invalid-record")
        assert bad["field"] == "diff.before"
    problem(served.ask("POST", "/catalogue/versions/rollback", json={"version": 0}), 422, "invalid-request")
    problem(served.ask("POST", "/catalogue/versions/rollback", "ingest", json={"version": then}), 403, "forbidden")
    acts = [(act.act, act.outcome) for act in served.service.audit.read("shop")]
    assert ("POST /catalogue/versions/rollback", "200") in acts
    assert ("POST /catalogue/versions/rollback", "403") in acts


def test_a_version_whose_encoder_is_not_there_is_refused(tmp_path: Path) -> None:
    class Longer(BagOfWords):
        id, dim = "bag-of-words-128", 128

    with light(tmp_path / "shop.db", "movies") as engine:
        engine.add_items(films(6))
    reembed(tmp_path / "shop.db", Longer())
    host = Host.open(tmp_path, ServeSettings(rate=""), opener=partial(Engine.open, encoder=Longer()))
    with TestClient(create_app(host)) as client:
        served = Served(client.app, client, host)  # pyright: ignore[reportArgumentType]
        version = good(served.ask("GET", "/catalogue"))["version"]
        [latest, *_] = good(served.ask("GET", "/catalogue/versions"))["versions"]
        assert latest["summary"] == "encoder: bag-of-words-64 → bag-of-words-128"
        told = problem(served.ask("POST", "/catalogue/versions/rollback", json={"version": 2}), 409, "refused")
        assert told["detail"] == "version 2 had an encoder that its settings can't open any more"
        assert good(served.ask("GET", "/catalogue"))["version"] == version


def test_a_backup_that_can_not_be_written_is_no_fault(served: Served) -> None:
    folder = served.host.folder
    assert folder is not None
    (folder / "backups").write_text("a file where the folder should be")
    problem(served.ask("POST", "/catalogue/backups", json={}), 503, "store-failed")


def test_tenants_do_not_see_each_other(serve: Serve) -> None:
    served = serve("shop", "other", items=6)
    good(served.ask("POST", "/items", json={"id": "mine", "text": "only here"}))
    good(served.ask("POST", "/events", json={"user": "ann", "item": "mine"}))
    answer = good(served.ask("POST", "/recommendations", json={"user": "ann", "n": 3}))
    problem(served.ask("GET", "/items/mine", tenant="other"), 404, "unknown-id")
    problem(served.ask("GET", "/users/ann/export", tenant="other"), 404, "unknown-id")
    problem(served.ask("GET", f"/explanations/{answer['request_id']}", tenant="other"), 404, "unknown-id")
    assert good(served.ask("GET", "/users/ann/profile", tenant="other"))["is_new"]
