"""OpenTelemetry, switched on by its usual variables (OTEL_EXPORTER_OTLP_ENDPOINT and its kin); else nothing is loaded.

Spans have names of routes and tasks, and ids of ours: no addresses, no words.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from .trail import Trail


def wanted(env: Mapping[str, str] = os.environ) -> bool:
    """Whether the variables ask for traces."""
    if env.get("OTEL_SDK_DISABLED", "").lower() == "true" or env.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return bool(env.get("OTEL_EXPORTER_OTLP_ENDPOINT") or env.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))


ON = wanted()


@cache
def _tracer() -> Any:
    """Made at the first span, in the process that has it: the thread that sends does not outlive a fork."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME") or "casebundle"
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("casebundle")


class Span:
    """A span that is open; nothing where traces are off."""

    __slots__ = ("span",)

    def __init__(self, span: Any = None) -> None:
        self.span = span

    def end(self, name: str, trail: Trail, status: int = 0, failed: str = "") -> None:
        """What it was about, known at its end."""
        if self.span is None:
            return
        from opentelemetry.trace import StatusCode

        self.span.update_name(name)
        found = {"http.route" if trail.kind != "task" else "casebundle.task": trail.route}
        found |= {
            "casebundle.request": trail.id,
            "casebundle.case": trail.case,
            "casebundle.document": trail.document,
        }
        self.span.set_attributes({key: value for key, value in found.items() if value})
        if status:
            self.span.set_attribute("http.response.status_code", status)
        if failed:
            self.span.set_attribute("error.type", failed)
        if failed or status >= 500:
            self.span.set_status(StatusCode.ERROR)


_OFF = Span()


@contextmanager
def span(kind: str, headers: Mapping[str, str] | None = None, **attributes: str) -> Iterator[Span]:
    """A span around what runs within. kind: server (what somebody waits for) or consumer (a task).

    headers: where a trusted proxy says what this is a part of.
    """
    if not ON:
        yield _OFF
        return
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    parent = TraceContextTextMapPropagator().extract(headers) if headers else None
    kinds = {"server": SpanKind.SERVER, "consumer": SpanKind.CONSUMER}
    with _tracer().start_as_current_span(
        kind,
        context=parent,
        kind=kinds[kind],
        attributes=attributes,
        # What an exception says may be content: its kind is told at the end.
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        yield Span(opened)


def part_of() -> str:
    """The traceparent of what runs now, to be taken up by what is started from it; "" where traces are off."""
    if not ON:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")
