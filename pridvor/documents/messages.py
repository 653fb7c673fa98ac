"""Every code that this room gives, as a sentence to the person: what is wrong, and the way out."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# fmt: off
MESSAGES: dict[str, Promise] = {
    # before the first byte
    "bad-name": _("This file has no usable name. Give it a name that ends in .pdf, .jpg, .png or .heic, and choose it again."),
    "two-extensions": _("The name of this file hides what it is: it has two endings. Rename it so that only the real one is left, and choose it again."),
    "wrong-type": _("We cannot take this kind of file. Send a PDF, or a photo of the document as JPG, PNG or HEIC."),
    "empty": _("This file is empty. Open it to see whether it was saved whole, and choose it again."),
    "too-large": _("This file is too large. Save it with a smaller size, or photograph the pages one by one."),
    "too-many-files": _("A document can have at most 20 files. Remove some, or join the pages into one PDF."),
    # once it is whole
    "mismatch": _("The name of this file says one kind and its content is another. Save it again from the program it comes from, and choose the new file."),
    "expired-file": _("This is the very file whose validity ends. Send the new document."),
    "same-file": _("You have already sent exactly this file. Choose the new version; if this is the right one, say so and we will look at it."),
    # from the scanner
    "malware": _("Our scanner found malicious software in this file, so we did not keep it. Check your computer with an antivirus, and send the document from a clean source or as a photo."),
    "active-content": _("This file contains a program or a script, which we do not take. Print it to PDF, which leaves only the pages, and send that."),
    "polyglot": _("This file is two kinds of file at once, which we do not take. Print it to PDF or photograph the document, and send that."),
    "encrypted": _("This file opens only with a password. Save it without the password, and send it again: everything you send is encrypted on its way and with us."),
    "bomb": _("This file unpacks to far more than a document holds, so we did not open it. Print it to PDF or photograph the pages, and send that."),
    "broken": _("This file is damaged or was cut short. Open it to see whether it is whole, save it again, and send the new one."),
    "too-many-pages": _("This document has more than 300 pages. Send only the pages that were asked for."),
    "attachment": _("This PDF carries an archive that we cannot look into. Save the PDF without attachments, and send it again."),
    "unscannable": _("We could not examine this file safely. Print it to PDF or photograph the pages, and send that."),
    # told, and no reason to refuse
    "blurred": _("This photo is blurred. Hold the phone still above the page in good light, and take it again."),
    "too-dark": _("This photo is too dark to read. Turn on a light or go to a window, and take it again."),
    "too-small": _("This picture is too small to read. Take the photo from nearer, or send the original file."),
    "cut-edges": _("The page seems cut off at the edge. Leave a little space around the page, and take the photo again."),
    "not-machine-readable": _("We cannot read some pages by machine. A person will read them, which takes a little longer."),
    "unreadable": _("We could not read this file by machine. A person will read it, which takes a little longer."),
    "same-file-again": _("The same file was sent before; you told us that it is the right one. A person will look at it."),
    "looks-like-another": _("This looks like a different document from the one we asked for. Check it before you send it; if it is right, leave it."),
    # on sending
    "no-file": _("There is no file here yet. Add the document, then send."),
    "still-arriving": _("A file is still arriving. Wait until it is complete, or remove it, then send."),
    # of a file's state
    "receiving": _("Arriving…"),
    "quarantined": _("Received. We are checking it."),
    "clean": _("Checked and kept encrypted."),
    "refused": _("Not taken."),
    "removed": _("Removed."),
    # of a signature
    "signature-valid": _("The signature is valid."),
    "signature-tampered": _("The document was changed after it was signed: what was signed is not what stands here."),
    "signature-changed-after-signing": _("Something was added to the document after it was signed. Ask for the document as it was signed."),
    "signature-untrusted": _("The signature is intact, but its certificate comes from an issuer that we do not know."),
    "signature-expired": _("The certificate had expired when the document was signed, or nothing proves that it had not."),
    "signature-revoked": _("The certificate was revoked. Ask the signer to sign with a valid one."),
    "declined-to-sign": _("A signatory declined to sign the contract."),
    "signature-unsigned": _("The document carries no electronic signature."),
}
# fmt: on


def message(code: str) -> str:
    """The sentence in the reader's language. An unknown code is an error of ours: KeyError."""
    return str(MESSAGES[code])
