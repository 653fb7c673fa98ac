"""Against a real Vendure shop with our plugin: accounts made once, and the one-time entrance."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from pridvor.connectors import entrance, peers
from pridvor.connectors.contract import Rejected, Unavailable
from pridvor.connectors.products.vendure import PRODUCT
from tests.connectors.conftest import customer
from tests.peers import vendure as peer
from tests.peers.interface import Interface, running

pytestmark = [pytest.mark.peers, pytest.mark.xdist_group("vendure")]
GOLD = "Partner Gold"


@pytest.fixture(scope="module")
def pridvor():
    """Who is told what happens in the shop."""
    heard = Interface({"POST /hooks/shop/": (200, {}, 0)})
    with running(heard) as base:
        heard.base = base
        yield heard


@pytest.fixture(scope="module")
def vendure(tmp_path_factory, pridvor):
    with peer.running(
        tmp_path_factory.mktemp("vendure"), entrance.public_keys(), pridvor=pridvor.base
    ) as found:
        yield found


@pytest.fixture
def shop(vendure):
    with closing(peers.connect("shop", address(vendure), vendure.key)) as connection:
        yield connection


def address(vendure, **changes) -> str:
    return f"vendure+{vendure.url}/admin-api"


def shopper(**changes):
    """A customer with an e-mail address of their own."""
    new = customer(contact_name="Ana Pop", **changes)
    return replace(new, email=changes.get("email", f"{new.key.lower()}@electroinstal.example"))


def link(vendure, wanted, *, now=None) -> str:
    chosen, place = peers._of_address([PRODUCT], address(vendure), vendure.key)
    return chosen.enter(place, wanted.key, now or datetime.now(UTC))


def accounts(vendure, wanted) -> list[dict]:
    found = vendure.admin(
        "query ($r: String!) { customers(options: {filter: {externalRef: {eq: $r}}}) { items {"
        " emailAddress firstName lastName customFields { paymentDays } groups { name } user { verified }"
        " addresses { city company streetLine1 } } } }",
        r=wanted.key,
    )
    return found["customers"]["items"]


def page_of(address) -> dict[str, str]:
    """What a browser that follows the link sees in the shop."""
    with httpx.Client(follow_redirects=True, trust_env=False, timeout=20) as browser:
        page = browser.get(address)
    seen = dict(re.findall(r'id="(\w+)">([^<]*)<', page.text))
    return seen | {"payment": re.search(r'id="payment">(.*?)</ul>', page.text)[1], "at": str(page.url)}


def test_an_account_arrives_whole(shop, vendure):
    wanted = shopper(price_group=GOLD)
    made = shop.create_account(wanted)
    assert (made.how, made.reference) == ("created", wanted.key)
    (account,) = accounts(vendure, wanted)
    assert account == {
        "emailAddress": wanted.email,
        "firstName": "Ana",
        "lastName": "Pop",
        "customFields": {"paymentDays": 30},
        "groups": [{"name": GOLD}],
        "user": {"verified": True},
        "addresses": [{"city": "Brașov", "company": "Țesături Brașov SRL", "streetLine1": "Str. Lungă 12"}],
    }


def test_the_same_call_again_finds_the_same_account(shop, vendure):
    wanted = shopper(price_group=GOLD)
    first, again = shop.create_account(wanted), shop.create_account(wanted)
    assert (again.how, again.data["customer"]) == ("found", first.data["customer"])
    assert len(accounts(vendure, wanted)[0]["addresses"]) == 1


def test_six_tries_at_once_make_one_account(vendure):
    wanted = shopper(price_group=GOLD)

    def one(_):
        with closing(peers.connect("shop", address(vendure), vendure.key)) as connection:
            return connection.create_account(wanted)

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(one, range(6)))
    assert len({answer.data["customer"] for answer in made}) == 1
    (account,) = accounts(vendure, wanted)
    assert len(account["addresses"]) == len(account["groups"]) == 1


def test_an_e_mail_of_another_customer_is_never_taken_over(shop, vendure):
    theirs = shopper()
    shop.create_account(theirs)
    with pytest.raises(Rejected) as refused:
        shop.create_account(shopper(email=theirs.email))
    assert refused.value.code == "email-of-another"
    assert theirs.email not in refused.value.words


def test_prices_follow_the_group_and_leave_other_groups_alone(shop, vendure):
    wanted = shopper(price_group=GOLD)
    made = shop.create_account(wanted)
    vendure.admin(
        'mutation ($c: [ID!]!) { createCustomerGroup(input: {name: "News", customerIds: $c}) { id } }',
        c=[made.data["customer"]],
    )
    shop.set_prices(replace(wanted, price_group="Partner Silver", payment_days=15))
    (account,) = accounts(vendure, wanted)
    assert {group["name"] for group in account["groups"]} == {"Partner Silver", "News"}
    assert account["customFields"]["paymentDays"] == 15


def test_a_price_list_that_the_shop_lacks_is_for_a_person(shop):
    with pytest.raises(Rejected) as refused:
        shop.create_account(shopper(price_group="Partner Platinum"))
    assert refused.value.code == "no-price-group"


def test_a_closed_account_is_gone_and_may_be_made_anew(shop, vendure):
    wanted = shopper()
    first = shop.create_account(wanted)
    assert shop.is_open(wanted)
    assert [shop.close_account(wanted).how for _ in range(2)] == ["closed", "gone"]
    assert not shop.is_open(wanted)
    assert shop.create_account(wanted).data["customer"] != first.data["customer"]


def test_what_the_shop_holds_is_read_and_mended(shop):
    wanted = shopper(price_group=GOLD)
    shop.create_account(wanted)
    shop.amend(wanted.key, {"street": "Str. Nouă 1", "phone": "+40722", "price_group": "Partner Silver"})
    found = shop.fetch(wanted.key)
    assert (found["street"], found["phone"], found["price_group"]) == (
        "Str. Nouă 1",
        "+40722",
        "Partner Silver",
    )
    assert (found["city"], found["country"], found["payment_days"]) == ("Brașov", "RO", 30)


def test_what_changed_since_is_told(shop):
    before = datetime.now(UTC) - timedelta(seconds=2)
    wanted = shopper()
    shop.create_account(wanted)
    assert wanted.key in shop.changes(before)
    assert wanted.key not in shop.changes(datetime.now(UTC) + timedelta(seconds=5))


def test_a_forgotten_customer_leaves_nothing_that_names_them(shop, vendure):
    wanted = shopper()
    made = shop.create_account(wanted)
    for _ in range(2):
        shop.forget(wanted.key)
    assert shop.fetch(wanted.key) is None
    rows = vendure.admin(
        "query ($i: ID!) { customer(id: $i) { firstName lastName emailAddress addresses { id } } }",
        i=made.data["customer"],
    )
    assert rows["customer"] is None or wanted.email not in str(rows)


def test_a_wrong_key_is_unavailable_and_says_so(vendure):
    with closing(peers.connect("shop", address(vendure), "wrong:key")) as connection:
        assert "does not take our key" in connection.probe().words
        with pytest.raises(Unavailable):
            connection.create_account(shopper())


def test_the_link_opens_the_shop_signed_in_at_the_own_price(shop, vendure):
    wanted = shopper(price_group=GOLD)
    shop.create_account(wanted)
    seen = page_of(link(vendure, wanted))
    assert (seen["shopper"], seen["list"], seen["own"]) == ("Ana Pop", "121.00", "108.90")
    assert "Plata la termen" in seen["payment"]


def test_without_payment_days_one_pays_first(shop, vendure):
    wanted = shopper(payment_days=None)
    shop.create_account(wanted)
    seen = page_of(link(vendure, wanted))
    assert (seen["own"], seen["payment"]) == ("121.00", "<li>Plata în avans</li>")


def test_a_link_is_good_once(shop, vendure):
    wanted = shopper()
    shop.create_account(wanted)
    once = link(vendure, wanted)
    assert httpx.head(once, trust_env=False).status_code == 405  # a look at the link does not use it up
    assert [page_of(once)["shopper"] for _ in range(2)] == ["Ana Pop", "nobody"]


def test_of_six_who_follow_one_link_at_once_one_comes_in(shop, vendure):
    wanted = shopper()
    shop.create_account(wanted)
    once = link(vendure, wanted)
    with ThreadPoolExecutor(6) as pool:
        seen = list(pool.map(lambda _: page_of(once)["shopper"], range(6)))
    assert sorted(seen) == ["Ana Pop"] + ["nobody"] * 5


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-4] + "AAAA",
        lambda token: "eyJhbGciOiJub25lIn0." + token.split(".")[1] + ".",
        lambda token: "x",
        lambda token: "",
    ],
    ids=["forged", "unsigned", "rubbish", "nothing"],
)
def test_a_link_that_is_not_ours_opens_nothing(shop, vendure, spoil):
    wanted = shopper()
    shop.create_account(wanted)
    base, _is, token = link(vendure, wanted).partition("?token=")
    seen = page_of(f"{base}?token={spoil(token)}")
    assert (seen["shopper"], seen["at"]) == ("nobody", f"{vendure.url}/shop/?refused")


def test_a_link_opens_nothing_late_or_elsewhere(shop, vendure):
    wanted = shopper()
    shop.create_account(wanted)
    late = link(vendure, wanted, now=datetime.now(UTC) - timedelta(minutes=2))
    elsewhere = entrance.token("https://other.example/pridvor/enter", wanted.key, now=datetime.now(UTC))
    assert page_of(late)["shopper"] == "nobody"
    assert page_of(f"{vendure.url}/pridvor/enter?token={elsewhere}")["shopper"] == "nobody"


def told(pridvor, wanted, number) -> list[dict]:
    """The headers of the first `number` deliveries about this customer's making, each verified."""
    until, found = time.monotonic() + 20, []
    while len(found) < number and time.monotonic() < until:
        time.sleep(0.1)
        found = [(head, body) for _, _, head, body in list(pridvor.asked) if wanted.key.encode() in body]
        found = [(head, body) for head, body in found if json.loads(body)["type"] == "customer.created"]
    for head, body in found:
        Webhook(peer.HOOK_SECRET).verify(body, {name.lower(): value for name, value in head.items()})
    return [{name.lower(): value for name, value in head.items()} for head, _ in found[:number]]


def test_the_shop_tells_what_happens_signed_and_under_one_id_however_often(shop, pridvor):
    wanted = shopper()
    pridvor.answers["POST /hooks/shop/"] = (500, {}, 0)
    shop.create_account(wanted)
    refused = told(pridvor, wanted, 2)
    pridvor.answers["POST /hooks/shop/"] = (200, {}, 0)
    assert len(refused) == 2
    assert len({head["webhook-id"] for head in refused}) == 1
