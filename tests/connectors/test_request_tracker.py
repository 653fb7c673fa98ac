"""Request Tracker: against its stand-in on every run, and against a real one with `make test-peers`."""

from contextlib import closing, suppress
from urllib.parse import urlsplit

import pytest

from pridvor.connectors import peers
from pridvor.connectors.contract import Place, Rejected, Unavailable, Uncertain
from pridvor.connectors.customer import Customer
from pridvor.connectors.products.request_tracker import Kept, RequestTracker
from pridvor.connectors.stand_ins.request_tracker import Tracker
from pridvor.connectors.stand_ins.store import MemoryStore
from tests.peers import fault
from tests.peers import request_tracker as peer

_numbers = iter(range(1, 10_000))
REAL = pytest.param("real", marks=pytest.mark.peers)


@pytest.fixture(scope="session")
def rt(tmp_path_factory):
    with peer.running(tmp_path_factory.mktemp("rt")) as running:
        yield running


@pytest.fixture(params=["stand-in", REAL])
def tickets(request):
    if request.param == "stand-in":
        yield RequestTracker(Place("http://sandbox/tickets", "any", Kept()), Tracker(MemoryStore()))
        return
    running = request.getfixturevalue("rt")
    with closing(peers.connect("tickets", f"rt+{running.url}", running.key)) as connection:
        yield connection


@pytest.fixture
def spoiled(rt):
    with (
        fault.before(urlsplit(rt.url).port) as proxy,
        closing(peers.connect("tickets", f"rt+http://127.0.0.1:{proxy.port}", rt.key)) as connection,
    ):
        yield proxy, connection


def firm(**changes) -> Customer:
    number = next(_numbers)
    named = {"key": f"AR-{number}", "name": f"Electro {number} SRL", "email": f"ana{number}@electro.example"}
    return Customer(**{"country": "RO", "plain": {"plan": "gold", "secret": "x"}, **named, **changes})


def found(tickets, customer):
    query = f"Queue = 'Onboarding' AND CF.{{CaseRef}} = '{customer.key}'"
    return tickets._wire.read("tickets", query=query, fields="Status")["items"]


def test_a_ticket_is_opened_once_and_done_once(tickets):
    ana = firm()
    assert tickets.open_ticket(ana).how == "created"
    assert tickets.open_ticket(ana).how == "found"
    assert len(found(tickets, ana)) == 1
    tickets.close_ticket(ana)
    tickets.close_ticket(ana)
    assert found(tickets, ana)[0]["Status"] == "resolved"
    assert not tickets.has_ticket(ana)


def test_a_ticket_that_was_done_is_opened_again_when_its_step_is(tickets):
    ana = firm()
    tickets.open_ticket(ana)
    tickets.close_ticket(ana)
    tickets.open_ticket(ana)
    assert tickets.has_ticket(ana)
    assert len(found(tickets, ana)) == 1


def test_closing_what_never_was_is_done(tickets):
    assert tickets.close_ticket(firm()).how == "gone"


def test_a_comment_is_made_once_for_the_same_words(tickets):
    ana = firm()
    reference = tickets.open_ticket(ana).reference
    tickets.comment(ana)
    tickets.comment(ana)
    lines = tickets._wire.read(f"ticket/{reference}/history", fields="Type,Data")["items"]
    assert [line["Type"] for line in lines].count("Comment") == 1


def test_only_what_the_options_name_is_told(tickets):
    assert tickets._words(firm(key="AR-T", name="Electro SRL", journey="partner")) == (
        "case: AR-T\ncompany: Electro SRL\njourney: partner\nplan: gold"
    )


def test_commenting_on_nothing_is_a_persons_matter(tickets):
    with pytest.raises(Rejected) as refused:
        tickets.comment(firm())
    assert refused.value.code == "no-ticket"


def test_a_queue_or_field_that_is_not_there_is_told_before_a_ticket_is_opened(tickets):
    for options, code in ((Kept(queue="Nope"), "no-queue"), (Kept(key_field="CaseReff"), "no-key-field")):
        tickets.options = options
        with pytest.raises(Rejected) as refused:
            tickets.open_ticket(firm())
        assert refused.value.code == code
        assert not tickets.probe().ok


def test_a_status_that_it_refuses_with_200_is_seen(tickets):
    ana = firm()
    tickets.open_ticket(ana)
    tickets.options = Kept(done="finished")
    with pytest.raises(Rejected) as refused:
        tickets.close_ticket(ana)
    assert refused.value.code == "tickets-refused"


def test_who_asked_is_forgotten_and_the_ticket_stays(tickets):
    ana = firm()
    reference = tickets.open_ticket(ana).reference
    tickets.forget(reference)
    tickets.forget(reference)
    (asker,) = tickets._wire.read(f"ticket/{reference}")["Requestor"]
    assert not tickets._wire.read(f"user/{asker['id']}").get("EmailAddress")
    assert tickets.has_ticket(ana)


def test_it_says_that_it_answers(tickets):
    assert tickets.probe().ok


@pytest.mark.parametrize("mode", ["lost", "error"])
@pytest.mark.peers
def test_an_answer_that_does_not_come_has_one_effect(spoiled, mode):
    proxy, tickets = spoiled
    ana, proxy.mode = firm(), mode
    with suppress(Uncertain):
        tickets.open_ticket(ana)
    proxy.mode = "pass"
    tickets.open_ticket(ana)
    assert len(found(tickets, ana)) == 1


@pytest.mark.peers
def test_a_tracker_that_is_down_or_does_not_take_our_key_is_asked_again_later(spoiled, rt):
    proxy, tickets = spoiled
    proxy.mode, proxy.reads = "refuse", True
    with pytest.raises(Unavailable):
        tickets.open_ticket(firm())
    with (
        closing(peers.connect("tickets", f"rt+{rt.url}", "1-2-wrong")) as stranger,
        pytest.raises(Unavailable) as refused,
    ):
        stranger.open_ticket(firm())
    assert refused.value.code == "key-refused"
