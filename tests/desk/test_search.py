"""One search for everything, logged where it is personal."""

import pytest

from pridvor.desk import search
from pridvor.vault.models import Look
from tests.conftest import CARMEN, NOW
from tests.partner import Partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(ana, emil):
    return Partner(ana).case, Partner(
        emil, name="SC Alta Firmă SRL", cui="48219502", vat="RO48219502", iban="RO09BCYP0000001234567890"
    ).case


@pytest.mark.parametrize(
    "typed",
    [
        "Electro Instal",
        "elektro instal",
        "SC ELECTRO INSTAL SRL",
        "18547290",
        "RO18547290",
        "RO 18547290",
        "RO49AAAA1B31007593840000",
        "ro49 aaaa 1b31 0075 9384 0000",
        "ana@electroinstal.example",
        "ANA@electroinstal.example",
    ],
)
def test_a_case_is_found_by_what_people_have_at_hand(both, typed):
    assert search.search(typed, actor=CARMEN, now=NOW) == [both[0]]


@pytest.mark.parametrize(
    "typed", ["0721 000 111", "+40721000111", "0040 721 000 111", "Popescu", "ana popescu", "POPESCU Ana"]
)
def test_those_who_share_a_name_or_a_telephone_are_both_found(both, typed):
    assert set(search.search(typed, actor=CARMEN, now=NOW)) == set(both)


def test_a_reference_leads_straight_to_its_case(both, carmen):
    for typed in (both[0].reference, both[0].reference.lower(), f" {both[0].reference} "):
        assert carmen.get("/desk/search/", {"q": typed})["Location"] == f"/desk/cases/{both[0].public_id}/"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a",
        "PR-2026-999999",
        "xylophon quartz",
        "RO49AAAA1B31007593840001",
        "nobody@nowhere.example",
        "%",
        "0799 999 999",
        "x" * 3000,
        "\x00",
    ],
)
def test_what_is_not_there_is_not_found(both, carmen, typed):
    assert carmen.get("/desk/search/", {"q": typed}).status_code == 200
    assert search.search(typed, actor=CARMEN, now=NOW) == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("ana@electroinstal.example", "email"),
        ("RO49AAAA1B31007593840000", "iban"),
        ("0721000111", "phone"),
        ("Popescu", "contact_name"),
        ("nobody@x.example", "email"),
    ],
)
def test_a_search_for_something_personal_is_logged(both, typed, field):
    search.search(typed, actor=CARMEN, now=NOW)
    last = Look.objects.order_by("-id").first()
    assert (last.fields, last.purpose, last.actor_id) == ([field], "search on the desk", CARMEN.id)


@pytest.mark.parametrize("typed", ["18547290", "RO18547290"])
def test_a_public_number_leaves_no_line(both, typed):
    before = Look.objects.count()
    search.search(typed, actor=CARMEN, now=NOW)
    assert Look.objects.count() == before
