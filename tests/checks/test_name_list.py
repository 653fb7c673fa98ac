"""Names against a sanctions list in a file: what is alike, in whose format, and which list it was."""

import pytest

from pridvor.checks import name_list
from pridvor.connectors.watchlist import Sought

EU = "Entity_LogicalId;NameAlias_WholeName\n13;Corbul Negru Trading SRL\n13;Black Raven Trading\n27;Vadim Întunecatu\n"


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "eu.csv"
    path.write_text(EU, "utf-8")
    return path


def found(path, *names):
    asked = {name: Sought("Person", {"name": (name,)}) for name in names}
    screened = name_list.screen(path, asked)
    assert list(screened.matches) == list(names), "everybody is answered for"
    return [(match.entry, match.score) for matches in screened.matches.values() for match in matches]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("S.C. CORBUL NEGRU TRADING S.R.L.", [("13", 1.0)]),
        ("Corbul Negru", [("13", 0.8)]),
        ("Intunecatu Vadim", [("27", 1.0)]),
        ("Vadim Ion Întunecatu", [("27", 0.8)]),
        ("Vadim", []),
        ("Trading", []),
        ("Electro Instal SRL", []),
    ],
)
def test_what_is_alike(listed, name, expected):
    assert found(listed, name) == expected


def test_an_entry_with_several_names_is_one_candidate_that_says_them_all(listed):
    (match,) = name_list.screen(listed, {"x": Sought("Company", {"name": ("Corbul Negru",)})}).matches["x"]
    assert match.properties == {"name": ("Corbul Negru Trading SRL", "Black Raven Trading")}


def test_a_list_that_changed_is_read_anew_and_is_another_version(listed):
    before = name_list.edition(listed)
    assert found(listed, "Umbra Holding AG") == []
    listed.write_text(EU + "31;Umbra Holding AG\n", "utf-8")
    assert found(listed, "Umbra Holding AG") == [("31", 1.0)]
    after = name_list.edition(listed)
    assert (before.dataset, after.dataset) == ("eu", "eu")
    assert before.version != after.version


def test_an_entry_that_says_something_else_has_another_fingerprint(listed):
    def fingerprint():
        return (
            name_list.screen(listed, {"x": Sought("Person", {"name": ("Vadim Intunecatu",)})})
            .matches["x"][0]
            .fingerprint
        )

    before = fingerprint()
    listed.write_text(EU + "27;Vadim I. Întunecatu\n", "utf-8")
    assert fingerprint() != before
