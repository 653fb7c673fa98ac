"""Is a value on a page? In spite of printing and reading, and never inside another one."""

import pytest

from pridvor.checks import matching
from pridvor.checks.matching import ABSENT, CONFUSED, EXACT

IBAN = "RO49AAAA1B31007593840000"


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("CUI 18547290", EXACT),
        ("CUI:18547290.", EXACT),
        ("RO18547290", EXACT),
        ("18 547 290", EXACT),
        ("18.547.290", EXACT),
        ("1 8 5 4 7 2 9 0", EXACT),
        ("118547290", ABSENT),
        ("185472901", ABSENT),
        ("0018547290", ABSENT),
        ("J08/1854/7290", ABSENT),
        ("18547291", ABSENT),
        ("", ABSENT),
        ("1854729O", CONFUSED),
        ("I8547290", CONFUSED),
        ("1B547290", CONFUSED),
        ("18S47290", CONFUSED),
        ("18547Z90", CONFUSED),
    ],
)
def test_a_fiscal_code(page, found):
    assert matching.contains_number(page, "18547290") == found


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (IBAN, EXACT),
        ("IBAN: RO49 AAAA 1B31 0075 9384 0000 RON", EXACT),
        ("ro49aaaa1b31007593840000", EXACT),
        ("RO49AAAA1B31\n007593840000", EXACT),
        ("RO49-AAAA-1B31-0075-9384-0000", EXACT),
        ("RO49AAAA1831007593840000", CONFUSED),
        ("R049AAAA1B31007593840000", CONFUSED),
        ("RO49AAAA1B3100759384000", ABSENT),
        ("RO50AAAA1B31007593840000", ABSENT),
    ],
)
def test_an_account(page, found):
    assert matching.contains(page, IBAN) == found


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("ELECTRO INSTAL S.R.L.", EXACT),
        ("Societatea Electro-Instal S R L", EXACT),
        ("S.C. ELECTRO INSTAL SRL", EXACT),
        ("electro instal", EXACT),
        ("E1ECTRO 1NSTAL", CONFUSED),
        ("Electro", ABSENT),
        ("", ABSENT),
    ],
)
def test_a_name_whatever_its_legal_form(page, found):
    assert matching.contains_name(page, "SC Electro Instal S.R.L.") == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SC Țesătoria S.A.", "TESATORIA SA"),
        ("Laubengang Handels GmbH", "laubengang handels"),
        ("Veranda SRL-D", "veranda s.r.l. - d"),
        ("P.F.A. Ion", "ion pfa"),
    ],
)
def test_the_same_name(one, other):
    assert matching.bare_name(one) == matching.bare_name(other)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Casa Scării", "casa scarii"),
        ("Bvlgari", "bvlgari"),
        ("Ltdx", "ltdx"),
        ("Sacom", "sacom"),
        ("Srlog", "srlog"),
    ],
)
def test_a_word_that_only_begins_like_a_legal_form_stays(name, kept):
    assert matching.bare_name(name) == kept


def test_a_name_that_is_nothing_but_a_legal_form_is_kept():
    assert matching.bare_name("SA") == "sa"


@pytest.mark.parametrize(
    ("page", "others"),
    [
        ("RO09 BCYP 0000 0012 3456 7890", ["RO09BCYP0000001234567890"]),
        (f"{IBAN} and RO09BCYP0000001234567890 RON", ["RO09BCYP0000001234567890"]),
        ("cont RO09BCYP0000001234567890 DESCHIS LA 2020", ["RO09BCYP0000001234567890"]),
        (IBAN, []),
        ("RO00BCYP0000001234567890", []),
        ("", []),
    ],
)
def test_other_accounts_on_a_page(page, others):
    assert matching.other_ibans(page, IBAN) == others


@pytest.mark.parametrize(
    ("page", "others"),
    [
        ("CUI 48219502", ["48219502"]),
        ("C.U.I. RO 48219502", ["48219502"]),
        ("cod unic de înregistrare: 48219502", ["48219502"]),
        ("CIF: RO48219502", ["48219502"]),
        ("codul fiscal 18547290", []),
        ("CUI 48219503", []),
        ("telefon 48219502", []),
        ("J40/48219502/2020", []),
        ("CUI 18547290 CUI 48219502", ["48219502"]),
    ],
)
def test_other_fiscal_codes_that_a_page_names(page, others):
    assert matching.other_cuis(page, "18547290") == others


@pytest.mark.parametrize(("number", "shown"), [(IBAN, "RO49…0000"), ("18547290", "18547290"), ("", "")])
def test_masked(number, shown):
    assert matching.masked(number) == shown
