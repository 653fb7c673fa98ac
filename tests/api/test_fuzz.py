"""Every operation of the API, asked for what its description promises and for much that it does not."""

import os
import re
from functools import cache

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode

from pridvor.api import description, offer
from pridvor.connectors import measures
from tests.api.conftest import machine
from tests.conftest import CARMEN, NOW
from tests.partner import Partner

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("PRIDVOR_FUZZ", "25"))  # for each operation and mode
PATHS = description.whole()["paths"]
OPERATIONS = [(path, method) for path, methods in PATHS.items() for method in methods]
OWN_CASE = "/api/v1/cases/{case}/"  # operations that are asked about a case there is, too
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


@cache
def described():
    """The document as it is served, read once."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.fixture
def ours(ana):
    return Partner(ana)


@pytest.fixture
def keys(ours, settings):
    """By the scheme that an operation names: a key of the case's readings, a key of the API that may do everything."""
    settings.API_RATE = 1_000_000
    of_case = measures.make_key(ours.case, actor=CARMEN, now=NOW)
    return {"caseKey": of_case, "MachineKey": machine().secret}


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_operation_breaks_or_says_what_it_did_not_promise(path, method, mode, keys, ours):
    operation = PATHS[path][method]
    promised, kinds = operation["responses"], Draft202012Validator
    key = next(
        (keys[name] for scheme in operation.get("security", ()) for name in scheme if name in keys), ""
    )
    if mode == GenerationMode.NEGATIVE and not {"requestBody", "parameters"} & operation.keys():
        pytest.skip("nothing is sent that could be wrong")

    @given(case=described()[path][method].as_strategy(generation_mode=mode), with_key=booleans())
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=LOOSE)
    def holds(case, with_key):
        headers = {"Host": "localhost", **({"Authorization": f"Bearer {key}"} if with_key else {})}
        if path.startswith(OWN_CASE) and with_key and mode == GenerationMode.POSITIVE:
            case.path_parameters["case"] = str(ours.case.public_id)
        answer = case.call(headers=headers)
        said = promised.get(str(answer.status_code))
        assert said is not None, (answer.status_code, answer.content[:200])
        (kind,) = said["content"]
        assert answer.headers["content-type"][0].startswith(kind)
        if kind.endswith("json"):
            schema = {**said["content"][kind]["schema"], "components": description.whole()["components"]}
            kinds(schema).validate(answer.json())

    holds()


def test_every_address_of_the_api_is_described():
    routes = {str(pattern.pattern) for pattern in offer.urls()}
    described = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/api/v1/{route}") for route in routes}
    by_hand = {"/api/v1/measures/", "/api/v1/token", "/livez", "/readyz"}
    assert set(PATHS) == described | by_hand
    assert {row["operationId"] for methods in PATHS.values() for row in methods.values()} >= {"openCase"}


def test_what_is_described_is_valid_openapi():
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {name for path in document["paths"].values() for name in path} <= {"get", "post"}
