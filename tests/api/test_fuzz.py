"""Every operation of the API, asked for what its description promises and for much that it does not."""

import os

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, settings

from pridvor.api import description

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("PRIDVOR_FUZZ", "60"))  # for each operation; `make slow` asks for 2,000


@pytest.fixture
def described():
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    schema.config.update(base_url=None)
    return schema


lazy = schemathesis.pytest.from_fixture("described")


@lazy.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
def test_no_operation_breaks_or_says_what_it_did_not_promise(case):
    case.call_and_validate(headers={"Host": "localhost"})


def test_every_address_of_the_api_is_described():
    served = {"/api/v1/measures/", "/livez", "/readyz"}
    assert set(description.PATHS) == served


def test_what_is_described_is_valid_openapi():
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {name for path in document["paths"].values() for name in path} <= {"get", "post"}
