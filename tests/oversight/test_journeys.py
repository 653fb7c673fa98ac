"""Managers see which journeys are published, each version as a map, in words, and as files."""

import pytest

from pridvor.cases import actions as cases
from tests.conftest import NOW, actor_of, client_of, partner_registration
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
PAGE = "/oversight/journeys/partner-registration/1/"


def seen_by(role, language="en"):
    browser = Desk(staff(role))
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    return browser


@pytest.fixture
def version(ana):
    version = partner_registration()
    cases.open_case(version, client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW)
    return version


@pytest.mark.parametrize("role", ["manager", "auditor", "administrator"])
def test_the_published_journeys_are_listed_with_the_cases_on_each_version(version, role):
    page = seen_by(role).get("/oversight/journeys/").content.decode()
    assert "Partner registration" in page
    assert f'href="{PAGE}"' in page
    assert '<td class="table-number" data-label="Open cases">1</td>' in page


def test_a_version_is_shown_as_a_map_and_in_words(version):
    page = seen_by("manager", "ro").get(PAGE).content.decode()
    assert page.count("<svg") >= 2
    assert "Verificare automată" in page
    assert (
        "nu este în ordine: înapoi la Firma și persoana de contact, Contul bancar, Acte, cel mult de 5 ori"
        in page
    )
    assert "client.country ≠ &quot;RO&quot;" in page


@pytest.mark.parametrize(("ending", "begins"), [("yaml", "# A partner"), ("bpmn", "<?xml")])
def test_a_version_can_be_downloaded(version, ending, begins):
    answer = seen_by("auditor").get(f"/oversight/journeys/partner-registration/1.{ending}")
    assert answer.content.decode().startswith(begins)
    assert f'filename="partner-registration-1.{ending}"' in answer["Content-Disposition"]


@pytest.mark.parametrize("path", ["/oversight/journeys/", PAGE, PAGE[:-1] + ".yaml", PAGE[:-1] + ".bpmn"])
def test_to_operators_the_pages_do_not_exist(version, path):
    assert seen_by("operator").get(path).status_code == 404


def test_a_version_that_was_never_published_is_not_found(version):
    assert seen_by("manager").get("/oversight/journeys/partner-registration/7/").status_code == 404
