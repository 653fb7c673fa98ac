"""Somebody of the company confirms that an applicant acts for it: step kind `vouch`.

Who is asked are the administrators whom we know of that company, found by its exact fiscal code and never by name; the
first who answers decides. Where nobody is known, or nobody answers `within` the step's time, its outcome is `late`, and
the journey says who looks then. An applicant learns that somebody is asked, never who.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db.models import Q, QuerySet

from pridvor.accounts.sight import whole
from pridvor.cases import actions, rights, store
from pridvor.cases.actions import Refused
from pridvor.cases.models import Attempt, Case, Event, Membership
from pridvor.clients.models import Person
from pridvor.lib.actor import Actor, machine

ME = machine("vouching")
SALT = "pridvor.cases.vouching"
PURPOSE = "vouch for an applicant"
ANSWERS = ("confirmed", "refused")


@dataclass(frozen=True)
class Asked:
    """A question to one administrator that can still be answered."""

    attempt: Attempt
    administrator: Person

    @property
    def case(self) -> Case:
        return self.attempt.case


@whole()
def ask(event: Event, *, now: datetime) -> None:
    """This will note whom the step asks, or end it as `late` where nobody is known. It may run twice."""
    attempt = _open(event.case_id, str(event.data["step"]))
    if attempt is None or Event.objects.filter(
        case=attempt.case_id, kind="vouch.asked", data__attempt=attempt.pk
    ):
        return
    known = administrators(attempt.case)
    if not known:
        actions.complete(attempt, "late", actor=ME, now=now)
        return
    said = [
        ("vouch.asked", {"step": attempt.key, "attempt": attempt.pk, "person": str(one.subject)})
        for one in known
    ]
    store.record(attempt.case_id, said, actor=ME, now=now)


@whole()
def administrators(case: Case) -> list[Person]:
    """Who may speak for the company: who brought it to a good end with us, and colleagues whom they made administrator."""
    number = Q(client=case.client)
    if case.client.cui:
        number |= Q(client__cui=case.client.cui, client__country=case.client.country)
    if case.client.vat:
        number |= Q(client__vat=case.client.vat)
    won = Case.objects.filter(number, goal=True).exclude(pk=case.pk)
    colleagues = Membership.objects.filter(case__in=won, role=rights.ADMINISTRATOR).values("person")
    found = Person.objects.filter(
        Q(pk__in=won.values("person")) | Q(pk__in=colleagues), confirmed_at__isnull=False
    )
    return list(found.exclude(pk=case.person_id).order_by("pk"))


def token(attempt_id: int, administrator: Person) -> str:
    """What the link in the administrator's mail carries: signed, and good while the question is open."""
    return signing.dumps([attempt_id, administrator.pk], salt=SALT)


class NotWhole(Exception):
    """The link is not as we sent it: cut off by a mail program, or changed."""


@whole()
def by_token(signed: str) -> Asked | None:
    """The question that a link is about, while it can be answered by whom it was sent to. Raises NotWhole."""
    try:
        attempt_id, person_id = signing.loads(signed, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise NotWhole from None
    attempt = _rows().filter(pk=attempt_id, status="open", case__state="open").first()
    person = Person.objects.filter(pk=person_id).first()
    if attempt is None or person is None or person not in administrators(attempt.case):
        return None
    return Asked(attempt, person)


@whole()
def applicant(asked: Asked, *, now: datetime) -> dict[str, str]:
    """This will log the look and return name and address of who asks: `contact_name`, `email`."""
    actor = Actor("client", str(asked.administrator.subject))
    return actions.reveal(asked.case, ("contact_name", "email"), actor=actor, purpose=PURPOSE, now=now)


@whole()
def answer(asked: Asked, outcome: str, *, actor: Actor, now: datetime) -> None:
    """This will end the step as the administrator says. Raises Refused once somebody else has answered."""
    if outcome not in ANSWERS:
        raise Refused("no-such-outcome")
    actions.complete(asked.attempt, outcome, actor=actor, now=now)


def is_waiting(case: Case) -> bool:
    """Whether an administrator is asked at this moment."""
    return Attempt.objects.filter(case=case, kind="vouch", status="open").exists()


# -- how


def _rows() -> QuerySet[Attempt]:
    return Attempt.objects.select_related("case__client", "case__person", "case__journey_version")


def _open(case_id: int, step: str) -> Attempt | None:
    return _rows().filter(case_id=case_id, key=step, status="open").first()
