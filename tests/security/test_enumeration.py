"""Whoever asks for an address learns nothing of whether it is known: same status, way on, words and length."""

import re

import pytest
from django.test import Client

from pridvor.accounts.models import Role
from tests.desk.conftest import staff

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "ana@electroinstal.example", "zoe@electroinstal.example"  # of one length
OURS, NOT_OURS = "operator@arcada.example", "operatot@arcada.example"


def told(path, fields, address):
    """Everything that an answer says, and the page it leads to, without what differs on every answer."""
    browser = Client(headers={"accept-language": "en"})
    answer = browser.post(path, fields)
    pages = [answer, browser.get(answer["Location"])] if answer.status_code == 302 else [answer]
    return [(page.status_code, page.get("Location"), bare(page, address)) for page in pages]


def bare(page, address):
    said = page.content.decode().replace(address, "ADDRESS")
    said = re.sub(r"\b[A-Za-z0-9]{64}\b", "TOKEN", said)  # against forged forms
    return re.sub(r'type="application/json">.*?</script>', "", said)


def test_a_clients_sign_in(ana):
    assert told("/track/", {"email": KNOWN}, KNOWN) == told("/track/", {"email": UNKNOWN}, UNKNOWN)


def test_a_sixth_code_is_refused_alike(ana):
    for address in (KNOWN, UNKNOWN):
        for _ in range(5):
            told("/track/", {"email": address}, address)
    known, unknown = (told("/track/", {"email": one}, one) for one in (KNOWN, UNKNOWN))
    assert "five codes" in known[0][2]
    assert known == unknown


@pytest.mark.parametrize(
    ("path", "field", "more"),
    [
        ("/accounts/login/", "login", {"password": "not-the-password"}),
        ("/accounts/password/reset/", "email", {}),
    ],
)
def test_what_staff_ask(path, field, more):
    staff(Role.OPERATOR, OURS)
    known, unknown = (told(path, {field: one, **more}, one) for one in (OURS, NOT_OURS))
    assert known == unknown
