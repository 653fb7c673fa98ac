"""Looking at a client's pages as the client, to help them: read-only, with a reason, for half an hour, and never unseen.

The door keeps the visit in the session of whoever looks. The case's ledger says that it happened, the access ledger
says so and each value that was read, the client reads it on their page and is written to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from pridvor.accounts import policy
from pridvor.accounts.models import Staff
from pridvor.cases import actions
from pridvor.cases.models import Case
from pridvor.clients import actions as clients
from pridvor.lib.actor import Actor

LASTS = timedelta(minutes=30)
SHOWN = timedelta(days=7)  # how long the reason stands on the client's page; in the ledger it stays
ABILITY = "client.impersonate"
KEY = "support"  # in the session of whoever looks
LOOKED = "support.looked"
STEP = "support"  # under which the reason is kept with the case's notes


@dataclass(frozen=True)
class Visit:
    """Somebody of the staff on the pages of one case, as its applicant sees them."""

    case: UUID
    person: UUID  # the applicant's subject
    until: datetime


@transaction.atomic
def begin(case: Case, why: str, *, actor: Actor, now: datetime) -> Visit:
    """This will note that somebody looks at the case as its applicant does, and why; the client is told."""
    ref = actions.keep_note(case, STEP, 0, why, actor=actor, now=now)
    clients.note_look(case.subject, [STEP], actor=actor, purpose=LOOKED, now=now, case=case.reference)
    said = {"reasons": [{"note_ref": str(ref)}], "until": (now + LASTS).isoformat()}
    actions.record(case, LOOKED, actor=actor, now=now, data=said)
    return Visit(case.public_id, case.person.subject, now + LASTS)


def kept(visit: Visit) -> dict[str, str]:
    """The visit as a session keeps it."""
    return {"case": str(visit.case), "person": str(visit.person), "until": visit.until.isoformat()}


def standing(session: Mapping[str, Any], user: object, *, now: datetime) -> Visit | None:
    """The visit that this session is on, while it lasts and whoever looks still may."""
    told = session.get(KEY)
    if not told or not isinstance(user, Staff) or not policy.may(user, ABILITY):
        return None
    visit = Visit(UUID(told["case"]), UUID(told["person"]), datetime.fromisoformat(told["until"]))
    return visit if now < visit.until else None


def path(case: Case) -> str:
    """Where a visit to this case begins."""
    return f"/cases/{case.public_id}/support/"


def reasons(case: Case, *, now: datetime) -> list[dict[str, str]]:
    """Why somebody looked within the last days, as references to the sealed sentences (see actions.read_notes)."""
    lately = case.events.filter(kind=LOOKED, at__gt=now - SHOWN).order_by("id")
    return [reason for event in lately for reason in event.data["reasons"]]
