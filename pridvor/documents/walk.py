"""What a file's structure holds: PDF objects, attachments, zip entries, images; bounded in every dimension.

Sees what raw rules cannot: names written with escapes (`/J#61vaScript`), objects inside compressed object streams,
attachments. PDF terms by ISO 32000-2: actions 12.6, file specifications 7.11, filters 7.4.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import pikepdf
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # our own limit below says so before anything is decoded

PIXELS = 120_000_000  # of one image: a 100-megapixel photo passes
PAGES = 300
OBJECTS = 200_000
NESTING = 60  # dictionaries within dictionaries
TAIL = 4096  # bytes in which a whole PDF says %%EOF

ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie", "/Sound"}
ANNOTATIONS = {"/Movie", "/Sound", "/RichMedia", "/3D"}
FORMATS = {"jpeg": {"JPEG", "MPO"}, "png": {"PNG"}, "heic": {"HEIF"}}
OPAQUE = (
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"MSCF",
)  # archives we do not open


class Bomb(Exception):
    """More bytes, entries, objects, pixels or levels than any honest document has."""


@dataclass
class Budget:
    """What may still be unpacked, for one uploaded file with all that it carries. Sizes in bytes."""

    total: int = 400_000_000
    entries: int = 2000
    depth: int = 3
    ratio: int = 200

    def spend(self, size: int) -> None:
        self.total -= size
        if self.total < 0:
            raise Bomb("total")


@dataclass
class Seen:
    """Codes of what is wrong, the names of the traces that said so, and what the file carries."""

    codes: set[str] = field(default_factory=set)
    details: set[str] = field(default_factory=set)
    carried: list[bytes] = field(default_factory=list)
    pages: int = 0

    def add(self, code: str, detail: str) -> None:
        self.codes.add(code)
        self.details.add(detail)


def pdf(data: bytes, budget: Budget) -> Seen:
    """Look at every object of a PDF. Raises Bomb."""
    seen = Seen()
    if b"%%EOF" not in data[-TAIL:]:
        seen.add("broken", "no-end")
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as document:
            _objects(document, seen, budget)
            seen.pages = len(document.pages)
            _contents(document, seen)
    except pikepdf.PasswordError:
        seen.add("encrypted", "password")
    except (pikepdf.PdfError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        seen.add("broken", type(error).__name__)
    return seen


def image(data: bytes, kind: str) -> Seen:
    """Decode an image whole: one that was cut off does not pass. Raises Bomb."""
    seen = Seen(pages=1)
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.format not in FORMATS[kind]:
                seen.add("wrong-type", "format")
            if picture.width * picture.height > PIXELS:
                raise Bomb("pixels")
            picture.load()
    except Bomb:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError, IndexError, TypeError) as error:
        seen.add("broken", type(error).__name__)
    return seen


def archive(data: bytes, budget: Budget, depth: int) -> Seen:
    """Unpack a zip in memory, counting what really comes out and not what its directory claims. Raises Bomb."""
    if depth >= budget.depth:
        raise Bomb("depth")
    seen = Seen()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            for entry in bundle.infolist():
                budget.entries -= 1
                if budget.entries < 0:
                    raise Bomb("entries")
                if entry.flag_bits & 1:
                    seen.add("encrypted", "zip-entry")
                elif not entry.is_dir():
                    seen.carried.append(_unpack(bundle, entry, budget))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        seen.add("broken", type(error).__name__)
    return seen


def is_archive(data: bytes) -> bool:
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def is_opaque(data: bytes) -> bool:
    return data.startswith(OPAQUE)


def _unpack(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> bytes:
    plain = bytearray()
    with bundle.open(entry) as source:
        while piece := source.read(1 << 18):
            plain += piece
            budget.spend(len(piece))
            if len(plain) > 1_000_000 and len(plain) > budget.ratio * max(1, entry.compress_size):
                raise Bomb("ratio")
    return bytes(plain)


def _objects(document: pikepdf.Pdf, seen: Seen, budget: Budget) -> None:
    if len(document.objects) > OBJECTS:
        raise Bomb("objects")
    for item in (*document.objects, document.trailer):
        for part in _parts(item):
            _dictionary(part, seen, budget)
        if isinstance(item, pikepdf.Stream):
            _inflate(item, budget)


def _parts(item: object, level: int = 0) -> Iterator[pikepdf.Object]:
    """The dictionaries that stand directly in one indirect object, itself included."""
    if level > NESTING:
        raise Bomb("nesting")
    if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        yield item
        children: list[object] = [value for _, value in item.items()]
    elif isinstance(item, pikepdf.Array):
        children = list(item)
    else:
        return
    for child in children:
        if isinstance(child, pikepdf.Dictionary | pikepdf.Array) and not child.is_indirect:
            yield from _parts(child, level + 1)


def _dictionary(part: pikepdf.Object, seen: Seen, budget: Budget) -> None:
    action, subtype = str(part.get("/S", "")), str(part.get("/Subtype", ""))
    if action in ACTIONS:
        seen.add("active-content", action)
    if subtype in ANNOTATIONS:
        seen.add("active-content", subtype)
    if isinstance(part.get("/JS"), pikepdf.String | pikepdf.Stream):
        seen.add("active-content", "/JS")
    if "/XFA" in part:
        seen.add("active-content", "/XFA")
    if isinstance(part.get("/JavaScript"), pikepdf.Dictionary):
        seen.add("active-content", "/JavaScript")
    if subtype == "/Image" and int(part.get("/Width", 0)) * int(part.get("/Height", 0)) > PIXELS:
        raise Bomb("pixels")
    carried = part.get("/EF")
    if isinstance(carried, pikepdf.Dictionary):
        for _, stream in carried.items():
            if isinstance(stream, pikepdf.Stream):
                budget.entries -= 1
                if budget.entries < 0:
                    raise Bomb("entries")
                seen.carried.append(stream.read_bytes())


def _inflate(stream: pikepdf.Object, budget: Budget) -> None:
    """Count what a stream's deflate filters yield, before any reader of ours lets it unfold."""
    filters = stream.get("/Filter", ())
    names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    pieces: Iterator[bytes] = iter((stream.read_raw_bytes(),))
    for name in names:
        if name not in ("/FlateDecode", "/Fl"):
            break
        pieces = _inflated(pieces)
    for piece in pieces:
        budget.spend(len(piece))


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    for piece in pieces:
        try:
            yield unpacker.decompress(piece, 1 << 20)
            while unpacker.unconsumed_tail:
                yield unpacker.decompress(unpacker.unconsumed_tail, 1 << 20)
        except zlib.error:
            return


def _contents(document: pikepdf.Pdf, seen: Seen) -> None:
    if not seen.pages:
        seen.add("broken", "no-pages")
    if seen.pages > PAGES:
        seen.add("too-many-pages", str(PAGES))
        return
    for page in document.pages:
        contents = page.obj.get("/Contents")
        for stream in contents if isinstance(contents, pikepdf.Array) else (contents,):
            if isinstance(stream, pikepdf.Stream):
                stream.read_bytes()
