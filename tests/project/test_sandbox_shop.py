"""From the porch into the shop's stand-in: the applicant comes in signed in, once, and sees their own prices."""

from datetime import timedelta

import jwt
import pytest
from django.test import Client as Browser
from django.utils import timezone

from pridvor.accounts.models import Role
from pridvor.cases.models import Event
from pridvor.connectors import entrance, peers
from pridvor.connectors.customer import Customer as Known
from pridvor.connectors.products.vendure import STAND_IN_ENTRANCE
from tests.conftest import browser_of, person
from tests.desk.conftest import Desk, staff
from tests.wholesale import OWN, Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours(db):
    return person(OWN)


@pytest.fixture
def customer(ours):
    return Customer(ours)


def way_in(customer):
    return f"/cases/{customer.case.public_id}/shop/"


def test_the_link_opens_the_shop_signed_in_at_the_own_prices(customer, ours):
    browser = browser_of(ours)
    assert way_in(customer) in browser.get(f"/cases/{customer.case.public_id}/").content.decode()
    page = browser.get(way_in(customer), follow=True).content.decode()
    assert "Welcome, Ana Pop" in page
    assert "Partner Silver" in page
    assert "9.31 lei" in page  # five percent below 9.80
    assert "On account, within 14 days" in page
    assert Event.objects.filter(case=customer.case, kind="shop.entered").count() == 1


def test_to_whom_no_terms_were_granted_pays_before_at_list_prices(db):
    wanted = Known(
        key="C-1", name="Altă Firmă SRL", country="RO", city="Brașov", email="emil@altafirma.example"
    )
    peers.perform("shop", "create_account", wanted)
    page = Browser().get(peers.entrance("shop", "C-1", now=timezone.now()), follow=True).content.decode()
    assert "You shop for Altă Firmă SRL, at list prices for now." in page
    assert "On account" not in page


def test_a_link_opens_the_shop_once(customer, ours):
    there = browser_of(ours).get(way_in(customer))["Location"]
    first, second = Browser(), Browser()
    assert "Ana Pop" in first.get(there, follow=True).content.decode()
    assert "Ana Pop" not in second.get(there, follow=True).content.decode()


@pytest.mark.parametrize("spoil", [lambda one: one[:-6] + "AAAAAA", lambda one: "x.y.z", lambda one: ""])
def test_a_link_that_is_not_ours_opens_nothing(customer, spoil):
    token = entrance.token(STAND_IN_ENTRANCE, customer.case.reference, now=timezone.now())
    page = Browser().get(f"{STAND_IN_ENTRANCE}?token={spoil(token)}", follow=True).content.decode()
    assert "Ana Pop" not in page


def test_a_link_opens_nothing_late(customer):
    old = timezone.now() - timedelta(minutes=2)
    token = entrance.token(STAND_IN_ENTRANCE, customer.case.reference, now=old)
    assert "Ana Pop" not in Browser().get(f"{STAND_IN_ENTRANCE}?token={token}", follow=True).content.decode()


def test_nobody_else_is_let_in_as_the_applicant(customer, emil):
    for browser in (Browser(), browser_of(emil)):
        answer = browser.get(way_in(customer))
        assert "token=" not in answer.get("Location", "")


def test_staff_who_look_at_a_clients_pages_do_not_shop_as_the_client(customer):
    adina = Desk(staff(Role.ADMINISTRATOR))
    at = f"/cases/{customer.case.public_id}/"
    adina.post(f"{at}support/", {"why": "Ana called: the shop does not open."})
    assert adina.get(at).status_code == 200
    assert adina.get(way_in(customer)).status_code == 404


def test_whoever_reads_our_public_keys_can_prove_a_link_with_any_library():
    shown = jwt.PyJWKSet.from_dict(Browser().get("/entrance/keys.json").json())
    token = entrance.token("https://shop.example/pridvor/enter", "C-1", now=timezone.now())
    key = shown[jwt.get_unverified_header(token)["kid"]].key
    claims = jwt.decode(token, key, algorithms=["EdDSA"], audience="https://shop.example/pridvor/enter")
    assert (claims["iss"], claims["sub"], claims["exp"] - claims["iat"]) == ("pridvor", "C-1", 60)
