"""People of a company: invited with a role, asked to do single steps, removed; each sees what the table says."""

import pytest

from pridvor.cases import colleagues, rights
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Event, Membership
from pridvor.cases.rights import ROLES, Right
from pridvor.documents.models import File
from pridvor.lib import clock
from pridvor.notifications import actions as notifications
from pridvor.notifications.models import Message
from tests.conftest import actor_of
from tests.partner import Partner, good
from tests.portal.conftest import IBAN, Visitor, at

pytestmark = pytest.mark.django_db
BOGDAN = "bogdan@electroinstal.example"
PEOPLE, SENT, BANK = ("people",), ("sent",), ("bank", "account")


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"


def invite(visitor, case, role, email=BOGDAN):
    visitor.say(at(case, "people", "invite"), email=email, role=role)


def bogdan_comes():
    bogdan = Visitor(headers={"accept-language": "en"})
    bogdan.come_back(BOGDAN)
    return bogdan


def opens(browser, case, *parts):
    return browser.get(at(case, *parts)).status_code == 200


def test_a_colleague_is_invited_by_mail_and_signs_in_with_a_code(visitor, case):
    invite(visitor, case, "signatory")
    event = Event.objects.get(case=case, kind="member.invited")
    notifications.tell_of_colleague(event, now=clock.now())
    assert Message.objects.get(template="member-invited").recipient == Membership.objects.get().person.subject
    assert "has not signed in yet" in visitor.text
    bogdan = bogdan_comes()
    assert case.reference in bogdan.text
    visitor.go(at(case, *PEOPLE))
    assert "Has signed in" in visitor.text


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("administrator", {"status", "sent", "bank", "people"}),
        ("signatory", {"status", "sent"}),
        ("technical", {"status"}),
        ("reader", {"status"}),
    ],
)
def test_each_role_opens_what_the_table_says(visitor, case, role, sees):
    invite(visitor, case, role)
    bogdan = bogdan_comes()
    pages = {"status": (), "sent": SENT, "bank": BANK, "people": PEOPLE}
    assert {name for name, parts in pages.items() if opens(bogdan, case, *parts)} == sees
    changes = bogdan.post(at(case, *BANK), {"iban": IBAN}).status_code
    assert (changes != 404) is (role == "administrator")


def test_personal_values_are_masked_for_whoever_may_only_read(visitor, case):
    invite(visitor, case, "signatory")
    bogdan = bogdan_comes()
    bogdan.go(at(case, *SENT))
    assert "•••••" in bogdan.text
    assert "0721 000 111" not in bogdan.text
    assert "Ana Popescu" not in bogdan.text
    visitor.go(at(case, *SENT))
    assert "Ana Popescu" in visitor.text


def test_a_reader_sees_how_far_it_is_and_no_task(visitor, case):
    invite(visitor, case, "reader")
    bogdan = bogdan_comes()
    bogdan.go(at(case))
    assert "A colleague of yours is next" in bogdan.text
    assert "What has happened" not in bogdan.text
    assert f"/cases/{case.public_id}/bank/" not in bogdan.text


@pytest.mark.parametrize(("role", "opens_it"), [("signatory", True), ("technical", False), ("reader", False)])
def test_papers_open_for_whoever_may_read_them(ana, role, opens_it):
    ours = Partner(ana)
    file = File.objects.get(pk=ours.upload("bank-letter", good("bank-letter")).pk)
    colleagues.invite(ours.case, BOGDAN, role, actor=ours.me, now=clock.now())
    bogdan = bogdan_comes()
    assert opens(bogdan, ours.case, "files", str(file.public_id), "copy") is opens_it
    page = at(ours.case, "files", str(file.public_id), "0.webp").rstrip("/")
    assert (bogdan.get(page).status_code == 200) is opens_it


def test_who_may_not_send_papers_gets_no_place_for_one(visitor, case):
    visitor.say(at(case, *BANK), iban=IBAN)
    visitor.say(at(case, "bank", "check"))
    invite(visitor, case, "technical")
    told = "step Y29sbGVjdA==,item YmFuay1sZXR0ZXI=,filename YS5wZGY="  # collect, bank-letter, a.pdf
    headers = {"Upload-Length": "10", "Upload-Metadata": told}
    assert bogdan_comes().post(at(case, "files"), headers=headers).status_code == 404
    assert visitor.post(at(case, "files"), headers=headers).status_code == 201


def test_a_role_is_changed_and_counts_at_the_next_page(visitor, case):
    invite(visitor, case, "administrator")
    bogdan, row = bogdan_comes(), Membership.objects.get()
    assert opens(bogdan, case, *SENT)
    visitor.say(at(case, "people", str(row.person.subject), "role"), role="reader")
    assert not opens(bogdan, case, *SENT)
    assert Event.objects.filter(case=case, kind="member.changed", data__role="reader").exists()


def test_whoever_is_removed_is_out_and_what_they_did_stays(visitor, case):
    invite(visitor, case, "administrator")
    bogdan, row = bogdan_comes(), Membership.objects.get()
    bogdan.say(at(case, *BANK), iban=IBAN)
    bogdan.say(at(case, "bank", "check"))
    visitor.say(at(case, "people", str(row.person.subject), "remove"))
    assert bogdan.get(at(case)).status_code == 404
    assert case.reference not in bogdan.go("/track/").content.decode()
    done = Event.objects.get(case=case, kind="step.completed", data__step="bank")
    assert done.actor_id == str(row.person.subject)
    assert Event.objects.filter(case=case, kind="member.removed").exists()


def test_nobody_removes_or_promotes_themselves(visitor, case):
    invite(visitor, case, "administrator")
    bogdan, row = bogdan_comes(), Membership.objects.get()
    for verb in ("remove", "role"):
        path = at(case, "people", str(row.person.subject), verb)
        assert bogdan.post(path, {"role": "reader"}).status_code == 404


def test_a_member_is_not_invited_twice_and_the_applicant_not_at_all(visitor, case):
    invite(visitor, case, "reader")
    invite(visitor, case, "administrator")
    assert "let in already" in visitor.text
    assert Membership.objects.get().role == "reader"
    invite(visitor, case, "reader", "ana@electroinstal.example")
    assert "whoever registered the company" in visitor.text


def delegate(visitor, case, step="bank"):
    visitor.say(at(case, "people", "delegate"), task=step, to=BOGDAN)


def test_a_delegate_does_one_step_and_sees_nothing_else(visitor, case):
    delegate(visitor, case)
    assert f"{BOGDAN} was asked to do this" in visitor.text
    bogdan = bogdan_comes()
    bogdan.go(at(case))
    assert bogdan.at == at(case, *BANK)
    for parts in (SENT, PEOPLE, ("status",), ("details", "contact"), ("collect",)):
        assert not opens(bogdan, case, *parts), parts
    bogdan.say(at(case, *BANK), iban=IBAN)
    bogdan.say(at(case, "bank", "check"))
    done = Event.objects.get(case=case, kind="step.completed", data__step="bank")
    assert done.actor_id == str(Membership.objects.get().person.subject)
    assert not opens(bogdan, case, *BANK), "once it is sent it is theirs no more"


def test_a_step_is_taken_back_at_once(visitor, case):
    delegate(visitor, case)
    bogdan = bogdan_comes()
    assert opens(bogdan, case, *BANK)
    row = colleagues.delegations(case)[0]
    visitor.say(at(case, "people", str(row.public_id), "take-back"))
    assert bogdan.get(at(case, *BANK)).status_code == 404
    assert bogdan.get(at(case)).status_code == 404
    kinds = set(Event.objects.filter(case=case).values_list("kind", flat=True))
    assert {"step.delegated", "step.taken-back"} <= kinds


def test_a_step_has_one_delegate_and_the_letter_names_it(visitor, case):
    delegate(visitor, case)
    delegate(visitor, case)
    assert "asked to do this step already" in visitor.text
    event = Event.objects.get(case=case, kind="step.delegated")
    notifications.tell_of_colleague(event, now=clock.now())
    assert Message.objects.get(template="step-delegated").context["wanted"] == [{"step": "bank"}]


def test_grave_things_ask_again_who_it_is_and_go_on_with_what_was_typed(visitor, case):
    session = visitor.session
    session["proved_at"] -= 6 * 60
    session.save()
    invite(visitor, case, "reader")
    assert "Confirm that it is you" in visitor.text
    assert not Membership.objects.exists()
    path = at(case, "people", "invite")
    visitor.say(path, **{"email": BOGDAN, "role": "reader", "proof-code": "000000"})
    assert not Membership.objects.exists()
    visitor.say(path, **{"email": BOGDAN, "role": "reader", "proof-code": visitor.code()})
    assert Membership.objects.get().role == "reader"
    visitor.go(at(case, *PEOPLE))
    assert BOGDAN in visitor.text


def test_every_role_has_a_row_and_nobody_but_the_company_leads(case):
    assert set(ROLES) <= rights.TABLE.keys()
    leaders = {role for role, given in rights.TABLE.items() if Right.PEOPLE in given}
    assert leaders == {"applicant", "administrator"}
    assert {role for role, given in rights.TABLE.items() if Right.PERSONAL in given} == leaders


def test_a_technical_contact_does_the_steps_that_the_journey_gives_them(case, emil):
    step = case.journey.steps["bank"]
    colleagues.invite(
        case, "emil@altafirma.example", "technical", actor=actor_of(case.person), now=clock.now()
    )
    standing = rights.standing(case, emil)
    assert not standing.may_do("bank")
    step.by, before = rights.TECHNICAL, step.by
    try:
        assert standing.may_do("bank")
        assert not rights.Standing(case, "reader").may_do("bank")
    finally:
        step.by = before
    assert case_queries.open_attempt(case, "bank")
