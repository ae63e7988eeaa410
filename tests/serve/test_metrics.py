"""What Prometheus is told: by tenant, by route and status, and nothing that names a person."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from penchant import Event
from penchant.serve.consume import Tally
from penchant.serve.metrics import Metrics, Stream
from penchant.serve.quality import Rolling
from serving import Serve, Served


def read(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Samples by name and labels; what can't be read as Prometheus does raises."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def told(served: Served, name: str, tenant: str = "shop", **labels: str) -> float | None:
    answer = served.ask("GET", "/metrics", "read", tenant)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return read(answer.text).get((name, tuple(sorted({"tenant": tenant, **labels}.items()))))


def test_requests_are_counted_by_route_and_status(serve: Serve) -> None:
    served = serve()
    for k in range(3):
        assert served.ask("POST", "/events", json={"user": "ann", "item": f"f{k}", "id": "same"}).status_code == 200
    served.ask("POST", "/events", json={"user": "ann", "item": "nothing"})
    served.ask("GET", "/users/ann/profile")
    served.ask("GET", "/users/profile", params={"id": "ann/b"})
    served.client.post("/events", json={})
    events = {"method": "POST", "route": "/events"}
    assert told(served, "penchant_request_seconds_count", **events, status="200") == 3
    assert told(served, "penchant_request_seconds_count", **events, status="404") == 1
    assert told(served, "penchant_problems_total", status="404") == 1
    by_path = {"method": "GET", "route": "/users/{id}/profile", "status": "200"}
    assert told(served, "penchant_request_seconds_count", **by_path) == 1
    assert told(served, "penchant_request_seconds_bucket", **by_path, le="+Inf") == 1
    assert told(served, "penchant_writer_events_total", outcome="accepted") == 1
    assert told(served, "penchant_writer_events_total", outcome="duplicate") == 2
    assert told(served, "penchant_writer_events_total", outcome="refused") == 1
    assert "ann" not in served.ask("GET", "/metrics").text


def test_not_ready_is_no_problem(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    served = serve()
    served.service.stopping = True
    with caplog.at_level("DEBUG", "penchant"):
        assert served.client.get("/health/ready").status_code == 503
        assert served.client.get("/nothing", headers=served.key()).status_code == 404
    levels = {getattr(line, "status", 0): line.levelname for line in caplog.records}
    assert (levels[503], levels[404]) == ("INFO", "INFO")
    seen = read(served.service.metrics.text().decode())
    assert [dict(labels)["status"] for name, labels in seen if name == "penchant_problems_total"] == ["404"]


def test_catalogues_are_measured(serve: Serve) -> None:
    served = serve(items=12)
    served.ask("POST", "/events", json=[{"user": f"u{k}", "item": f"f{k}"} for k in range(5)])
    assert told(served, "penchant_items") == told(served, "penchant_items_live") == 12
    assert told(served, "penchant_users") == 5
    assert told(served, "penchant_events_learned_total") == 5
    assert told(served, "penchant_queue_depth") == told(served, "penchant_store_lag_entries") == 0
    assert told(served, "penchant_catalogue_ready") == 1
    assert told(served, "penchant_nodes") == 6
    engine = served.host.catalogue("shop").engine
    assert told(served, "penchant_version") == engine.version
    assert told(served, "penchant_snapshot_age_entries") == engine.version - engine.snapshot_version > 0
    engine.save()
    assert told(served, "penchant_snapshot_age_entries") == 0
    served.ask("POST", "/events", json={"user": "ann", "item": "f1"})
    assert (told(served, "penchant_events_per_second") or 0) > 0
    assert told(served, "penchant_hit_rate_at_10") is None


def test_feedback_is_quality(serve: Serve) -> None:
    served = serve(items=30)

    def answered(place: int, kind: str = "like") -> None:
        answer = served.ask("POST", "/recommendations", json={"user": "ann", "n": 20}).json()
        event = {
            "user": "ann", "item": answer["items"][place]["item"], "kind": kind, "request_id": answer["request_id"]
        }  # fmt: skip
        assert served.ask("POST", "/events", json=event).status_code == 200
        served.host.catalogue("shop").engine._journal.flush()

    answered(0)
    assert told(served, "penchant_hit_rate_at_10") == 1
    answered(12)
    assert told(served, "penchant_hit_rate_at_10") == 0.5
    answered(3, "dislike")  # no engagement
    served.ask("POST", "/events", json={"user": "ann", "item": "f1"})  # names no answer
    assert told(served, "penchant_hit_rate_at_10") == 0.5
    assert told(served, "penchant_feedback_events") == 2
    assert 0 < (told(served, "penchant_calibration_error") or 0) < 1


def test_feedback_that_comes_before_its_answer_is_logged_counts_later(serve: Serve) -> None:
    engine = serve(items=12).host.catalogue("shop").engine
    rolling = Rolling(engine)
    written = threading.Event()
    write, engine._journal._write = engine._journal._write, lambda drafts: written.wait(10) and write(drafts)
    answer = engine.recommend("ann", n=2)
    engine.observe_many([Event(user="ann", item=answer[0].item, kind="like", request_id=answer.request_id)])
    assert rolling.look().events == 0
    written.set()
    engine._journal.flush()
    assert rolling.look().hit_rate == 1
    assert rolling.look().events == 1


def test_a_key_sees_its_own_tenant(serve: Serve) -> None:
    served = serve("shop", "films")
    for tenant in ("shop", "films"):
        served.ask("POST", "/events", "ingest", tenant, json={"user": "ann", "item": "f1"})
    text = served.ask("GET", "/metrics", "read", "shop").text
    assert 'tenant="shop"' in text
    assert "films" not in text
    assert told(served, "penchant_items", "films") == 12
    assert served.client.get("/metrics").status_code == 401
    assert served.ask("GET", "/metrics", "ingest").status_code == 403


def test_settings_open_and_close_them(serve: Serve) -> None:
    public = serve("shop", "films", metrics="public")
    text = public.client.get("/metrics").text
    assert 'tenant="shop"' in text
    assert 'tenant="films"' in text
    assert public.client.get("/catalogue").status_code == 401
    assert serve(metrics="off").ask("GET", "/metrics").status_code == 404


def test_paths_and_methods_that_anybody_invents_make_no_series(serve: Serve) -> None:
    served = serve(metrics="public")
    for k in range(20):
        served.ask("GET", f"/nothing/{k}")
        served.client.request(f"SPELL{k}", "/events")
    text = served.client.get("/metrics").text
    assert "nothing" not in text
    assert "SPELL" not in text
    assert sum("penchant_request_seconds_count" in line for line in text.splitlines()) <= 3


@pytest.mark.parametrize(("lag", "lines"), [(7, 1), (None, 0)])
def test_a_consumer_of_a_stream(lag: int | None, lines: int) -> None:
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(Stream(Tally(accepted=3, refused=1, lag=lag, lags={4: 7}, waits=2, failing=True), "shop"))
    seen: dict[Any, float] = read(generate_latest(registry).decode())
    shop = ("tenant", "shop")
    assert seen[("penchant_stream_messages_total", (("outcome", "accepted"), shop))] == 3
    assert seen[("penchant_stream_in_flight_messages", (shop,))] == 2
    assert seen[("penchant_stream_failing", (shop,))] == 1
    assert seen[("penchant_stream_partition_lag_messages", (("partition", "4"), shop))] == 7
    found = [value for (name, _), value in seen.items() if name == "penchant_stream_lag_messages"]
    assert found == [7] * lines


def test_a_store_that_fails_costs_the_others_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    served = serve("shop", "films", metrics="public")
    store = served.host.catalogue("shop").engine.store

    def broken(*_: Any, **__: Any) -> Any:
        raise OSError("the disk is gone")

    for name in ("last_seq", "set_meta"):
        monkeypatch.setattr(store, name, broken)
    served.host.catalogue("shop")._probed = 0.0
    seen = read(Metrics(served.host).text().decode())
    assert seen[("penchant_catalogue_ready", (("tenant", "shop"),))] == 0
    assert seen[("penchant_catalogue_ready", (("tenant", "films"),))] == 1
    assert ("penchant_items", (("tenant", "shop"),)) not in seen
    assert seen[("penchant_items", (("tenant", "films"),))] == 12
