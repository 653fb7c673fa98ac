"""A page as an image made anew from its pixels: no metadata, no script, nothing of the file's own bytes.

Runs inside the sandbox process. PDFium is not safe for threads; here it has its process to itself.
"""

import io
from collections.abc import Iterator

import pillow_heif
import pypdfium2
from PIL import Image, ImageOps

pillow_heif.register_heif_opener()

TALLEST = 5  # times its width: what is taller is shown smaller
LOGO = (640, 192)  # pixels: twice what pages show
QUALITY = 82  # of WebP


class NoSuchPage(Exception):
    """The file has fewer pages."""


def page(data: bytes, kind: str, number: int, *, width: int) -> bytes:
    """The page (from 0) as WebP, `width` pixels wide. Raises NoSuchPage."""
    image = _pdf_page(data, number, width) if kind == "pdf" else _photo(data, number)
    if image.width > width:
        image = image.resize(
            (width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS
        )
    clean = Image.new("RGB", image.size, "white")
    clean.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    sink = io.BytesIO()
    clean.save(sink, "WEBP", quality=QUALITY, method=4)
    return sink.getvalue()


def logo(data: bytes) -> bytes:
    """A company's logo as PNG of its pixels alone, no larger than LOGO. Raises UnidentifiedImageError."""
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as given:
        shown = ImageOps.exif_transpose(given).convert("RGBA")
    shown.thumbnail(LOGO, Image.Resampling.LANCZOS)
    clean = Image.new("RGBA", shown.size)
    clean.paste(shown)
    sink = io.BytesIO()
    clean.save(sink, "PNG", optimize=True)
    return sink.getvalue()


def upright(data: bytes) -> Image.Image:
    """The photo as it was seen: turned as its EXIF orientation says (CIPA DC-008 4.6.5), which is then dropped."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("RGB", (4000, 4000))
        turned = ImageOps.exif_transpose(picture)
        return turned.convert("RGBA" if "A" in turned.getbands() or "transparency" in turned.info else "RGB")


def rendered(data: bytes, *, pixels: int, only: int | None = None) -> Iterator[Image.Image]:
    """The pages of a PDF in order, each with its longer side so many pixels long."""
    document = pypdfium2.PdfDocument(data)
    for number in range(len(document)) if only is None else (only,):
        sheet = document[number]
        longest = max(sheet.get_width(), sheet.get_height(), 1.0)
        yield sheet.render(scale=pixels / longest).to_pil()


def _pdf_page(data: bytes, number: int, width: int) -> Image.Image:
    document = pypdfium2.PdfDocument(data)
    if not 0 <= number < len(document):
        raise NoSuchPage
    sheet = document[number]
    across, down = max(sheet.get_width(), 1.0), max(sheet.get_height(), 1.0)
    return sheet.render(scale=min(width / across, TALLEST * width / down)).to_pil()


def _photo(data: bytes, number: int) -> Image.Image:
    if number != 0:
        raise NoSuchPage
    image = upright(data)
    if image.height > TALLEST * image.width:
        raise NoSuchPage
    return image
