"""What is written about a decided erasure: what went, what is kept, by which law and until when, and the remedies.

It names the cases by reference and nobody by name, so that it can be read when everything else is gone. A refusal
that does not name complaint and court would itself be unlawful (GDPR Art. 12(4)).
"""

from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.company.reading import company
from pridvor.privacy import categories, recipients
from pridvor.privacy.models import Request
from pridvor.privacy.sheets import Sheet, pdf
from pridvor.ui import dates

TITLES = {
    Request.Outcome.WHOLE: gettext_lazy("Certificate of erasure"),
    Request.Outcome.PARTIAL: gettext_lazy("Decision: erased in part"),
    Request.Outcome.REFUSED: gettext_lazy("Decision: the data must be kept for now"),
}


def decision_pdf(request: Request, language: str) -> bytes:
    """The decision as PDF."""
    return pdf(decision(request, language))


def decision(request: Request, language: str) -> Sheet:
    """The decision on a request for erasure, in this language."""
    assert request.decided_at is not None, "only decided requests have a letter"
    with translation.override(language):
        sheet = Sheet(str(TITLES[Request.Outcome(request.outcome)]), language, request.decided_at)
        sheet.footer = _("Request %(id)s") % {"id": str(request.public_id)}
        _head(sheet, request)
        _gone(sheet, request)
        if request.facts["kept"]:
            _kept(sheet, request.facts["kept"], language)
        if request.facts["outside"]:
            _outside(sheet, request)
        _remedies(sheet)
    return sheet


def _head(sheet: Sheet, request: Request) -> None:
    rows = [
        (_("Asked for on"), dates.said(request.asked_at, "year")),
        (_("Decided on"), dates.said(sheet.made_at, "year")),
        (_("Registrations"), ", ".join(request.facts["cases"]) or "–"),
    ]
    if request.state == Request.State.OVER and request.over_at and request.outcome != "refused":
        rows.append((_("Carried out on"), dates.said(request.over_at, "year")))
    sheet.facts(rows)


def _gone(sheet: Sheet, request: Request) -> None:
    going, carried_out = request.facts["going"], request.state == Request.State.OVER
    if not going:
        return
    sheet.heading(_("What is erased"))
    sheet.table(
        [_("Kind of data"), _("Values and files")], [[_name(key), n] for key, n in going.items()], [4, 1]
    )
    if request.outcome == Request.Outcome.WHOLE:
        sheet.paragraph(
            _(
                "The key under which all of it was sealed is destroyed. Values, documents and every backup of them "
                "stay unreadable for everybody, us included. What remains are entries without a name: that a "
                "registration existed, when, and how it ended."
            )
        )
    else:
        sheet.paragraph(_("These values and files are removed for good."))
    if not carried_out:
        sheet.paragraph(_("It is carried out as soon as our letter has left, within a day at the latest."))


def _kept(sheet: Sheet, kept: list[dict[str, Any]], language: str) -> None:
    sheet.heading(_("What is kept, by which law, and until when"))
    rows = [
        [_name(one["category"]), rule["title"][language], rule["law"][language], _until(rule["until"])]
        for one in kept
        for rule in one["rules"]
    ]
    head = [_("Kind of data"), _("Reason"), _("Legal basis"), _("Until")]
    sheet.table(head, rows, [4, 3, 6, 3])
    sheet.paragraph(
        _(
            "Until then it is used for nothing else. When the last of these days is over, it is erased without being "
            "asked for again."
        )
    )


def _outside(sheet: Sheet, request: Request) -> None:
    """Every recipient, what is done there, and what remains (GDPR Art. 19)."""
    sheet.heading(_("Who else received data of yours"))
    told = recipients.of(request)
    sheet.paragraph(
        _("We tell each of these systems of the erasure. This is how it stands:")
        if any(one.means for one in told)
        else _("These systems keep it as long as we do; we tell each of them when it is erased.")
    )
    head = [_("System"), _("What it means there"), _("How it stands"), _("What remains, and why")]
    rows = [[one.name, one.means or "–", one.state, one.remains or "–"] for one in told]
    sheet.table(head, rows, [3, 4, 3, 5])


def _remedies(sheet: Sheet) -> None:
    ours = company().words
    sheet.heading(_("If you do not agree"))
    sheet.paragraph(
        _(
            "You can complain to a data protection authority, in particular where you live or work; in Romania to "
            "ANSPDCP, B-dul G-ral Gheorghe Magheru 28-30, Bucharest, dataprotection.ro (GDPR Art. 77). Besides that "
            "you can go to court (Art. 79)."
        )
    )
    sheet.paragraph(_("Questions: %(contact)s, %(email)s, %(phone)s.") % ours)


def _name(category: str) -> str:
    return str(categories.NAMES.get(category, category))


def _until(day: str) -> str:
    if not day:
        return _("while the contract is in force; then for the time that the law names")
    return dates.said(date.fromisoformat(day), "year")
