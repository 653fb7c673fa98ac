"""What is said when a contract is signed online. None of it claims more than was shown: a code by mail proves that
whoever signed can read that mailbox, and our seal that nothing has changed since."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from babel.dates import format_date
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.company.reading import company
from pridvor.documents.models import Agreement, Signatory

EVIDENCE = "What the contract was made from, and how it was signed"
SIGNED_FILE = "The file that was signed, byte by byte"
WAYS = {
    "code-by-mail": gettext_lazy("a one-time code sent to this e-mail address"),
    "passkey": gettext_lazy("a passkey of theirs, unlocked on their device"),
}
BROWSERS = ("edg", "firefox", "chrome", "safari")  # in this order: the later ones are named by the earlier


def intent(name: str, number: str, sha256: str, language: str) -> str:
    """What somebody says by signing."""
    with translation.override(language):
        return _(
            "I, %(name)s, sign contract %(number)s electronically. I sign the file whose SHA-256 digest is %(sha256)s."
        ) % {"name": " ".join(name.split()), "number": number, "sha256": sha256}


def consent(language: str) -> str:
    """What somebody agrees to before they sign."""
    with translation.override(language):
        return _("I agree to sign this contract electronically, and I have read it.")


def agent_class(agent: str) -> str:
    """The family of a browser and whether it is a telephone's: not enough to know anybody by."""
    said = agent.lower()
    family = next((name for name in BROWSERS if name in said), "other")
    return f"{family}/{'mobile' if 'mobi' in said else 'desktop'}"


def record(
    agreement: Agreement, rows: Sequence[Signatory], given: Mapping[int, Mapping[str, Any]]
) -> dict[str, Any]:
    """The page on which a sealed contract says how it was signed."""
    with translation.override(agreement.language):
        return {
            "statement": _(
                "Each person below was shown the contract above, typed their name, proved access to their mailbox, and signed. What they signed is attached to this file."
            ),
            "sha256": agreement.presented.sha256,
            "signatures": [
                {"name": given[row.position]["name"], "facts": _facts(row, given[row.position])}
                for row in rows
            ],
            "notes": [
                _(
                    "These are simple electronic signatures in the sense of Article 3(10) of Regulation (EU) No 910/2014. Nobody checked identity papers when they were given."
                ),
                _("This file carries the electronic seal of %(company)s. %(seal)s")
                % {"company": company().name, "seal": _of_seal()},
            ],
        }


def _facts(row: Signatory, given: Mapping[str, Any]) -> list[list[str]]:
    proof = given["proof"]
    return [
        [_("E-mail address"), given["email"]],
        [_("Shown on"), _moment(row.seen_at)],
        [_("Proved by"), str(WAYS[proof["way"]])],
        [_("Signed on"), _moment(row.signed_at)],
        [_("In these words"), given["intent"]],
    ]


def _of_seal() -> str:
    said = [
        _("Its certificate was issued by whom it names; verify it with any PDF reader.")
        if settings.SEAL_FILE
        else _(
            "Its certificate was made by this installation itself: it shows that nothing has changed since, and not who the company is."
        )
    ]
    if settings.TSA == "stand-in":
        said.append(_("Its timestamp is a demonstration's."))
    elif settings.TSA:
        said.append(_("A timestamp authority confirms when it was sealed."))
    return " ".join(said)


def _moment(at: datetime | None) -> str:
    """A moment with its zone, in the reader's language."""
    if at is None:
        return "–"
    local = timezone.localtime(at)
    day = format_date(local, "d MMMM y", locale=translation.get_language() or "en")
    return f"{day}, {local:%H:%M:%S} ({local:%Z}, UTC{local:%z})"
