"""Every address × method × person, made from the URLconf: what the declared policy does not grant, nobody gets.

A view declares its policy (accounts.access.declares; staff_may and the doors of the portal do it); an address without
one fails the first test. A new page needs no row here. A parameter with a new name needs one in `Places`.
"""

import re
from collections import Counter

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver

from pridvor.accounts import policy
from pridvor.accounts.models import Region, Role
from pridvor.accounts.policy import Scope
from pridvor.cases.models import Attempt, Membership
from pridvor.connectors import measures
from pridvor.documents.models import File
from pridvor.sla import actions as calendars
from tests.conftest import CARMEN, NOW, client_of, person
from tests.desk.conftest import Desk, staff
from tests.partner import Partner, good

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "PUT", "DELETE")
CLIENTS = ("ana", "bogdan", "emil")
STAFF = {
    "operator": Role.OPERATOR,
    "operator of the north": Role.OPERATOR,
    "compliance": Role.COMPLIANCE,
    "manager": Role.MANAGER,
    "auditor": Role.AUDITOR,
    "administrator": Role.ADMINISTRATOR,
}
PEOPLE = ("nobody", *CLIENTS, *STAFF, "key")
OF_THE_CASE = {"own case", "own or asked case", "own case or phone", "anybody of case"}
# Pages of packages, which declare nothing themselves: one's own account, for staff alone; or for whoever comes.
ACCOUNT = re.compile(r"^(account|mfa|usersessions|socialaccount)_")
OPEN = re.compile(
    r"^(account_(login|logout|signup|reauthenticate|reset.*|confirm.*|inactive|enterprise.*|email_verification.*)"
    r"|mfa_(authenticate|login_webauthn|.*trust.*)|socialaccount_(login.*|signup)|set_language"
    r"|openid_connect_.*|saml_.*|password_.*|None)$"
)


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"


class Places:
    """Real objects of Ana's case for the parameters of addresses."""

    def __init__(self, ours, file):
        self.case = case = ours.case
        self.values = {
            "public_id": case.public_id,
            "case": case.public_id,
            "hook": case.public_id,
            "delivery": case.public_id,
            "connector": "nobody",
            "attempt": Attempt.objects.get(case=case, key="verify").pk,
            "outcome": "correct",
            "file": file.public_id,
            "file_id": file.public_id,
            "item": "bank-letter",
            "number": 0,
            "step": "papers",
            "key": "company",
            "deliverable": "content",
            "piece": case.public_id,
            "comment": case.public_id,
            "call": case.public_id,
            "drift": case.public_id,
            "candidate": case.public_id,
            "verb": "take",
            "name": "partner-registration",
            "other": client_of(case.person, name="Electro Instal Doi SRL").public_id,
            "token": "no-such-token",
            "code": "south",
            "digest": "no-such-picture",
            "pk": calendars.default(now=NOW).pk,
            "kind": "terms",
            "letter": case.public_id,
            "passkey": case.public_id,
            "person": case.public_id,
            "delegation": case.public_id,
            "client_id": case.client.public_id,
            "mail": case.public_id,
            "reference": case.reference,
            "peer": "erp",
            "uidb36": "1",
            "provider_id": "none",
            "organization_slug": "none",
            "provider": "none",
        }
        self.about_a_client = {"desk:client", "desk:merge"}

    def of(self, route):
        """The address of a route; its parameters are filled by their names, and by their types where two share one."""
        values = dict(self.values)
        if route.name in self.about_a_client:
            values["public_id"] = self.case.client.public_id
        if route.name.startswith("account_end"):
            values["key"] = 1
        for parameter, kind in route.parameters:
            if kind == "uuid" and parameter == "item":
                values["item"] = self.case.public_id
        path = route.template
        for parameter, _kind in route.parameters:
            path = re.sub(rf"<(\w+:)?{parameter}>", str(values[parameter]), path)
        return f"/{path}"


class Route:
    """One address of the URLconf: its name, how it is written, and the policy that its view declares."""

    def __init__(self, name, template, view):
        self.name, self.template = name, template
        self.parameters = [
            (parameter, kind.rstrip(":")) for kind, parameter in re.findall(r"<(\w+:)?(\w+)>", template)
        ]
        self.policy = getattr(view, "policy", "") or _of_a_package(name)

    @property
    def is_of_a_case(self):
        return "cases/<uuid" in self.template or self.name in ("desk:client", "desk:merge")


def _of_a_package(name):
    if OPEN.match(name):
        return "anybody:package"
    return "account:package" if ACCOUNT.match(name) else ""


def routes(patterns=None, space="", above=""):
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        template = above + _template(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern.url_patterns, inner, template)
        elif isinstance(pattern, URLPattern):
            yield Route(f"{space}{pattern.name}", template, pattern.callback)


def _template(pattern):
    """As `path` writes it, also of packages that write regular expressions."""
    said = str(pattern)
    if hasattr(pattern, "_route"):
        return said
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", said).replace("^", "").replace("$", "").replace("\\", "")


def admits(route, who):
    """Whether the declared policy lets this person in to this address (which is about Ana's case, where it is about one)."""
    door, _, rest = route.policy.partition(":")
    if door == "anybody":
        return True
    if door == "account":
        return who in STAFF
    if door == "machine":
        return who == "key" or rest.startswith("stand-ins")
    if door == "client":
        by_case = who in ("ana", "bogdan") if rest in OF_THE_CASE else who in CLIENTS
        return rest == "anybody" or (who == "ana" if rest.startswith("applicant") else by_case)
    scope = policy.rule(rest).reach.get(STAFF[who]) if who in STAFF else None
    foreign = who == "operator of the north" and route.is_of_a_case
    return scope is not None and not (foreign and scope is Scope.REGION)


def is_refused(response):
    to = response.get("Location", "")
    sent_to_sign_in = response.status_code == 302 and to.startswith(("/accounts/", "/track/"))
    return sent_to_sign_in or response.status_code in (401, 403, 404, 405)


@pytest.fixture
def world(ana):
    """Ana's case in the south, her colleague, and eleven browsers."""
    Region.objects.create(code="south", name={"en": "South"}, covers=["RO"])
    Region.objects.create(code="north", name={"en": "North"}, covers=[])
    ours = Partner(ana)
    file = File.objects.get(pk=ours.upload("bank-letter", good("bank-letter")).pk)
    ours.items = ["bank-letter"]
    ours.send()
    bogdan, emil = person("bogdan@electroinstal.example"), person("emil@altafirma.example")
    Membership.objects.create(case=ours.case, person=bogdan, role="technical", by="test", at=NOW)
    browsers = {"nobody": Browser(), "key": _with_key(ours.case)}
    for who, subject in (("ana", ana), ("bogdan", bogdan), ("emil", emil)):
        browsers[who] = Browser()
        session = browsers[who].session
        session["person"] = str(subject.subject)
        session.save()
    for who, role in STAFF.items():
        one = staff(role, f"{who.replace(' ', '-')}@arcada.example")
        one.regions = ["north"] if "north" in who else ["south"] if role == Role.OPERATOR else []
        one.save()
        browsers[who] = Desk(one)
    return Places(ours, file), browsers


def _with_key(case):
    key = measures.make_key(case, actor=CARMEN, now=NOW)
    return Browser(headers={"authorization": f"Bearer {key}"})


def test_every_address_declares_its_policy():
    assert [route.name for route in routes() if not route.policy] == []


def test_nobody_gets_what_the_policy_does_not_grant(world):
    places, browsers = world
    unexpected, cells = [], Counter()
    for route in routes():
        path = places.of(route)
        for method in METHODS:
            for who in PEOPLE:
                answered = asked(browsers[who], method, path)
                cells[who] += 1
                if answered.status_code >= 500 or not (admits(route, who) or is_refused(answered)):
                    unexpected.append((route.name, route.policy, method, who, answered.status_code))
    assert unexpected == []
    assert sum(cells.values()) > 4000, "the matrix has shrunk"


def test_staff_find_the_cases_of_their_region_and_a_foreign_one_looks_like_none(world):
    places, browsers = world
    at = f"/desk/cases/{places.case.public_id}/"
    here, north = browsers["operator"], browsers["operator of the north"]
    assert here.get(at).status_code == 200
    absent = at.replace(str(places.case.public_id), str(places.values["file"]))
    assert north.get(at).status_code == north.get(absent).status_code == 404
    assert _without_address(north.get(at), at) == _without_address(north.get(absent), absent)
    reference, company = places.case.reference, places.case.client.name
    for path in ("/desk/", f"/desk/search/?q={reference}", "/desk/search/?q=electro"):
        if (
            path != "/desk/"
        ):  # its work may be somebody else's at this moment; the queue's own tests ask for that
            assert company in here.text(path), path
        assert company not in north.text(path), path
    before = browsers["manager"].text("/oversight/")
    manager = browsers["manager"].person
    manager.regions = ["north"]
    manager.save()
    assert before != browsers["manager"].text("/oversight/"), "figures are of one's regions"


def _without_address(response, path):
    """A page as text, without what every answer has of its own: its address and its token against forged forms."""
    said = response.content.decode().replace(path.rstrip("/").rpartition("/")[2], "")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|hx-headers=(\'[^\']*\'|"[^"]*")', "", said)


def asked(browser, method, path):
    """One request, of which nothing stays."""
    blocks = transaction.atomic(), transaction.atomic("vault")
    for block in blocks:
        block._from_testcase = True  # as the test's own: what must be durable may stand inside
    with blocks[0], blocks[1]:
        answered = browser.generic(method, path)
        transaction.set_rollback(True)
        transaction.set_rollback(True, "vault")
    return answered
