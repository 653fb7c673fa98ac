"""What outside systems hold of our clients, compared with what we hold; and what is done about a difference.

Every record that a verb made in a product with a mirror is noted (`note`). It is read back each night, a few a minute,
and when the system says that it has changed (`poll`, or a webhook that calls `look_again`). A difference is a `Drift`
until a person resolves it: theirs is taken here, ours is written there, or both stay. Which of the two is meant to win
is the product's to say (`Mirror.owns`); a person decides all the same. Personal values are compared without being
opened, by the vault's blind index, and stand in the table masked.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from procrastinate.contrib.django import app
from stdnum import iban

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import AttemptStatus, Case, Event
from pridvor.clients import actions as clients
from pridvor.connectors import gathering, peers
from pridvor.connectors.contract import Answer, Failed, Fields, Rejected, Verb
from pridvor.connectors.customer import MIRRORED, PERSONAL, Customer
from pridvor.connectors.masking import mask
from pridvor.connectors.models import Call, Drift, DriftState, Mirrored, Peer
from pridvor.lib import text, trace
from pridvor.lib.actor import Actor, machine

ME = machine("reconciling")
PURPOSE = "compare with what another system holds"
TAKE_OVER = "take over what another system holds"
QUEUE, AMEND, ADOPT = "connectors", "connectors.amend", "connectors.adopt"
AT_A_TIME = 20  # records in one run of the job, which runs each minute
NIGHT = range(1, 5)  # hours, UTC, in which what was compared yesterday is compared again
FRESH = timedelta(hours=20)
OVERLAP = timedelta(minutes=2)  # of two polls: clocks differ
COMPANY = frozenset({"name", "vat", "street", "city", "postal_code", "country"})
HIDDEN = "…"  # for our side of a personal value, which is not opened to be compared
OF_A_PERSON = frozenset({"email", "phone", "contact_name"})
TERMS = frozenset({"payment_days", "credit_limit", "price_group"})

log = logging.getLogger(__name__)


class NotPossible(Exception):
    """The difference is resolved already, or not in this way."""


def note(call: Call, answer: Answer, *, now: datetime) -> None:
    """This will remember under which number a system holds the client, where it can be read back."""
    mirror = _mirror(call.peer)
    if mirror and answer.reference and mirror.covers(answer.reference) and not call.undoes:
        Mirrored.objects.update_or_create(
            peer=call.peer,
            reference=answer.reference[:120],
            defaults={"case": call.case, "compared_at": now},
            create_defaults={"case": call.case, "compared_at": now, "noted_at": now},
        )


def look_again(peer: str, reference: str) -> bool:
    """This will have a record compared in the next minute, because its system says that it changed there."""
    return bool(Mirrored.objects.filter(peer=peer, reference=reference).update(compared_at=None))


def poll(*, now: datetime) -> int:
    """This will ask every system that tells what has changed there since it was asked last. Returns how many are ours."""
    count = 0
    for role in peers.roles():
        mirror = _mirror(role)
        if mirror is None or mirror.changes is None:
            continue
        peer, _made = Peer.objects.get_or_create(name=role)
        try:
            with peers.connection(role) as connection:
                changed = list(mirror.changes(connection, (peer.polled_at or now) - OVERLAP))
        except Failed as failed:
            log.warning("%s could not be asked for its changes: %s", role, failed.code)
            continue
        count += Mirrored.objects.filter(peer=role, reference__in=changed).update(compared_at=None)
        Peer.objects.filter(pk=peer.pk).update(polled_at=now)
    return count


def compare_due(*, now: datetime) -> int:
    """This will compare the records that are due, a few at a time. Returns how many."""
    due = Q(compared_at=None)
    if now.hour in NIGHT:
        due |= Q(compared_at__lt=now - FRESH)
    ordered = Mirrored.objects.filter(due).order_by(F("compared_at").asc(nulls_first=True))
    rows = list(ordered.select_related("case__client")[:AT_A_TIME])
    for row in rows:
        compare(row, now=now)
    return len(rows)


def compare(row: Mirrored, *, now: datetime) -> None:
    """This will read a record back and note in which fields it differs. Uses the network, outside a transaction."""
    mirror = _mirror(row.peer)
    if mirror is None:
        return
    try:
        with peers.connection(row.peer) as connection:
            held = mirror.fetch(connection, row.reference)
    except Failed as failed:
        Mirrored.objects.filter(pk=row.pk).update(compared_at=now, failed=failed.code[:60])
        return
    _write(row, dict(_differences(row, held, now=now)), now=now)


@transaction.atomic
def resolve(drift: Drift, how: str, *, actor: Actor, now: datetime) -> None:
    """This will take theirs, write ours, or leave both as they are. Raises NotPossible."""
    drift = (
        Drift.objects.select_for_update(of=("self",)).select_related("record__case__client").get(pk=drift.pk)
    )
    if drift.state != DriftState.OPEN or how not in ways(drift):
        raise NotPossible
    drift.state, drift.code = _resolved(drift, how), ""
    drift.resolved_at, drift.by = now, str(actor)
    drift.save()
    said = {"peer": drift.record.peer, "field": drift.field, "how": how}
    cases.record(drift.record.case, "drift.resolved", actor=actor, now=now, data=said)
    if job := {DriftState.WRITING: AMEND, DriftState.TAKING: ADOPT}.get(drift.state):
        app.configure_task(job, queue=QUEUE).defer(drift_id=drift.pk, trace=trace.current())


def ways(drift: Drift) -> tuple[str, ...]:
    """How a difference may be resolved: the way that the field's owner suggests stands first."""
    if not drift.field:
        return ("leave",)
    mirror = _mirror(drift.record.peer)
    can_take = bool(drift.theirs) and (drift.field in COMPANY | TERMS or _is_answer(drift))
    found = [*(["take"] if can_take else []), *(["write"] if mirror and drift.ours else []), "leave"]
    if mirror and drift.field not in mirror.owns and "write" in found:
        found.sort(key=("write", "take", "leave").index)
    return tuple(found)


def amend(drift_id: int, *, now: datetime) -> None:
    """This will write what we hold into the other system; when it cannot be done, the difference is open again."""
    drift = Drift.objects.select_related("record__case__client").get(pk=drift_id)
    mirror = _mirror(drift.record.peer)
    if drift.state != DriftState.WRITING or mirror is None:
        return
    ours = _ours(drift.record, {drift.field} & {*PERSONAL}, now=now).get(drift.field)
    try:
        if ours is None:
            raise Rejected("nothing-ours")
        with peers.connection(drift.record.peer) as connection:
            mirror.amend(connection, drift.record.reference, {drift.field: ours})
    except Failed as failed:
        _open_again(drift, failed.code)
        return
    Drift.objects.filter(pk=drift_id, state=DriftState.WRITING).update(state=DriftState.WRITTEN, code="")


def adopt(drift_id: int, *, now: datetime) -> None:
    """This will fetch a personal value from the other system and let it stand here; the access ledger says so.

    It was shown masked: where it reads otherwise by now, or is none, the difference is open again.
    """
    drift = Drift.objects.select_related("record__case__client").get(pk=drift_id)
    mirror = _mirror(drift.record.peer)
    if drift.state != DriftState.TAKING or mirror is None:
        return
    try:
        with peers.connection(drift.record.peer) as connection:
            held = mirror.fetch(connection, drift.record.reference) or {}
        _keep_theirs(drift, str(held.get(drift.field) or ""), now=now)
    except Failed as failed:
        _open_again(drift, failed.code)


def owners() -> dict[str, str]:
    """THE table of who is the master of each field: a role whose product says so here, else we ourselves (empty)."""
    owned = {field: role for role in peers.roles() if (mirror := _mirror(role)) for field in mirror.owns}
    return {field: owned.get(field, "") for field in MIRRORED}


# -- how


def _mirror(role: str) -> Any:
    try:
        return peers.product(role).mirror
    except Rejected:
        return None


def _differences(
    row: Mirrored, held: Fields | None, *, now: datetime
) -> Iterator[tuple[str, tuple[str, str]]]:
    """By field: ours and theirs, as the table keeps them. What one side does not know is no difference."""
    if held is None:
        yield "", ("", "")
        return
    case = row.case
    ours = _ours(row, set(), now=now)
    refs = case_queries.personal_refs(case)
    for field in (name for name in MIRRORED if held.get(name) not in (None, "")):
        theirs = str(held[field])
        if field in PERSONAL:
            equal = _equal(field, theirs, now=now)
            if field in refs and refs[field] not in equal and not equal & _of_colleagues(row, field):
                yield field, (HIDDEN, mask(theirs)[:300])
        elif ours.get(field) not in (None, "") and not _is_same(field, ours[field], theirs):
            yield field, (str(ours[field])[:300], theirs[:300])


def _of_colleagues(row: Mirrored, field: str) -> set[Any]:
    """How other people of the client are reached, who came to the same record: it keeps one of them, and need not keep all.

    A bank account is the company's: there only what the latest case says counts.
    """
    if field not in OF_A_PERSON:
        return set()
    told = Event.objects.filter(kind="call.done", data__peer=row.peer, data__reference=row.reference)
    others = Case.objects.filter(pk__in=told.values("case")).exclude(person=row.case.person_id)
    return {refs[field] for one in others if field in (refs := case_queries.personal_refs(one))}


def _equal(field: str, theirs: str, *, now: datetime) -> set[Any]:
    return set(clients.find_personal(field, theirs, actor=ME, purpose=PURPOSE, now=now))


def _is_same(field: str, ours: Any, theirs: str) -> bool:
    if field in ("credit_limit", "payment_days"):
        try:
            return Decimal(str(ours)) == Decimal(theirs)
        except InvalidOperation:
            return False
    return text.fold(str(ours)).replace(" ", "") == text.fold(theirs).replace(" ", "")


def _ours(row: Mirrored, personal: set[str], *, now: datetime) -> dict[str, Any]:
    """What we hold, by field; of personal values only those asked for, which opens them.

    Credit and prices count once the journey has granted them in this system: what is still weighed is nobody's yet.
    """
    verb = Verb(_nothing, personal=tuple(personal), grants=_is_granted_there(row))
    gathered = gathering.customer(verb, row.case, now=now)
    return {name: getattr(gathered, name) for name in MIRRORED}


def _is_granted_there(row: Mirrored) -> bool:
    verbs = peers.product(row.peer).verbs
    granting = [f"{row.peer}.{name}" for name, verb in verbs.items() if verb.grants]
    done = Call.objects.filter(case=row.case, capability__in=granting, undoes=False)
    return done.filter(attempt__status=AttemptStatus.DONE).exists()


def _nothing(_connection: Any, customer: Customer) -> Answer:
    return Answer(customer.key, "found")


@transaction.atomic
def _write(row: Mirrored, found: Mapping[str, tuple[str, str]], *, now: datetime) -> None:
    """One line for each new difference; what was left stays left while both sides stay as they were."""
    row = Mirrored.objects.select_for_update(of=("self",)).get(pk=row.pk)
    Mirrored.objects.filter(pk=row.pk).update(compared_at=now, failed="")
    latest = {
        one.field: one for one in Drift.objects.filter(record=row).order_by("field", "-pk").distinct("field")
    }
    for field, one in latest.items():
        if one.state == DriftState.OPEN and field not in found:
            Drift.objects.filter(pk=one.pk).update(state=DriftState.GONE, resolved_at=now)
    for field, (ours, theirs) in found.items():
        last = latest.get(field)
        under_way = (DriftState.WRITING, DriftState.TAKING)
        settled = (DriftState.LEFT, DriftState.OPEN, *under_way)
        if last and last.state in settled and (last.ours, last.theirs) == (ours, theirs):
            continue
        if last and last.state == DriftState.OPEN:
            Drift.objects.filter(pk=last.pk).update(ours=ours, theirs=theirs)
        elif not (last and last.state in under_way):
            Drift.objects.create(record=row, field=field, ours=ours, theirs=theirs, found_at=now)


def _resolved(drift: Drift, how: str) -> DriftState:
    """How a difference stands once a person has said how. Agreed terms are read from itself (gathering.granted)."""
    if how == "write":
        return DriftState.WRITING
    if how == "leave":
        return DriftState.LEFT
    if drift.field in PERSONAL:
        return DriftState.TAKING
    if drift.field in COMPANY:
        clients.correct(drift.record.case.client, {drift.field: drift.theirs})
    return DriftState.TAKEN


def _is_answer(drift: Drift) -> bool:
    """Whether it is a personal answer of the case; the address with which a person signs in alone is none."""
    return (
        drift.field in PERSONAL and case_queries.personal_answer(drift.record.case, drift.field) is not None
    )


@transaction.atomic
def _keep_theirs(drift: Drift, theirs: str, *, now: datetime) -> None:
    case = drift.record.case
    if mask(theirs)[:300] != drift.theirs:
        raise Rejected("changed-there")
    if drift.field == "iban" and not iban.is_valid(theirs):
        raise Rejected("no-iban")
    if not Drift.objects.filter(pk=drift.pk, state=DriftState.TAKING).update(state=DriftState.TAKEN, code=""):
        return
    clients.note_look(case.subject, [drift.field], actor=ME, purpose=TAKE_OVER, now=now, case=case.reference)
    cases.adopt(case, drift.field, theirs, actor=ME, now=now)


def _open_again(drift: Drift, code: str) -> None:
    again = {"state": DriftState.OPEN, "code": code[:60], "resolved_at": None}
    Drift.objects.filter(pk=drift.pk, state=drift.state).update(**again)
