"""The automatic check of real papers, from sending to its verdict."""

import pytest

from pridvor.cases import actions as cases
from pridvor.cases.models import Event
from pridvor.checks import actions as checks
from pridvor.checks.models import Finding
from pridvor.documents import screening
from tests import partner
from tests.documents import corpus, pki
from tests.partner import OTHER_IBAN, Partner, good, other_letter, unsigned_contract

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"


@pytest.fixture
def ours(ana):
    return Partner(ana)


def codes(ours):
    """What the last check that ended has found."""
    last = ours.case.attempts.filter(key="screen").exclude(outcome="").order_by("-number").first()
    return [
        (row.item, row.code, row.certainty) for row in Finding.objects.filter(attempt=last).order_by("id")
    ]


def test_clean_papers_go_through_without_a_person(ours):
    ours.papers().send().check()
    assert ours.verdict() == "ok"
    assert codes(ours) == [("iban", "iban-of-an-unknown-bank", "likely")]
    assert ours.open("verify")


def test_a_letter_for_another_account_is_asked_again_alone(ours):
    ours.papers(bank_letter=other_letter()).send().check()
    assert ours.verdict() == "fail"
    again = ours.open("collect")
    assert (again.number, again.wanted) == (2, ["bank-letter"])
    assert [(reason["code"], reason["params"]) for reason in again.reasons] == [
        ("iban-differs", {"typed": "RO49…0000", "found": "RO09…7890"})
    ]


def test_after_the_right_letter_the_good_papers_need_not_be_sent_again(ours):
    ours.papers(bank_letter=other_letter()).send().check()
    ours.time.forward(hours=1)
    ours.upload("bank-letter", good("bank-letter"))
    ours.send("bank-letter").check()
    assert ours.open("verify")
    assert {row.code for row in Finding.objects.filter(case=ours.case, certainty="certain")} == {
        "iban-differs"
    }
    assert codes(ours) == [("iban", "iban-of-an-unknown-bank", "likely")]


def test_checking_twice_changes_nothing(ours):
    ours.papers(bank_letter=other_letter()).send().check()
    before = Finding.objects.count(), Event.objects.count()
    ours.check()
    assert (Finding.objects.count(), Event.objects.count()) == before


def test_a_wrong_account_number_asks_the_form_again_and_keeps_the_papers(ana):
    ours = Partner(ana, iban="RO49AAAA1B31007593840001").papers(contract=good("contract")).send().check()
    assert ours.open("bank").wanted == ["iban"]
    cases.submit(ours.open("bank"), {}, {"iban": partner.IBAN}, actor=ours.me, now=ours.time.forward(hours=1))
    assert (ours.last("collect").number, ours.last("collect").outcome, ours.last("screen").status) == (
        1,
        "done",
        "open",
    )


# -- the contract


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda: pki.sign(unsigned_contract(), "ana"), "signature-untrusted"),
        (unsigned_contract, "signature-unsigned"),
    ],
    ids=["untrusted", "unsigned"],
)
def test_a_contract_whose_signature_is_not_right(ours, made, expected):
    ours.papers(contract=made()).send().check()
    certain = expected != "signature-untrusted"
    assert ("contract", expected, "certain" if certain else "likely") in codes(ours)
    assert ours.verdict() == ("fail" if certain else "ok")


@pytest.mark.parametrize(
    ("who", "expected"), [("late", "signature-expired"), ("ana", None), ("stranger", "signature-untrusted")]
)
def test_a_contract_signed_under_the_roots_of_the_installation(ours, settings, tmp_path, who, expected):
    trusted(settings, tmp_path)
    ours.papers(contract=pki.sign(unsigned_contract(), who)).send().check()
    assert [code for item, code, _ in codes(ours) if item == "contract"] == ([expected] if expected else [])


def test_a_contract_that_was_changed_after_signing_goes_back(ours, settings, tmp_path):
    trusted(settings, tmp_path)
    pdf = pki.sign(unsigned_contract(), "ana")
    ours.papers(contract=pdf.replace(b"/Title", b"/Tytle", 1)).send().check()
    assert ("contract", "signature-tampered", "certain") in codes(ours)
    assert ours.open("collect").wanted == ["contract"]


def test_a_photographed_contract_is_looked_at_by_a_person(ours):
    ours.papers(contract=corpus.encoded(corpus.sheet())).send().check()
    found = {code: certainty for item, code, certainty in codes(ours) if item == "contract"}
    assert found["signed-by-hand"] == "likely"
    assert set(found.values()) == {"likely"}
    assert ours.open("verify")


def trusted(settings, tmp_path):
    (tmp_path / "between").mkdir()
    settings.TRUST_FOLDER = str(tmp_path)
    encoding = pki.serialization.Encoding.PEM
    (tmp_path / "root.pem").write_bytes(pki.cast()["root"].x509.public_bytes(encoding))
    (tmp_path / "between" / "between.pem").write_bytes(pki.cast()["between"].x509.public_bytes(encoding))


# -- waiting for the scanner


def test_the_check_waits_for_the_scanner_and_goes_on_by_itself(ours):
    ours.papers(contract=good("contract"))
    late = ours.begin("bank-letter", good("bank-letter"))
    ours.items.append("bank-letter")
    ours.send().check()
    assert ours.open("screen"), "still waiting"
    screening.scan(late.pk, now=ours.time())
    ours.check()
    assert ours.open("screen"), "clean, and not read yet"
    screening.read(late.pk, now=ours.time())
    read = Event.objects.filter(case=ours.case, kind="document.read").order_by("-id").first()
    checks.go_on(cases.event(read.pk), now=ours.time())
    assert ours.verdict() == "ok"


def test_a_file_refused_after_sending_is_asked_again_with_certainty(ours):
    ours.papers(contract=good("contract"))
    ours.items.append("bank-letter")
    bad = ours.begin("bank-letter", corpus.typeset() + corpus.EICAR)
    ours.send().check()
    screening.scan(bad.pk, now=ours.time())
    refused = Event.objects.filter(case=ours.case, kind="document.refused").order_by("-id").first()
    checks.go_on(cases.event(refused.pk), now=ours.time())
    assert ("bank-letter", "malware", "certain") in codes(ours)
    assert ours.open("collect").wanted == ["bank-letter"]


def test_a_file_refused_before_sending_and_replaced_is_forgotten(ours):
    bad = ours.upload("bank-letter", corpus.typeset() + corpus.EICAR)
    bad.refresh_from_db()
    assert bad.state == "refused"
    ours.papers(bank_letter=good("bank-letter")).send().check()
    assert ours.verdict() == "ok", codes(ours)


# -- this is correct, let a person look


def test_what_the_client_insists_on_goes_to_a_person(ours):
    cases.record(
        ours.case,
        "item.insisted",
        actor=ours.me,
        now=ours.time(),
        data={"step": "collect", "item": "bank-letter"},
    )
    ours.papers(bank_letter=other_letter()).send().check()
    row = Finding.objects.get(case=ours.case, code="iban-differs")
    assert (row.certainty, row.insisted) == ("likely", True)
    assert ours.open("verify")


def test_no_finding_holds_a_personal_value(ours):
    ours.papers(bank_letter=other_letter()).send().check()
    held = str(list(Finding.objects.values())) + str(list(Event.objects.values_list("data", flat=True)))
    for number in (partner.IBAN, OTHER_IBAN, "Popescu", "721000111"):
        assert number not in held


def test_a_company_that_is_not_ours_to_see_is_not_checked(ana, emil):
    one, other = Partner(ana), Partner(emil, name="SC Alta SRL", cui="48219502")
    one.papers(contract=good("contract")).send().check()
    assert not Finding.objects.filter(case=other.case).exists()
