"""Legal texts: versions that stay, agreement that is recorded, withdrawn, and asked for anew when a text changes."""

import pytest
from django.db import DatabaseError, connection

from pridvor.privacy import texts
from pridvor.privacy.models import Acceptance, LegalText
from tests.conftest import CRISTINA, NOW, REFUSED, actor_of

pytestmark = pytest.mark.django_db
WORDS = {"title": {"en": "Terms", "ro": "Condiții"}, "body": {"en": "New.", "ro": "Noi."}}


def publish(kind="terms", *, asks_again=True, **changes):
    return texts.publish(kind, **{**WORDS, **changes}, asks_again=asks_again, actor=CRISTINA, now=NOW)


def say(person, kind, given=True):
    return texts.answer(person, texts.current(kind), given, language="ro", actor=actor_of(person), now=NOW)


@pytest.mark.parametrize("kind", LegalText.Kind.values)
def test_a_first_version_of_each_text_is_shipped_in_both_languages(kind):
    shipped = texts.current(kind)
    assert shipped.number == 1
    assert all(shipped.title[language] and shipped.body[language] for language in texts.LANGUAGES)


def test_the_next_version_counts_and_the_earlier_one_stays():
    publish()
    assert [(row.number, row.said("title", "ro")) for row in texts.versions("terms")] == [
        (2, "Condiții"),
        (1, "Condiții de utilizare a acestui loc"),
    ]


@pytest.mark.parametrize(
    "statement", ["update privacy_legaltext set number = 9", "delete from privacy_acceptance"]
)
def test_what_was_published_and_agreed_to_cannot_be_changed(ana, statement):
    say(ana, "terms")
    with pytest.raises(DatabaseError, match=REFUSED), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("column", ["title", "body"])
def test_a_text_needs_every_language(column):
    with pytest.raises(texts.Incomplete):
        publish(**{column: {"en": "Only this", "ro": " "}})


def test_who_agreed_to_what_when_and_in_which_language(ana):
    texts.accept_needed(ana, language="ro", actor=actor_of(ana), now=NOW)
    assert {
        (row.text.kind, row.text.number, row.language, row.given, row.at) for row in texts.history(ana)
    } == {
        ("terms", 1, "ro", True, NOW),
        ("privacy", 1, "ro", True, NOW),
    }


def test_a_consent_is_given_and_withdrawn_and_both_stay(ana):
    say(ana, "marketing-mail")
    say(ana, "marketing-mail", False)
    assert [row.given for row in texts.history(ana)] == [False, True]
    assert not next(one for one in texts.standing(ana) if one.text.kind == "marketing-mail").is_given


def test_saying_the_same_twice_is_said_once(ana):
    say(ana, "marketing-mail")
    assert say(ana, "marketing-mail") is None
    assert say(ana, "data-sharing", False) is None
    assert Acceptance.objects.count() == 1


def test_a_text_that_changed_asks_again_where_it_must(ana):
    texts.accept_needed(ana, language="ro", actor=actor_of(ana), now=NOW)
    publish("privacy", asks_again=False)
    assert texts.outdated(ana) == []
    publish("terms")
    assert [one.text.kind for one in texts.outdated(ana)] == ["terms"]
    say(ana, "terms")
    assert texts.outdated(ana) == []


def test_who_never_registered_is_not_asked_again(ana):
    publish("terms")
    assert texts.outdated(ana) == []
