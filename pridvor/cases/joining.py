"""A second person of one company: asks to be let in to the first one's case, and sees nothing of it until somebody agrees.

Codes of CannotJoin: `asked-too-often`, `refused-before`, `decided-already`, `too-late`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet

from pridvor.accounts.sight import whole
from pridvor.cases import store
from pridvor.cases.models import Case, JoinRequest, Membership
from pridvor.clients import actions as clients
from pridvor.clients.models import Person
from pridvor.lib.actor import Actor

LASTS = timedelta(days=7)  # the link in the applicant's mail
A_DAY = 3  # requests of one person
SALT = "pridvor.cases.joining"


class CannotJoin(Exception):
    """The request is not taken, or not decided any more; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@whole()
def taken(company: Mapping[str, str], person: Person) -> Case | None:
    """The newest case of the company with this number that is under way or was won, if it is not this person's."""
    number = Q()
    if company.get("cui"):
        number |= Q(client__cui=company["cui"], client__country=company["country"])
    if company.get("vat"):
        number |= Q(client__vat=company["vat"])
    if not number:
        return None
    found = Case.objects.filter(number, is_test=False).filter(Q(state="open") | Q(goal=True))
    if found.filter(Q(person=person) | Q(memberships__person=person)).exists():
        return None
    return found.select_related("client", "person", "journey_version").order_by("-opened_at").first()


@whole()
@transaction.atomic
def ask(case: Case, person: Person, role: str, *, of: str, actor: Actor, now: datetime) -> JoinRequest:
    """This will ask the applicant, or the staff, to let somebody in. Asked twice, it is one request. Raises CannotJoin."""
    clients.hold(person)
    mine = JoinRequest.objects.filter(person=person)
    open_one = mine.filter(case=case, of=of, state="asked", expires_at__gt=now).first()
    if open_one:
        return open_one
    if mine.filter(case=case, of=of, state="refused").exists():
        raise CannotJoin("refused-before")
    if mine.filter(asked_at__gt=now - timedelta(days=1)).count() >= A_DAY:
        raise CannotJoin("asked-too-often")
    mine.filter(case=case, of=of, state="asked").update(
        state="refused", decided_by="machine:clock", decided_at=now
    )
    row = JoinRequest.objects.create(
        case=case, person=person, role=role, of=of, asked_at=now, expires_at=now + LASTS
    )
    store.record(case.pk, [("join.asked", {"request": str(row.public_id), "of": of})], actor=actor, now=now)
    return row


@transaction.atomic
def approve(request: JoinRequest, role: str, *, actor: Actor, now: datetime) -> None:
    """This will let the person in to this one case, as a contact of its client. Raises CannotJoin."""
    row = _decide(request, "approved", actor, now)
    Membership.objects.update_or_create(
        case=row.case, person=row.person, defaults={"role": role, "by": str(actor), "at": now}
    )
    clients.join(row.case.client, row.person, role, now=now)
    said = {"request": str(row.public_id), "role": role}
    store.record(row.case_id, [("join.approved", said)], actor=actor, now=now)


@transaction.atomic
def refuse(request: JoinRequest, *, actor: Actor, now: datetime) -> None:
    """This will keep the person out; they are told, and learn nothing else. Raises CannotJoin."""
    row = _decide(request, "refused", actor, now)
    store.record(row.case_id, [("join.refused", {"request": str(row.public_id)})], actor=actor, now=now)


def token(request: JoinRequest) -> str:
    """What the link in the applicant's mail carries: signed; good once, and until the request expires."""
    return signing.dumps(str(request.public_id), salt=SALT)


@whole()
def by_token(signed: str, now: datetime) -> JoinRequest | None:
    """The request that a link is about, while it can be decided."""
    try:
        public_id = UUID(signing.loads(signed, salt=SALT))
    except (signing.BadSignature, ValueError):
        return None
    return _open().filter(public_id=public_id, of="applicant", expires_at__gt=now).first()


def for_staff() -> list[JoinRequest]:
    """What waits for one of the staff, the oldest first."""
    return list(_open().filter(of="staff").order_by("asked_at"))


def request(public_id: UUID | str) -> JoinRequest | None:
    """Whatever has become of it."""
    return _rows().filter(public_id=public_id).first()


# -- how


def _rows() -> QuerySet[JoinRequest]:
    return JoinRequest.objects.select_related(
        "case__client", "case__person", "case__journey_version", "person"
    )


def _open() -> QuerySet[JoinRequest]:
    return _rows().filter(state="asked")


def _decide(request: JoinRequest, state: str, actor: Actor, now: datetime) -> JoinRequest:
    """The case before its rows, as every verb does."""
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=request.case_id)
    row = _rows().select_for_update(of=("self",)).get(pk=request.pk)
    if row.state != "asked":
        raise CannotJoin("decided-already")
    if row.of == "applicant" and row.expires_at <= now:
        raise CannotJoin("too-late")
    row.state, row.decided_by, row.decided_at = state, str(actor), now
    row.save(update_fields=["state", "decided_by", "decided_at"])
    return row
