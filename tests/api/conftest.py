"""Machines with keys, as an administrator makes them, and clients that call the API with them."""

from datetime import timedelta

import pytest
from django.test import Client

from pridvor.accounts import machines
from pridvor.accounts.models import Scope
from pridvor.lib import clock
from pridvor.lib.actor import Actor
from tests.conftest import partner_registration
from tests.partner import Partner

ADINA = Actor("staff", "00000000-0000-7000-8000-0000000000ad", "administrator")
API = "/api/v1"


class Machine(Client):
    """A program that calls the API with its key."""

    def __init__(self, secret, made=None, language="en"):
        super().__init__(headers={"authorization": f"Bearer {secret}", "accept-language": language})
        self.secret, self.made = secret, made

    def ask(self, path, status=200, **query):
        return self._checked(self.get(f"{API}{path}", query), status)

    def do(self, path, body=None, status=200, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.post(f"{API}{path}", body or {}, content_type="application/json", headers=sent)
        return self._checked(answer, status)

    @staticmethod
    def _checked(answer, status):
        assert answer.status_code == status, (answer.status_code, answer.content[:600])
        return answer.json()


def machine(*scopes, **chosen):
    """A machine with these scopes; none named: with all of them."""
    now = clock.now()
    made = machines.make(
        chosen.pop("name", "the shop"),
        scopes or Scope.values,
        expires_at=now + timedelta(days=30),
        actor=ADINA,
        now=now,
        **chosen,
    )
    return Machine(made.secret, made.machine)


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"


@pytest.fixture
def shop(db):
    return machine()


@pytest.fixture
def journey(db):
    return partner_registration()


@pytest.fixture
def ours(ana):
    return Partner(ana)
