"""The JSON Schema of the language and the reader agree: what one refuses of words and kinds, the other refuses."""

import copy

import jsonschema
import pytest
import yaml

from pridvor.journeys import language, schema, shape
from pridvor.journeys.source import StrictLoader
from pridvor.project import cli
from tests.conftest import ROOT

FILES = [*sorted((ROOT / "journeys").glob("*.yaml")), *sorted((ROOT / "tests/cases/traces").glob("*.yaml"))]
VALIDATOR = jsonschema.Draft202012Validator(schema.schema())
SMALL = {
    "journey": "small",
    "stages": {
        "papers": {
            "steps": {
                "collect": {"upload": "letter"},
                "screen": {"check": "malware", "if fail": {"redo": "collect", "limit": 2}},
            }
        }
    },
}


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema.schema())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_journeys_that_can_be_read_are_valid(path):
    tree = yaml.load(path.read_text(), StrictLoader)
    assert [error.message for error in VALIDATOR.iter_errors(tree)] == []


def test_every_sort_of_value_has_its_schema():
    assert schema.SORTS.keys() == shape.SORTS.keys()


def wrong(*path, **values):
    tree = copy.deepcopy(SMALL)
    part = tree
    for key in path:
        part = part[key]
    part.update(values)
    return tree


STEPS = ("stages", "papers", "steps")
WRONG = {
    "an unknown word in the head": wrong(stage={}),
    "an unknown word of a stage": wrong("stages", "papers", ownr="operator"),
    "an unknown word of a step": wrong(*STEPS, "collect", remnd="3d"),
    "an unknown word of a route": wrong(*STEPS, "screen", **{"if fail": {"redoo": "collect", "limit": 2}}),
    "a loop without a limit": wrong(*STEPS, "screen", **{"if fail": {"redo": "collect"}}),
    "a limit of none": wrong(*STEPS, "screen", **{"if fail": {"redo": "collect", "limit": 0}}),
    "an impossible outcome": wrong(*STEPS, "collect", **{"if late": "go on"}),
    "two kinds": wrong(*STEPS, "collect", form="f"),
    "no kind": wrong(*STEPS, collect={"by": "client"}),
    "an unhandled outcome": wrong(*STEPS, screen={"check": "malware"}),
    "a name that addresses cannot carry": wrong(*STEPS, **{"A step": {"todo": "x"}}),
    "a title that is a word": wrong("stages", "papers", title="Papers"),
    "a step that is a word": wrong(*STEPS, collect="upload"),
    "an optional that is a word": wrong(*STEPS, "collect", optional="perhaps"),
    "an unknown type of field": wrong(
        forms={"f": {"p": {"title": {"en": "T"}, "fields": {"x": {"type": "colour", "label": {"en": "X"}}}}}}
    ),
    "an unknown word of a document": wrong(documents={"d": {"title": {"en": "T"}, "sign": True}}),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_reader_refuses_the_schema_refuses(name):
    assert not VALIDATOR.is_valid(WRONG[name])
    with pytest.raises(language.Unsound):
        language.read(yaml.safe_dump(WRONG[name]))


def test_the_unchanged_journey_is_valid_for_both():
    assert VALIDATOR.is_valid(SMALL)
    assert language.read(yaml.safe_dump(SMALL))


def test_the_command_line_prints_it(capsys):
    assert cli.main(["journey", "schema"]) == 0
    assert "https://json-schema.org/draft/2020-12/schema" in capsys.readouterr().out
