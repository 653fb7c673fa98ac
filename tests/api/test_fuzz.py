"""Every operation of the API, asked for what its description promises and for much that it does not."""

import os

import jsonschema
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans
from schemathesis import GenerationMode

from pridvor.api import description
from pridvor.connectors import measures
from tests.conftest import CARMEN, NOW
from tests.partner import Partner

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("PRIDVOR_FUZZ", "40"))  # for each operation and mode
OPERATIONS = [(path, method) for path, methods in description.PATHS.items() for method in methods]
LOOSE = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
]


@pytest.fixture(autouse=True)
def connections_stay():
    """A real server gives connections back after each request; here all requests share the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key(ana):
    return measures.make_key(Partner(ana).case, actor=CARMEN, now=NOW)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_operation_breaks_or_says_what_it_did_not_promise(path, method, mode, key):
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    promised = description.PATHS[path][method]["responses"]
    if mode == GenerationMode.NEGATIVE and "requestBody" not in description.PATHS[path][method]:
        pytest.skip("nothing is sent that could be wrong")

    @given(case=described[path][method].as_strategy(generation_mode=mode), with_key=booleans())
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=LOOSE)
    def holds(case, with_key):
        headers = {"Host": "localhost", **({"Authorization": f"Bearer {key}"} if with_key else {})}
        answer = case.call(headers=headers)
        said = promised.get(str(answer.status_code))
        assert said is not None, (answer.status_code, answer.content[:200])
        (kind,) = said["content"]
        assert answer.headers["content-type"][0].startswith(kind)
        if kind == "application/json":
            jsonschema.validate(answer.json(), said["content"][kind]["schema"])

    holds()


def test_every_address_of_the_api_is_described():
    assert set(description.PATHS) == {"/api/v1/measures/", "/livez", "/readyz"}


def test_what_is_described_is_valid_openapi():
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {name for path in document["paths"].values() for name in path} <= {"get", "post"}
