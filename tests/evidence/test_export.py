"""One sealed file that a stand-alone command verifies offline: whatever is changed in it is told."""

import io
import json
import random
import subprocess
import sys
import zipfile

import pytest

from pridvor.documents.models import File
from pridvor.evidence import exporting, seals, verify_evidence, verifying
from pridvor.vault.models import Look
from tests.conftest import CARMEN, NOW, ROOT
from tests.partner import IBAN, Partner, good

pytestmark = pytest.mark.django_db
VERIFIER = ROOT / "pridvor" / "evidence" / "verify_evidence.py"
WHY = {"actor": CARMEN, "now": NOW}


@pytest.fixture
def key():
    return seals.public_keys()[seals.primary()]


@pytest.fixture
def exported(proved, tmp_path):
    return written(proved[0], tmp_path / "case.zip")


def written(case, path, **given):
    with path.open("wb") as target:
        exporting.export(case, target, **WHY, **given)
    return path


def test_an_export_verifies_by_itself_and_offline(exported, key):
    done = subprocess.run(
        [sys.executable, "-I", VERIFIER, exported, "--key", key], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Genuine: C-" in done.stdout


def test_it_holds_every_ledger_and_nothing_personal(exported, proved):
    said = contents(exported)
    rows = {name: len(json.loads(text)) for name, text in said.items() if name.startswith("ledgers/")}
    assert min(rows.values()) > 0
    assert len(rows) == 5
    assert not any(IBAN.encode() in text for text in said.values())
    assert "personal.json" not in said


def test_personal_values_come_with_a_reason_that_is_logged(proved, tmp_path, key):
    path = written(proved[0], tmp_path / "p.zip", personal=True, reason="court order 12/2026")
    assert json.loads(contents(path)["personal.json"])["iban"] == IBAN
    assert Look.objects.filter(purpose="court order 12/2026", case=proved[0].reference).exists()
    assert verify_evidence.problems(str(path), [key]) == []


@pytest.mark.parametrize("wanted", [{"personal": True}, {"files": True}])
def test_without_a_reason_nothing_personal_leaves(proved, wanted):
    with pytest.raises(exporting.NoReason):
        exporting.export(proved[0], io.BytesIO(), **WHY, **wanted)


def test_documents_come_along_when_asked_for(ana, tmp_path, key):
    play = Partner(ana).papers(bank_letter=good("bank-letter"))
    path = written(play.case, tmp_path / "f.zip", files=True, reason="audit")
    said = contents(path)
    file = File.objects.get()
    assert said[f"documents/{file.public_id}.pdf"] == good("bank-letter")
    assert json.loads(said["documents.json"])[0]["sha256"] == file.sha256
    labels = [row["label"] for row in json.loads(said["questions.json"]) if row["field"] == "iban"]
    assert labels[0]["ro"]
    assert verify_evidence.problems(str(path), [key]) == []


def test_a_file_that_is_not_the_one_received_is_found(ana):
    Partner(ana).papers(bank_letter=good("bank-letter"))
    assert verifying.look().findings == ()
    File.objects.update(sha256="0" * 64)
    assert [finding.kind for finding in verifying.look().findings] == ["file-changed"]


def test_another_key_verifies_nothing(exported):
    assert verify_evidence.problems(str(exported), ["00" * 32]) == ["the manifest is not signed by this key"]


def test_other_cases_are_not_named(exported, proved):
    everything = b"".join(contents(exported).values())
    assert str(proved[1].subject).encode() not in everything


@pytest.mark.parametrize(
    "part", ["manifest.json", "case.json", "ledgers/cases.event.json", "checkpoints.json"]
)
def test_a_part_that_was_changed_is_found(exported, key, part):
    said = contents(exported)
    said[part] = said[part].replace(b"2026", b"2025", 1)
    assert verify_evidence.problems(str(exported), [key]) == []
    assert verify_evidence.problems(str(packed(said, exported)), [key])


def test_parts_that_were_removed_or_added_are_found(exported, key):
    said = contents(exported)
    less = {name: text for name, text in said.items() if name != "decisions.json"}
    for changed in (less, {**said, "more.json": b"[]"}):
        assert verify_evidence.problems(str(packed(changed, exported)), [key])


def test_any_byte_that_was_turned_is_found_or_says_the_same(exported, key):
    """A zip holds bytes that mean nothing; whatever is read from it must be as it was sealed."""
    whole, chance, genuine = exported.read_bytes(), random.Random(3), contents(exported)
    copy = exported.with_name("turned.zip")
    for _ in range(200):
        turned = bytearray(whole)
        turned[chance.randrange(len(turned))] ^= 1 << chance.randrange(8)
        copy.write_bytes(turned)
        if not verify_evidence.problems(str(copy), [key]):
            assert contents(copy) == genuine


def contents(path):
    with zipfile.ZipFile(path) as file:
        return {info.filename: file.read(info) for info in file.infolist()}


def packed(said, beside):
    path = beside.with_name("packed.zip")
    with zipfile.ZipFile(path, "w") as file:
        for name, text in said.items():
            file.writestr(name, text)
    return path
