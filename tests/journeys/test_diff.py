"""Two journeys compared: what a reader of the process would say has changed."""

import pytest

from pridvor.journeys import language
from pridvor.journeys.diff import Change, diff
from pridvor.project import cli
from tests.conftest import ROOT

PATH = ROOT / "journeys" / "partner-registration.yaml"
SHIPPED = PATH.read_text()


def changed(*pairs):
    text = SHIPPED
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return diff(language.read(SHIPPED), language.read(text))


BANK = '      bank: {form: bank, title: {en: "Bank account", ro: "Contul bancar"}, remind: [24h, 72h]}\n'
CASES = [
    ("if fail: {redo: [details, bank, collect], limit: 5}", "if fail: {redo: [details, bank, collect], limit: 3}",
     Change("step screen, if fail", "changed", "{redo: [details, bank, collect], limit: 5}", "{redo: [details, bank, collect], limit: 3}", "flow")),
    ("sla: {us: 8h, client: 5d}", "sla: {us: 8h, client: 3d}", Change("stage documents, sla client", "changed", "5d", "3d", "timing")),
    ("expires: 30 days", "expires: 60 days", Change("the journey, expires", "changed", "30 days", "60 days", "timing")),
    ('title: {en: "Papers", ro: "Acte"}', 'title: {en: "Papers", ro: "Documente"}', Change("step collect, title ro", "changed", "Acte", "Documente", "words")),
    ('foreign: client.country != "RO"', 'foreign: client.country == "DE"', Change("the journey, facts foreign", "changed", 'client.country != "RO"', 'client.country == "DE"', "flow")),
    ("verify:\n        review: partner", "verify:\n        review: partner\n        second_person: true", Change("step verify, second_person", "changed", "", "true", "flow")),
    ('          type: phone\n          personal: true', "          type: phone\n          required: false\n          personal: true", Change("form partner, field phone, required", "changed", "", "false", "flow")),
    ("    template: partner-contract\n", "", Change("document contract, template", "changed", "partner-contract", "", "flow")),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "change"), CASES, ids=lambda value: getattr(value, "place", ""))
def test_a_change_is_told_in_the_words_of_the_process(old, new, change):
    assert changed((old, new)) == [change]


def test_a_step_that_goes_may_break_cases_that_have_it():
    found = changed(
        (BANK, ""),
        ("        with: bank\n", ""),
        ("redo: [details, bank, collect]", "redo: [details, collect]"),
        ("redo: [details, bank, collect]", "redo: [details, collect]"),
    )
    gone = next(change for change in found if change.what == "removed")
    assert (gone.place, gone.severity) == ("step bank", "breaking")
    assert {change.place for change in found} == {
        "step bank",
        "step collect, with",
        "step screen, if fail",
        "step verify, if correct",
    }


def test_a_step_that_comes_is_told_with_what_it_is():
    (change,) = changed(
        (
            "      welcome: {notify",
            "      call-them: {todo: call, title: {en: Call, ro: Sună}}\n      welcome: {notify",
        )
    )
    assert (change.place, change.what, change.severity) == ("step call-them", "added", "flow")
    assert change.after.startswith("{todo: call")


def test_only_what_moved_is_told_to_have_moved():
    old = language.read(
        "journey: x\nstages: {s: {steps: {a: {todo: x}, b: {todo: x}, c: {todo: x}, d: {todo: x}}}}"
    )
    new = language.read(
        "journey: x\nstages: {s: {steps: {d: {todo: x}, a: {todo: x}, b: {todo: x}, c: {todo: x}}}}"
    )
    assert diff(old, new) == [Change("step d", "moved", "after c", "first", "flow")]


def test_a_step_in_another_stage_has_moved():
    old = language.read(
        "journey: x\nstages: {s: {steps: {a: {todo: x}, b: {todo: x}}}, t: {steps: {c: {todo: x}}}}"
    )
    new = language.read(
        "journey: x\nstages: {s: {steps: {a: {todo: x}}}, t: {steps: {b: {todo: x}, c: {todo: x}}}}"
    )
    assert diff(old, new) == [Change("step b", "moved", "stage s", "stage t", "flow")]


def test_comments_and_layout_are_no_difference():
    assert diff(language.read(SHIPPED), language.read("# another comment\n" + SHIPPED)) == []


def test_the_command_line_tells_the_difference(tmp_path, capsys):
    newer = tmp_path / "newer.yaml"
    newer.write_text(SHIPPED.replace("expires: 30 days", "expires: 60 days"))
    assert cli.main(["journey", "diff", str(PATH), str(newer)]) == 1
    assert capsys.readouterr().out == "timing    the journey, expires: 30 days → 60 days\n"
    assert cli.main(["journey", "diff", str(PATH), str(PATH)]) == 0
    assert cli.main(["journey", "diff", str(PATH), str(newer), "--json"]) == 1
    assert '"severity": "timing"' in capsys.readouterr().out
    assert cli.main(["journey", "diff", str(PATH), str(tmp_path / "nothing.yaml")]) == 2


@pytest.mark.django_db
def test_published_versions_are_compared_by_their_number(capsys):
    assert cli.main(["journey", "publish", str(PATH)]) == 0
    assert cli.main(["journey", "diff", "partner-registration@1", str(PATH)]) == 0
    assert cli.main(["journey", "diff", "partner-registration@9", str(PATH)]) == 2
    assert "There is no version partner-registration@9" in capsys.readouterr().err
