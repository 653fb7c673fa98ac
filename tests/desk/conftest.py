"""Staff at their desks, each with a second factor, and partners who wait for them."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pridvor.accounts.models import Role, Staff
from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt
from tests.conftest import WORKER
from tests.partner import Partner

PASSWORD = "porch-and-arches"


def staff(role, email="", *, second_factor=True):
    made = Staff.objects.create_user(
        email or f"{role}@arcada.example",
        PASSWORD,
        name=f"{str(role).title()} Ionescu",
        role=role,
        language="en",
    )
    if second_factor:
        TOTP.activate(made, generate_totp_secret())
    return made


class Desk(Client):
    """A browser in which somebody of the staff is signed in."""

    def __init__(self, person):
        super().__init__(headers={"accept-language": "en"})
        self.person = person
        self.force_login(person)
        self.prove()

    def prove(self, ago=0):
        """As if the second factor had been given so many seconds ago."""
        session = self.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": time.time() - ago}]
        session["account_authentication_methods_user"] = str(self.person.pk)
        session.save()

    def text(self, path):
        response = self.get(path, follow=True)
        assert response.status_code == 200, (path, response.status_code)
        return re.sub(r"\s+", " ", response.content.decode())

    def questions(self, path):
        """How many the page asks of the database. The company's settings are looked at once a second: not the page's."""
        with CaptureQueriesContext(connection) as seen:
            self.text(path)
        return len([query for query in seen if "company_" not in query["sql"]])

    def decide(self, case, outcome, step="verify", **said):
        row = Attempt.objects.filter(case=case, key=step).order_by("-number").first()
        return self.post(f"/desk/cases/{case.public_id}/decide/{row.pk}/{outcome}/", said, follow=True)


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"


@pytest.fixture
def carmen(db):
    return Desk(staff(Role.OPERATOR))


@pytest.fixture
def cristina(db):
    return Desk(staff(Role.COMPLIANCE))


@pytest.fixture
def dan(db):
    return Desk(staff(Role.MANAGER))


@pytest.fixture
def ours(ana):
    return Partner(ana)


@pytest.fixture
def waiting(ours):
    """A case that waits for the operator, no papers sent: its check was answered at once."""
    return at_verify(ours)


def at_verify(ours):
    for step, outcome in (("collect", "done"), ("screen", "ok")):
        cases.complete(ours.open(step), outcome, actor=WORKER, now=ours.time())
    return ours.case
