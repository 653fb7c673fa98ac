"""Breaches of personal data: opened by the watch or by a person, judged within 72 hours (GDPR Art. 33(1)), closed.

Whom to tell is a person's decision; the software keeps the time, the persons affected, and what was noted.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.accounts.models import Role, Staff
from pridvor.lib import ids
from pridvor.lib.actor import Actor
from pridvor.notifications import actions as notifications
from pridvor.privacy import ledger
from pridvor.privacy.models import Affected, Incident, IncidentNote
from pridvor.ui import dates
from pridvor.vault import actions as vault
from pridvor.vault import queries as vault_queries

TOLD_WITHIN = timedelta(hours=72)
WATCHERS = (Role.AUDITOR, Role.ADMINISTRATOR, Role.SECURITY)
LONGEST = 4000  # characters of a note
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute (OWASP, CSV injection)
KINDS = {
    Incident.Kind.MASS: gettext_lazy("One member of staff looked at many clients within an hour"),
    Incident.Kind.NIGHT: gettext_lazy("Copies of documents were taken at night"),
    Incident.Kind.FOREIGN: gettext_lazy("A member of staff looked at cases that are not their work"),
    Incident.Kind.REPORTED: gettext_lazy("A breach was reported"),
}
DECISIONS = {
    Incident.Decision.AUTHORITY: gettext_lazy("The authority is told"),
    Incident.Decision.PERSONS: gettext_lazy("The authority and the persons are told"),
    Incident.Decision.NO_RISK: gettext_lazy("Nobody is told: a risk to the persons is unlikely"),
}


class NotNow(Exception):
    """The incident is closed, or was not decided yet."""


class NoReason(Exception):
    """A decision must say why."""


@dataclass(frozen=True)
class Touched:
    """What an incident touched of one person."""

    subject: UUID
    fields: tuple[str, ...]
    cases: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    looks: int


@dataclass(frozen=True)
class Said:
    """A note with its words, as revealed for one look."""

    note: IncidentNote
    text: str


@transaction.atomic
def find(
    kind: str,
    cause: str,
    *,
    staff: Staff | None,
    figures: Mapping[str, Any],
    touched: Iterable[Touched],
    actor: Actor,
    now: datetime,
) -> tuple[Incident, bool]:
    """This will open the incident of a cause, or add to it what has come since. Returns it, and whether it is new."""
    found = list(touched)
    began = min((one.first_at for one in found), default=now)
    known = Incident.objects.select_for_update().filter(cause=cause).first()
    if known is None:
        incident = _open(kind, cause, staff=staff, began_at=began, actor=actor, now=now)
    else:
        incident = known
    Incident.objects.filter(pk=incident.pk).update(figures=dict(figures))
    for one in found:
        said = {
            "fields": list(one.fields),
            "cases": list(one.cases),
            "first_at": one.first_at,
            "last_at": one.last_at,
            "looks": one.looks,
        }
        Affected.objects.update_or_create(incident=incident, subject=one.subject, defaults=said)
    return incident, known is None


@transaction.atomic
def report(words: str, *, author: Staff, now: datetime) -> Incident:
    """This will open an incident that a person tells of. Raises NoReason without a word."""
    if not words.strip():
        raise NoReason
    cause = f"reported:{ids.uuid7()}"
    incident = _open(Incident.Kind.REPORTED, cause, staff=None, began_at=now, actor=author.actor, now=now)
    note(incident, words, author=author, now=now)
    return incident


@transaction.atomic
def note(incident: Incident, words: str, *, author: Staff, now: datetime) -> IncidentNote:
    """This will keep what was found out or done, sealed. Raises NoReason without a word, NotNow once it is closed."""
    if not words.strip():
        raise NoReason
    if Incident.objects.select_for_update().get(pk=incident.pk).closed_at:
        raise NotNow
    ref = vault.put(incident.subject, {"incident_note": words.strip()[:LONGEST]}, now=now)["incident_note"]
    row = IncidentNote.objects.create(incident=incident, ref=ref, author=author, at=now)
    ledger.record("incident.noted", incident.public_id, actor=author.actor, now=now)
    return row


@transaction.atomic
def decide(incident: Incident, decision: str, why: str, *, author: Staff, now: datetime) -> None:
    """This will note who is told and why; it can be decided anew until it is closed. Raises NoReason, NotNow."""
    note(incident, why, author=author, now=now)
    chosen = Incident.Decision(decision)
    if chosen == Incident.Decision.NONE:
        raise NoReason
    Incident.objects.filter(pk=incident.pk).update(
        decision=chosen, decided_at=now, decided_by=str(author.actor)
    )
    ledger.record("incident.decided", incident.public_id, actor=author.actor, now=now, decision=str(chosen))


@transaction.atomic
def close(incident: Incident, *, author: Staff, now: datetime) -> None:
    """This will close a decided incident: nothing is added any more. Raises NotNow."""
    open_one = Incident.objects.filter(pk=incident.pk, closed_at=None).exclude(decision="")
    if not open_one.update(closed_at=now):
        raise NotNow
    ledger.record("incident.closed", incident.public_id, actor=author.actor, now=now)


# -- reads


def incident(public_id: UUID) -> Incident | None:
    return Incident.objects.select_related("staff").filter(public_id=public_id).first()


def listed(most: int = 200) -> list[Incident]:
    """Open ones first, the most urgent above; then the closed ones, the newest first."""
    rows = list(Incident.objects.select_related("staff").order_by("-id")[:most])
    open_ones = sorted((row for row in rows if not row.closed_at), key=lambda row: row.due_at)
    return [*open_ones, *(row for row in rows if row.closed_at)]


def notes(incident: Incident, *, actor: Actor, now: datetime) -> list[Said]:
    """This will log the look and return the notes, oldest first."""
    rows = list(incident.notes.select_related("author"))
    words = vault.reveal([row.ref for row in rows], actor=actor, purpose="judge an incident", now=now)
    return [Said(row, words[row.ref]) for row in rows if row.ref in words]


def in_use(refs: Iterable[UUID]) -> set[UUID]:
    """Of these value ids, the ones that a note refers to."""
    return set(IncidentNote.objects.filter(ref__in=list(refs)).values_list("ref", flat=True))


def persons_csv(incident: Incident, *, actor: Actor, now: datetime) -> str:
    """This will log the looks and return the persons affected, with their addresses, as a table that computes nothing."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["subject", "name", "e-mail", "fields", "cases", "first", "last", "looks"])
    for row in incident.affected.all():
        name, email = _address(row.subject, actor=actor, now=now)
        table.writerow(
            _safe(cell)
            for cell in (
                str(row.subject),
                name,
                email,
                " ".join(row.fields),
                " ".join(row.cases),
                row.first_at.isoformat(),
                row.last_at.isoformat(),
                str(row.looks),
            )
        )
    return out.getvalue()


# -- how


def _open(
    kind: str, cause: str, *, staff: Staff | None, began_at: datetime, actor: Actor, now: datetime
) -> Incident:
    row = Incident.objects.create(
        kind=Incident.Kind(kind),
        cause=cause,
        subject=vault.new_subject(now=now),
        staff=staff,
        began_at=began_at,
        aware_at=now,
        due_at=now + TOLD_WITHIN,
    )
    ledger.record("incident.opened", row.public_id, actor=actor, now=now, what=str(kind))
    watching = Staff.objects.filter(is_active=True, role__in=WATCHERS)
    for one in watching.exclude(pk=staff.pk) if staff else watching:
        with translation.override(one.language):
            context = {
                "what": _("%(what)s.") % {"what": KINDS[Incident.Kind(kind)]},
                "due": dates.said(row.due_at),
                "path": f"/oversight/incidents/{row.public_id}/",
            }
        notifications.owe_staff(
            one, "incident", cause=f"incident:{row.pk}:{one.pk}", now=now, context=context
        )
    return row


def _address(subject: UUID, *, actor: Actor, now: datetime) -> tuple[str, str]:
    """Name and address as they were given last; nothing of who was erased."""
    wanted: dict[str, UUID] = {}
    for ref, field in sorted(vault_queries.fields(subject).items()):
        if field in ("contact_name", "email"):
            wanted[field] = ref
    values = vault.reveal(wanted.values(), actor=actor, purpose="tell persons of a breach", now=now)
    said = {field: values.get(ref, "") for field, ref in wanted.items()}
    return said.get("contact_name", ""), said.get("email", "")


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
