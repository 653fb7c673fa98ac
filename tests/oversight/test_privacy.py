"""Requests, rules, texts and incidents on the staff's side of the door."""

import pytest

from pridvor.accounts.models import Role
from pridvor.privacy import incidents, requests, rules, texts
from pridvor.privacy.models import Incident, Relationship, Request
from tests.conftest import NOW
from tests.desk.conftest import Desk, staff
from tests.privacy.conftest import place, story

pytestmark = pytest.mark.django_db
__all__ = ["place", "story"]
WORDS = {"title_en": "A", "title_ro": "B", "body_en": "One.\n\nTwo.", "body_ro": "Unu."}


@pytest.fixture
def cristina(db):
    return Desk(staff(Role.COMPLIANCE))


@pytest.fixture
def adina(db):
    return Desk(staff(Role.ADMINISTRATOR))


@pytest.fixture
def aurora(db):
    return Desk(staff(Role.AUDITOR))


@pytest.fixture
def asked(story):
    story.noted().approved()
    return requests.ask_erasure(story.person, language="ro", actor=story.me, now=NOW)


def at(request, verb=""):
    return f"/oversight/privacy/{request.public_id}/{verb}"


def test_a_request_shows_what_goes_what_stays_and_why(cristina, asked):
    text = cristina.text(at(asked))
    assert "Law 129/2019 Art. 21" in text
    assert "notes, comments and correspondence: 1" in text
    assert "Decide so, and send the letter" in text


def test_it_is_decided_once(cristina, asked):
    cristina.post(at(asked, "decide/"))
    assert Request.objects.get().outcome == "partial"
    text = cristina.post(at(asked, "decide/"), follow=True).content.decode()
    assert "It has been decided already." in text


def test_deciding_takes_a_fresh_second_factor(cristina, asked):
    cristina.prove(ago=3600)
    cristina.post(at(asked, "decide/"))
    assert Request.objects.get().state == "asked"


def test_the_end_of_a_contract_is_noted_and_counts(cristina, asked, story):
    where = at(asked, f"contract/{story.case.client.public_id}/")
    assert cristina.post(where, {"ended_on": "2999-01-01"}).status_code == 422
    cristina.post(where, {"ended_on": "2026-11-01"})
    assert Relationship.objects.get().ended_on.isoformat() == "2026-11-01"
    assert "1 November 2031" in cristina.text(at(asked))


def test_the_end_of_another_s_contract_is_not_noted_here(cristina, asked):
    where = at(asked, f"contract/{asked.public_id}/")
    assert cristina.post(where, {"ended_on": "2026-11-01"}).status_code == 404


def test_the_administrator_changes_how_long_data_is_kept(adina):
    rules.table()
    adina.post("/oversight/privacy/retention/accounting/", {"months": "60", "active": "on"})
    assert {rule.key: rule.months for rule in rules.table()}["accounting"] == 60
    text = adina.post("/oversight/privacy/retention/aml/", {"months": "x"}, follow=True).content.decode()
    assert "between 0 and 1200" in text


def test_the_record_of_article_30_opens_as_page_and_pdf(aurora):
    assert "vault.Value" in aurora.text("/oversight/privacy/record/")
    assert aurora.get("/oversight/privacy/record.pdf").content[:5] == b"%PDF-"


def test_a_text_is_looked_at_and_then_published(adina):
    text = adina.post("/oversight/texts/terms/", {**WORDS, "preview": "1"}).content.decode()
    assert "<p>Two.</p>" in text
    assert texts.current("terms").number == 1
    adina.post("/oversight/texts/terms/", WORDS)
    assert texts.current("terms").number == 2


def test_a_text_without_romanian_is_not_published(adina):
    assert adina.post("/oversight/texts/terms/", {**WORDS, "body_ro": ""}).status_code == 422


def test_an_incident_is_reported_judged_and_closed(aurora):
    aurora.post("/oversight/incidents/report/", {"words": ""})
    assert not Incident.objects.exists()
    aurora.post("/oversight/incidents/report/", {"words": "A laptop was lost"})
    incident = Incident.objects.get()
    where = f"/oversight/incidents/{incident.public_id}/"
    assert "A laptop was lost" in aurora.text(where)
    aurora.post(f"{where}decide/", {"decision": "", "words": "why"})
    aurora.post(f"{where}decide/", {"decision": "no-risk", "words": ""})
    assert Incident.objects.get().decision == ""
    aurora.post(f"{where}decide/", {"decision": "no-risk", "words": "Its disk is encrypted"})
    aurora.post(f"{where}close/")
    assert Incident.objects.get().closed_at
    assert (
        "This incident is closed."
        in aurora.post(f"{where}note/", {"words": "x"}, follow=True).content.decode()
    )


def test_the_report_and_the_persons_take_a_fresh_second_factor(aurora):
    incident = incidents.report("A laptop was lost", author=aurora.person, now=NOW)
    where = f"/oversight/incidents/{incident.public_id}/"
    assert aurora.get(f"{where}report.pdf").content[:5] == b"%PDF-"
    assert aurora.get(f"{where}persons.csv").content.startswith(b"subject,name")
    aurora.prove(ago=7200)
    assert aurora.get(f"{where}persons.csv")["Content-Type"].startswith("text/html")
