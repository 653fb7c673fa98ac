"""Contracts that are signed online, as the desk sees them: who signs, how far each is, what the seal shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from pridvor.cases.models import Case
from pridvor.documents import agreements
from pridvor.documents.models import Agreement, Signatory
from pridvor.lib.actor import Actor


@dataclass(frozen=True)
class Row:
    """One signatory: the name they typed, once they have signed."""

    words: str
    kind: str
    state: str
    at: datetime | None
    reason: str


@dataclass(frozen=True)
class Panel:
    """One contract with its signatories, its files, and what keeps it from being sealed."""

    title: str
    rows: Sequence[Row]
    files: Sequence[Mapping[str, str]]
    seal: str
    waits: str


def panels(case: Case, *, actor: Actor, purpose: str, language: str, now: datetime) -> list[Panel]:
    """Every contract of the case; each look at what signatories gave is logged first."""
    return [
        _panel(case, agreement, actor=actor, purpose=purpose, language=language, now=now)
        for agreement in agreements.of_case(case)
    ]


def _panel(
    case: Case, agreement: Agreement, *, actor: Actor, purpose: str, language: str, now: datetime
) -> Panel:
    given = agreements.said(agreement, actor=actor, purpose=purpose, now=now)
    turn = agreements.next_signatory(agreement) if agreement.attempt.status == "open" else None
    step = case.journey.steps[agreement.attempt.step]
    return Panel(
        title=case.journey.text(step.title, language) or step.key,
        rows=[_row(row, given.get(row.position, {}), turn) for row in agreement.signatories.all()],
        files=_files(case, agreement),
        seal=_seal(agreement.facts) if agreement.sealed_id else "",
        waits=_waits(agreement.waits_for),
    )


def _row(row: Signatory, given: Mapping[str, Any], turn: Signatory | None) -> Row:
    said = str(given.get("name") or _("Signatory %(n)d") % {"n": row.position})
    if row.signed_at:
        return Row(said, "good", _("has signed"), row.signed_at, "")
    if row.declined_at:
        return Row(said, "bad", _("has declined"), row.declined_at, str(given.get("reason", "")))
    if turn is not None and turn.pk == row.pk:
        return Row(said, "wait", _("has looked at it") if row.seen_at else _("is next"), row.seen_at, "")
    return Row(said, "", _("signs later"), None, "")


def _files(case: Case, agreement: Agreement) -> list[dict[str, str]]:
    named = [(_("The contract as it was shown"), agreement.presented)]
    named += [(_("The signed and sealed contract"), agreement.sealed)] if agreement.sealed else []
    return [
        {
            "title": title,
            "url": reverse("desk:copy", args=[case.public_id, file.public_id]),
            "sha256": file.sha256,
        }
        for title, file in named
    ]


def _seal(facts: Mapping[str, Any]) -> str:
    """What the seal shows, and no more."""
    if facts.get("own"):
        said = _(
            "Sealed by this installation's own certificate: nothing has changed since; nobody else confirms who sealed it."
        )
    else:
        said = _("Sealed by %(subject)s, certificate issued by %(issuer)s.") % facts
    return (
        f"{said} {_('It carries a timestamp.') if facts.get('timestamp') else _('It carries no timestamp.')}"
    )


def _waits(code: str) -> str:
    if not code:
        return ""
    return {
        "tsa-down": _(
            "Everybody has signed. The timestamp authority does not answer; sealing is tried again."
        ),
        "tsa-address": _(
            "Everybody has signed. The address of the timestamp authority may not be called: see PRIDVOR_TSA."
        ),
    }.get(code, _("Everybody has signed. The timestamp authority gave no timestamp; sealing is tried again."))
