"""Every rule by table: what it sees, and how sure it is."""

from dataclasses import replace

import pytest

from pridvor.checks import messages
from pridvor.checks.rules import RULES
from pridvor.checks.screening import Hit
from pridvor.checks.subject import Page, Paper, Signature, Subject
from pridvor.connectors.findings import Company, Found, NotFound

IBAN = "RO49AAAA1B31007593840000"
GOOD = Subject(
    country="RO",
    name="SC Electro Instal SRL",
    cui="18547290",
    vat="RO18547290",
    number_typed="18547290",
    iban="RO66BTRL0130120548XXXXXX",
    steps={"company_number": "details", "name": "details", "iban": "bank"},
)
TEXT = "Electro Instal S.R.L. cod unic de înregistrare 18547290, cont RO49 AAAA 1B31 0075 9384 0000"


def paper(text=TEXT, *, item="registration-certificate", source="text", **more):
    given = {
        "step": "collect",
        "must_be_signed": False,
        "kinds": ("pdf",),
        "refusals": (),
        "remarks": (),
        "looks_like": item,
    }
    return Paper(item=item, pages=(Page(text, source),) if text is not None else (), **{**given, **more})


def seen(rule, subject=GOOD, *papers, **more):
    subject = replace(subject, papers={one.item: one for one in papers}, **more)
    found = list(RULES[rule](subject))
    for finding in found:
        said = messages.text(finding.code, finding.params)
        assert said != finding.code, f"no sentence for {finding.code}"
        assert "%(" not in said
    return [(finding.code, str(finding.certainty), finding.step, finding.item) for finding in found]


@pytest.mark.parametrize(
    ("country", "cui", "found"),
    [
        ("RO", "18547290", []),
        ("RO", "18547291", [("cui-wrong", "certain")]),
        ("RO", "", [("cui-missing", "likely")]),
        ("DE", "", []),
    ],
)
def test_cui(country, cui, found):
    assert [row[:2] for row in seen("cui", country=country, cui=cui)] == found


@pytest.mark.parametrize(
    ("country", "vat", "found"),
    [
        ("AT", "ATU73214504", []),
        ("AT", "ATU1", [("vat-wrong", "certain")]),
        ("NO", "", []),
        ("RO", "RO1", []),
    ],
)
def test_vat(country, vat, found):
    assert [row[:2] for row in seen("vat", country=country, vat=vat)] == found


@pytest.mark.parametrize(
    ("iban", "found"),
    [
        (IBAN, [("iban-of-an-unknown-bank", "likely")]),
        ("RO49AAAA1B31007593840001", [("iban-wrong", "certain")]),
        (IBAN[:-1], [("iban-length", "certain")]),
        ("", [("iban-wrong", "certain")]),
        ("DE89370400440532013000", [("iban-of-another-country", "likely")]),
        ("ZZ", [("iban-wrong", "certain")]),
    ],
)
def test_iban(iban, found):
    assert [row[:2] for row in seen("iban", iban=iban)] == found


def test_a_journey_that_asks_no_account_has_none_to_check():
    assert seen("iban", iban="", steps={}) == []


@pytest.mark.parametrize(
    ("state", "registry", "found"),
    [
        ("confirmed", None, []),
        ("inactive", None, ["company-inactive"]),
        ("typed", None, ["company-not-confirmed"]),
        ("typed", NotFound(), ["company-not-registered"]),
    ],
)
def test_registry(state, registry, found):
    rows = seen("registry", registry_state=state, registry=registry)
    assert [row[0] for row in rows] == found
    assert {row[1] for row in rows} <= {"likely"}, "a registry is never certain"


def company(**more):
    fields = dict.fromkeys(Company.__dataclass_fields__, "")
    return Company(
        **{
            **fields,
            "country": "RO",
            "number": "18547290",
            "name": "ELECTRO INSTAL S.R.L.",
            "state": "active",
            **more,
        }
    )


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, []),
        ({"name": "ALTA FIRMA SRL"}, ["name-not-registered"]),
        ({"state": "inactive"}, ["company-inactive"]),
        ({"state": "struck-off", "name": "ALTA"}, ["company-inactive", "name-not-registered"]),
    ],
)
def test_a_typed_company_is_compared_with_the_registry(given, found):
    assert [
        row[0] for row in seen("registry", registry_state="typed", registry=Found(company(**given)))
    ] == found


def test_refused_files_are_certain():
    assert seen("malware", GOOD, paper(refusals=("malware", "malware", "bomb"))) == [
        ("bomb", "certain", "collect", "registration-certificate"),
        ("malware", "certain", "collect", "registration-certificate"),
    ]


def signed(verdicts, source):
    return paper(
        item="contract",
        must_be_signed=True,
        source=source,
        signatures=tuple(Signature(verdict, "advanced") for verdict in verdicts),
    )


@pytest.mark.parametrize(
    ("verdicts", "source", "found"),
    [
        (["valid"], "text", []),
        (["tampered"], "text", [("signature-tampered", "certain")]),
        (["changed-after-signing"], "text", [("signature-changed-after-signing", "certain")]),
        (["expired"], "text", [("signature-expired", "certain")]),
        (["revoked"], "text", [("signature-revoked", "certain")]),
        (["untrusted"], "text", [("signature-untrusted", "likely")]),
        (["unsigned"], "text", [("signature-unsigned", "certain")]),
        (["unsigned"], "ocr", [("signed-by-hand", "likely")]),
        ([], "ocr", [("signed-by-hand", "likely")]),
        ([], "none", [("signed-by-hand", "likely")]),
        (["valid", "untrusted"], "text", [("signature-untrusted", "likely")]),
        (["valid", "tampered"], "text", [("signature-tampered", "certain")]),
    ],
)
def test_signature(verdicts, source, found):
    assert [row[:2] for row in seen("signature", GOOD, signed(verdicts, source))] == found


def test_what_need_not_be_signed_is_not_asked_for_a_signature():
    assert seen("signature", GOOD, paper()) == []


@pytest.mark.parametrize(
    ("item", "text", "source", "found"),
    [
        ("registration-certificate", TEXT, "text", []),
        ("bank-letter", TEXT, "text", []),
        ("registration-certificate", "Electro Instal, CUI 48219502", "text", [("cui-differs", "certain")]),
        ("registration-certificate", "Electro Instal, CUI 48219502", "ocr", [("cui-differs", "likely")]),
        ("registration-certificate", "Electro Instal", "text", [("cui-not-found", "likely")]),
        ("registration-certificate", "Electro Instal, CUI 1854729O", "ocr", [("cui-hardly-read", "likely")]),
        ("registration-certificate", "CUI 18547290", "text", [("name-not-found", "likely")]),
        ("registration-certificate", "E1ectro Insta1 CUI 18547290", "ocr", [("name-hardly-read", "likely")]),
        (
            "bank-letter",
            "Electro Instal RO09 BCYP 0000 0012 3456 7890",
            "text",
            [("iban-differs", "certain")],
        ),
        ("bank-letter", "Electro Instal RO09 BCYP 0000 0012 3456 7890", "ocr", [("iban-differs", "likely")]),
        ("bank-letter", "Electro Instal", "text", [("iban-not-found", "likely")]),
        ("bank-letter", "Electro Instal RO49AAAA1B3I0075938400OO", "ocr", [("iban-hardly-read", "likely")]),
        ("bank-letter", "", "none", [("compare-by-eye", "likely")]),
    ],
)
def test_consistency(item, text, source, found):
    assert [
        row[:2] for row in seen("consistency", GOOD, paper(text, item=item, source=source), iban=IBAN)
    ] == found


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"remarks": ("blurred", "not-machine-readable")}, ["blurred"]),
        ({"remarks": ("same-file-again",)}, ["same-file-again"]),
        ({"looks_like": "bank-letter"}, ["looks-like-another"]),
        ({"looks_like": ""}, []),
        ({"refusals": ("bomb",), "remarks": ("blurred",)}, []),
    ],
)
def test_how_well_a_paper_can_be_read(more, found):
    rows = seen("consistency", GOOD, paper(**more))
    assert [row[0] for row in rows] == found
    assert {row[1] for row in rows} <= {"likely"}


def test_numbers_are_masked_in_findings():
    subject = replace(
        GOOD,
        iban=IBAN,
        papers={"bank-letter": paper("RO09 BCYP 0000 0012 3456 7890 Electro Instal", item="bank-letter")},
    )
    (finding,) = RULES["consistency"](subject)
    assert finding.params == {"typed": "RO49…0000", "found": "RO09…7890"}


def test_every_sentence_has_all_that_it_needs():
    params = {
        "registered": "x",
        "country": "x",
        "bank": "x",
        "typed": "x",
        "found": "x",
        "looks_like": "x",
        "entry": "x",
        "dataset": "x",
        "score": "x",
        **dict.fromkeys(
            ("pin", "endpoint", "status", "expected", "milliseconds", "limit", "field", "rule"), "x"
        ),
        **dict.fromkeys(("why", "measure", "value", "target", "unit", "title", "count"), "x"),
    }
    assert all("%(" not in str(sentence) % params for sentence in messages.MESSAGES.values())


def test_an_insisted_finding_is_likely_whatever_it_was():
    (finding,) = RULES["cui"](replace(GOOD, cui="18547291"))
    assert (finding.insist().certainty, finding.insist().insisted) == ("likely", True)


def test_a_document_that_was_asked_and_did_not_come_is_missing():
    asked = {"registration-certificate": "collect", "bank-letter": "collect"}
    assert seen("completeness", GOOD, paper(), asked=asked) == [
        ("document-missing", "certain", "collect", "bank-letter")
    ]


@pytest.mark.parametrize(
    ("listed", "codes"),
    [
        (None, ["sanctions-no-list"]),
        ((), []),
        ((Hit("EU.1", 1.0, "eu"), Hit("EU.2", 0.8, "eu")), ["sanctions-candidate", "sanctions-candidate"]),
    ],
)
def test_a_likeness_on_the_sanctions_list_and_a_missing_list_go_to_a_person(listed, codes):
    assert [row[0] for row in seen("sanctions", listed=listed)] == codes


def test_a_client_known_elsewhere_or_on_its_way_is_for_a_person():
    found = seen("duplicates", known_elsewhere=True, other_open_case=True)
    assert found == [
        ("client-known-already", "likely", "details", "company_number"),
        ("client-on-the-way", "likely", "details", "company_number"),
    ]


def test_an_account_that_is_not_there_is_named_by_its_step():
    assert seen("accounts", accounts={"crm": True, "billing": False}) == [
        ("account-missing", "certain", "billing", "")
    ]


@pytest.mark.parametrize(
    ("typed", "found"), [("Strada Lungă 12, ap. 3", []), ("Strada Scurtă 1", ["address-differs"])]
)
def test_the_seat_is_compared_with_the_registry(typed, found):
    company = Company("RO", "18547290", "Electro Instal SRL", "active", street="Strada Lungă 12")
    assert [row[0] for row in seen("address", registry=Found(company), address={"street": typed})] == found
