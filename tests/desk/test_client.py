"""One client's page: every case, person, document and number, and how far a paper counts."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from pridvor.cases import actions as cases
from pridvor.documents import actions as documents
from pridvor.documents.models import File
from pridvor.lib import clock
from pridvor.notifications import actions as notifications
from pridvor.vault import actions as vault
from pridvor.vault.models import Look
from tests.conftest import CARMEN, NOW, WORKER
from tests.partner import Partner, good

pytestmark = pytest.mark.django_db


def at(case):
    return f"/desk/clients/{case.client.public_id}/"


@pytest.fixture
def sent(ours):
    ours.papers(bank_letter=good("bank-letter")).send()
    return ours.case


def test_a_client_is_shown_with_cases_people_and_papers(carmen, sent):
    page = carmen.text(at(sent))
    for wanted in (
        sent.reference,
        "Ana Popescu",
        "+40 721 000 111",
        "ana@electroinstal.example",
        "Letter from the bank",
    ):
        assert wanted in page, wanted


def test_looking_at_a_client_is_logged(carmen, sent):
    carmen.text(at(sent))
    look = Look.objects.filter(actor_id=carmen.person.actor.id, purpose="look at the client").first()
    assert look.fields == ["contact_name", "email", "phone"]


def test_a_document_is_downloaded_two_clicks_from_its_case(carmen, sent):
    assert at(sent) in carmen.text(f"/desk/cases/{sent.public_id}/")
    file = File.objects.get(document__case=sent)
    link = f"/desk/cases/{sent.public_id}/files/{file.public_id}/"
    assert f'href="{link}"' in carmen.text(at(sent))
    assert b"".join(carmen.get(link).streaming_content) == good("bank-letter")


def test_a_search_that_finds_several_cases_leads_to_their_client(carmen, ana, sent):
    cases.open_case(
        sent.journey_version, sent.client, ana, language="ro", actor=CARMEN, now=NOW + timedelta(days=1)
    )
    assert at(sent) in carmen.text("/desk/search/?q=electro+instal")


@pytest.mark.parametrize(
    ("days", "said"), [(-1, "expired on"), (0, "expires on"), (30, "expires on"), (31, "being looked at")]
)
def test_a_paper_says_how_long_it_counts(carmen, sent, days, said):
    until = timezone.localdate() + timedelta(days=days)
    carmen.post(f"/desk/cases/{sent.public_id}/documents/bank-letter/validity/", {"valid_until": until})
    assert said in carmen.text(at(sent))
    assert sent.events.filter(kind="document.dated", data__until=until.isoformat()).exists()


def test_a_day_that_is_none_is_refused_and_an_empty_one_takes_it_back(carmen, sent):
    where = f"/desk/cases/{sent.public_id}/documents/bank-letter/validity/"
    assert "That is not a day" in carmen.post(where, {"valid_until": "soon"}, follow=True).content.decode()
    carmen.post(where, {"valid_until": "2020-01-01"})
    assert "expired on" in carmen.text(at(sent))
    carmen.post(where, {"valid_until": ""})
    assert "expired on" not in carmen.text(at(sent))


def test_a_paper_is_accepted_once_a_person_has_approved(carmen, ours):
    ours.verified()
    assert "accepted" not in carmen.text(at(ours.case))
    cases.complete(ours.open("verify"), "approve", actor=CARMEN, now=NOW + timedelta(hours=1))
    assert "accepted" in carmen.text(at(ours.case))


def test_numbers_in_outside_systems_come_from_the_ledger_each_once(carmen, sent):
    for _twice in range(2):
        data = {"step": "erp", "peer": "erp", "reference": "C-1042", "how": "created"}
        cases.record(sent, "call.done", actor=WORKER, now=NOW, data=data)
    assert carmen.text(at(sent)).count("C-1042") == 1


def test_letters_and_words_to_the_client_are_shown(carmen, sent):
    notifications.owe(sent, "received", cause="x", now=NOW)
    cases.keep_note(sent, "verify", 1, "Stampila lipsește.", actor=carmen.person.actor, now=clock.now())
    page = carmen.text(at(sent))
    assert "Registration received" in page
    assert "Stampila lipsește." in page
    assert re.search(r"Operator Ionescu", page)


def test_what_was_erased_is_not_shown(carmen, sent):
    vault.erase(sent.subject, actor=CARMEN, reason="asked", now=clock.now())
    page = carmen.text(at(sent))
    assert "Electro Instal" in page
    assert "Popescu" not in page


def test_somebody_elses_client_page_says_nothing_of_ours(carmen, sent, emil):
    other = Partner(emil, name="Alta SRL", cui="48219502").case
    assert sent.reference not in carmen.text(at(other))


def test_questions_to_the_database_do_not_grow_with_documents(carmen, ours):
    ours.upload("bank-letter", good("bank-letter"))
    documents.send(ours.case, ["bank-letter"], actor=ours.me, now=NOW)
    carmen.text(at(ours.case))  # what is kept between requests is read once
    few = carmen.questions(at(ours.case))
    ours.upload("registration-certificate", good("registration-certificate"))
    documents.send(ours.case, ["registration-certificate"], actor=ours.me, now=NOW)
    assert carmen.questions(at(ours.case)) == few
