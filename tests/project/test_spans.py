"""Spans for an OpenTelemetry collector: the request, the job and the call stand under one id."""

import pytest
from django.test import Client
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pridvor.lib import trace
from pridvor.project import tracing


@pytest.fixture
def spans():
    exporter = InMemorySpanExporter()
    provider = tracing.start(exporter)

    def read():
        provider.force_flush()
        return exporter.get_finished_spans()

    yield read
    trace.recorder.clear()
    provider.shutdown()


@pytest.mark.django_db
def test_a_request_is_a_span_under_the_id_that_its_answer_names(spans):
    answer = Client().get("/livez")
    (span,) = spans()
    assert span.name == "request GET"
    assert f"{span.context.trace_id:032x}" == answer["X-Request-ID"]


def test_what_a_job_does_stands_under_the_request_that_caused_it(spans):
    with trace.doing("request", "ab" * 16):
        caused = trace.current()
    with trace.doing("job", caused), trace.doing("call erp"):
        pass
    _request, call, job = spans()
    assert {f"{span.context.trace_id:032x}" for span in spans()} == {"ab" * 16}
    assert call.parent.span_id == job.context.span_id


def test_without_a_collector_nothing_is_recorded():
    assert trace.recorder == []
    with trace.doing("job") as known:
        assert len(known) == 32
