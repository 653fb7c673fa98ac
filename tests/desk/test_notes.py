"""Notes for colleagues, sealed and never shown to a client; and the library of ready words."""

import pytest
from django.db import connection

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.cases.models import Answer, Note
from pridvor.lib import clock
from pridvor.notifications.models import ReasonText
from pridvor.vault import actions as vault
from pridvor.vault.models import Look
from tests.conftest import CARMEN
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
SECRET = "Administratorul a fost schimbat ieri"


def say(desk, case, text=SECRET, **more):
    return desk.post(
        f"/desk/cases/{case.public_id}/notes/", {"note": text, **more}, follow=True
    ).content.decode()


def called(case):
    return [one.name for note in Note.objects.filter(case=case) for one in note.called.order_by("name")]


def test_a_note_is_seen_on_the_case_and_on_its_clients_page(carmen, cristina, waiting):
    assert SECRET in say(carmen, waiting)
    assert SECRET in cristina.text(f"/desk/clients/{waiting.client.public_id}/")


def test_the_client_never_sees_a_note(client, carmen, waiting):
    say(carmen, waiting)
    session = client.session
    session["person"] = str(waiting.person.subject)
    session.save()
    page = client.get(f"/cases/{waiting.public_id}/")
    assert page.status_code == 200
    assert SECRET not in page.content.decode()


def test_a_note_lies_in_no_table_of_the_application(carmen, waiting):
    say(carmen, waiting)
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select count(*) from "{table}" t where t::text like %s', [f"%{SECRET}%"])
            assert cursor.fetchone()[0] == 0, table


def test_reading_notes_is_logged_and_erasure_shuts_them(carmen, waiting):
    say(carmen, waiting)
    look = Look.objects.filter(actor_id=carmen.person.actor.id, fields__contains="internal_note").last()
    assert look.subject == waiting.subject
    vault.erase(waiting.subject, actor=CARMEN, reason="asked", now=clock.now())
    assert SECRET not in carmen.text(f"/desk/cases/{waiting.public_id}/")


def test_a_note_is_no_orphan(carmen, waiting):
    say(carmen, waiting)
    ref = Note.objects.get().ref
    assert cases.in_use([ref]) == {ref}


@pytest.mark.parametrize(
    "text",
    [
        "@cristina vezi",
        "@Cristina Pop, vezi",
        "vezi (@CRISTINA)",
        "@compliance@arcada.example: vezi",
        "@compliance",
        "@cristina și @Cristina Pop",
    ],
)
def test_a_mention_calls_a_colleague_once(carmen, cristina, waiting, text):
    cristina.person.name = "Cristina Pop"
    cristina.person.save()
    say(carmen, waiting, text)
    assert called(waiting) == ["Cristina Pop"]
    event = waiting.events.get(kind="note.mentioned")
    assert event.data["staff"] == str(cristina.person.public_id)


@pytest.mark.parametrize("text", ["scrie la ana@firma.example", "5 @ 10 lei", "@ nimeni"])
def test_what_is_no_mention_calls_nobody(carmen, waiting, text):
    say(carmen, waiting, text)
    assert called(waiting) == []
    assert Note.objects.count() == 1


def test_a_mention_of_nobody_or_of_two_keeps_no_note_and_loses_no_words(carmen, waiting):
    staff(Role.OPERATOR, "ion1@arcada.example")
    staff(Role.OPERATOR, "ion2@arcada.example")
    for wrong in ("@zorro", "@Operator Ionescu"):
        page = say(carmen, waiting, f"{wrong} {SECRET}")
        assert "is nobody here, or more than one" in page
        assert SECRET in page
    assert not Note.objects.exists()


def test_a_colleague_is_called_by_choosing(carmen, dan, waiting):
    say(carmen, waiting, call=dan.person.email)
    assert called(waiting) == [dan.person.name]


def test_an_auditor_reads_notes_and_writes_none(carmen, waiting):
    say(carmen, waiting)
    aurora = Desk(staff(Role.AUDITOR))
    assert SECRET in aurora.text(f"/desk/cases/{waiting.public_id}/")
    assert aurora.post(f"/desk/cases/{waiting.public_id}/notes/", {"note": "x"}).status_code == 404


def test_an_empty_note_is_not_kept(carmen, waiting):
    assert carmen.post(f"/desk/cases/{waiting.public_id}/notes/", {"note": " "}).status_code == 422


# -- ready words


def keep(desk, title="Ștampilă", ro="Lipsește ștampila.", en="The stamp is missing."):
    return desk.post("/desk/texts/", {"title": title, "words_ro": ro, "words_en": en})


def test_ready_words_go_with_a_decision_in_the_clients_language_and_are_counted(carmen, waiting):
    keep(carmen)
    text = ReasonText.objects.get()
    chosen = {"bank.iban": "differs", "texts": [str(text.public_id)], "note": "Mulțumim."}
    carmen.decide(waiting, "correct", **chosen)
    ref = Answer.objects.get(case=waiting, field="note").ref
    said = vault.reveal([ref], actor=CARMEN, purpose="test", now=clock.now())[ref]
    assert said == "Lipsește ștampila.\nMulțumim."
    text.refresh_from_db()
    assert text.used == 1


def test_a_text_is_rewritten_and_retired(carmen):
    keep(carmen)
    text = ReasonText.objects.get()
    at = f"/desk/texts/{text.public_id}/"
    carmen.post(at, {"title": "Semnătură", "words_ro": "x", "words_en": "y"})
    assert "Semnătură" in carmen.text("/desk/texts/")
    carmen.post(f"{at}retire/")
    assert "Semnătură" not in carmen.text("/desk/texts/")
    assert carmen.get(at).status_code == 404


def test_a_text_needs_both_languages(carmen):
    assert keep(carmen, en="").status_code == 422
    assert not ReasonText.objects.exists()
