"""Messages on their way to a real SMTP server: taken, deferred, refused, and sent twice under one Message-ID."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import resolve
from procrastinate.contrib.django.models import ProcrastinateJob

from pridvor.cases.models import Case
from pridvor.clients import sign_in
from pridvor.notifications import actions
from pridvor.notifications.models import Message
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(case):
    return actions.owe(case, "received", cause="test", now=NOW)


def deliver(message, now=NOW):
    actions.deliver(message.pk, now=now)
    message.refresh_from_db()
    return message


def test_a_message_reaches_the_person_in_both_forms(message, server):
    deliver(message)
    (mail,) = server.mails
    assert (message.state, mail["to"], mail["message-id"]) == (
        "sent",
        "ana@electroinstal.example",
        message.message_id,
    )
    assert mail["subject"] == f"Am primit înregistrarea {message.case.reference}"
    assert "Bună ziua, Ana Pop," in mail.get_body(("plain",)).get_content()
    body = mail.get_body(("html",)).get_content()
    assert f"/cases/{message.case.public_id}/" in body
    assert resolve(f"/cases/{message.case.public_id}/").view_name == "portal:case"
    assert (mail["auto-submitted"], mail["content-language"]) == ("auto-generated", "ro")


def test_what_was_sent_is_an_event_of_the_case(message, server):
    deliver(message)
    assert message.case.events.filter(kind="mail.sent", data__template="received").count() == 1


def test_what_a_test_case_owes_leaves_for_nobody_and_the_case_says_so(message, server):
    Case.objects.filter(pk=message.case_id).update(is_test=True)
    deliver(message)
    assert (message.state, message.code, server.mails) == ("suppressed", "test-case", [])
    assert message.case.events.get(kind="mail.suppressed").data["code"] == "test-case"


def test_a_job_that_runs_twice_sends_once(message, server):
    deliver(message)
    deliver(message)
    assert len(server.mails) == 1


def test_a_server_that_is_busy_gets_it_later(message, server):
    server.behaviour = "busy"
    deliver(message)
    assert (message.state, message.code, len(server.mails)) == ("queued", "451", 0)
    assert message.next_at == NOW + timedelta(seconds=30)
    deliver(message, NOW + timedelta(seconds=10))
    assert len(server.mails) == 0
    deliver(message, message.next_at)
    assert (message.state, message.tries, len(server.mails)) == ("sent", 2, 1)


def test_an_address_that_does_not_exist_is_final(message, server):
    server.behaviour = "unknown"
    deliver(message)
    assert (message.state, message.code) == ("failed", "550")
    assert message.case.events.filter(kind="mail.failed").exists()


def test_a_mail_that_was_taken_without_an_answer_is_sent_again_under_the_same_id(message, server):
    server.behaviour = "cut"
    deliver(message)
    assert message.state == "queued"
    deliver(message, message.next_at)
    assert message.state == "sent"
    assert [mail["message-id"] for mail in server.mails] == [message.message_id] * 2


def test_nobody_there_is_tried_again_and_given_up_after_three_days(message, settings):
    settings.SMTP_URL = "smtp://127.0.0.1:9"
    now = NOW
    while message.state == "queued":
        deliver(message, now)
        now = message.next_at or now
    assert message.state == "failed"
    assert timedelta(days=3) < now - NOW < timedelta(days=3, hours=3)


def test_without_a_mail_server_nothing_is_lost(message, settings, server):
    url, settings.SMTP_URL = settings.SMTP_URL, ""
    deliver(message)
    assert (message.state, message.tries, actions.sweep(now=NOW + timedelta(days=9))) == ("queued", 0, 0)
    settings.SMTP_URL = url
    assert actions.sweep(now=NOW + timedelta(days=9)) == 1
    assert deliver(message, NOW + timedelta(days=9)).state == "sent"


def test_a_worker_that_died_is_followed_by_another_after_a_while(message, server):
    actions._claim(message.pk, now=NOW)
    deliver(message, NOW + timedelta(seconds=20))
    assert message.state == "queued"
    later = NOW + actions.LEASE + timedelta(minutes=1)
    assert actions.sweep(now=later) == 1
    assert deliver(message, later).state == "sent"


def test_one_message_for_one_cause(case):
    assert actions.owe(case, "received", cause="once", now=NOW)
    assert actions.owe(case, "received", cause="once", now=NOW) is None
    assert Message.objects.filter(cause="once").count() == 1


def test_the_address_and_the_name_stand_in_no_table_of_ours(message, server):
    deliver(message)
    with connection.cursor() as cursor:
        cursor.execute(
            "select row_to_json(m)::text from notifications_message m union all select row_to_json(j)::text from procrastinate_jobs j"
        )
        rows = " ".join(row[0] for row in cursor.fetchall())
    assert "ana@" not in rows
    assert "Ana Pop" not in rows


def test_a_sign_in_code_is_mailed_and_kept_nowhere_in_clear(server, db):
    asked = sign_in.ask("noua@firma.example", language="en", now=NOW)
    _, code, _ = sign_in.code_for_mail(asked.public_id, now=NOW)
    message = deliver(actions.send_code(asked, now=NOW))
    (mail,) = server.mails
    assert (message.state, mail["to"]) == ("sent", "noua@firma.example")
    assert f"{code[:3]} {code[3:]}" in mail.get_body(("plain",)).get_content()
    assert code[:3] not in mail["subject"]
    assert not [job for job in ProcrastinateJob.objects.all() if code in str(job.args)]


def test_a_code_that_is_no_longer_good_is_not_sent(server, db):
    asked = sign_in.ask("noua@firma.example", language="ro", now=NOW)
    message = actions.send_code(asked, now=NOW)
    assert deliver(message, NOW + timedelta(minutes=16)).state == "suppressed"
    assert server.mails == []
