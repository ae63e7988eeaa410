"""Spans of requests and of the engine's calls in them: whole, linked to the caller's, and without people."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from penchant.serve.traces import Traces, span
from serving import Serve, Served


@pytest.fixture
def traced(serve: Serve) -> tuple[Served, InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    served = serve()
    served.service.traces = Traces(None, SimpleSpanProcessor(exporter))
    return served, exporter


def named(spans: Sequence[ReadableSpan], name: str) -> ReadableSpan:
    [one] = [one for one in spans if one.name == name]
    return one


def test_a_request_and_its_engine_call(traced: tuple[Served, InMemorySpanExporter]) -> None:
    served, exporter = traced
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = served.ask(
        "POST", "/events", json={"user": "Ann-Secret", "item": "f1"},
        headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"},
    )  # fmt: skip
    spans = exporter.get_finished_spans()
    request, call = named(spans, "POST /events"), named(spans, "engine.observe")
    assert call.parent is not None
    assert request.context is not None
    assert call.parent.span_id == request.context.span_id
    assert f"{request.context.trace_id:032x}" == trace
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST", "http.route": "/events", "http.response.status_code": 200,
        "penchant.tenant": "shop", "penchant.request_id": answer.headers["X-Request-Id"],
    }  # fmt: skip
    assert dict(call.attributes or {}) == {"events": 1}


def test_spans_name_nobody_and_tell_of_failures(
    traced: tuple[Served, InMemorySpanExporter], monkeypatch: pytest.MonkeyPatch
) -> None:
    served, exporter = traced
    served.ask("GET", "/users/Ann-Secret/profile", params={"text": "en"})
    served.ask("GET", "/Ann-Secret")
    engine = served.host.catalogue("shop").engine
    monkeypatch.setattr(engine, "recommend", lambda *_, **__: 1 / 0)
    assert served.ask("POST", "/recommendations", json={"user": "Ann-Secret"}).status_code == 500
    spans = exporter.get_finished_spans()
    assert {"GET /users/{id}/profile", "engine.get", "GET (none)", "POST /recommendations"} <= {s.name for s in spans}
    assert "Ann-Secret" not in "".join(one.to_json() for one in spans)
    assert named(spans, "POST /recommendations").status.is_ok is False
    assert named(spans, "GET (none)").status.is_unset


def test_nothing_is_traced_unless_it_is_configured(serve: Serve) -> None:
    served = serve()
    assert served.service.traces is None
    assert served.ask("GET", "/catalogue").status_code == 200
    with span("engine.nothing"):
        pass


def test_spans_are_sent_to_the_address_of_the_settings(serve: Serve) -> None:
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    got: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        served = serve(traces=f"http://127.0.0.1:{server.server_port}/v1/traces")
        assert served.ask("GET", "/catalogue").status_code == 200
        assert served.service.traces is not None
        served.service.traces.close()
    finally:
        server.shutdown()
        server.server_close()
    assert [path for path, _ in got] == ["/v1/traces"]
    assert b"GET /catalogue" in got[0][1]
