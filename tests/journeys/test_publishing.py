"""Publishing: versions never change, running cases stay on theirs, and the command line says how it went."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.db import DatabaseError, connection

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt
from pridvor.journeys import actions, language, model, queries
from pridvor.journeys.models import JourneyVersion
from pridvor.project import cli, environment, wiring
from tests.conftest import NOW, REFUSED, ROOT, WORKER, actor_of, client_of

SHIPPED = ROOT / "journeys" / "partner-registration.yaml"
TEXT = "journey: small\ntitle: {en: S, ro: S}\nstages: {s: {title: {en: S, ro: S}, steps: {a: {todo: x, title: {en: A, ro: A}}}}}\n"


def publish(text):
    return actions.publish(text, wiring.VOCABULARY, actor=WORKER, now=NOW)


@pytest.mark.django_db
def test_each_new_text_is_the_next_version_and_an_old_one_stays_what_it_was():
    first, second = publish(TEXT), publish(TEXT + "# more\n")
    assert (first.number, second.number) == (1, 2)
    assert publish(TEXT) == first
    assert queries.latest("small") == second
    assert queries.compiled(first.pk).digest == first.digest


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["update journeys_journeyversion set number = 7", "delete from journeys_journeyversion"]
)
def test_the_database_refuses_to_change_a_version(statement):
    publish(TEXT)
    with pytest.raises(DatabaseError, match=REFUSED), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_a_running_case_stays_on_its_version(ana):
    case = cases.open_case(publish(TEXT), client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW)
    publish(TEXT.replace("{a: {todo: x", "{b: {todo: z, title: {en: B, ro: B}}, a: {todo: x"))
    cases.complete(Attempt.objects.get(case=case, key="a"), "done", actor=WORKER, now=NOW)
    case.refresh_from_db()
    assert (case.state, list(case.journey.steps)) == ("ended", ["a"])
    later = cases.open_case(
        queries.latest("small"), client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW
    )
    assert list(later.journey.steps) == ["b", "a"]


@pytest.mark.django_db
def test_a_journey_with_problems_is_not_published():
    with pytest.raises(actions.CannotPublish, match="nobody provides “horoscope”"):
        publish(TEXT.replace("todo: x", "check: horoscope, if fail: go on"))
    with pytest.raises(language.Unsound):
        publish("journey: x")
    assert JourneyVersion.objects.count() == 0


# -- the command line


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "pridvor", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "pridvor.project.settings"},
    )


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text(TEXT.replace("todo: x", "todo: x, remnd: 3d"))
    return str(path)


def test_checking_says_what_is_wrong_and_ends_with_one(broken):
    good, bad = run("journey", "check", str(SHIPPED)), run("journey", "check", str(SHIPPED), broken, "--json")
    assert (good.returncode, good.stdout.strip()) == (0, f"{SHIPPED}: can be published")
    assert bad.returncode == 1
    assert [bool(json.loads(line)["problems"]) for line in bad.stdout.splitlines()] == [False, True]


@pytest.mark.parametrize(
    "arguments",
    [["journey"], ["journey", "check"], ["journey", "guess"], ["nonsense"], [], ["erase", "PR-1"]],
)
def test_wrong_use_ends_with_two(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 2
    assert "usage: pridvor" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["check", "publish"])
@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
@pytest.mark.django_db
def test_a_file_that_cannot_be_read_is_told_in_one_line(verb, name, tmp_path, capsys):
    assert cli.main(["journey", verb, str(tmp_path / name)]) == 2
    said = capsys.readouterr()
    assert len(said.err.strip().splitlines()) == 1
    assert str(tmp_path) in said.err


@pytest.mark.django_db
def test_publishing_and_showing(tmp_path, broken, capsys):
    assert cli.main(["journey", "publish", str(SHIPPED), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == 1
    assert cli.main(["journey", "publish", broken]) == 1
    assert "remnd" in capsys.readouterr().err
    assert cli.main(["journey", "show", "partner-registration"]) == 0
    shown = capsys.readouterr().out
    assert "fail → redo details bank collect" in shown
    assert cli.main(["journey", "show", "partner-registration", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["stages"]) == [
        "registration",
        "documents",
        "verification",
        "activation",
    ]
    assert cli.main(["journey", "show", "nothing"]) == 1


# -- documentation is complete


def test_every_word_of_the_language_is_documented():
    page = (ROOT / "docs" / "journeys.md").read_text()
    words = (
        language.HEAD | language.STAGE_WORDS | language.STEP_WORDS | language.ROUTE_WORDS | model.KINDS.keys()
    )
    assert sorted(word for word in words if f"`{word}`" not in page) == []


def test_the_documentations_examples_can_be_read():
    page = (ROOT / "docs" / "journeys.md").read_text()
    examples = [part.partition("```")[0] for part in page.split("```yaml\n")[1:]]
    assert len(examples) >= 2
    for example in examples:
        language.read(example)


def test_every_setting_is_printed(capsys):
    assert cli.main(["doctor", "--settings"]) == 0
    printed = capsys.readouterr().out
    assert [
        setting.name
        for setting in environment.SETTINGS
        if f"{setting.name}=" not in printed or setting.meaning not in printed
    ] == []
    assert cli.main(["doctor", "--settings", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(environment.SETTINGS)


def test_no_setting_is_read_that_the_table_does_not_have():
    named = {
        word
        for path in (ROOT / "pridvor").rglob("*.py")
        for word in re.findall(r"PRIDVOR_[A-Z_]+", path.read_text())
    }
    inside = {
        "PRIDVOR_JOB_CHILD",
        "PRIDVOR_READY",
        "PRIDVOR_TEST_DATA",
        "PRIDVOR_TEST_PREPARED",
    }  # told by one of our processes to another
    assert named - {setting.name for setting in environment.SETTINGS} - inside == set()
