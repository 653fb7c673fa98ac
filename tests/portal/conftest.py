"""The way through the door, as a browser without scripts goes it."""

import re

import pytest
from django.test import Client

from pridvor.cases.models import Attempt, Case
from pridvor.clients import sign_in
from pridvor.clients.models import SignIn
from pridvor.connectors.models import Switch
from tests.conftest import browser_of, partner_registration

CUI = "48219502"  # Veranda Construct, which the stand-in of the registry knows
ANA = "ana@electroinstal.example"
CONTACT = {"contact_name": "Ana Popescu", "role": "administrator", "phone": "0721 000 111"}
IBAN = "RO49 AAAA 1B31 0075 9384 0000"


@pytest.fixture
def journey(db):
    return partner_registration()


@pytest.fixture
def registry_down(db):
    Switch.objects.update_or_create(peer="registry", defaults={"mode": "down"})


class Visitor(Client):
    """A visitor's browser: `go` reads, `say` posts; both follow where they are sent and remember the page."""

    def go(self, path):
        return self._keep(self.get(path, follow=True))

    def say(self, path, **fields):
        return self._keep(self.post(path, fields, follow=True))

    def _keep(self, response):
        self.at = response.redirect_chain[-1][0] if response.redirect_chain else response.request["PATH_INFO"]
        self.text = re.sub(r"\s+", " ", response.content.decode())
        return response

    def code(self):
        """The code in the newest mail."""
        row = SignIn.objects.order_by("-id").first()
        found = sign_in.code_for_mail(row.public_id, now=row.created_at)
        return found[1]

    def name_company(self, number=CUI):
        self.say("/apply/partner-registration/number/", company_number=number)
        return self.say("/apply/partner-registration/company/", confirm="1", number=number)

    def prove(self, email=ANA):
        self.say("/apply/partner-registration/email/", email=email)
        return self.say("/apply/partner-registration/code/", code=self.code())

    def register(self, email=ANA):
        """All the way to a sent registration."""
        self.name_company()
        self.prove(email)
        case = Case.objects.order_by("-id").first()
        self.say(f"/cases/{case.public_id}/details/contact/", **CONTACT)
        self.say(f"/cases/{case.public_id}/details/check/")
        return case

    def come_back(self, email=ANA):
        self.say("/track/", email=email)
        return self.say("/track/code/", code=self.code())


def visitor_of(person, language="en"):
    """A visitor who is signed in."""
    return browser_of(person, language, Visitor)


@pytest.fixture
def visitor(journey):
    return Visitor(headers={"accept-language": "en"})


@pytest.fixture
def another(journey):
    return Visitor(headers={"accept-language": "en"})


@pytest.fixture
def case(visitor):
    return visitor.register()


def attempt(case, key):
    return Attempt.objects.filter(case=case, key=key).order_by("-number").first()


def at(case, *parts):
    return "/".join(["/cases", str(case.public_id), *parts, ""])
