"""Names against a sanctions list: what is alike, in whose format, and that no list is never a pass."""

import pytest

from pridvor.checks import screening

EU = "Entity_LogicalId;NameAlias_WholeName\n13;Corbul Negru Trading SRL\n13;Black Raven Trading\n27;Vadim Întunecatu\n"


@pytest.fixture
def listed(tmp_path, settings):
    path = tmp_path / "list.csv"
    path.write_text(EU, "utf-8")
    settings.SANCTIONS = str(path)
    return path


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("S.C. CORBUL NEGRU TRADING S.R.L.", [("13", True)]),
        ("Corbul Negru", [("13", False)]),
        ("Intunecatu Vadim", [("27", True)]),
        ("Vadim Ion Întunecatu", [("27", False)]),
        ("Vadim", []),
        ("Trading", []),
        ("Electro Instal SRL", []),
    ],
)
def test_what_is_alike(listed, name, found):
    assert [(hit.entry, hit.exact) for hit in screening.hits([name])] == found


def test_an_entry_with_several_names_is_told_once(listed):
    assert [hit.entry for hit in screening.hits(["Corbul Negru", "Black Raven Trading"])] == ["13"]


def test_a_list_that_changed_is_read_anew(listed):
    assert screening.hits(["Umbra Holding AG"]) == ()
    listed.write_text(EU + "31;Umbra Holding AG\n", "utf-8")
    assert [hit.entry for hit in screening.hits(["Umbra Holding AG"])] == ["31"]


def test_without_a_list_nothing_is_a_pass(settings):
    settings.SANCTIONS, settings.DEMO = "", False
    assert screening.hits(["Electro Instal SRL"]) is None
