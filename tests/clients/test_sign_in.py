"""Signing in with a code: right, wrong, late, used, too often."""

from datetime import timedelta
from uuid import uuid4

import pytest

from pridvor.clients import sign_in
from pridvor.clients.models import Person, SignIn
from pridvor.vault import actions as vault
from pridvor.vault.models import Look
from tests.conftest import CARMEN, NOW, person

pytestmark = pytest.mark.django_db
ANA = "ana@electroinstal.example"


def ask(email=ANA, now=NOW):
    row = sign_in.ask(email, language="ro", now=now)
    return row, sign_in.code_for_mail(row.public_id, now=now)[1]


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def left(row, code, now=NOW):
    with pytest.raises(sign_in.WrongCode) as refusal:
        sign_in.confirm(row.public_id, code, now=now)
    return refusal.value.left


def test_the_right_code_signs_in_and_proves_the_address():
    row, code = ask()
    found = sign_in.confirm(row.public_id, code, now=NOW)
    assert (found.pk, found.confirmed_at) == (row.person_id, NOW)


def test_a_code_works_once():
    row, code = ask()
    sign_in.confirm(row.public_id, code, now=NOW)
    assert left(row, code) == 0


def test_spaces_around_a_code_do_not_matter():
    row, code = ask()
    assert sign_in.confirm(row.public_id, f" {code} ", now=NOW)


@pytest.mark.parametrize(("minutes", "works"), [(9.9, True), (10, False), (60, False)])
def test_a_code_lives_ten_minutes(minutes, works):
    row, code = ask()
    later = NOW + timedelta(minutes=minutes)
    if works:
        assert sign_in.confirm(row.public_id, code, now=later)
    else:
        assert left(row, code, later) == 0
        assert sign_in.code_for_mail(row.public_id, now=later) is None


def test_wrong_tries_are_counted_and_the_count_survives_the_refusal():
    row, code = ask()
    assert [left(row, wrong(code)) for _ in range(6)] == [4, 3, 2, 1, 0, 0]
    row.refresh_from_db()
    assert row.tries == 5
    assert left(row, code) == 0, "after five tries even the right one is of no use"


def test_a_new_code_can_be_asked_after_too_many_tries():
    row, code = ask()
    for _ in range(5):
        left(row, wrong(code))
    newer, fresh = ask()
    assert sign_in.confirm(newer.public_id, fresh, now=NOW)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "０１２３４５", "\x00"])
def test_nonsense_is_a_wrong_code(typed):
    row, _ = ask()
    assert left(row, typed) == 4


def test_a_code_of_one_sign_in_does_not_work_for_another():
    (one, code), (other, _) = ask(), ask("emil@altafirma.example")
    assert left(other, code) == 4
    assert left(one, wrong(code)) == 4


def test_a_sign_in_that_does_not_exist_is_a_wrong_code():
    with pytest.raises(sign_in.WrongCode):
        sign_in.confirm(uuid4(), "123456", now=NOW)


@pytest.mark.parametrize("known", [True, False])
def test_a_known_and_an_unknown_address_are_treated_alike(known):
    if known:
        person(ANA)
    looks = Look.objects.count()
    row = sign_in.ask(ANA, language="ro", now=NOW + timedelta(hours=2))
    assert (row.tries, row.used_at, row.expires_at) == (0, None, NOW + timedelta(hours=2, minutes=10))
    assert Look.objects.count() == looks + 1


def test_the_same_address_is_the_same_person_however_it_is_written():
    found = person(ANA)
    assert sign_in.ask(" Ana@ElectroInstal.EXAMPLE", language="en", now=NOW).person == found
    assert Person.objects.count() == 1


def test_an_address_gets_five_codes_an_hour():
    for _ in range(5):
        sign_in.ask(ANA, language="ro", now=NOW)
    with pytest.raises(sign_in.TooManyCodes):
        sign_in.ask(ANA, language="ro", now=NOW)
    assert sign_in.ask("emil@altafirma.example", language="ro", now=NOW)
    assert sign_in.ask(ANA, language="ro", now=NOW + timedelta(hours=1, seconds=1))


def test_the_database_holds_no_readable_code():
    row, code = ask()
    row.refresh_from_db()
    assert code.encode() not in bytes(row.sealed_code) + bytes(row.digest)
    sign_in.confirm(row.public_id, code, now=NOW)
    assert bytes(SignIn.objects.get(pk=row.pk).sealed_code) == b""


# -- another address


def test_a_new_address_counts_once_it_is_proved():
    ana = person(ANA)
    row = sign_in.ask_change(ana, "ana.noua@electroinstal.example", now=NOW)
    assert sign_in.ask(ANA, language="ro", now=NOW).person == ana
    address, code, _ = sign_in.code_for_mail(row.public_id, now=NOW)
    assert address == "ana.noua@electroinstal.example"
    sign_in.confirm(row.public_id, code, now=NOW)
    ana.refresh_from_db()
    assert vault.reveal([ana.email_ref], actor=CARMEN, purpose="test", now=NOW) == {
        ana.email_ref: "ana.noua@electroinstal.example"
    }
    assert sign_in.ask("ana.noua@electroinstal.example", language="ro", now=NOW).person == ana


def test_the_old_address_opens_nothing_after_the_change():
    ana = person(ANA)
    row = sign_in.ask_change(ana, "ana.noua@electroinstal.example", now=NOW)
    sign_in.confirm(row.public_id, sign_in.code_for_mail(row.public_id, now=NOW)[1], now=NOW)
    assert sign_in.ask(ANA, language="ro", now=NOW).person != ana


def test_nobody_takes_an_address_that_belongs_to_another():
    ana, emil = person(ANA), person("emil@altafirma.example")
    row = sign_in.ask_change(emil, ANA, now=NOW)
    assert sign_in.ask(ANA, language="ro", now=NOW).person == ana, "not proved"
    assert sign_in.ask("emil@altafirma.example", language="ro", now=NOW).person == emil
    assert row.person == emil


def test_an_erased_person_begins_anew():
    ana = person(ANA)
    vault.erase(ana.subject, actor=CARMEN, reason="asked", now=NOW)
    assert sign_in.ask(ANA, language="ro", now=NOW).person != ana


def test_no_code_is_mailed_to_somebody_erased_meanwhile():
    row, _ = ask()
    vault.erase(row.person.subject, actor=CARMEN, reason="asked", now=NOW)
    assert sign_in.code_for_mail(row.public_id, now=NOW) is None
