"""Passwords of staff: what they must be, how they are kept, changed, forgotten, and guessed at."""

import re
import threading

import pytest
from allauth.account.adapter import get_adapter
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client

from pridvor.accounts.models import Role, Staff
from tests.desk.conftest import PASSWORD, Desk, staff
from tests.desk.test_sign_in import code_of
from tests.subprocesses import under

pytestmark = pytest.mark.django_db
NEW = "seven blue ladders"


def accepted(password, person=None):
    try:
        validate_password(password, person)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("password", "good"), [("kq8 wz3 vn5", False), ("kq8 wz3 vn5x", True)])
def test_a_password_has_twelve_characters_at_least(password, good):
    assert accepted(password) is good


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "123456789012",
        "qwertyuiopas",
        "1q2w3e4r5t6y",
        "aaaaaaaaaaaaa",
        "98765432109876",
        "asdfghjklasdf",
    ],
)
def test_common_passwords_are_refused(password):
    assert not accepted(password)


@pytest.mark.parametrize(
    "password",
    [
        "only small letters here",
        "șapte trepte de piatră",
        "一二三四五六七八九十甲乙",
        "482 917 305 662",
        "x y " * 32,
    ],
)
def test_any_letters_will_do(password):
    assert accepted(password)


@pytest.mark.parametrize("password", ["Pridvor-2026!", "arcada2026!!", "CarmenCarmen1", "Onboarding#1"])
def test_words_that_anybody_would_try_are_not_enough(password):
    assert not accepted(password, Staff(email="carmen@arcada.example", name="Carmen Ionescu"))


def test_such_a_word_within_a_long_password_does_no_harm():
    assert accepted("pridvor seven blue ladders", Staff(email="x@y.example", name="Carmen"))


def test_passwords_are_kept_with_argon2id():
    code = "from django.contrib.auth.hashers import make_password; print(repr(make_password('seven blue ladders')))"
    assert under({}, code, ready=True).startswith("argon2$argon2id$")


def test_a_password_counts_to_its_last_letter():
    person = staff(Role.OPERATOR)
    long = "a" * 100
    person.set_password(long + "b")
    assert person.check_password(long + "b")
    assert not person.check_password(long + "c")
    assert not person.check_password((long + "b").upper())


def change(browser, **said):
    return browser.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW, **said}
    )


@pytest.mark.parametrize(
    ("said", "changed"), [({}, True), ({"oldpassword": "wrong"}, False), ({"oldpassword": ""}, False)]
)
def test_a_password_is_changed_with_the_present_one_and_a_new_one(said, changed):
    carmen = Desk(staff(Role.OPERATOR))
    change(carmen, **said)
    assert Staff.objects.get(pk=carmen.person.pk).check_password(NEW) is changed


def test_a_changed_password_is_told_by_mail():
    carmen = Desk(staff(Role.OPERATOR))
    change(carmen)
    assert [message.to for message in mail.outbox] == [[carmen.person.email]]


def test_the_field_hides_what_is_typed_and_takes_what_managers_give():
    page = Client().get("/accounts/login/").content.decode()
    field = re.search(r'<input[^>]*name="password"[^>]*>', page)[0]
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field


def forgotten(person):
    """The address in the mail for somebody who forgot their password."""
    Client().post("/accounts/password/reset/", {"email": person.email})
    return re.search(r"/accounts/password/reset/key/\S+", mail.outbox[-1].body)[0]


def set_anew(link, password=NEW):
    browser = Client()
    page = browser.get(link, follow=True)
    if not page.redirect_chain:
        return browser
    browser.post(page.redirect_chain[-1][0], {"password1": password, "password2": password})
    return browser


def test_a_link_for_a_new_password_counts_once():
    person = staff(Role.OPERATOR)
    link = forgotten(person)
    set_anew(link)
    assert Staff.objects.get(pk=person.pk).check_password(NEW)
    set_anew(link, "another blue ladder")
    assert Staff.objects.get(pk=person.pk).check_password(NEW)


def test_a_new_password_by_mail_does_not_replace_the_second_factor():
    person = staff(Role.OPERATOR)
    browser = set_anew(forgotten(person))
    assert browser.get("/desk/")["Location"].startswith("/accounts/login/")
    led = browser.post("/accounts/login/", {"login": person.email, "password": NEW})
    assert led["Location"] == "/accounts/2fa/authenticate/"
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(person)})
    assert browser.get("/desk/").status_code == 200


def test_forgetting_an_address_that_nobody_has_looks_the_same_and_sends_nothing_of_a_link():
    known, unknown = (
        Client().post("/accounts/password/reset/", {"email": address}, follow=True)
        for address in (staff(Role.OPERATOR).email, "nobody@arcada.example")
    )
    assert known.redirect_chain == unknown.redirect_chain
    assert sum("/reset/key/" in message.body for message in mail.outbox) == 1


def test_guessing_is_stopped_in_all_processes_together():
    person, answers = staff(Role.OPERATOR), []
    cache.clear()

    def guess(number):
        answers.append(
            Client().post("/accounts/login/", {"login": person.email, "password": f"wrong {number}"})
        )

    for number in range(12):  # the count stands in the database, so it does not matter who counts
        threading.Thread(target=guess, args=[number]).run()
    last = Client().post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert last.status_code == 200, "even the right one waits now"
    assert "/2fa/" not in last.get("Location", "")


@pytest.mark.parametrize(("proxies", "counted"), [(0, 1), (1, 30)])
def test_an_address_that_somebody_made_up_is_not_believed(settings, proxies, counted):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    cache.clear()
    seen = set()
    for number in range(30):
        browser = Client(headers={"x-forwarded-for": f"198.51.100.{number}"})
        browser.post("/accounts/login/", {"login": f"x{number}@y.example", "password": "wrong"})
        seen.add(_ip(browser))
    assert len(seen) == counted


def _ip(browser):
    return get_adapter().get_client_ip(browser.get("/accounts/login/").wsgi_request)
