"""Credentials at the client's door: typed once, never shown again, replaced when need be."""

import re

import pytest
from django.contrib.sessions.models import Session

from pridvor.cases import secrets
from pridvor.cases.models import Answer, Draft
from pridvor.vault.models import Value
from tests.conftest import WORKER, actor_of
from tests.managed import JOURNEY, TOKEN, Managed
from tests.portal.conftest import visitor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours(ana):
    return Managed(ana)


@pytest.fixture
def browser(ours):
    return visitor_of(ours.person)


def path(ours, *more):
    return f"/cases/{ours.case.public_id}/access/{''.join(f'{part}/' for part in more)}"


def send(browser, ours, token=TOKEN):
    browser.say(path(ours, "interface"), base_url="https://api.example", token=token)


def used(ours):
    return secrets.use(ours.case, "token", actor=WORKER, purpose="test", now=ours.time())


def test_what_is_typed_is_sealed_and_the_form_sent(browser, ours):
    send(browser, ours)
    assert used(ours) == TOKEN
    assert ours.open("look")


def test_the_form_wants_one(browser, ours):
    send(browser, ours, token="")
    assert "Please fill this in" in browser.text
    assert not ours.open("look")


def test_no_page_shows_it_again(browser, ours):
    send(browser, ours)
    for place in (
        f"/cases/{ours.case.public_id}/",
        f"/cases/{ours.case.public_id}/sent/",
        path(ours, "interface"),
    ):
        browser.go(place)
        assert TOKEN not in browser.text
    assert "Kept sealed since" in browser.text
    assert not re.search(r'name="token"[^>]*value=', browser.text)


def test_a_page_refused_for_another_field_does_not_return_it(browser, ours):
    browser.say(path(ours, "interface"), base_url="", token=TOKEN)
    assert "Please fill this in" in browser.text
    assert TOKEN not in browser.text


def test_autosave_keeps_no_half_of_it(browser, ours):
    answer = browser.post(path(ours, "draft"), {"field": "token", "token": "canary"})
    assert answer.status_code == 204
    assert not Draft.objects.exists()
    assert not Value.objects.filter(field="secret").exists()


def test_the_session_holds_nothing_of_it(browser, ours):
    send(browser, ours)
    assert TOKEN not in str([row.get_decoded() for row in Session.objects.all()])


def test_an_empty_correction_keeps_it_and_another_replaces_it(browser, ours):
    send(browser, ours)
    send(browser, ours, token="")
    assert used(ours) == TOKEN
    send(browser, ours, token="another")
    assert used(ours) == "another"


def test_a_stranger_finds_no_such_page(browser, ours, emil):
    other = visitor_of(emil)
    assert other.get(path(ours, "interface")).status_code == 404
    assert actor_of(emil) != ours.me


def test_once_other_systems_know_the_rest_the_credential_alone_can_be_replaced(browser, ana):
    connected = "access: {form: access, kept_until: launch,"
    linked = "link: {connect: crm.create_account, title: {en: x, ro: x}, if fail: {open: by-hand}}"
    helper = "    exceptions: {by-hand: {todo: x, title: {en: x, ro: x}}}\n  launch:"
    source = JOURNEY.replace("      look:", f"      {linked}\n      look:").replace("  launch:", helper)
    ours = Managed(ana, source.replace("journey: managed", "journey: linked"))
    assert connected in source
    send(browser, ours)
    browser.say(path(ours, "interface"), base_url="https://evil.example", token="another")
    assert used(ours) == "another"
    assert set(Answer.objects.values_list("value", flat=True)) == {"https://api.example"}
    assert 'name="base_url"' not in browser.go(path(ours, "interface")).content.decode()
