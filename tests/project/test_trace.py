"""One id goes from a request to its jobs and to the calls that they make."""

import re

import httpx
import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from pridvor.connectors import trail
from pridvor.lib import trace
from tests.partner import Partner

HEADER = f"00-{'ab' * 16}-{'cd' * 8}-01"


@pytest.mark.django_db
def test_each_answer_names_its_id_and_each_has_its_own():
    seen = {Client().get("/livez")["X-Request-ID"] for _ in range(3)}
    assert len(seen) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in seen)


@pytest.mark.django_db
@pytest.mark.parametrize(("proxies", "taken"), [(0, False), (1, True)])
def test_an_id_from_outside_counts_only_behind_a_trusted_proxy(settings, proxies, taken):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    answer = Client(headers={"traceparent": HEADER}).get("/livez")
    assert (answer["X-Request-ID"] == "ab" * 16) is taken


@pytest.mark.parametrize("header", ["", "00-xyz-1-01", f"00-{'0' * 32}-{'cd' * 8}-01", HEADER + "\n"])
def test_a_header_that_is_none_gives_no_id(header):
    assert trace.read(header) == ""


def test_a_call_hands_the_id_on():
    seen = {}
    transport = httpx.MockTransport(lambda request: seen.update(request.headers) or httpx.Response(200))
    with trace.doing("job", "ab" * 16), httpx.Client(transport=transport, event_hooks=trail.HOOKS) as client:
        client.get("http://erp.example/")
    assert trace.read(seen["traceparent"]) == "ab" * 16


@pytest.mark.django_db
def test_the_jobs_of_a_request_carry_its_id(ana):
    with trace.doing("request", "ab" * 16):
        Partner(ana)
    traced = ProcrastinateJob.objects.filter(args__trace="ab" * 16, task_name="pridvor.react")
    assert traced.exists()
