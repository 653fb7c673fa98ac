"""Signing through the door, as a browser without scripts does it; and what somebody who only signs may see."""

import json
import re

import pytest

from pridvor.cases import actions as cases
from pridvor.clients.models import SignIn
from pridvor.clients.passkeys import House
from pridvor.documents import agreements
from pridvor.lib.actor import machine
from pridvor.notifications import actions as notifications
from pridvor.notifications.models import Message
from pridvor.project.wiring import WIRES
from tests.clients.authenticator import Device
from tests.conftest import NOW, person
from tests.documents.contracting import BOGDAN, Contracting
from tests.portal.conftest import Visitor

pytestmark = pytest.mark.django_db
TWO = "[applicant, details.second]"


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS, settings.TSA = tmp_path / "documents", "stand-in"


class Reader(Visitor):
    """Somebody's browser before one contract."""

    def __init__(self, ours, who):
        super().__init__(headers={"accept-language": "en"})
        self.ours, self.case = ours, ours.case
        if who.confirmed_at is None:
            self.come_back(BOGDAN)
            return
        session = self.session
        session["person"] = str(who.subject)
        session.save()

    def look(self):
        self.go(f"/cases/{self.case.public_id}/sign/")
        return self.text

    def look_at_confirming(self):
        self.go(f"/cases/{self.case.public_id}/sign/sign/confirm/")

    def at_step(self, way="", **said):
        self.say(f"/cases/{self.case.public_id}/sign/sign/{way}", **said)
        return self.text

    def ask(self, name="Ana Țăranu", **other):
        given = {"name": name, "consent": "on", "sha256": self.ours.agreement.presented.sha256} | other
        return self.at_step(**given)

    def sign(self, name="Ana Țăranu"):
        self.look()
        self.ask(name)
        return self.at_step("confirm/", code=self.code())


@pytest.fixture
def ours(ana):
    return Contracting(ana)


@pytest.fixture
def two(ana):
    return Contracting(ana, TWO, second=BOGDAN)


@pytest.fixture
def me(ours):
    return Reader(ours, ours.ana)


def signed(ours):
    return ours.agreement.signatories.exclude(signed_at=None).count()


def test_the_page_shows_the_contract_as_pages_and_as_text(me, ours):
    page = me.look()
    file = ours.agreement.presented
    assert page.count("0.webp") == 1
    assert f"/files/{file.public_id}/copy/" in page
    assert 'lang="ro"><h3>Contract de parteneriat' in page
    image = me.get(f"/cases/{ours.case.public_id}/files/{file.public_id}/0.webp")
    assert (image.status_code, image["Content-Type"]) == (200, "image/webp")
    assert len(ours.events("contract.seen")) == 1


def test_until_it_is_set_the_page_says_so(ana):
    ours = Contracting(ana, prepared=False)
    assert "The contract is being prepared" in Reader(ours, ana).look()


def test_one_signs_with_a_code_that_was_asked_for_this_contract(me, ours):
    me.look()
    assert "I, Ana Țăranu" not in me.text
    page = me.ask()
    assert "Eu, Ana Țăranu" in page
    assert ours.agreement.presented.sha256 in page
    assert "Thank you: you have signed" in me.at_step("confirm/", code=me.code())
    assert "We seal the contract now" in me.text
    ours.seal()
    page = me.look()
    assert "Download the signed contract" in page
    sealed = me.get(f"/cases/{ours.case.public_id}/files/{ours.agreement.sealed.public_id}/copy/")
    assert b"".join(sealed.streaming_content).startswith(b"%PDF")


@pytest.fixture
def device(me):
    """A passkey of Ana's, made before there was anything to sign."""
    made = Device()
    me.defaults["HTTP_ORIGIN"] = made.origin
    house = House("testserver", "Arcada")
    asked = house.ask_new(me.ours.ana, "Ana")
    house.add(me.ours.ana, asked.state, made.make(asked.options), "telephone", now=NOW)
    return made


def asked_of_a_passkey(me):
    return json.loads(
        re.search(r'id="passkey-asked" type="application/json">(.*?)</script>', me.text, re.S)[1]
    )


def test_one_signs_with_a_passkey_instead_of_the_code(me, ours, device):
    me.look()
    me.ask()
    me.look_at_confirming()
    answer = device.sign(asked_of_a_passkey(me))
    assert "Thank you: you have signed" in me.at_step("confirm/", **{"proof-credential": answer})
    (event,) = ours.events("contract.signed")
    assert event.data["way"] == "passkey"


@pytest.mark.parametrize("answer", ["{}", "null", "x", '{"id": "AAAA"}'])
def test_what_no_passkey_said_signs_nothing(me, ours, device, answer):
    me.look()
    me.ask()
    me.look_at_confirming()
    me.at_step("confirm/", **{"proof-credential": answer})
    assert signed(ours) == 0


def test_the_passkey_of_somebody_else_signs_nothing(me, ours, device):
    me.look()
    me.ask()
    me.look_at_confirming()
    me.at_step("confirm/", **{"proof-credential": Device().sign(asked_of_a_passkey(me))})
    assert signed(ours) == 0


def test_a_wrong_code_signs_nothing(me, ours):
    me.look()
    me.ask()
    wrong = "000000" if me.code() != "000000" else "111111"
    assert "Please check these answers" in me.at_step("confirm/", code=wrong)
    assert signed(ours) == 0


def test_a_code_of_a_sign_in_signs_nothing(me, ours):
    me.look()
    me.ask()
    session = me.session
    session["sign_in"] = {**session["sign_in"], "confirms": ""}
    session.save()
    me.at_step("confirm/", code=me.code())
    assert signed(ours) == 0


def test_another_code_can_be_asked_for_and_signs(me, ours):
    me.look()
    me.ask()
    first = SignIn.objects.count()
    me.at_step("again/")
    assert SignIn.objects.count() == first + 1
    me.at_step("confirm/", code=me.code())
    assert signed(ours) == 1


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"name": ""}, "Please fill this in"),
        ({"consent": ""}, "Tick this to sign online"),
        ({"sha256": "0" * 64}, "not the contract that the page showed"),
    ],
)
def test_what_is_missing_is_told_before_any_code_is_sent(me, ours, said, answer):
    me.look()
    before = SignIn.objects.count()
    assert answer in me.ask(**said)
    assert SignIn.objects.count() == before


def test_declining_says_why_and_ends_it(me, ours):
    me.look()
    assert "Please fill this in" in me.at_step("decline/", reason="")
    assert "You have declined" in me.at_step("decline/", reason="Too short a term")
    assert ours.open("sign") is None


def test_out_of_turn_there_is_nothing_to_sign_with(two):
    bogdan = Reader(two, two.people[1])
    page = bogdan.look()
    assert "It is not your turn" in page
    assert "Send me the code" not in page
    assert "It is not your turn" in bogdan.ask("Bogdan Ene")
    assert signed(two) == 0


def test_who_only_signs_sees_this_contract_and_nothing_else_of_the_case(two):
    two.both()
    bogdan = Reader(two, two.people[1])
    bogdan.go(f"/cases/{two.case.public_id}/")
    assert "Send me the code" in bogdan.text
    for page in ("status", "sent", "withdraw", "details"):
        assert bogdan.get(f"/cases/{two.case.public_id}/{page}/").status_code == 404
    assert "has signed" in bogdan.text
    bogdan.sign("Bogdan Ene")
    assert signed(two) == 2


def test_a_stranger_finds_no_contract(ours):
    emil = Reader(ours, person("emil@altafirma.example"))
    file = ours.agreement.presented.public_id
    for path in ("sign/", "sign/sign/confirm/", f"files/{file}/copy/", f"files/{file}/0.webp"):
        assert emil.get(f"/cases/{ours.case.public_id}/{path}").status_code == 404
    assert emil.post(f"/cases/{ours.case.public_id}/sign/sign/", {}).status_code == 404


def test_each_is_asked_by_letter_when_it_is_their_turn_and_told_at_the_end(two):
    heard = {wire.when for wire in WIRES if wire.then is notifications.tell_of_signing}
    assert heard == {"contract.set", "contract.signed", "contract.sealed"}

    def tell():
        for event in two.events(*heard):
            notifications.tell_of_signing(event, now=two.time())
        return [(row.template, row.recipient) for row in Message.objects.filter(case=two.case).order_by("pk")]

    ana, bogdan = (who.subject for who in two.people)
    assert tell() == [("sign-asked", ana)]
    two.both()
    assert tell() == [("sign-asked", ana), ("sign-asked", bogdan)]
    two.both(two.people[1], "Bogdan Ene")
    two.seal()
    assert tell()[2:] == [("contract-signed", ana), ("contract-signed", bogdan)]


def test_the_reminder_goes_to_whose_turn_it_is(two):
    two.both()
    said = {"step": "sign", "number": 1, "kind": "sign", "count": 1}
    cases.record(two.case, "reminder.due", actor=machine("clock"), now=two.time(), data=said)
    notifications.tell(two.events("reminder.due")[0], now=two.time())
    row = Message.objects.get(case=two.case)
    assert (row.template, row.recipient, row.context["again"]) == ("sign-asked", two.people[1].subject, True)


def test_when_the_time_is_over_nobody_signs(me, ours):
    me.look()
    cases.complete(ours.open("sign"), "late", actor=machine("clock"), now=ours.time())
    assert "decided already" in me.ask()
    assert agreements.waits_for(ours.case, ours.ana) == ""
