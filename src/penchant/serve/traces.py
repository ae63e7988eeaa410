"""OpenTelemetry's spans: one a request, one each call of an engine within it. Off unless the settings name an address.

A span holds the route as it is declared, the status, the tenant and the request id; never an address, a user or a text.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from penchant.errors import MissingExtra

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Span, Tracer

NAME = "penchant"
_tracing: ContextVar[Tracer | None] = ContextVar("penchant tracer", default=None)


class Traces:
    """Makes spans and sends them away, in groups and in the background.

    Args:
        address: that takes them by OTLP over HTTP; None: only `processor` does.
        processor: of the caller's own.

    Raises:
        MissingExtra: OpenTelemetry is not installed.
    """

    def __init__(self, address: str | None, processor: SpanProcessor | None = None) -> None:
        try:
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

            self._provider: TracerProvider = TracerProvider(
                resource=Resource.create({"service.name": NAME}), shutdown_on_exit=False
            )
            if address is not None:
                from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

                self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))
        except ImportError as error:
            raise MissingExtra(error.name or "opentelemetry-sdk", extra="traces") from None
        if processor is not None:
            self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(NAME)
        self._propagator = TraceContextTextMapPropagator()

    @contextlib.contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Generator[Span]:
        """The span of a request, a child of the caller's if its header `traceparent` names one."""
        from opentelemetry.trace import SpanKind

        parent = self._propagator.extract(headers)
        token = _tracing.set(self._tracer)
        try:
            with self._tracer.start_as_current_span(
                method, parent, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
            ) as span:
                yield span
        finally:
            _tracing.reset(token)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def finish(span: Span, method: str, route: str, status: int, tenant: str, request_id: str) -> None:
    """What became of a request, onto its span."""
    from opentelemetry.trace import StatusCode

    span.update_name(f"{method} {route}")
    told: dict[str, Any] = {
        "http.request.method": method, "http.route": route, "http.response.status_code": status,
        "penchant.tenant": tenant, "penchant.request_id": request_id,
    }  # fmt: skip
    span.set_attributes(told)
    if status >= 500:
        span.set_status(StatusCode.ERROR)


@contextlib.contextmanager
def span(name: str, **attributes: str | int) -> Generator[None]:
    """A span within the request's; nothing where requests are not traced.

    >>> with span("engine.recommend"):
    ...     pass
    """
    tracer = _tracing.get()
    if tracer is None:
        yield
        return
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ):
        yield
