"""How much a registration asks of a person, from the pages as they are rendered."""

import re

import pytest

from pridvor.cases.models import Case
from pridvor.portal import effort
from tests.portal.conftest import ANA, CONTACT, CUI, at

pytestmark = pytest.mark.django_db
FIELD = re.compile(
    r'<(?:input(?=[^>]*type="(?:text|email|tel|number|date)")|input(?=[^>]*class="code-input-field")|textarea)[^>]*name="(\w+)"'
)


def typed(visitor):
    """The fields on the page into which something is typed."""
    return FIELD.findall(visitor.text)


def test_at_most_two_fields_are_typed_before_the_company_is_recognised_and_eight_in_all(visitor):
    visitor.go("/apply/partner-registration/")
    before = typed(visitor)
    visitor.say("/apply/partner-registration/number/", company_number=CUI)
    assert typed(visitor) == []
    visitor.say("/apply/partner-registration/company/", confirm="1", number=CUI)
    after = typed(visitor)
    visitor.say("/apply/partner-registration/email/", email=ANA)
    after += typed(visitor)
    visitor.say("/apply/partner-registration/code/", code=visitor.code())
    after += typed(visitor)
    visitor.say(at(Case.objects.get(), "details", "contact"), **CONTACT)
    after += typed(visitor)
    assert len(before) <= 2
    assert before + after == ["company_number", "email", "code", "contact_name", "phone"]


def test_a_registration_takes_less_than_three_minutes_by_the_model():
    by_name = {row["name"]: row for row in effort.rows()}
    assert all(row["ok"] for row in by_name.values()), by_name
    assert by_name["fields typed in a registration"]["value"] == 5
