"""Spans for an OpenTelemetry collector, where OTEL_EXPORTER_OTLP_ENDPOINT names one. Loaded only then."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace as api
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from pridvor.lib import trace


def start(exporter: SpanExporter | None = None) -> TracerProvider:
    """This will send every piece of work as a span; the endpoint comes from OpenTelemetry's own variables."""
    provider = TracerProvider(resource=Resource.create({"service.name": "pridvor"}))
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    tracer = provider.get_tracer("pridvor")

    @contextmanager
    def record(trace_id: str, name: str, what: dict[str, str]) -> Iterator[None]:
        with tracer.start_as_current_span(name, context=_within(trace_id), attributes=what):
            yield

    trace.recorder[:] = [record]
    return provider


def _within(trace_id: str) -> api.Context | None:  # type: ignore[name-defined]
    """Under the span that is open; else under one that exists only as the id that we were given."""
    if api.get_current_span().get_span_context().is_valid:
        return None
    known = SpanContext(int(trace_id, 16), int(trace_id[:16], 16) or 1, True, TraceFlags(TraceFlags.SAMPLED))
    return api.set_span_in_context(NonRecordingSpan(known))
