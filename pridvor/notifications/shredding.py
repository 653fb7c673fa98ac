"""Mail to a person whose data is erased: what is owed is not sent, and what the demo's mailbox holds is removed."""

from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction

from pridvor.clients import actions as clients
from pridvor.clients.models import Person
from pridvor.lib.actor import Actor
from pridvor.notifications import queries
from pridvor.notifications.models import Message, MessageState, SandboxMail


@transaction.atomic
def shred(person: Person, *, actor: Actor, now: datetime) -> int:
    """This will suppress mail that is still owed to the person, and return how many there were."""
    owed = Message.objects.filter(recipient=person.subject, state=MessageState.QUEUED)
    count = owed.update(state=MessageState.SUPPRESSED, code="erased", next_at=None)
    return count + (_empty_mailbox(person, actor=actor, now=now) if settings.DEMO else 0)


def _empty_mailbox(person: Person, *, actor: Actor, now: datetime) -> int:
    address = clients.email_of(person, actor=actor, purpose="erase the demo's mails", now=now)
    mine = [
        mail.id
        for mail in queries.sandbox_mail(limit=10_000)
        if address and parseaddr(mail.to)[1].casefold() == address.casefold()
    ]
    return SandboxMail.objects.filter(public_id__in=mine).delete()[0]
