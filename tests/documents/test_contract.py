"""Contracts: what stands in them, what cannot get into them, and that they are what PDF/A asks for."""

import io

import pikepdf
import pypdfium2
import pytest

from pridvor.documents import contract
from tests.documents.corpus import CONTRACT


def text(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize(
    ("language", "words"), [("ro", "Contract de parteneriat"), ("en", "Partnership agreement")]
)
def test_a_contract_names_both_parties_in_its_language(language, words):
    found = text(contract.render_contract(CONTRACT, language))
    for expected in (
        words,
        "PR-2026-000042",
        "SC Electro Instal SRL",
        "RO 18547290",
        "Ana Țăranu",
        "Radu Șerban",
    ):
        assert expected in found
    assert ("24 noiembrie 2026" if language == "ro" else "24 November 2026") in found


def test_it_is_pdf_a_2b_of_two_or_three_pages():
    with (
        pikepdf.open(io.BytesIO(contract.render_contract(CONTRACT, "ro"))) as document,
        document.open_metadata() as metadata,
    ):
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
        assert 2 <= len(document.pages) <= 3
        assert document.Root.Lang == "ro"


def test_the_same_data_gives_the_same_bytes():
    assert contract.render_contract(CONTRACT, "ro") == contract.render_contract(CONTRACT, "ro")


def test_data_is_never_markup():
    name = '#read("/etc/passwd") *b* $x$ @y <z> // SRL'
    found = text(contract.render_contract({**CONTRACT, "partner": {"name": name}}, "ro"))
    assert "root:" not in found
    assert "".join(name.split()).replace('"', "") in "".join(found.split()).replace('"', "").replace(
        "”", ""
    ).replace("„", "")


def test_a_letter_without_a_glyph_is_named_with_its_field():
    with pytest.raises(contract.MissingGlyph) as error:
        contract.render_contract({**CONTRACT, "partner": {"name": "你好 SRL"}}, "ro")
    assert error.value.fields == ("partner.name",)


@pytest.mark.parametrize("missing", ["number", "date", "provider", "partner"])
def test_what_a_contract_needs_is_asked_for(missing):
    with pytest.raises(contract.CannotSet, match=missing):
        contract.render_contract({**CONTRACT, missing: None}, "ro")
