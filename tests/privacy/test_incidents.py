"""Unusual looks become incidents, ordinary ones do not; what is judged, noted and closed."""

import csv
import io
from datetime import timedelta

import pytest

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.clients import actions as clients
from pridvor.notifications.models import Message
from pridvor.privacy import incidents, watching
from pridvor.privacy.models import Entry, Incident
from pridvor.vault import actions as vault
from tests.conftest import NOW, client_of, person, publish
from tests.desk.conftest import staff

pytestmark = pytest.mark.django_db
OTHERS = """
journey: elsewhere
stages: {first: {owner: engineer, steps: {do: {todo: it}}}}
"""


@pytest.fixture
def carmen():
    return staff(Role.OPERATOR)


@pytest.fixture
def auditor():
    return staff(Role.AUDITOR)


def subjects(count):
    return [vault.new_subject(now=NOW) for _ in range(count)]


def look(who, subject, at, *, what=("phone",), case=""):
    clients.note_look(subject, list(what), actor=who.actor, purpose="work on the case", now=at, case=case)


def look_at_many(who, count, *, at=NOW, within=timedelta(minutes=50)):
    for number, subject in enumerate(subjects(count)):
        look(who, subject, at + within * number / count)


def watch(at=NOW + timedelta(hours=2)):
    return watching.watch(now=at)


@pytest.mark.parametrize(("count", "found"), [(60, 0), (61, 1)])
def test_more_clients_in_an_hour_than_anybody_needs(carmen, count, found):
    look_at_many(carmen, count)
    assert watch() == found


def test_the_same_number_over_a_day_is_work(carmen):
    look_at_many(carmen, 90, within=timedelta(hours=8))
    assert watch(NOW + timedelta(hours=9)) == 0


def test_one_client_looked_at_all_day_is_work(carmen):
    (subject,) = subjects(1)
    for minute in range(100):
        look(carmen, subject, NOW + timedelta(seconds=minute))
    assert watch() == 0


def test_somebody_who_looks_at_few_is_noticed_sooner(carmen):
    for day in range(1, 8):
        look_at_many(carmen, 6, at=NOW - timedelta(days=day + 2))
    look_at_many(carmen, 25)
    assert watch() == 1
    assert Incident.objects.get().figures == {"clients": 25, "limit": 20, "usual": 6.0}


def test_copies_at_night_are_noticed_and_by_day_are_not(carmen):
    (subject,) = subjects(1)
    for minute in range(3):
        look(carmen, subject, NOW + timedelta(minutes=minute), what=["copy:passport"])
    assert watch() == 0
    night = NOW.replace(hour=21)  # 23 o'clock in Bucharest
    for minute in range(3):
        look(carmen, subject, night + timedelta(minutes=minute), what=["copy:passport"])
    assert watching.watch(now=night + timedelta(hours=6)) == 1
    assert Incident.objects.get().kind == "night"


@pytest.mark.parametrize(("role", "found"), [(Role.OPERATOR, 1), (Role.ENGINEER, 0), (Role.AUDITOR, 0)])
def test_cases_that_are_not_ones_work(role, found):
    who = staff(role)
    for number in range(5):
        someone = person(f"p{number}@firma.example")
        case = cases.open_case(
            publish(OTHERS), client_of(someone), someone, language="ro", actor=who.actor, now=NOW
        )
        look(who, case.subject, NOW, case=case.reference)
    assert watch() == found


def test_however_often_it_looks_each_is_one_incident_and_grows(carmen, auditor):
    look_at_many(carmen, 61)
    assert [watch(), watch()] == [1, 0]
    look_at_many(carmen, 30, at=NOW + timedelta(minutes=5), within=timedelta(minutes=30))
    watch()
    assert Incident.objects.get().affected.count() == 91
    assert Message.objects.filter(template="incident", staff=auditor.pk).count() == 1


def test_auditors_are_told_and_whoever_did_it_is_not(auditor):
    other = staff(Role.AUDITOR, "other@arcada.example")
    look_at_many(other, 61)
    watch()
    assert [row.staff_id for row in Message.objects.filter(template="incident")] == [auditor.pk]


def test_the_clock_gives_seventy_two_hours_from_when_it_was_known(carmen):
    look_at_many(carmen, 61)
    watch()
    incident = Incident.objects.get()
    assert incident.due_at - incident.aware_at == timedelta(hours=72)
    assert incident.began_at == NOW


def test_it_is_decided_with_a_reason_and_closed_after(auditor):
    incident = incidents.report("A laptop was lost on the train", author=auditor, now=NOW)
    with pytest.raises(incidents.NotNow):
        incidents.close(incident, author=auditor, now=NOW)
    with pytest.raises(incidents.NoReason):
        incidents.decide(incident, "no-risk", " ", author=auditor, now=NOW)
    incidents.decide(incident, "no-risk", "Its disk is encrypted", author=auditor, now=NOW)
    incidents.close(incident, author=auditor, now=NOW)
    with pytest.raises(incidents.NotNow):
        incidents.note(incident, "later", author=auditor, now=NOW)
    said = incidents.notes(incident, actor=auditor.actor, now=NOW)
    assert [each.text for each in said] == ["A laptop was lost on the train", "Its disk is encrypted"]
    assert list(Entry.objects.values_list("kind", flat=True)) == [
        "incident.opened",
        "incident.noted",
        "incident.noted",
        "incident.decided",
        "incident.closed",
    ]


def test_notes_are_sealed_and_the_sweep_leaves_them(auditor):
    incident = incidents.report("A laptop was lost", author=auditor, now=NOW)
    assert vault.sweep(incidents.in_use, now=NOW + timedelta(days=1)) == 0
    assert len(incidents.notes(incident, actor=auditor.actor, now=NOW)) == 1


def test_the_list_of_persons_computes_nothing(carmen, auditor, ana):
    clients.keep(ana.subject, {"contact_name": "=HYPERLINK(1)"}, now=NOW)
    look_at_many(carmen, 61)
    look(carmen, ana.subject, NOW + timedelta(minutes=50))
    watch()
    said = incidents.persons_csv(Incident.objects.get(), actor=auditor.actor, now=NOW)
    rows = list(csv.DictReader(io.StringIO(said)))
    (hers,) = [row for row in rows if row["subject"] == str(ana.subject)]
    assert (hers["name"], hers["e-mail"]) == ("'=HYPERLINK(1)", "ana@electroinstal.example")
    assert len(rows) == 62
