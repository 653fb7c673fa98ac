"""What a case keeps of a person besides what the vault seals: drafts, credentials, an open registration."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from pridvor.cases import actions as cases
from pridvor.cases import secrets
from pridvor.cases.models import (
    Approver,
    Case,
    CaseState,
    Delegation,
    Draft,
    JoinRequest,
    Membership,
    Secret,
)
from pridvor.clients.models import Person
from pridvor.lib.actor import Actor


@transaction.atomic
def shred(person: Person, *, actor: Actor, now: datetime) -> int:
    """This will end the person's open registrations, and remove drafts, credentials and what lets them in elsewhere."""
    count = 0
    for case in Case.objects.filter(person=person).order_by("pk"):
        if case.state == CaseState.OPEN:
            with suppress(cases.Refused):
                cases.withdraw(case, actor=actor, now=now)
        ended = secrets.end(secrets.live(case), Secret.Fate.DESTROYED, actor=actor, now=now)
        secrets.record_end(case, ended, "secret.destroyed", actor=actor, now=now)
        count += len(ended) + Draft.objects.filter(case=case).delete()[0]
    count += Membership.objects.filter(person=person).delete()[0]
    count += Delegation.objects.filter(person=person).delete()[0]
    count += Approver.objects.filter(person=person).delete()[0]
    return count + JoinRequest.objects.filter(person=person).delete()[0]
