"""What is kept of a person besides the vault: codes, sessions, and for which client they act."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from pridvor.clients.models import Asking, Contact, Passkey, Person, SignIn
from pridvor.lib.actor import Actor

CODES = timedelta(days=1)  # longer than any limit looks back


@transaction.atomic
def shred(person: Person, *, actor: Actor, now: datetime) -> int:
    """This will remove sign-in codes, passkeys and contacts of the person, and end their sessions. Returns how many there were."""
    codes = SignIn.objects.filter(person=person).delete()[0]
    contacts = Contact.objects.filter(person=person).delete()[0]
    keys = Passkey.objects.filter(person=person).delete()[0]
    return codes + contacts + keys + _end_sessions(person)


def expire(*, now: datetime) -> int:
    """This will remove codes and sessions whose time is long over, and return how many."""
    codes = SignIn.objects.filter(expires_at__lt=now - CODES).delete()[0]
    codes += Asking.objects.filter(since__lt=now - CODES).delete()[0]
    return codes + Session.objects.filter(expire_date__lt=now).delete()[0]


def _end_sessions(person: Person) -> int:
    """Sessions say whose they are only inside; there are as many as people signed in within half a day."""
    mine = [
        row.pk for row in Session.objects.iterator() if row.get_decoded().get("person") == str(person.subject)
    ]
    return Session.objects.filter(pk__in=mine).delete()[0]
