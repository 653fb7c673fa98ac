"""Every finding as a sentence to the person: what is wrong, and the way out. The scanner's codes are documents'."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pridvor.documents.messages import MESSAGES as OF_DOCUMENTS

# fmt: off
MESSAGES: dict[str, Promise] = {
    "cui-wrong": _("This CUI cannot be right: its check digit does not fit. Compare it with the registration certificate."),
    "cui-missing": _("There is no CUI for this Romanian company. Enter it as it stands on the registration certificate."),
    "vat-wrong": _("This VAT number cannot be right. Enter it with its country's letters, as it stands on your invoices."),
    "company-inactive": _("The registry says that this company is inactive or struck off. If that is no longer so, send the decision with the certificate."),
    "company-not-registered": _("The registry does not know this number. Compare it with the registration certificate."),
    "company-not-confirmed": _("The registry could not be asked. We confirm the company ourselves."),
    "name-not-registered": _("The registry has this company under another name: %(registered)s. Enter the name as it is registered."),
    "iban-wrong": _("This IBAN cannot be right: its check digits do not fit. Copy it from the bank's letter."),
    "iban-length": _("This IBAN has too many or too few characters. Copy it from the bank's letter."),
    "iban-of-another-country": _("The account is kept in another country (%(country)s) than the company's. A person looks at it."),
    "iban-of-an-unknown-bank": _("We do not know the bank %(bank)s in this IBAN. A person looks at it."),
    "cui-differs": _("This document names another CUI (%(found)s) than the one entered (%(typed)s). Send the document of this company, or correct the CUI."),
    "cui-not-found": _("We did not find the CUI %(typed)s in this document. A person compares it."),
    "cui-hardly-read": _("The CUI in this document can hardly be read. A person compares it."),
    "iban-differs": _("This document shows another account (%(found)s) than the one entered (%(typed)s). Send the letter for this account, or correct the IBAN."),
    "iban-not-found": _("We did not find the account %(typed)s in this document. A person compares it."),
    "iban-hardly-read": _("The account in this document can hardly be read. A person compares it."),
    "name-not-found": _("We did not find the company's name in this document. A person compares it."),
    "name-hardly-read": _("The company's name in this document can hardly be read. A person compares it."),
    "compare-by-eye": _("This document cannot be read by machine. A person compares it with what was entered."),
    "signed-by-hand": _("This paper is signed by hand or not at all. A person looks at it."),
    "signature-unsigned": _("This contract carries no signature. Sign it electronically, or print it, sign by hand, and photograph every page."),
    "signature-tampered": _("This contract was changed after it was signed. Download it anew, sign it, and send it without changing it."),
    "signature-changed-after-signing": _("Something was added to this contract after it was signed. Send it exactly as it was signed."),
    "signature-expired": _("The certificate of this signature had expired. Sign with a valid certificate, or by hand on paper."),
    "signature-revoked": _("The certificate of this signature was revoked. Sign with a valid certificate, or by hand on paper."),
    "signature-untrusted": _("This signature is intact, but its certificate comes from an issuer that we do not know. A person looks at it."),
    "document-missing": _("This document is missing. Send it, and the check goes on."),
    "address-differs": _("The registry has another address: %(registered)s. A person compares it."),
    "client-known-already": _("Another client has this company number already. A person looks whether they are the same."),
    "client-on-the-way": _("This company is on the same journey already. A person looks which one counts."),
    "sanctions-no-list": _("No sanctions list is configured, so a person screens the names."),
    "sanctions-not-asked": _("The sanctions list did not answer for a day, so a person screens the names."),
    "sanctions-candidate": _("An entry of the sanctions list is like this client (%(dataset)s, %(entry)s: %(score)s %%). A person compares who it is."),
    "asset-missing": _("This is still missing."),
    "item-open": _("This is not done yet."),
    "changes-asked": _("Comment %(pin)s says what should change."),
    "secret-missing": _("A credential is missing. Enter it, and the tests go on."),
    "secret-expired": _("This credential was kept as long as agreed and has been destroyed. Enter a new one."),
    "secret-refused": _("Your system did not accept this credential (%(endpoint)s answered %(status)s). Compare it and enter it again."),
    "endpoint-status": _("%(endpoint)s: answered with status %(status)s instead of %(expected)s."),
    "endpoint-slow": _("%(endpoint)s: took %(milliseconds)s ms of %(limit)s."),
    "endpoint-not-json": _("%(endpoint)s: the answer is not JSON."),
    "endpoint-field-missing": _("%(endpoint)s: the field “%(field)s” is missing from the answer."),
    "endpoint-field-wrong": _("%(endpoint)s: the field “%(field)s” is not as agreed (%(rule)s)."),
    "endpoint-not-allowed": _("%(endpoint)s: this address may not be called (%(why)s). It must be public, with http or https on an ordinary port."),
    "endpoint-no-answer": _("%(endpoint)s: no answer (%(why)s)."),
    "measure-missing": _("%(measure)s: no reading in this period; wanted %(target)s."),
    "measure-off-target": _("%(measure)s: %(value)s; wanted %(target)s."),
    "authority-not-proven": _("We do not know yet that you may act for this company. Until then you order at list prices, paid in advance."),
    "account-missing": _("The account that was made in the other system is not there. A person sets it up again."),
}
# fmt: on


def knows(code: str) -> bool:
    """Whether a finding has this code."""
    return code in MESSAGES or code in OF_DOCUMENTS


def text(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence in the reader's language; an unknown code is shown as it stands."""
    sentence = MESSAGES.get(code) or OF_DOCUMENTS.get(code)
    if sentence is None:
        return code
    said = str(sentence)
    return said % params if params and code in MESSAGES else said
