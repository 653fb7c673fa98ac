"""Twelve faults before a real ERP, a real shop and a real biller: at most one effect each, and caught up afterwards."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from pridvor.connectors import entrance, peers
from pridvor.connectors.contract import Answer, Unavailable, Uncertain
from pridvor.connectors.customer import Customer
from tests.connectors.conftest import customer
from tests.peers import fault, stripe, vendure

pytestmark = [pytest.mark.peers, pytest.mark.xdist_group("faults")]
PATIENCE = httpx.Timeout(1.0, connect=1.0)  # seconds; what is ten in earnest
UNREACHED = ("refuse", "hole", "busy", "garbage", "broken", "schema")  # the peer never sees the request
REACHED = ("lost", "error", "hang", "drip", "slow")  # it does, and the answer is no answer


@dataclass(frozen=True)
class Peer:
    """A real peer: its address with `{at}` for host and port, the verb that makes, and how many effects there are."""

    role: str
    address: str
    port: int
    key: str
    make: Callable[[Any, Customer], Answer]
    count: Callable[[Customer], int]
    effect: fault.Effect | None = None

    def connect(self, at: str, scheme: str = "http") -> Any:
        connection = peers.connect(self.role, self.address.format(scheme=scheme, at=at), self.key)
        connection._http.timeout = PATIENCE
        return connection


@pytest.fixture(scope="module")
def erp(tryton):
    def count(wanted):
        with closing(peers.connect("erp", tryton.url, tryton.key)) as found:
            return len(found.search("party.party", [["code", "=", wanted.key]], ["code"]))

    address = "tryton+{scheme}://{at}/tryton"
    return Peer(
        "erp", address, tryton.port, tryton.key, lambda erp, wanted: erp.create_customer(wanted), count
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with vendure.running(tmp_path_factory.mktemp("vendure"), entrance.public_keys()) as real:

        def count(wanted):
            asked = "query ($m: String!) { customers(options: {filter: {emailAddress: {eq: $m}}}) { totalItems } }"
            return real.admin(asked, m=wanted.email)["customers"]["totalItems"]

        yield Peer(
            "shop",
            "vendure+{scheme}://{at}/admin-api",
            real.port,
            real.key,
            lambda shop, wanted: shop.create_account(wanted),
            count,
            lambda request: b'"query":"mutation' in request,
        )


@pytest.fixture(scope="module")
def biller(tmp_path_factory):
    with stripe.running(tmp_path_factory.mktemp("stripe")) as real:

        def count(wanted):
            payers = real.ask(f"/v1/customers?email={wanted.email}&limit=100")["data"]
            found = [real.ask(f"/v1/subscriptions?customer={payer['id']}")["data"] for payer in payers]
            return max(len(payers), sum(map(len, found)))

        yield Peer(
            "billing",
            "stripe+{scheme}://{at}?price=" + stripe.PRICE,
            real.port,
            real.key,
            lambda billing, wanted: billing.subscribe(wanted),
            count,
        )


@pytest.fixture(params=["erp", "shop", "biller"])
def peer(request) -> Peer:
    return request.getfixturevalue(request.param)


def wanted() -> Customer:
    new = customer()
    return replace(new, email=f"{new.key.lower()}@faults.example")


def make_until_done(peer: Peer, at: str, who: Customer) -> Answer:
    """As the ledger of calls does it, without its pauses."""
    for _ in range(10):
        with closing(peer.connect(at)) as connection:
            connection._http.timeout = httpx.Timeout(10.0)
            try:
                return peer.make(connection, who)
            except (Unavailable, Uncertain):
                continue
    raise AssertionError("it is never done")


@pytest.mark.parametrize("mode", UNREACHED + REACHED)
def test_a_fault_leaves_at_most_one_effect_and_is_caught_up(peer, mode):
    who = wanted()
    with fault.before(peer.port, peer.effect) as proxy:
        at, proxy.mode = f"127.0.0.1:{proxy.port}", mode
        with closing(peer.connect(at)) as connection:
            try:
                peer.make(connection, who)
                assert mode == "error", "only an error page after the effect can be seen through, by reading"
            except (Unavailable, Uncertain):
                pass
        assert peer.count(who) <= 1
        proxy.mode = "pass"
        make_until_done(peer, at, who)
    assert peer.count(who) == 1


@pytest.mark.parametrize("mode", UNREACHED)
def test_what_the_peer_never_saw_has_no_effect(peer, mode):
    who = wanted()
    with fault.before(peer.port, peer.effect) as proxy:
        proxy.mode, proxy.reads = mode, True
        with (
            closing(peer.connect(f"127.0.0.1:{proxy.port}")) as connection,
            pytest.raises(Unavailable) as failed,
        ):
            peer.make(connection, who)
    assert peer.count(who) == 0
    assert failed.value.after == (fault.RETRY_AFTER if mode == "busy" else None)


def test_a_request_that_arrives_twice_has_one_effect(peer):
    who = wanted()
    with fault.before(peer.port, peer.effect) as proxy:
        proxy.mode = "twice"
        make_until_done(peer, f"127.0.0.1:{proxy.port}", who)
    assert peer.count(who) == 1


@pytest.mark.parametrize("at", ["127.0.0.1:9", "peer.invalid:80"], ids=["refused", "dns"])
def test_nobody_there_is_unavailable(peer, at):
    with closing(peer.connect(at)) as connection, pytest.raises(Unavailable):
        peer.make(connection, wanted())


def test_a_certificate_that_nobody_signed_is_unavailable(peer):
    with (
        fault.stranger() as port,
        closing(peer.connect(f"127.0.0.1:{port}", "https")) as connection,
        pytest.raises(Unavailable),
    ):
        peer.make(connection, wanted())
