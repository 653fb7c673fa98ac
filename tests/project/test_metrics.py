"""Measures: for whoever has the token; what waits is counted, and no label says who anybody is."""

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from pridvor.project import metrics
from tests.partner import Partner

pytestmark = pytest.mark.django_db
TOKEN = "t" * 32


@pytest.fixture(autouse=True)
def token(settings, tmp_path):
    settings.METRICS_TOKEN = TOKEN
    settings.DOCUMENTS = tmp_path / "documents"


def read():
    answer = Client(headers={"authorization": f"Bearer {TOKEN}"}).get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {TOKEN}x", TOKEN])
def test_without_the_token_the_page_does_not_exist(given):
    assert Client(headers={"authorization": given}).get("/metrics").status_code == 404


def test_no_token_opens_nothing(settings):
    settings.METRICS_TOKEN = ""
    assert Client(headers={"authorization": "Bearer "}).get("/metrics").status_code == 404


def test_open_cases_are_counted_by_journey(ana):
    before = read().get(("pridvor_cases_open", "partner-registration"), 0)
    assert Partner(ana).case.state == "open"
    assert read()[("pridvor_cases_open", "partner-registration")] == before + 1


def test_requests_are_timed_by_page_and_not_by_case(ana):
    case = Partner(ana).case
    Client().get(f"/cases/{case.public_id}/")
    page = metrics.text().decode()
    assert 'route="cases/<uuid:public_id>/"' in page
    assert str(case.public_id) not in page
