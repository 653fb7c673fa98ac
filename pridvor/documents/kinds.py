"""What a file is, by its own bytes; and what its name and its declared type claim.

A file is taken only when all three agree. Kinds are few on purpose: each is one more parser that strangers can feed.
Signatures: PDF ISO 32000-2 7.5.2, JPEG ITU-T T.81 B.1.1.3, PNG ISO/IEC 15948 5.2, HEIF ISO/IEC 23008-12 10.2.
"""

import unicodedata
from dataclasses import dataclass

HEAD = 64  # bytes of a file's beginning that `sniff` needs
LONGEST_NAME = 120  # characters of a display name


class Refused(Exception):
    """The file is not taken; `code` is a key of `messages.MESSAGES`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Kind:
    code: str
    extensions: tuple[str, ...]
    types: tuple[str, ...]


KINDS = {
    kind.code: kind
    for kind in (
        Kind("pdf", ("pdf",), ("application/pdf", "application/x-pdf")),
        Kind("jpeg", ("jpg", "jpeg", "jpe", "jfif"), ("image/jpeg", "image/jpg", "image/pjpeg")),
        Kind("png", ("png",), ("image/png", "image/x-png")),
        Kind(
            "heic",
            ("heic", "heif"),
            ("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"),
        ),
    )
}
BY_EXTENSION = {extension: kind for kind in KINDS.values() for extension in kind.extensions}
UNDECLARED = (
    "",
    "application/octet-stream",
    "binary/octet-stream",
)  # what browsers send for types they do not know
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
ACCEPT = ",".join(f".{extension}" for extension in BY_EXTENSION)  # for <input accept>

# Endings that a system runs or unpacks. Never inside a name (x.exe.pdf); x.docx.pdf and x.pdf.pdf are what converters
# and hurried people make, and harmless.
DANGEROUS = frozenset(
    "exe scr pif bat cmd msi msp dll cpl jar js jse vbs vbe wsf wsh hta ps1 psm1 lnk url reg sh bash command app apk "  # noqa: SIM905
    "deb rpm dmg pkg iso img vhd svg xhtml mht php asp aspx jsp docm dotm xlsm xlsb pptm zip rar 7z ace chm swf".split()
)


def sniff(head: bytes) -> str:
    """The kind's code by the file's first bytes, or an empty string. Leading junk is not forgiven."""
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[4:8] == b"ftyp" and _brands(head) & HEIF_BRANDS:
        return "heic"
    return ""


def agree(head: bytes, name: str, declared_type: str) -> str:
    """The kind that content, name and declared type agree upon. Raises Refused: wrong-type or mismatch."""
    kind = sniff(head)
    if not kind:
        raise Refused("wrong-type")
    claimed = BY_EXTENSION.get(_extension(name))
    declared = _media_type(declared_type)
    if claimed is not KINDS[kind] or (declared not in UNDECLARED and declared not in KINDS[kind].types):
        raise Refused("mismatch")
    return kind


def shown(name: str) -> str:
    """The name without folders, and without control characters and invisible ones that turn the reading direction
    (`exe.fdp` shown as `pdf.exe`). Unicode categories Cc, Cf, Cs, Co and Cn."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(c for c in base if not unicodedata.category(c).startswith("C"))
    return " ".join(visible.split()).strip(". ")[-LONGEST_NAME:]


def check_name(name: str, declared_type: str = "") -> str:
    """The name as it may be shown and kept. Raises Refused: bad-name, two-extensions or wrong-type."""
    name = shown(name)
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem.strip(". "):
        raise Refused("bad-name")
    inner = {part.strip().casefold() for part in stem.split(".")[1:]}
    if inner & DANGEROUS:
        raise Refused("two-extensions")
    if extension.casefold() not in BY_EXTENSION:
        raise Refused("two-extensions" if inner & BY_EXTENSION.keys() else "wrong-type")
    if _media_type(declared_type) not in {*UNDECLARED, *(t for kind in KINDS.values() for t in kind.types)}:
        raise Refused("wrong-type")
    return name


def check_length(length: int, largest: int) -> None:
    """Raises Refused: empty or too-large. Lengths in bytes."""
    if length < 1:
        raise Refused("empty")
    if length > largest:
        raise Refused("too-large")


def _brands(head: bytes) -> set[bytes]:
    """The major and compatible brands of a `ftyp` box (ISO/IEC 14496-12, 4.3)."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}


def _extension(name: str) -> str:
    return name.rpartition(".")[2].casefold()


def _media_type(declared: str) -> str:
    return declared.partition(";")[0].strip().casefold()
