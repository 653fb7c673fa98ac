"""A registration that begins on another site: a link that knows things, a way back, a frame where it is allowed."""

from datetime import timedelta

import pytest
from django.test import Client

from pridvor.accounts import machines
from pridvor.cases import linking
from pridvor.cases.models import Case, Draft, Event, Link
from pridvor.lib import clock
from tests.api.conftest import ADINA, machine
from tests.portal.conftest import ANA, CUI, Visitor

pytestmark = pytest.mark.django_db
KNOWN = {
    "company_number": CUI,
    "contact_name": "Ana Popescu",
    "phone": "0721 000 111",
    "role": "administrator",
}
SITE = "https://shop.example"


def link(caller=None, **chosen):
    shop = caller or machine(origins=[SITE])
    said = {"journey": "partner-registration", "answers": KNOWN, "email": ANA, "return_url": f"{SITE}/done"}
    return shop.do("/links/", said | chosen, 201)["url"].removeprefix("http://localhost:8000")


def browser():
    return Visitor(headers={"accept-language": "en"})


def registered(visitor, path):
    """From the link to the case, as somebody goes it who agrees with what stands there."""
    visitor.go(path)
    assert CUI in visitor.text
    visitor.name_company()
    assert ANA in visitor.text, "the address is filled in"
    visitor.prove()
    return Case.objects.latest("id")


def test_what_the_site_knew_stands_there_and_nothing_of_it_in_the_address(journey):
    path = link()
    for value in KNOWN.values():
        assert value not in path
    row = Link.objects.get()
    assert b"Ana" not in bytes(row.sealed)
    case = registered(browser(), path)
    drafts = {one.field: one for one in Draft.objects.filter(case=case)}
    assert drafts["role"].value == "administrator"
    assert drafts["contact_name"].ref is not None
    assert Event.objects.filter(case=case, kind="link.followed").exists()


def test_an_address_that_cannot_be_one_is_refused_before_anybody_follows_the_link(journey):
    wrong = machine().do("/links/", {"journey": "partner-registration", "email": "ana at veranda"}, 422)
    assert [(one["field"], one["code"]) for one in wrong["fields"]] == [("email", "email")]
    assert not Link.objects.exists()


def test_the_way_back_is_offered_and_only_to_a_site_that_is_allowed(journey):
    visitor = browser()
    visitor.go(link())
    assert "shop.example" in visitor.text
    shop = machine(origins=[SITE])
    for elsewhere in ("https://evil.example/", "https://shop.example.evil.example/", "javascript:alert(1)"):
        refused = shop.do("/links/", {"journey": "partner-registration", "return_url": elsewhere}, 422)
        assert refused["fields"][0]["code"] == "return-url"


def test_it_begins_one_registration_or_as_many_as_it_may(journey):
    once, often = link(), link(once=False)
    registered(browser(), once)
    later = browser()
    later.go(once)
    assert "used already" in later.text
    later.go(often)
    assert CUI in later.text


def test_past_its_end_or_with_its_key_revoked_it_leads_nowhere(journey):
    shop = machine(origins=[SITE])
    path = link(shop)
    token = path.rstrip("/").rpartition("/")[2]
    assert linking.of_token(token, now=clock.now() + timedelta(hours=73)) is None
    machines.revoke(shop.made, actor=ADINA, now=clock.now())
    assert linking.of_token(token, now=clock.now()) is None
    assert linking.sweep(now=clock.now() + timedelta(days=5)) == 1


def test_a_link_of_a_test_key_begins_a_test(journey):
    case = registered(browser(), link(machine(origins=[SITE], is_test=True)))
    assert case.is_test


def test_pages_are_framed_on_allowed_sites_alone(journey):
    first = "/apply/partner-registration/number/"
    policy = Client().get(first)["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    shop = machine(origins=[SITE], may_frame=True)
    framed = Client().get(first)
    assert f"frame-ancestors {SITE};" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    for other in ("/", "/track/", "/apply/partner-registration/code/"):
        page = Client().get(other)
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"], other
    machines.revoke(shop.made, actor=ADINA, now=clock.now())
    assert "frame-ancestors 'none'" in Client().get(first)["Content-Security-Policy"]
