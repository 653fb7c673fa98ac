"""Files made on the spot: harmless ones as clients send them, and hostile ones with the code that each must get."""

import datetime
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache

import pikepdf
import pillow_heif
import typst
from PIL import Image, ImageFilter

from pridvor.documents.contract import render_contract

pillow_heif.register_heif_opener()
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
EXE = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(200)
LETTER = [
    "CERTIFICAT DE ÎNREGISTRARE",
    "Oficiul Național al Registrului Comerțului",
    "Firma: ELECTRO INSTAL S.R.L.",
    "Sediul: Brașov, Strada Lungă nr. 12, județul Brașov",
    "Cod unic de înregistrare: 18547290",
    "Număr de ordine: J08/1204/2006",
    "Administrator: Ana Țăranu",
    "Activitatea principală: lucrări de instalații electrice",
]
CONTRACT = {
    "number": "PR-2026-000042",
    "date": datetime.date(2026, 11, 24),
    "provider": {
        "name": "Arcada Distribuție S.R.L.",
        "tax_number": "RO 14399840",
        "representative": "Radu Șerban",
    },
    "partner": {"name": "SC Electro Instal SRL", "tax_number": "RO 18547290", "representative": "Ana Țăranu"},
}


@cache
def _printed(lines: tuple[str, ...], width: int, height: int, points: int) -> bytes:
    """Set by typst, whose typeface is always there and has every letter of ours. 150 pixels are one inch."""
    source = (
        f"#set page(width: {width * 0.48}pt, height: {height * 0.48}pt, margin: {width * 0.48 / 9}pt)\n"
        f"#set text(size: {points * 0.55}pt, hyphenate: false, fill: luma(25))\n" + "\n\n".join(lines * 2)
    )
    return typst.compile(source.encode(), format="png", ppi=150, ignore_system_fonts=True)


def sheet(
    lines: list[str] = LETTER, *, size: tuple[int, int] = (1240, 1754), points: int = 34
) -> Image.Image:
    """A page as a scanner sees it: A4 at 150 dpi."""
    made = _printed(tuple(lines), *size, points)
    return Image.open(io.BytesIO(made[0] if isinstance(made, list) else made)).convert("RGB")


def encoded(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    sink = io.BytesIO()
    image.save(sink, form, **options)
    return sink.getvalue()


def typeset(text: str = "\n\n".join(LETTER)) -> bytes:
    return typst.compile(f'#set text(lang: "ro")\n{text}'.encode(), ignore_system_fonts=True)


def saved(document: pikepdf.Pdf, **options: object) -> bytes:
    sink = io.BytesIO()
    document.save(sink, **options)
    return sink.getvalue()


def blank(pages: int = 1) -> pikepdf.Pdf:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    return document


def acting(action: dict[str, object], **options: object) -> bytes:
    """A PDF that does something when it is opened."""
    document = blank()
    document.Root.OpenAction = document.make_indirect(pikepdf.Dictionary(action))
    return saved(document, **options)


def attached(name: str, content: bytes) -> bytes:
    document = blank()
    document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)
    return saved(document)


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as bundle:
        for name, content in entries.items():
            bundle.writestr(name, content)
    return sink.getvalue()


def nested(content: bytes, depth: int) -> bytes:
    for level in range(depth):
        content = zipped({f"{level}.bin": content})
    return content


def flood(width: int, height: int) -> bytes:
    """A PNG that claims so many pixels in a few bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


JS = {"/S": pikepdf.Name.JavaScript, "/JS": "app.alert(1)"}


def hostile() -> Iterator[tuple[str, str, bytes, str]]:
    """Name, declared type, content, expected code."""
    pdf, jpeg, png = "application/pdf", "image/jpeg", "image/png"
    good_pdf, good_jpeg = typeset(), encoded(sheet())
    yield "eicar.pdf", pdf, EICAR, "wrong-type"
    yield "eicar-behind.pdf", pdf, good_pdf + EICAR, "malware"
    yield "eicar-behind.jpg", jpeg, good_jpeg + EICAR, "malware"
    yield "eicar-attached.pdf", pdf, attached("a.txt", EICAR), "malware"
    yield "eicar-zip-attached.pdf", pdf, attached("a.zip", nested(EICAR, 1)), "malware"
    yield "eicar-zip-zip-attached.pdf", pdf, attached("a.zip", nested(EICAR, 2)), "malware"
    yield "too-deep.pdf", pdf, attached("a.zip", nested(EICAR, 8)), "bomb"
    yield "eicar.zip", "application/zip", nested(EICAR, 1), "wrong-type"
    yield "zip-as.pdf", pdf, nested(EICAR, 1), "wrong-type"
    yield "script.pdf", pdf, acting(JS), "active-content"
    yield (
        "script-object-stream.pdf",
        pdf,
        acting(JS, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "active-content",
    )
    yield "script-escaped.pdf", pdf, acting(JS).replace(b"/JavaScript", b"/J#61vaScript"), "active-content"
    names = blank()
    names.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=["x", names.make_indirect(pikepdf.Dictionary(JS))])
    )
    yield (
        "script-named.pdf",
        pdf,
        saved(names, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "active-content",
    )
    page = blank()
    page.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(JS))
    yield "script-page.pdf", pdf, saved(page), "active-content"
    launch = {"/S": pikepdf.Name.Launch, "/F": "cmd.exe"}
    yield "launch.pdf", pdf, acting(launch), "active-content"
    yield (
        "launch-object-stream.pdf",
        pdf,
        acting(launch, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "active-content",
    )
    for verb in ("SubmitForm", "ImportData", "GoToE", "Rendition"):
        yield f"{verb}.pdf", pdf, acting({"/S": pikepdf.Name(f"/{verb}")}), "active-content"
    media = blank()
    media.pages[0].obj.Annots = media.make_indirect(
        pikepdf.Array([pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.RichMedia)])
    )
    yield "media.pdf", pdf, saved(media), "active-content"
    form = blank()
    form.Root.AcroForm = pikepdf.Dictionary(XFA="x")
    yield "xfa.pdf", pdf, saved(form), "active-content"
    yield "program-attached.pdf", pdf, attached("setup.exe", EXE), "active-content"
    yield "program-in-zip-attached.pdf", pdf, attached("a.zip", zipped({"setup.exe": EXE})), "active-content"
    yield "script-attached.pdf", pdf, attached("run.sh", b"#!/bin/sh\nrm -rf /\n"), "active-content"
    yield "pdf-in-pdf.pdf", pdf, attached("a.pdf", acting(JS)), "active-content"
    yield (
        "macro-attached.pdf",
        pdf,
        attached("a.docm", zipped({"word/vbaProject.bin": b"x", "[Content_Types].xml": b"y"})),
        "active-content",
    )
    yield "seven-zip-attached.pdf", pdf, attached("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(50)), "attachment"
    yield "zip-bomb-attached.pdf", pdf, attached("a.zip", zipped({"0": bytes(60_000_000)})), "bomb"
    yield (
        "many-entries.pdf",
        pdf,
        attached("a.zip", zipped({str(n): b"" for n in range(2500)}, zipfile.ZIP_STORED)),
        "bomb",
    )
    yield (
        "encrypted.pdf",
        pdf,
        saved(blank(), encryption=pikepdf.Encryption(user="secret", owner="o")),
        "encrypted",
    )
    bomb = blank()
    stream = bomb.make_stream(b"")
    stream.write(
        zlib.compress(zlib.compress(bytes(500_000_000), 9), 9),
        filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode]),
    )
    bomb.pages[0].obj.Contents = stream
    yield "stream-bomb.pdf", pdf, saved(bomb), "bomb"
    huge = blank()
    image = huge.make_stream(
        b"x", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=60_000, Height=60_000
    )
    huge.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
    yield "image-bomb.pdf", pdf, saved(huge), "bomb"
    yield "truncated.pdf", pdf, good_pdf[: len(good_pdf) * 6 // 10], "broken"
    yield "only-a-head.pdf", pdf, b"%PDF-1.7\n" + bytes(500), "broken"
    yield "no-pages.pdf", pdf, saved(pikepdf.new()), "broken"
    yield "too-many-pages.pdf", pdf, saved(blank(301)), "too-many-pages"
    yield "truncated.jpg", jpeg, good_jpeg[: len(good_jpeg) * 6 // 10], "broken"
    yield "truncated.png", png, encoded(sheet(), "PNG")[:9000], "broken"
    yield "truncated.heic", "image/heic", (heic := encoded(sheet(), "HEIF"))[: len(heic) // 2], "broken"
    yield "flood.png", png, flood(60_000, 60_000), "bomb"
    yield "empty.pdf", pdf, b"", "empty"
    yield "too-large.pdf", pdf, good_pdf + bytes(50_000_001), "too-large"
    for name in ("x.pdf.exe", "x.exe.pdf", "factura.jpg.scr", "contract.js.pdf", "x.pdf      .exe"):
        yield name, pdf, good_pdf, "two-extensions"
    yield "contract‮fdp.exe", pdf, good_pdf, "wrong-type"
    yield "‮.pdf", pdf, good_pdf, "bad-name"
    yield "noname", pdf, good_pdf, "bad-name"
    yield ".pdf", pdf, good_pdf, "bad-name"
    yield "pdf-and-zip.pdf", pdf, good_pdf + zipped({"a.txt": b"hidden"}, zipfile.ZIP_STORED), "polyglot"
    yield "jpeg-and-zip.jpg", jpeg, good_jpeg + zipped({"a.txt": b"hidden"}), "polyglot"
    yield "jpeg-and-pdf.jpg", jpeg, good_jpeg[:20] + b"%PDF-1.4\n" + good_jpeg[20:], "polyglot"
    yield "pdf-and-page.pdf", pdf, good_pdf + b"<html><script>alert(1)</script></html>", "active-content"
    comment = b"<?php system($_GET['c']); ?>"
    yield (
        "server.jpg",
        jpeg,
        good_jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + good_jpeg[2:],
        "active-content",
    )
    page_source = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
    yield "page.pdf", pdf, page_source, "wrong-type"
    yield "page.jpg", jpeg, page_source, "wrong-type"
    yield "drawing.jpg", jpeg, b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "wrong-type"
    yield "drawing.svg", "image/svg+xml", b"<svg/>", "wrong-type"
    yield "program.pdf", pdf, EXE, "wrong-type"
    yield "program.jpg", jpeg, EXE, "wrong-type"
    yield (
        "letter.docm",
        "application/vnd.ms-word.document.macroEnabled.12",
        zipped({"word/vbaProject.bin": b"x"}),
        "wrong-type",
    )
    yield "letter.docx", "application/octet-stream", zipped({"word/document.xml": b"x"}), "wrong-type"
    yield "gif.jpg", jpeg, b"GIF89a" + bytes(100), "wrong-type"
    yield "junk-before.pdf", pdf, bytes(500) + good_pdf, "wrong-type"
    yield "jpeg-named.pdf", pdf, good_jpeg, "mismatch"
    yield "pdf-named.jpg", jpeg, good_pdf, "mismatch"
    yield "pdf-declared-jpeg.pdf", jpeg, good_pdf, "mismatch"
    yield "png-inside.jpg", jpeg, encoded(sheet(), "PNG"), "mismatch"
    yield "powershell.pdf", pdf, good_pdf + b"powershell -enc " + b"QUJD" * 20, "malware"


def harmless() -> Iterator[tuple[str, str, bytes]]:
    """Name, declared type, content."""
    pdf = "application/pdf"
    for language in ("ro", "en"):
        yield f"contract-{language}.pdf", pdf, render_contract(CONTRACT, language)
    for number in range(8):
        yield (
            f"Scrisoare {number}.pdf",
            pdf,
            typeset("\n#pagebreak()\n".join("\n\n".join(LETTER) for _ in range(number + 1))),
        )
    for standard in ("a-1b", "a-2b", "a-2u", "a-3b", "1.4", "1.7", "2.0"):
        source = f'#set document(title: "T", date: auto)\n{LETTER[0]} {standard}'.encode()
        yield (
            f"pdf {standard}.pdf",
            pdf,
            typst.compile(source, pdf_standards=standard, ignore_system_fonts=True),
        )
    for number, mode in enumerate(pikepdf.ObjectStreamMode.__members__.values()):
        yield f"mod.{number}.pdf", pdf, saved(blank(number + 1), object_stream_mode=mode)
    yield "linearized.pdf", pdf, saved(pikepdf.open(io.BytesIO(typeset())), linearize=True)
    yield "restricted.pdf", pdf, saved(blank(), encryption=pikepdf.Encryption(user="", owner="bank"))
    yield "attached.pdf", pdf, attached("factura.xml", b"<Invoice/>")
    yield "attached-zip.pdf", pdf, attached("anexe.zip", zipped({"a.txt": b"ok", "b.pdf": typeset("Anexa")}))
    yield "opens-on-page.pdf", pdf, acting({"/S": pikepdf.Name.GoTo, "/D": "first"})
    yield (
        "link.pdf",
        pdf,
        typst.compile(b'#link("https://example.ro")[HTML/JavaScript /Launch]', ignore_system_fonts=True),
    )
    yield "Curriculum HTML-JavaScript.pdf", pdf, saved(_titled("HTML /JavaScript /Launch <script>"))
    for pages in (1, 2, 5):
        images = [sheet(points=30 + page) for page in range(pages)]
        yield (
            f"scan-{pages}.pdf",
            pdf,
            encoded(images[0], "PDF", save_all=True, append_images=images[1:], resolution=150),
        )
    yield "scan grey.pdf", pdf, encoded(sheet().convert("L"), "PDF")
    yield "scan fax.pdf", pdf, encoded(sheet().convert("1"), "PDF")
    for quality in (35, 60, 90):
        for progressive in (False, True):
            yield (
                f"foto {quality}{progressive}.jpg",
                "image/jpeg",
                encoded(sheet(), quality=quality, progressive=progressive),
            )
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif[0x010E] = "made by a telephone"
        yield f"IMG_{orientation}.JPEG", "image/jpeg", encoded(sheet(), exif=exif.tobytes())
    for mode in ("RGB", "RGBA", "L", "1", "P"):
        yield f"ecran {mode}.png", "image/png", encoded(sheet().convert(mode), "PNG")
    for quality in (40, 80):
        yield f"IMG_{quality}.HEIC", "image/heic", encoded(sheet(), "HEIF", quality=quality)
    yield "IMG_old.heif", "", encoded(sheet(), "HEIF")
    for angle in (3, 90, 180):
        yield (
            f"rotit {angle}.jpg",
            "image/jpeg",
            encoded(sheet().rotate(angle, expand=True, fillcolor="white")),
        )
    yield "miscat.jpg", "image/jpeg", encoded(sheet().filter(ImageFilter.GaussianBlur(6)))
    yield "Copie CI față-verso.png", "application/octet-stream", encoded(sheet(), "PNG")
    yield "extras.docx.pdf", "application/pdf", typeset("convertit")
    yield "extras.pdf.pdf", "application/pdf", typeset("de două ori")
    yield "motion.jpg", "image/jpeg", encoded(sheet()) + struct.pack(">I", 24) + b"ftypmp42" + bytes(4000)
    for side in (200, 800, 3000):
        yield (
            f"mare {side}.jpg",
            "image/jpeg",
            encoded(sheet(size=(side, side * 4 // 3), points=max(8, side // 40))),
        )


NAMES = (  # as people really name their papers
    "CUI.pdf",
    "certificat înregistrare.pdf",
    "Certificat_ONRC_2026-11.PDF",
    "scrisoare bancară (1).pdf",
    "Scrisoare  bancara.pdf",
    "contract v2 final FINAL.pdf",
    "contract nr. 14-2026.pdf",
    "1.pdf",
    "document.pdf.pdf",
    "S.C. Firma S.R.L.pdf",
    "act_adițional;2.pdf",
    "împuternicire & anexe.pdf",
    "extras 100%.pdf",
    "factură #12.pdf",
    "O'Brien.pdf",
    "Müller GmbH.pdf",
    "Łódź.pdf",
    "Αθήνα.pdf",
    "договор.pdf",
    "合同.pdf",
    "عقد.pdf",
    "חוזה.pdf",
    "📄 contract.pdf",
    "a+b=c.pdf",
    "semnat,datat.pdf",
    "[scan].pdf",
    "{copie}.pdf",
    "~ciorna.pdf",
    "preț €.pdf",
    "no-extension-but-pdf.PdF",
    "exe cuție.pdf",
    "comanda.js sau .ts.pdf",
    "readme.txt.pdf",
    "2026.11.22.pdf",
    "x" * 120 + ".pdf",
)
PROSE = (  # what a signature that is too eager would take for something else
    "The form runs JavaScript when it is opened in a browser.",
    "Press /Launch to begin; /OpenAction is a word of PDF.",
    "powershell is a shell; cmd.exe too.",
    "<script>alert('a lesson about XSS')</script>",
    "SELECT * FROM clients; DROP TABLE clients;--",
    "eval(base64_decode($x)) is what the course warns of.",
    "X5O!P%@AP is how a test file begins.",
    "%PDF-1.7 stands at the head of each file.",
    "PK zip archives begin with these letters.",
    "MZ begins a program.",
    "#!/bin/sh begins a script.",
    "<?php echo 'an example'; ?>",
    "javascript:void(0)",
    "data:text/html;base64,PGI+",
    "file:///etc/passwd",
    "http://169.254.169.254/",
    "{{ 7 * 7 }} ${7*7} <%= 7*7 %>",
    "../../etc/passwd",
    "AutoOpen, Document_Open, Workbook_Open",
    "Ionescu; Popescu | Georgescu && Marinescu `x`",
    "Ș ș Ț ț Ă ă Î î Â â",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "-2+3",
    "\\uD83D\\uDE00",
    "EmbeddedFile RichMedia XFA AcroForm",
    "stream endstream obj endobj xref trailer",
)


def ordinary() -> Iterator[tuple[str, str, bytes]]:
    """Harmless files of every day: names, words, cameras, and what writers of PDF put in."""
    pdf, page = "application/pdf", typeset("O pagină.")
    for name in NAMES:
        yield name, pdf, page
    for number, words in enumerate(PROSE):
        source = f"#raw({json.dumps(words, ensure_ascii=False)})".encode()
        yield f"proză {number}.pdf", pdf, typst.compile(source, ignore_system_fonts=True)
    for subsampling in (0, 1, 2):
        for dpi in (72, 150, 300):
            yield (
                f"cameră {subsampling}-{dpi}.jpg",
                "image/jpeg",
                encoded(sheet(), subsampling=subsampling, dpi=(dpi, dpi)),
            )
    for mode in ("L", "CMYK"):
        for comment in (b"", b"<?xml version='1.0'?>", b"JavaScript"):
            yield (
                f"foto {mode}{len(comment)}.jpg",
                "image/jpeg",
                encoded(sheet().convert(mode), comment=comment),
            )
    for light in (40, 70, 100, 130, 160, 190):
        for size in ((600, 800), (800, 600), (400, 1200), (900, 900)):
            taken = sheet(size=size).point(lambda value, light=light: min(255, value * light // 100))
            yield f"lumină {light} {size[0]}x{size[1]}.jpg", "image/jpeg", encoded(taken)
    for level in (0, 1, 9):
        for mode in ("RGB", "LA", "RGBA"):
            yield (
                f"captură {level}{mode}.png",
                "image/png",
                encoded(sheet().convert(mode), "PNG", compress_level=level),
            )
    for number, made in enumerate(_structures()):
        yield f"structură {number}.pdf", pdf, made
    for name, content in ATTACHED.items():
        yield f"cu {name}.pdf", pdf, attached(name, content)
    for version in ("1.3", "1.4", "1.5", "1.6", "1.7", "2.0"):
        yield f"versiunea {version}.pdf", pdf, saved(blank(), min_version=version, force_version=version)
    for turned in (0, 90, 180, 270):
        document = blank(2)
        document.pages[0].rotate(turned, relative=False)
        yield f"întors {turned}.pdf", pdf, saved(document)
    for pages in (10, 40, 120):
        yield f"lung {pages}.pdf", pdf, saved(blank(pages))


ATTACHED = {
    "factura.xml": b"<?xml version='1.0'?><Invoice><ID>1</ID></Invoice>",
    "note.txt": "Notă: ștampila lipsește.".encode(),
    "tabel.csv": "nume;sumă\nFirma;10".encode(),
    "date.json": b'{"cui": "18547290"}',
}


def _structures() -> Iterator[bytes]:
    """What writers of PDF put in besides text: bookmarks, links, notes, fields, layers, labels, other boxes."""
    name, dictionary, array = pikepdf.Name, pikepdf.Dictionary, pikepdf.Array
    for address in ("https://example.ro/a?b=c#d", "mailto:ana@example.ro", "tel:+40210000000"):
        document = blank()
        action = dictionary(S=name.URI, URI=address)
        link = dictionary(Type=name.Annot, Subtype=name.Link, Rect=array([0, 0, 9, 9]), A=action)
        document.pages[0].Annots = document.make_indirect(array([link]))
        yield saved(document)
    for kind in (name.Text, name.Highlight, name.Square, name.FreeText, name.Stamp):
        document = blank()
        note = dictionary(
            Type=name.Annot, Subtype=kind, Rect=array([0, 0, 9, 9]), Contents="Verificat, /JS nu."
        )
        document.pages[0].Annots = document.make_indirect(array([note]))
        yield saved(document)
    document = blank(3)
    with document.open_outline() as outline:
        outline.root.extend(pikepdf.OutlineItem(f"Capitolul {page + 1}", page) for page in range(3))
    yield saved(document)
    document = blank()
    field = dictionary(
        FT=name.Tx, T="nume", V="Ana", Type=name.Annot, Subtype=name.Widget, Rect=array([0, 0, 9, 9])
    )
    document.Root.AcroForm = dictionary(Fields=array([document.make_indirect(field)]), NeedAppearances=True)
    yield saved(document)
    document = blank()
    document.Root.PageLabels = dictionary(Nums=array([0, dictionary(S=name.r)]))
    document.Root.ViewerPreferences = dictionary(DisplayDocTitle=True)
    yield saved(document)
    document = blank()
    layer = document.make_indirect(dictionary(Type=name.OCG, Name="Strat"))
    document.Root.OCProperties = dictionary(OCGs=array([layer]), D=dictionary(ON=array([layer])))
    yield saved(document)
    document = blank()
    document.Root.OpenAction = array([document.pages[0].obj, name.Fit])
    yield saved(document)
    document = blank()
    with document.open_metadata() as metadata:
        metadata["dc:title"], metadata["dc:creator"] = "JavaScript pentru începători", ["Ana"]
    yield saved(document)


def _titled(title: str) -> pikepdf.Pdf:
    document = blank()
    document.docinfo["/Title"] = title
    with document.open_metadata() as metadata:
        metadata["dc:title"] = title
    return document
