"""A contract to be signed, as its page shows it: pages, the same as text, who signs in which order, and who has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.cases.models import Case
from pridvor.clients.models import Person
from pridvor.documents import agreement_words as words
from pridvor.documents import agreements
from pridvor.documents.agreements import LONGEST, LONGEST_NAME
from pridvor.documents.contract import Said
from pridvor.documents.models import Agreement, File, Signatory
from pridvor.lib.actor import Actor
from pridvor.portal.forms import NEEDED, Questions

PURPOSE = "look at the contract to be signed"


class SignForm(Questions):
    """What is typed before the code is sent. `sha256` names the file that the page showed."""

    sha256 = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Your first and last name"),
        help_text=gettext_lazy("As it shall stand under the contract."),
        max_length=LONGEST_NAME,
        error_messages=NEEDED,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    consent = forms.BooleanField(
        label=gettext_lazy("I agree to sign this contract electronically, and I have read it."),
        error_messages={"required": gettext_lazy("Tick this to sign online; otherwise decline below.")},
    )


class DeclineForm(Questions):
    reason = forms.CharField(
        label=gettext_lazy("Why do you not sign?"),
        help_text=gettext_lazy("We read it, and write to you."),
        max_length=LONGEST,
        error_messages=NEEDED,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@dataclass(frozen=True)
class Turn:
    """One signatory in the list: who, and how far they are."""

    words: str
    kind: str  # of the tag
    state: str
    at: datetime | None


@dataclass(frozen=True)
class Page:
    agreement: Agreement
    pages: Sequence[dict[str, Any]]
    text: Sequence[Said]
    turns: Sequence[Turn]
    copy_url: str
    sealed_url: str
    is_mine: bool  # whether it is this person's turn
    is_waiting: bool  # all have signed; the seal is not there yet


def page(agreement: Agreement, person: Person, *, actor: Actor, now: datetime) -> Page:
    """Everything on the page; the look at sealed words is logged first."""
    case, turn = agreement.attempt.case, agreements.next_signatory(agreement)
    is_open = agreement.attempt.status == "open"
    rows = list(agreement.signatories.select_related("person"))
    return Page(
        agreement=agreement,
        pages=[
            _picture(case, agreement.presented, number) for number in range(agreement.presented.pages or 0)
        ],
        text=agreements.text(agreement, actor=actor, purpose=PURPOSE, now=now),
        turns=[_turn(row, person, turn) for row in rows],
        copy_url=reverse("portal:copy", args=[case.public_id, agreement.presented.public_id]),
        sealed_url=_sealed(case, agreement),
        is_mine=is_open and turn is not None and turn.person_id == person.pk,
        is_waiting=is_open and turn is None,
    )


def statement(agreement: Agreement, name: str) -> str:
    """The very words of signing, in the contract's language."""
    reference, sha256 = agreement.attempt.case.reference, agreement.presented.sha256
    return words.intent(name, reference, sha256, agreement.language)


# -- how


def _picture(case: Case, file: File, number: int) -> dict[str, Any]:
    return {
        "src": reverse("portal:page-image", args=[case.public_id, file.public_id, number]),
        "alt": _("Page %(page)d of the contract; the same words stand below as text") % {"page": number + 1},
    }


def _sealed(case: Case, agreement: Agreement) -> str:
    file = agreement.sealed
    return reverse("portal:copy", args=[case.public_id, file.public_id]) if file else ""


def _turn(row: Signatory, person: Person, turn: Signatory | None) -> Turn:
    said = _("You") if row.person_id == person.pk else _("Signatory %(n)d") % {"n": row.position}
    if row.signed_at:
        return Turn(said, "good", _("has signed"), row.signed_at)
    if row.declined_at:
        return Turn(said, "bad", _("has declined"), row.declined_at)
    if turn is not None and turn.pk == row.pk:
        return Turn(said, "wait", _("is next"), None)
    return Turn(said, "", _("signs later"), None)
