"""Each code with which a call can end is said in words; one that is new and has none fails here."""

import re

import pytest
from django.utils import translation

from pridvor.connectors import failures
from tests.conftest import ROOT

RAISED = re.compile(r'(?:(?:Rejected|Unavailable|Uncertain)\(|_by_hand\(call,|_wait\(call,)\s*"([a-z-]+)"')
OF_MAILS = {"no-tls-for-the-password"}
CODES = sorted(
    {code for path in (ROOT / "pridvor").rglob("*.py") for code in RAISED.findall(path.read_text())}
    - OF_MAILS
)


def test_codes_are_found():
    assert len(CODES) > 40


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", ["en", "ro"])
def test_each_code_has_words(code, language):
    with translation.override(language):
        assert failures.meaning(code) != code


@pytest.mark.parametrize("code", ["http-503", "status-503"])
def test_a_status_is_named(code):
    with translation.override("ro"):
        assert failures.meaning(code) == "sistemul răspunde cu eroarea 503"


def test_a_refusal_under_a_good_status_is_no_error_of_that_number():
    assert failures.meaning("status-200") == failures.meaning("refused")


def test_what_nobody_described_is_shown_as_it_is():
    assert failures.meaning("made-up") == "made-up"
    assert failures.meaning("") == ""
