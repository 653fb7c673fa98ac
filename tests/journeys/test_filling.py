"""A form that is sent whole: what stands, what is personal, and what is wrong, each by its name."""

import jsonschema
import pytest

from pridvor.journeys import filling, language

JOURNEY = language.read("""
journey: filled
forms:
  firm:
    first:
      title: {en: First}
      fields:
        kind: {type: choice, label: {en: Kind}, options: {shop: {en: Shop}, works: {en: Works}}}
        people: {type: int, min: 1, max: 5000, label: {en: People}, when: 'form.kind == "works"'}
        begun: {type: date, label: {en: Begun}, required: false}
        boss: {personal: true, label: {en: Boss}}
    owners:
      title: {en: Owners}
      repeat: {min: 1, max: 2}
      entry: {en: Owner}
      add: {en: One more}
      fields:
        owner: {personal: true, label: {en: Name}}
        share: {type: number, label: {en: Share}}
stages:
  first:
    steps:
      details: {form: firm}
""")
FORM = JOURNEY.forms["firm"]
OWNERS = [{"owner": "Ana", "share": 100}]
GOOD = {"kind": "shop", "boss": "Ana", "owners": OWNERS}


def fill(given, standing=None):
    return filling.fill(FORM, given, standing or {}, {})


def test_plain_and_personal_answers_are_told_apart():
    filled = fill(GOOD)
    assert filled.wrong == ()
    assert filled.plain == {"kind": "shop", "owners[1]": True, "owners[1].share": 100.0}
    assert filled.personal == {"boss": "Ana", "owners[1].owner": "Ana"}


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"kind": "farm"}, ("kind", "option")),
        ({"kind": "works"}, ("people", "required")),
        ({"people": 3}, ("people", "not-asked")),
        ({"kind": "works", "people": 3.5}, ("people", "type")),
        ({"kind": "works", "people": True}, ("people", "type")),
        ({"kind": "works", "people": 0}, ("people", "bounds")),
        ({"kind": "works", "people": 5001}, ("people", "bounds")),
        ({"owners": [{"owner": "Ana", "share": 10**15}]}, ("owners[1].share", "bounds")),
        ({"begun": "24.11.2026"}, ("begun", "date")),
        ({"boss": ""}, ("boss", "required")),
        ({"boss": "x" * 201}, ("boss", "too-long")),
        ({"owners": []}, ("owners", "too-few")),
        ({"owners": OWNERS * 3}, ("owners", "too-many")),
        ({"owners": [{"owner": "Ana"}]}, ("owners[1].share", "required")),
        ({"owners": [{**OWNERS[0], "age": 4}]}, ("owners[1].age", "not-asked")),
        ({"colour": "red"}, ("colour", "not-asked")),
    ],
)
def test_each_wrong_answer_is_named(changed, wrong):
    assert wrong in fill(GOOD | changed).wrong


def test_what_stands_already_need_not_be_given_again():
    assert fill({"kind": "shop", "owners": OWNERS}, {"boss": True}).wrong == ()


def test_the_schema_takes_what_can_be_sent_and_names_what_may_be_chosen():
    schema = filling.schema(JOURNEY, FORM, "en")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(GOOD, schema)
    assert schema["properties"]["kind"]["enum"] == ["shop", "works"]
    assert schema["required"] == ["kind", "boss"]
    for wrong in ({"kind": "farm"}, {"owners": OWNERS * 3}, {"colour": "red"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(GOOD | wrong, schema)
