"""What a page says, whether a photo can be read, and which document it looks like."""

import shutil

import pytest
from PIL import ImageEnhance, ImageFilter

from pridvor.documents import quality, reading
from pridvor.lib.text import fold
from tests.documents import corpus

with_tesseract = pytest.mark.skipif(not shutil.which("tesseract"), reason="tesseract is not installed")


def table(page=None, *, crop=None):
    """A photo of a page on a dark table."""
    page = page or corpus.sheet()
    photo = corpus.Image.new("RGB", (page.width + 300, page.height + 300), (96, 84, 70))
    photo.paste(page, (150, 150))
    return photo.crop(crop) if crop else photo


@pytest.mark.parametrize(
    "image",
    [
        corpus.sheet(),
        table(),
        corpus.sheet(points=20),
        corpus.sheet().rotate(4, fillcolor="white"),
        corpus.sheet(["Un rând"]),
    ],
)
def test_a_legible_page_has_no_remark(image):
    assert quality.remarks(image) == []


@pytest.mark.parametrize("radius", [4, 6, 10])
def test_a_blurred_photo_is_noticed(radius):
    assert quality.remarks(table().filter(ImageFilter.GaussianBlur(radius))) == ["blurred"]


def test_a_dark_photo_is_noticed():
    assert "too-dark" in quality.remarks(ImageEnhance.Brightness(table()).enhance(0.15))


def test_a_small_picture_is_noticed():
    assert "too-small" in quality.remarks(table().resize((460, 600)))


@pytest.mark.parametrize("crop", [(330, 0, 1540, 2054), (0, 0, 700, 2054)])
def test_a_page_cut_through_its_text_is_noticed(crop):
    assert "cut-edges" in quality.remarks(table(crop=crop))


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("\n".join(corpus.LETTER), "registration-certificate"),
        (
            "CERTIFICAT DE INREGISTRARE\nOficiul Registrului Comertului de pe langa Tribunalul Brasov",
            "registration-certificate",
        ),
        (
            "EXTRAS DE CONT\nTitular cont: Electro Instal SRL\nIBAN RO49 AAAA 1B31 0075 9384 0000\nSold final 12,00",
            "bank-letter",
        ),
        (
            "Bank confirmation letter\nAccount holder: Electro Instal\nIBAN: RO49AAAA1B31007593840000 SWIFT AAAAROBU",
            "bank-letter",
        ),
        (
            "Confirmare cont\nPrin prezenta, banca confirmă contul IBAN RO49AAAA1B31007593840000",
            "bank-letter",
        ),
        (
            "Contract de parteneriat nr. 4\nPărțile au convenit … plata în contul IBAN RO49… factura fiscală",
            "contract",
        ),
        ("ROMÂNIA CARTE DE IDENTITATE SERIA BV NR 123456 IDROUTARANU<<ANA", "identity-card"),
        (
            "FACTURA seria EI nr. 100\nFurnizor … Cumpărător … Total de plată 1200 lei IBAN RO49AAAA",
            "invoice",
        ),
        ("Dragă Maria, îți scriu din vacanță.", None),
        ("", None),
    ],
)
def test_a_text_looks_like_the_document_it_is(text, item):
    assert reading.looks_like(text) == item


def test_a_contract_of_ours_looks_like_one_and_is_read_without_ocr():
    found = reading.read([corpus.render_contract(corpus.CONTRACT, "ro")], "pdf", ocr=True)
    assert {page.source for page in found.pages} == {"text"}
    assert reading.looks_like(found.pages[0].text) == "contract"
    assert "Ana Țăranu" in found.pages[0].text


@with_tesseract
@pytest.mark.parametrize("form", ["JPEG", "PDF"])
def test_romanian_text_is_read_off_a_scan(form):
    scan = corpus.sheet().rotate(1, fillcolor="white").filter(ImageFilter.GaussianBlur(0.7))
    found = reading.read(
        [corpus.encoded(scan, form, quality=60, resolution=150)], "pdf" if form == "PDF" else "jpeg", ocr=True
    )
    assert found.pages[0].source == "ocr"
    text = found.pages[0].text
    assert "electro instal" in fold(text)
    assert "18547290" in text
    assert "Înregistrare".casefold() in text.casefold()
    assert not set("şţ") & set(text)
    assert reading.looks_like(text) == "registration-certificate"


def test_without_ocr_a_scan_is_for_a_person():
    found = reading.read([corpus.encoded(corpus.sheet(), "PDF")], "pdf", ocr=False)
    assert [page.source for page in found.pages] == ["none"]
    assert found.remarks == []


def test_an_empty_page_needs_nobody():
    found = reading.read([corpus.saved(corpus.blank(2))], "pdf", ocr=True)
    assert [page.source for page in found.pages] == ["text", "text"]
