"""Having the signatures of a file looked at, in a process of its own. Takes a second: for workers."""

from django.conf import settings

from pridvor.documents import sandbox, sealing
from pridvor.documents.models import File
from pridvor.documents.signature_reports import SignatureReport

SECONDS = 60.0
MARK = b"/ByteRange"


def of_file(file: File) -> list[SignatureReport]:
    """A report for each signature of a PDF, one «unsigned» when there is none. Raises vault.Erased, sandbox.Failed."""
    chunks, options = sealing.chunks(file.subject, file.whole), {"trust": settings.TRUST_FOLDER}
    reply = sandbox.run("signatures", chunks, seconds=SECONDS, options=options, program=sandbox.SIGNING)
    return [SignatureReport.from_json(found) for found in reply.found["reports"]]


def noted(file: File) -> list[dict[str, str]]:
    """Verdict and level of each signature, to be kept with the file; nothing for a file without any, or that cannot be read."""
    if file.kind != File.Kind.PDF or not _may_be_signed(file):
        return []
    try:
        reports = of_file(file)
    except sandbox.Failed:
        return []
    return [{"verdict": one.verdict, "level": one.level} for one in reports if one.verdict != "unsigned"]


def _may_be_signed(file: File) -> bool:
    """A signature names in plain text which bytes it covers (ISO 32000-2, 12.8.1): without that there is none."""
    before = b""
    for chunk in sealing.chunks(file.subject, file.whole):
        if MARK in before + chunk:
            return True
        before = chunk[-len(MARK) :]
    return False
