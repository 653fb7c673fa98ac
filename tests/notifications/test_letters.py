"""Letters: every one in both languages, whole, short, and safe against what people type."""

import re

import pytest

from pridvor.journeys.language import read
from pridvor.notifications.letters import FOLDER, Arch, compose, templates
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db  # the company's name and colours stand in the database

CONTEXT = {
    "reference": "PR-2026-000123",
    "client": "Veranda Construct S.R.L.",
    "name": "Ana Pop",
    "link": "https://pridvor.example/track/1/",
    "acting": "client",
    "next": "Acte",
    "code": "482 019",
    "customer_number": "C-1",
    "until": "marți, 24 noiembrie",
    "items": [{"what": "Scrisoare de la bancă", "why": "Nu se poate citi bine"}],
}
EVERY = [(template, language) for template in sorted(templates()) for language in ("ro", "en")]


def test_the_letters_that_journeys_and_code_name_are_here():
    journeys = [read(path.read_text("utf-8")) for path in (ROOT / "journeys").glob("*.yaml")]
    told = {name for journey in journeys for name in journey.tell.values()}
    told |= {
        name for journey in journeys for stage in journey.stages.values() for name in stage.tell.values()
    }
    told |= {step.use for journey in journeys for step in journey.steps.values() if step.kind == "notify"}
    assert told | {"code", "correction", "delayed", "draft-expiring", "invitation-to-rate"} <= templates()


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_every_letter_is_whole_in_both_languages(template, language):
    assert (FOLDER / language / f"{template}.txt").exists()
    letter = compose(template, language, CONTEXT, [Arch("done"), Arch("present"), Arch("ahead")])
    assert letter.subject
    assert "{" not in letter.subject + letter.text
    assert ".." not in letter.text
    assert f'<html lang="{language}">' in letter.html
    without = ("code", "join-refused")  # whoever was not let in gets no way into the case
    assert template in without or CONTEXT["link"] in letter.text
    assert len(letter.text.split()) < 130


@pytest.mark.parametrize("template", sorted(templates()))
def test_romanian_has_comma_letters(template):
    letter = compose(template, "ro", CONTEXT)
    assert not re.search("[şţŞŢ]", letter.subject + letter.text + letter.html)


def test_what_people_type_makes_neither_markup_nor_structure():
    letter = compose("received", "ro", {**CONTEXT, "client": "<b>X</b>\n\n# 000 000\nSubject: other"})
    assert "<b>X</b>" not in letter.html
    assert "<b>X</b> # 000 000 Subject: other" in letter.text
    assert letter.subject == "Am primit înregistrarea PR-2026-000123"


def test_a_language_that_we_do_not_write_gets_romanian():
    assert compose("received", "de", CONTEXT).subject.startswith("Am primit")


def test_a_correction_lists_each_thing_with_its_reason():
    letter = compose(
        "correction", "ro", {**CONTEXT, "items": [*CONTEXT["items"], {"what": "IBAN", "why": ""}]}
    )
    assert "  - Scrisoare de la bancă: Nu se poate citi bine\n  - IBAN\n" in letter.text
