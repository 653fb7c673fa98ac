"""What a form may say: conditions are typed and look upwards only, and a page that repeats is whole."""

import pytest

from pridvor.journeys import language, proof
from pridvor.journeys.language import Unsound

JOURNEY = """
journey: small
title: {{en: Small, ro: Mic}}
expires: 30 days
forms:
  profile:
    main:
      title: {{en: Main, ro: Date}}
      fields:
        size: {{type: choice, label: {{en: S, ro: M}}, options: {{small: {{en: s, ro: m}}, large: {{en: l, ro: m}}}}}}
        iban: {{type: iban, personal: true, label: {{en: I, ro: I}}}}
        {field}
    more: {page}
stages:
  papers:
    steps:
      profile: {{form: profile}}
      look: {{review: papers, when: '{when}', if correct: {{redo: profile, limit: 2}}}}
"""
PLAIN = "{title: {en: M, ro: M}, fields: {x: {label: {en: X, ro: X}}}}"
GROUP = (
    "{title: {en: M, ro: M}, repeat: {min: 1, max: 3}, entry: {en: E, ro: E}, add: {en: A, ro: A}, %s"
    "fields: {share: {type: int, label: {en: X, ro: X}}, name: {personal: true, label: {en: N, ro: N}}}}"
)


def journey(field="y: {label: {en: Y, ro: Y}}", page=PLAIN, when="true"):
    return JOURNEY.format(field=field, page=page, when=when)


def asked_when(condition):
    return journey("y: {label: {en: Y, ro: Y}, when: '%s'}" % condition)  # noqa: UP031 braces are YAML's here


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (asked_when("form.size == 3"), "no matching overload"),
        (asked_when('form.iban == "RO"'), "not personal"),
        (asked_when('form.x == "later"'), "asked above it"),
        (asked_when('form.y == "itself"'), "asked above it"),
        (asked_when("form.size"), "not a yes-or-no question"),
        (
            journey(
                page="{title: {en: M, ro: M}, entry: {en: E, ro: E}, fields: {x: {label: {en: X, ro: X}}}}"
            ),
            "belongs to a page with `repeat:`",
        ),
        (journey(page=GROUP.replace("add: {en: A, ro: A}, ", "") % ""), "write `entry:` and `add:`"),
        (journey("y: {label: {en: Y, ro: Y}, min: 3}"), "bound numbers alone"),
        (journey("y: {type: int, label: {en: Y, ro: Y}, min: 3, max: 2}"), "min is above max"),
        (journey(page=GROUP.replace("max: 3", "max: 300") % ""), "max"),
        (journey(page=GROUP.replace("min: 1", "min: 9") % ""), "let min be at most max"),
        (journey(page=GROUP % "check: {rule: sum(name) < 3, message: {en: M, ro: M}}, "), "asked above it"),
        (
            journey(
                page="{title: {en: M, ro: M}, before_sign_in: true, when: 'client.country == \"RO\"', fields: {x: {label: {en: X, ro: X}}}}"
            ),
            "before signing in",
        ),
        (
            journey("y: {type: secret, label: {en: Y, ro: Y}, when: 'form.size == \"large\"'}"),
            "asked once and of everybody",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(text, said):
    with pytest.raises(Unsound, match=r"line .*form profile") as refused:
        language.read(text)
    assert said in str(refused.value)


def test_a_step_that_looks_at_what_may_not_be_asked_is_found():
    depending = "y: {label: {en: Y, ro: Y}, when: 'form.size == \"large\"'}"
    found = proof.prove(language.read(journey(depending, when='profile.y == "a"')))
    assert "may-be-missing" in str(found)
    always = proof.prove(language.read(journey(when='profile.y == "a"')))
    assert "may-be-missing" not in str(always)


def test_the_number_of_entries_can_be_asked():
    read = language.read(journey(page=GROUP % "", when="profile.more_count > 1"))
    assert read.variables["profile.more_count"] == "int"
    assert "may-be-missing" not in str(proof.prove(read))
