"""The text of a file, page by page, and whether its photos are legible. Runs inside the sandbox process."""

import pypdfium2

from pridvor.documents import ocr, picture, quality
from pridvor.documents.reading import Page
from pridvor.lib.text import modern

FEW = 25  # letters: a page with fewer is a picture of a page
OCR_PAGES = 20  # of one file; the rest of a long scan is for a person
OCR_PIXELS = 2340  # longer side: A4 at 200 dpi


def pages(data: bytes, kind: str, *, use_ocr: bool) -> tuple[list[Page], list[str]]:
    """The pages in order, and the codes of `quality.remarks` over all of them."""
    return _pdf(data, use_ocr) if kind == "pdf" else _photo(data, use_ocr)


def _pdf(data: bytes, use_ocr: bool) -> tuple[list[Page], list[str]]:
    found: list[Page] = []
    remarks: set[str] = set()
    scans = 0
    for number, sheet in enumerate(pypdfium2.PdfDocument(data)):
        text = modern(sheet.get_textpage().get_text_bounded()).replace("\r\n", "\n").strip()
        if sum(letter.isalnum() for letter in text) >= FEW or not any(
            True for _ in sheet.get_objects(max_depth=2)
        ):
            found.append(Page(number, text, "text"))
            continue
        scans += 1
        if scans > OCR_PAGES:
            found.append(Page(number, text, "none"))
            continue
        image = next(picture.rendered(data, pixels=OCR_PIXELS, only=number))
        remarks.update(code for code in quality.remarks(image) if code != "cut-edges")
        read = ocr.text(image) if use_ocr else None
        found.append(Page(number, text, "none") if read is None else Page(number, modern(read), "ocr"))
    return found, sorted(remarks)


def _photo(data: bytes, use_ocr: bool) -> tuple[list[Page], list[str]]:
    image = picture.upright(data).convert("RGB")
    remarks = quality.remarks(image)
    image.thumbnail((OCR_PIXELS, OCR_PIXELS))
    read = ocr.text(image) if use_ocr else None
    return [Page(0, "", "none") if read is None else Page(0, modern(read), "ocr")], remarks
