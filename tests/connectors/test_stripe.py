"""Subscriptions made once: the same tests against localstripe, a process of its own, and against our stand-in."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stripe as sdk

from pridvor.connectors import knocking, peers
from pridvor.connectors.contract import Rejected, Unavailable, Uncertain
from pridvor.connectors.products.stripe import PRODUCT, Stripe
from pridvor.connectors.stand_ins.store import MemoryStore
from tests.connectors.conftest import customer
from tests.peers import stripe as peer
from tests.peers.interface import Interface, running

SECRETS = ["whsec_test"]


@pytest.fixture(scope="module")
def localstripe(tmp_path_factory):
    with peer.running(tmp_path_factory.mktemp("stripe")) as found:
        yield found


@pytest.fixture(scope="module")
def store():
    return MemoryStore()


@pytest.fixture(params=[pytest.param("real", marks=pytest.mark.peers), "stand-in"])
def connect(request, store):
    """How to connect, once or several times."""
    if request.param == "stand-in":
        place = peers._of_address([PRODUCT], address("https://stand-in.example"), "sk")[1]
        return lambda: Stripe(place, PRODUCT.stand_in(store, lambda: "ok"))
    real = request.getfixturevalue("localstripe")
    return lambda: peers.connect("billing", address(real.url), real.key)


@pytest.fixture
def billing(connect):
    with closing(connect()) as connection:
        yield connection


def address(url: str) -> str:
    return f"stripe+{url}?price={peer.PRICE}&plans=gold:{peer.PRICE}"


def payer(**changes):
    """A customer with an e-mail address of their own."""
    new = customer(vat="RO18547290", language="ro", plan="gold", **changes)
    return replace(new, email=changes.get("email", f"{new.key.lower()}@electroinstal.example"))


def test_a_subscription_is_made_with_its_customer(billing):
    wanted = payer()
    made = billing.subscribe(wanted)
    assert (made.how, made.reference[:4]) == ("created", "cus_")
    found = billing.fetch(made.reference)
    assert (found["name"], found["email"], found["city"]) == (wanted.name, wanted.email, "Brașov")
    assert billing.is_subscribed(wanted)


def test_the_same_call_again_finds_the_same_subscription(billing):
    wanted = payer()
    first, again = billing.subscribe(wanted), billing.subscribe(wanted)
    assert (again.how, again.data["subscription"]) == ("found", first.data["subscription"])


def test_corrected_data_meets_the_customer_that_is_there(billing):
    wanted = payer()
    first = billing.subscribe(wanted)
    moved = replace(wanted, email="new@electroinstal.example", known={"billing": first.reference})
    assert billing.subscribe(moved).data["subscription"] == first.data["subscription"]


def test_an_e_mail_that_several_share_does_not_mix_them_up(billing):
    one, other = payer(email="office@shared.example"), payer(email="office@shared.example")
    assert billing.subscribe(one).reference != billing.subscribe(other).reference


def test_after_a_cancellation_the_same_wish_makes_a_new_subscription(billing):
    wanted = payer()
    first = billing.subscribe(wanted)
    assert [billing.cancel(wanted).how for _ in range(2)] == ["closed", "gone"]
    assert not billing.is_subscribed(wanted)
    again = billing.subscribe(wanted)
    assert again.how == "created"
    assert again.data["subscription"] != first.data["subscription"]


def test_who_never_subscribed_has_nothing_to_cancel(billing):
    assert billing.cancel(payer()).how == "gone"


def test_what_stands_there_is_read_and_mended(billing):
    made = billing.subscribe(payer())
    billing.amend(made.reference, {"name": "Altă Firmă SRL", "city": "Cluj-Napoca"})
    assert billing.fetch(made.reference)["name"] == "Altă Firmă SRL"
    assert billing.fetch("cus_nobody") is None


def test_a_forgotten_customer_is_named_nowhere(billing):
    wanted = payer()
    made = billing.subscribe(wanted)
    for _ in range(2):
        billing.forget(made.reference)
    assert wanted.email not in str(billing.fetch(made.reference))


def test_a_plan_without_a_price_is_for_a_person(billing):
    with pytest.raises(Rejected) as refused:
        billing.subscribe(replace(payer(), plan="platinum"))
    assert refused.value.code == "no-price"


@pytest.mark.peers
def test_six_tries_at_once_make_one_subscription(localstripe):
    wanted = payer()

    def one(_):
        with closing(peers.connect("billing", address(localstripe.url), localstripe.key)) as connection:
            while True:
                try:
                    return connection.subscribe(wanted)
                except Unavailable as busy:
                    assert busy.after

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(one, range(6)))
    assert len({answer.data["subscription"] for answer in made}) == 1
    assert len(localstripe.ask(f"/v1/customers?email={wanted.email}")["data"]) == 1


@pytest.mark.peers
def test_a_price_that_stripe_does_not_know_is_rejected_without_its_words(localstripe):
    wanted = f"stripe+{localstripe.url}?price=nothing"
    with (
        closing(peers.connect("billing", wanted, localstripe.key)) as connection,
        pytest.raises(Rejected) as refused,
    ):
        connection.subscribe(replace(payer(), plan=""))
    assert refused.value.code == "stripe-refused"


def test_a_lost_answer_is_uncertain_and_found_by_the_next_try(store):
    modes = iter(["ok", "ok", "lost", *["ok"] * 20])
    place = peers._of_address([PRODUCT], address("https://stand-in.example"), "sk")[1]
    with closing(Stripe(place, PRODUCT.stand_in(store, lambda: next(modes)))) as connection:
        wanted = payer()
        with pytest.raises(Uncertain):
            connection.subscribe(wanted)
        connection.subscribe(wanted)
    assert sum(each.get("email") == wanted.email for each in store.all("billing.customers")) == 1


@pytest.mark.peers
def test_what_stripe_signs_is_believed_by_us_and_by_its_own_library(localstripe):
    heard = Interface({"POST /": (200, {}, 0)})
    with running(heard) as base:
        localstripe.tell("pridvor", base, SECRETS[0])
        with closing(peers.connect("billing", address(localstripe.url), localstripe.key)) as connection:
            connection.subscribe(payer())
        header, body = first(heard)
    now = datetime.now(UTC)
    verify = knocking.stamped(lambda: SECRETS, "Stripe-Signature")
    assert verify(body, {"stripe-signature": header}, now)
    assert sdk.Webhook.construct_event(body, header, SECRETS[0])["type"]
    for spoilt, at in ((body + b" ", now), (body, now + timedelta(minutes=6))):
        with pytest.raises(knocking.Forged):
            verify(spoilt, {"stripe-signature": header}, at)


def first(heard):
    for _ in range(200):
        if heard.asked:
            _, _, headers, body = heard.asked[0]
            assert json.loads(body)["type"]
            return {name.lower(): value for name, value in headers.items()}["stripe-signature"], body
        time.sleep(0.05)
    raise AssertionError("nothing was told")
