"""What people ask for and how it goes on: a copy is made and fetched; an erasure is assessed, decided and carried out.

An erasure that no rule stands against is decided at once; otherwise a person decides, within a month (Art. 12(3)). The
letter leaves before the key goes: without the key nobody knows the address any more.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from procrastinate.contrib.django import app

from pridvor.accounts import sight
from pridvor.accounts.models import Role, Staff
from pridvor.clients import actions as clients
from pridvor.clients.models import Person
from pridvor.lib.actor import Actor, machine
from pridvor.notifications import actions as notifications
from pridvor.notifications.models import Message, MessageState
from pridvor.privacy import erasing, exporting, ledger, rules
from pridvor.privacy.models import Request
from pridvor.ui import dates
from pridvor.vault import queries as vault

State = Request.State
QUEUE, COPY = "documents", "privacy.make_copy"
FETCHED_WITHIN = timedelta(days=7)
LETTER_WITHIN = timedelta(days=1)  # an erasure waits no longer for its letter to leave
WARN = timedelta(days=7)  # before the month is over
DECIDERS = (Role.COMPLIANCE, Role.ADMINISTRATOR)


class Already(Exception):
    """This person has asked for it, and it is on its way."""


class NotNow(Exception):
    """The request is past what was wanted of it."""


@transaction.atomic
def ask_copy(person: Person, *, language: str, actor: Actor, now: datetime) -> Request:
    """This will ask for a copy of everything that is kept of a person. Raises Already."""
    request = _ask(person, Request.Kind.EXPORT, language=language, actor=actor, now=now)
    app.configure_task(COPY, queue=QUEUE).defer(request=request.pk)
    return request


def make_copy(request: Request, *, now: datetime) -> None:
    """This will make the copy and owe the mail that says so; one that was made already is nothing new."""
    request = Request.objects.select_related("person").get(pk=request.pk)
    if request.state != State.ASKED or request.kind != Request.Kind.EXPORT:
        return
    size = exporting.make(request, now=now)
    with transaction.atomic():
        until = now + FETCHED_WITHIN
        asked = Request.objects.filter(pk=request.pk, state=State.ASKED)
        asked.update(state=State.READY, size=size, until=until, decided_at=None)
        ledger.record("copy.made", request.public_id, actor=exporting.ME, now=now, bytes=size)
        notifications.owe_person(
            request.person,
            "copy-ready",
            cause=f"copy:{request.pk}",
            now=now,
            context={"path": "/privacy/copy/"},
            language=request.language,
        )


@transaction.atomic
def fetched(request: Request, *, actor: Actor, now: datetime) -> None:
    """This will note that the copy is handed out, in both ledgers. Raises NotNow."""
    if request.state != State.READY or request.until is None or request.until <= now:
        raise NotNow
    purpose = "fetch the copy of one's own data"
    clients.note_look(request.person.subject, ["export"], actor=actor, purpose=purpose, now=now)
    ledger.record("copy.fetched", request.public_id, actor=actor, now=now)


@transaction.atomic
def ask_erasure(person: Person, *, language: str, actor: Actor, now: datetime) -> Request:
    """This will ask for the erasure of a person's data; it is decided at once when nothing must be kept. Raises Already."""
    request = _ask(person, Request.Kind.ERASURE, language=language, actor=actor, now=now)
    with sight.whole():  # whoever asks, every case of theirs counts, and the rules decide, not the person
        found = erasing.assess(person, today=now.date())
        if found.outcome == Request.Outcome.WHOLE:
            return decide(request, actor=machine("privacy"), now=now)
    return request


@transaction.atomic
def decide(request: Request, *, actor: Actor, now: datetime) -> Request:
    """This will decide an erasure as the rules assess it today, and owe the letter. Raises NotNow."""
    request = Request.objects.select_for_update(of=("self",)).select_related("person").get(pk=request.pk)
    if request.state != State.ASKED or request.kind != Request.Kind.ERASURE:
        raise NotNow
    found = erasing.assess(request.person, today=now.date())
    request.state, request.outcome, request.decided_at = State.DECIDED, found.outcome, now
    request.decided_by = str(actor)
    request.facts = {**erasing.tell(found), "cases": erasing.references(request.person), "told": []}
    request.save()
    ledger.record("erasure.decided", request.public_id, actor=actor, now=now, outcome=str(found.outcome))
    notifications.owe_person(
        request.person,
        "erasure-decided",
        cause=_letter_cause(request),
        now=now,
        context={"path": letter_path(request), "outcome": str(found.outcome)},
        language=request.language,
    )
    return request


@transaction.atomic
def withdraw(request: Request, *, actor: Actor, now: datetime) -> None:
    """This will end a request that the person takes back before it is decided. Raises NotNow."""
    asked = Request.objects.filter(pk=request.pk, state=State.ASKED)
    if not asked.update(state=State.WITHDRAWN, over_at=now):
        raise NotNow
    ledger.record("request.withdrawn", request.public_id, actor=actor, now=now)


def carry_out(*, now: datetime, limit: int = 50) -> int:
    """This will erase for those whose letter has left, or waited for a day. Returns how many."""
    decided = Request.objects.filter(state=State.DECIDED, kind=Request.Kind.ERASURE).select_related("person")
    ready = [request for request in decided.order_by("id")[:limit] if _letter_has_left(request, now)]
    for request in ready:
        _erase(request, now=now)
    return len(ready)


@transaction.atomic
def told(request: Request, peer: str, *, actor: Actor, now: datetime) -> None:
    """This will note that somebody had the data erased in an outside system, which we cannot do. Raises NotNow."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    if peer not in request.facts.get("outside", []) or peer in request.facts["told"]:
        raise NotNow
    request.facts["told"] = [*request.facts["told"], peer]
    request.save(update_fields=["facts"])
    ledger.record("outside.told", request.public_id, actor=actor, now=now, peer=peer)


def end_copies(*, now: datetime) -> int:
    """This will remove copies that were not fetched in time, or were for long enough. Returns how many."""
    late = list(Request.objects.filter(state=State.READY, until__lte=now).select_related("person"))
    for request in late:
        exporting.remove(request)
        Request.objects.filter(pk=request.pk).update(state=State.OVER, over_at=now)
        ledger.record("copy.removed", request.public_id, actor=exporting.ME, now=now)
    return len(late)


def shred(person: Person, *, actor: Actor, now: datetime) -> int:
    """This will remove the copies that were made for a person who is erased. Returns how many there were."""
    copies = Request.objects.filter(person=person, kind=Request.Kind.EXPORT)
    for request in (made := list(copies.filter(state=State.READY).select_related("person"))):
        exporting.remove(request)
    copies.filter(state__in=[State.ASKED, State.READY]).update(state=State.OVER, over_at=now)
    return len(made)


def warn(*, now: datetime) -> int:
    """This will tell those who decide of requests whose month is nearly over, each once. Returns how many mails."""
    due = waiting().filter(due_at__lte=now + WARN)
    return sum(_warn(request, staff, now) for request in due for staff in _deciders())


# -- reads


def waiting() -> QuerySet[Request]:
    """Erasures that a person has to decide, the most urgent first."""
    asked = Request.objects.filter(kind=Request.Kind.ERASURE, state=State.ASKED)
    return asked.select_related("person").order_by("due_at")


def recent(most: int = 200) -> list[Request]:
    return list(Request.objects.select_related("person").order_by("-id")[:most])


def request(public_id: UUID) -> Request | None:
    return Request.objects.select_related("person").filter(public_id=public_id).first()


def by_letter(letter: UUID) -> Request | None:
    """The decided erasure whose letter has this address."""
    rows = Request.objects.select_related("person").exclude(outcome="")
    return rows.filter(letter=letter).first()


def latest(person: Person, kind: str) -> Request | None:
    """What a person asked for last."""
    return Request.objects.select_related("person").filter(person=person, kind=kind).first()


def letter_path(request: Request) -> str:
    return f"/privacy/letters/{request.letter}/"


# -- how


def _ask(person: Person, kind: str, *, language: str, actor: Actor, now: datetime) -> Request:
    clients.hold(person)
    under_way = Request.objects.filter(person=person, kind=kind, state__in=[State.ASKED, State.DECIDED])
    if under_way.exists() or not vault.alive([person.subject]):
        raise Already
    due = datetime.combine(rules.months_after(now.date(), 1), now.timetz())
    request = Request.objects.create(person=person, kind=kind, language=language, asked_at=now, due_at=due)
    ledger.record(f"{kind}.asked", request.public_id, actor=actor, now=now)
    return request


def _letter_cause(request: Request) -> str:
    """One letter for each decision: what is decided anew is written anew."""
    assert request.decided_at is not None, "only decided requests have a letter"
    return f"erasure:{request.pk}:{request.decided_at.isoformat()}"


def _letter_has_left(request: Request, now: datetime) -> bool:
    if request.decided_at and request.decided_at + LETTER_WITHIN <= now:
        return True
    return Message.objects.filter(cause=_letter_cause(request)).exclude(state=MessageState.QUEUED).exists()


def _erase(request: Request, *, now: datetime) -> None:
    me, person = machine("privacy"), request.person
    found = erasing.assess(person, today=now.date())
    if request.outcome == Request.Outcome.WHOLE and found.kept:
        _hold_back(request, found, now=now)
        return
    removed: dict[str, int] = {}
    if request.outcome == Request.Outcome.WHOLE:
        removed = erasing.erase_wholly(person, actor=me, reason=f"asked for: {request.public_id}", now=now)
    elif request.outcome == Request.Outcome.PARTIAL:
        removed = erasing.erase_partly(person, found, actor=me, now=now)
    with transaction.atomic():
        Request.objects.filter(pk=request.pk).update(
            state=State.OVER, over_at=now, facts={**request.facts, "removed": removed}
        )
        ledger.record("erasure.done", request.public_id, actor=me, now=now, removed=removed)


@transaction.atomic
def _hold_back(request: Request, found: erasing.Assessment, *, now: datetime) -> None:
    """Between letter and erasure something came that must be kept (a contract was made): a person decides anew."""
    none = Request.Outcome.NONE
    back = Request.objects.filter(pk=request.pk, state=State.DECIDED)
    back.update(state=State.ASKED, outcome=none, decided_at=None, decided_by="", facts={})
    kept = [one.category for one in found.kept]
    ledger.record("erasure.held", request.public_id, actor=machine("privacy"), now=now, kept=kept)


def _deciders() -> Iterable[Staff]:
    return Staff.objects.filter(is_active=True, role__in=DECIDERS)


def _warn(request: Request, staff: Staff, now: datetime) -> int:
    with translation.override(staff.language):
        due = dates.said(request.due_at, "day")
    context = {"due": due, "path": f"/oversight/privacy/{request.public_id}/"}
    cause = f"privacy-due:{request.pk}:{staff.pk}"
    return int(
        notifications.owe_staff(staff, "privacy-due", cause=cause, now=now, context=context) is not None
    )
