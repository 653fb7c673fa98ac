"""Finding a client by what people type."""

import pytest

from pridvor.clients import actions as clients
from pridvor.clients import queries
from tests.conftest import NOW, client_of

pytestmark = pytest.mark.django_db
FIRMS = [
    ("SC Electro Instal SRL", "18547290", "RO18547290", "RO"),
    ("Țesătoria Brașov S.A.", "1590082", "RO1590082", "RO"),
    ("Veranda Construct SRL", "48219502", "RO48219502", "RO"),
    ("Laubengang Handels GmbH", "", "ATU73214504", "AT"),
    ("Electrica Furnizare SA", "28909028", "", "RO"),
]


@pytest.fixture
def firms(ana):
    for name, cui, vat, country in FIRMS:
        client_of(ana, name=name, cui=cui, vat=vat, country=country)


def names(typed):
    return [client.name for client in queries.search(typed)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Veranda", "Veranda Construct SRL"),
        ("veranda construct srl", "Veranda Construct SRL"),
        ("VERANDA C", "Veranda Construct SRL"),
        ("vernada", "Veranda Construct SRL"),
        ("verandda constrct", "Veranda Construct SRL"),
        ("tesatoria", "Țesătoria Brașov S.A."),
        ("Ţesătoria Braşov", "Țesătoria Brașov S.A."),
        ("tesetoria brasov", "Țesătoria Brașov S.A."),
        ("electro instal", "SC Electro Instal SRL"),
        ("instal", "SC Electro Instal SRL"),
        ("elektro instal", "SC Electro Instal SRL"),
        ("laubengang", "Laubengang Handels GmbH"),
        ("18547290", "SC Electro Instal SRL"),
        ("RO18547290", "SC Electro Instal SRL"),
        ("ro 18547290", "SC Electro Instal SRL"),
        ("1590082", "Țesătoria Brașov S.A."),
        ("ATU73214504", "Laubengang Handels GmbH"),
        ("atu 7321 4504", "Laubengang Handels GmbH"),
        ("RO28909028", "Electrica Furnizare SA"),
    ],
)
def test_what_people_type_finds_the_firm_first(firms, typed, first):
    assert names(typed)[:1] == [first]


@pytest.mark.parametrize(
    "typed",
    ["", " ", "zz", "xylophon", "18547291", "185472", "Dentist Popescu", "%", "_", "%%%", "\\", "a" * 5000],
)
def test_what_is_nothing_like_a_firm_finds_none(firms, typed):
    assert names(typed) == []


def test_a_name_that_begins_so_does_not_hide_one_that_contains_it(firms):
    assert names("electr")[0] == "Electrica Furnizare SA"
    assert "SC Electro Instal SRL" in names("electr")


def test_a_common_word_does_not_push_the_best_out_of_the_list(ana):
    for number in range(700):
        clients.enrol({"name": f"Firma {number:03} Grup SRL", "country": "RO"}, ana, now=NOW)
    client_of(ana, name="Prispa Grup SRL")
    assert names("prisspă grup srl")[0] == "Prispa Grup SRL"


def test_two_registrations_of_one_firm_stay_two(firms, emil):
    client_of(emil)
    assert len(queries.search("18547290")) == 2


def test_old_romanian_letters_are_kept_as_modern_ones(ana):
    assert client_of(ana, name="Ţiglă şi Brânză SRL").name == "Țiglă și Brânză SRL"


def test_a_corrected_name_is_found_and_the_old_one_is_not(firms, ana):
    client = queries.search("veranda")[0]
    clients.correct(client, {"name": "Pridvorul Nou SRL"})
    assert names("pridvorul") == ["Pridvorul Nou SRL"]
    assert names("veranda") == []
