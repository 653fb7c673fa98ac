"""What may be done with a case. Each verb is one transaction: lock, decide, write, record, hand on.

Verbs raise Refused with a code when the case does not allow them; doors say it in the reader's language.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from pridvor.accounts import regions
from pridvor.cases import engine, items, objections, queries, secrets, store
from pridvor.cases import snapshot as snapshots
from pridvor.cases.models import (
    Answer,
    Attempt,
    Case,
    Comment,
    Draft,
    Event,
    Item,
    ItemNote,
    Note,
    Secret,
    Undoable,
)
from pridvor.clients import actions as clients
from pridvor.clients.models import Client, Person
from pridvor.journeys import asking, entries
from pridvor.journeys import queries as journeys
from pridvor.journeys.binding import count_of
from pridvor.journeys.language import word
from pridvor.journeys.models import JourneyVersion
from pridvor.lib import chain, ledger
from pridvor.lib.actor import Actor

Refused = engine.Refused  # the codes: no-longer-open, no-such-outcome, items-open, no-items-named, somebody-else-must, second-person-must, not-now, stale


ADDED = "added-"  # how steps that a person added are named: added-1, added-2 …
UNDO = timedelta(seconds=10)  # a person's decision can be taken back for so long; effects outside wait for it
DECISIONS = (
    engine.Complete,
    engine.Skip,
    engine.Change,
    engine.Close,
    engine.Return,
    engine.Add,
    engine.Migrate,
)


@transaction.atomic
def open_case(
    version: JourneyVersion,
    client: Client,
    person: Person,
    *,
    language: str,
    actor: Actor,
    now: datetime,
    drafts: Mapping[str, Mapping[str, Any]] | None = None,
    known: Mapping[str, Any] | None = None,
    parent: Attempt | None = None,
    is_test: bool = False,
) -> Case:
    """This will open a case on this version of the journey.

    `drafts` are answers known already, by step and field; `known` are values that the journey declares under `knows:`;
    `parent` is the step of another case that this one is; `is_test`: it counts in no figure.
    """
    journey = journeys.compiled(version.pk)
    told = {name: value for name, value in (known or {}).items() if name in journey.variables}
    known = {"client.country": client.country, "client.kind": "organisation", **told}
    decision = engine.start(journey, known)
    case = Case(
        journey_version=version,
        client=client,
        person=person,
        subject=person.subject,
        language=language,
        region=regions.of(client.country, client.county),
        is_test=is_test or (parent.case.is_test if parent else False),
        opened_at=now,
        touched_at=now,
        parent_id=parent.case_id if parent else None,
        parent_step=parent.key if parent else "",
        parent_number=parent.number if parent else 0,
    )
    case.id = _next_id()
    case.reference = f"{journey.prefix}-{now.year}-{case.id:06}"
    case.save(force_insert=True)
    opened = engine.Effect("case.opened", {"reference": case.reference, "journey": str(version)})
    store.write(case.id, None, decision, head=chain.START, actor=actor, now=now, first=[opened])
    for step, fields in (drafts or {}).items():
        save_draft(case, step, fields, now=now)
    return Case.objects.get(pk=case.id)


@transaction.atomic
def complete(
    attempt: Attempt,
    outcome: str,
    *,
    actor: Actor,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    reasons: Iterable[Mapping[str, Any]] = (),
    targets: Iterable[str] = (),
    wanted: Mapping[str, Iterable[str]] | None = None,
    seen_version: int | None = None,
    agreed: Iterable[str] = (),
) -> None:
    """This will end an open attempt with an outcome, and let the case go on.

    `agreed` are the other people who said the same, where several are asked. `targets` and `wanted` narrow a redo to
    the steps and items that were wrong; `reasons` say why, each a mapping with `step`, `item`, `code` and its
    parameters. `seen_version` is the version on the page that was looked at.
    """
    objections.judge(attempt, outcome)
    said = tuple(dict(reason) for reason in reasons)
    named = items.judge(attempt, outcome, said)
    asked = {step: tuple(parts) for step, parts in (wanted or {}).items()}
    command = engine.Complete(
        attempt.key,
        attempt.number,
        outcome,
        str(actor),
        dict(values or {}),
        (*said, *named.reasons),
        tuple(targets),
        {step: (*asked.get(step, ()), *named.wanted.get(step, ())) for step in {*asked, *named.wanted}},
        tuple(agreed),
    )
    _obey(attempt.case_id, command, actor=actor, now=now, seen_version=seen_version)
    items.close_tested(attempt, actor=actor, now=now)


@transaction.atomic
def vote(attempt: Attempt, outcome: str, *, actor: Actor, now: datetime) -> None:
    """This will note what one of several approvers says; cases.approvals counts, and ends the attempt."""
    said = engine.Vote(attempt.key, attempt.number, outcome, str(actor))
    _obey(attempt.case_id, said, actor=actor, now=now)


@transaction.atomic
def submit(
    attempt: Attempt,
    answers: Mapping[str, Any],
    personal: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """This will end an open form with its answers: plain ones for conditions, personal ones sealed in the vault.

    What is not asked, given these answers, is not kept; an earlier answer to it stands no more.
    """
    case = attempt.case
    answers, personal = _without_secrets(case, attempt.step, answers, personal, actor=actor, now=now)
    values = _note_answers(case, attempt.step, attempt.number, answers, personal, actor=actor, now=now)
    complete(attempt, "done", actor=actor, now=now, values=values, seen_version=seen_version)
    Draft.objects.filter(case=case, step=attempt.step).delete()


@transaction.atomic
def change(
    case: Case,
    step: str,
    answers: Mapping[str, Any],
    personal: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """This will correct answers that were already given; whatever was judged on them is judged again.

    An empty personal answer takes the old one away; so does an answer to what is now not asked any more.
    """
    number = (
        Attempt.objects.filter(case=case, key=step)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
        or 0
    )
    answers, personal = _without_secrets(case, step, answers, personal, actor=actor, now=now)
    values = _note_answers(case, step, number + 1, answers, personal, actor=actor, now=now)
    _obey(case.id, engine.Change(step, values, str(actor)), actor=actor, now=now)


@transaction.atomic
def adopt(case: Case, field: str, plain: str, *, actor: Actor, now: datetime) -> None:
    """This will let another system's value stand for a personal answer that was given; nothing is judged anew.

    Raises Refused where the case has no such answer: an address with which somebody signs in is nobody else's to change.
    """
    given = queries.personal_answer(case, field)
    if given is None:
        raise Refused("no-such-answer")
    refs = clients.keep(case.subject, {field: plain}, now=now)
    _write_answers(case, given.step, given.number, {field: None}, refs, actor=actor, now=now)


@transaction.atomic
def save_draft(case: Case, step: str, fields: Mapping[str, Any], *, now: datetime) -> None:
    """This will keep what has been typed so far; nothing is judged. A step that is not open any more takes none.

    Secrets are never a draft: they are sealed with secrets.keep, or not at all.
    """
    Case.objects.select_for_update(no_key=True).only("pk").get(
        pk=case.pk
    )  # the case before its rows, as every verb does
    if queries.open_attempt(case, step) is None:
        raise Refused("no-longer-open")
    form, hidden = case.journey.form(step), secrets.asked(case, step)
    questions = {
        key: asking.question_of(form, key)
        for key in fields
        if key not in hidden and asking.belongs(form, key)
    }
    personal = {
        key: str(fields[key]) for key, question in questions.items() if question and question.personal
    }
    refs = clients.keep(case.subject, personal, now=now) if personal else {}
    for key in questions:
        kept = {"ref": refs.get(key), "value": None if key in refs else fields[key], "at": now}
        Draft.objects.update_or_create(case=case, step=step, field=key, defaults=kept)
    if form.varies:
        _drop_drafts(case, step)
    Case.objects.filter(pk=case.pk).update(touched_at=now)


@transaction.atomic
def withdraw(case: Case, *, actor: Actor, now: datetime) -> None:
    """This will end the case because the client does not want to go on."""
    _obey(case.id, engine.Close("withdrawn"), actor=actor, now=now)


@transaction.atomic
def expire(case: Case, *, actor: Actor, now: datetime) -> None:
    """This will end the case because the client did not act for longer than the journey allows."""
    _obey(case.id, engine.Close("expired"), actor=actor, now=now)


@transaction.atomic
def pause(case: Case, reason: str, *, actor: Actor, now: datetime, party: str = "us") -> None:
    """This will stop automation on this case until somebody resumes it; what arrives meanwhile is kept.

    `party` is who is waited for (us, client, third party): the minutes of the pause are theirs.
    """
    _obey(case.id, engine.Pause(reason[:200], party), actor=actor, now=now)


@transaction.atomic
def resume(case: Case, *, actor: Actor, now: datetime) -> None:
    """This will let automation go on."""
    _obey(case.id, engine.Resume(), actor=actor, now=now)


@transaction.atomic
def skip(
    case: Case, step: str, reason: str, *, actor: Actor, now: datetime, second: Actor | None = None
) -> None:
    """This will pass over a step that has not ended, because a person says so."""
    _obey(case.id, engine.Skip(step, str(actor), reason, str(second) if second else ""), actor=actor, now=now)


@transaction.atomic
def add(
    case: Case,
    stage: str,
    kind: str,
    what: str,
    *,
    actor: Actor,
    now: datetime,
    items: Iterable[str] = (),
    before: str = "",
) -> str:
    """This will add a step to the case that its journey does not have, and return its name.

    `kind` is todo, call or upload; `what` is to be done, in words; `items` are the documents to upload; `before` is a
    waiting step that waits for it.
    """
    taken = Attempt.objects.filter(case=case, key__startswith=ADDED).values("key").distinct().count()
    key = f"{ADDED}{taken + 1}"
    reason = {"code": "added", "note_ref": str(keep_note(case, key, 1, what, actor=actor, now=now))}
    command = engine.Add(key, stage, kind, (reason,), tuple(items), before)
    _obey(case.id, command, actor=actor, now=now)
    return key


@transaction.atomic
def send_back(
    case: Case, step: str, reasons: Iterable[Mapping[str, Any]] = (), *, actor: Actor, now: datetime
) -> None:
    """This will open again a step that has ended, with all that was judged on it."""
    _obey(case.id, engine.Return(step, tuple(dict(reason) for reason in reasons)), actor=actor, now=now)


@transaction.atomic
def meet(case: Case, stage: str, criterion: str, met: bool, *, actor: Actor, now: datetime) -> None:
    """This will tick (or untick) a line of what a stage must fulfil: `exit:keys-handed-over`, say."""
    _obey(case.id, engine.Meet(stage, criterion, met), actor=actor, now=now)


@transaction.atomic
def learn(case: Case, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """This will note values of the client that became known and that conditions may look at; nothing personal."""
    _obey(case.id, engine.Learn(dict(values)), actor=actor, now=now)


@transaction.atomic
def happened(case: Case, name: str, *, actor: Actor, now: datetime) -> None:
    """This will note that a named event came, and end the steps that wait for it. One that came before is nothing new."""
    snapshot = store.load(case.id).snapshot
    if name in snapshot.happened and not any(
        attempt.kind == "wait" and attempt.status == "open" for attempt in snapshot.steps.values()
    ):
        return
    _obey(case.id, engine.Happened(name, str(actor)), actor=actor, now=now)


@transaction.atomic
def stalled(case: Case, step: str, number: int, *, actor: Actor, now: datetime) -> None:
    """This will open the step's `then:` beside it, because nobody acted in time; nothing if the attempt has ended."""
    _obey(case.id, engine.Stalled(step, number), actor=actor, now=now)


@transaction.atomic
def tick(case: Case, stage: str, *, actor: Actor, now: datetime) -> None:
    """This will begin the next round of a stage that repeats; while the last is open it is noted as missed."""
    _obey(case.id, engine.Tick(stage), actor=actor, now=now)


@transaction.atomic
def undo(case: Case, *, actor: Actor, now: datetime) -> None:
    """This will take back a person's own last decision. Refused once its time is over or the case has gone on."""
    kept = Undoable.objects.select_for_update().filter(case_id=case.id).first()
    if kept is None or kept.actor != str(actor) or kept.until < now:
        raise Refused("too-late")
    version, after, standing, head = store.load(case.id)
    if version != kept.version:
        raise Refused("too-late")
    before = snapshots.from_json(kept.snapshot)
    was = journeys.compiled(kept.journey_version_id)
    decision = engine.decide(journeys.compiled(standing), after, engine.Undo(before, was))
    if decision.refused:
        raise Refused(decision.refused)
    Case.objects.filter(pk=case.id).update(journey_version=kept.journey_version_id)
    taken_back = engine.Effect("events.undone", {"since": kept.first_event})
    store.write(case.id, after, decision, head=head, actor=actor, now=now, first=[taken_back])
    kept.delete()


@transaction.atomic
def keep_note(case: Case, step: str, number: int, text: str, *, actor: Actor, now: datetime) -> UUID:
    """This will seal what a person wrote to the client, and return its id: free text may hold anything."""
    ref = clients.keep(case.subject, {"note": text}, now=now)["note"]
    note = Answer(case=case, step=step, number=number, field="note", ref=ref, by=str(actor), at=now)
    _add_answers(case, [note])
    return ref


def read_notes(
    case: Case, reasons: Iterable[Mapping[str, Any]], *, actor: Actor, purpose: str, now: datetime
) -> list[str]:
    """This will log the look and return what a person wrote to the client with these reasons, each note once."""
    refs = {
        str(reason["note_ref"]): UUID(str(reason["note_ref"])) for reason in reasons if reason.get("note_ref")
    }
    return (
        list(clients.reveal_refs(refs, actor=actor, purpose=purpose, now=now, case=case.reference).values())
        if refs
        else []
    )


@transaction.atomic
def record(
    case: Case, kind: str, *, actor: Actor, now: datetime, data: Mapping[str, Any] | None = None
) -> None:
    """This will add one event to the case's ledger without changing the case."""
    store.record(case.pk, [(kind, dict(data or {}))], actor=actor, now=now)


def expire_untouched(*, actor: Actor, now: datetime, limit: int = 200) -> int:
    """This will expire open cases in which only the client could act, and did not for as long as the journey says."""
    expired = 0
    for case in Case.objects.filter(state="open", paused="", touched_at__lt=now - timedelta(days=1)).order_by(
        "touched_at"
    )[:limit]:
        allowed = case.journey.expires
        if allowed and case.touched_at < now - allowed and _waits_for_client(case):
            expire(case, actor=actor, now=now)
            expired += 1
    return expired


def touch(case: Case, *, now: datetime) -> None:
    """This will note that the client is at work on the case (an upload, a page), so that it does not expire."""
    Case.objects.filter(pk=case.pk).update(touched_at=now)


def in_use(refs: Iterable[UUID]) -> set[UUID]:
    """Of these vault ids, the ones that a case refers to."""
    wanted = list(refs)
    answers = Answer.objects.filter(ref__in=wanted).values_list("ref", flat=True)
    drafts = Draft.objects.filter(ref__in=wanted).values_list("ref", flat=True)
    notes = Note.objects.filter(ref__in=wanted).values_list("ref", flat=True)
    comments = Comment.objects.filter(Q(ref__in=wanted) | Q(answer_ref__in=wanted))
    said = [ref for pair in comments.values_list("ref", "answer_ref") for ref in pair]
    listed = Item.objects.filter(ref__in=wanted).values_list("ref", flat=True)
    of_items = ItemNote.objects.filter(ref__in=wanted).values_list("ref", flat=True)
    credentials = Secret.objects.filter(ref__in=wanted, ended_at=None).values_list("ref", flat=True)
    found = (*answers, *drafts, *notes, *said, *listed, *of_items, *credentials)
    return {ref for ref in found if ref}


# -- how


def _obey(
    case_id: int, command: engine.Command, *, actor: Actor, now: datetime, seen_version: int | None = None
) -> None:
    version, before, journey_version, head = store.load(case_id)
    if seen_version is not None and seen_version != version:
        raise Refused("stale")
    decision = engine.decide(journeys.compiled(journey_version), before, command)
    if decision.refused:
        raise Refused(decision.refused)
    until = now + UNDO if actor.kind == "staff" and isinstance(command, DECISIONS) else None
    events = store.write(case_id, before, decision, head=head, actor=actor, now=now, later=until)
    if until and events:
        store.keep_before(case_id, before, journey_version, events[0], actor=actor, until=until)


def _without_secrets(
    case: Case,
    step: str,
    answers: Mapping[str, Any],
    personal: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Seal the secrets among the answers, in whichever half they came; the others are left."""
    hidden = secrets.asked(case, step)
    typed = {key: str(value) for key, value in {**answers, **personal}.items() if key in hidden and value}
    secrets.keep(case, step, typed, actor=actor, now=now)
    plain = {key: value for key, value in answers.items() if key not in hidden}
    return plain, {key: value for key, value in personal.items() if key not in hidden}


def _note_answers(
    case: Case,
    step: str,
    number: int,
    answers: Mapping[str, Any],
    personal: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Write the answers that stand, and take away those that do not any more; return what conditions will see."""
    form = case.journey.forms.get(case.journey.steps[step].use) if _is_form(case, step) else None
    given = {**answers, **dict.fromkeys(personal)}
    was = {row.field: row for row in queries.standing(case, step)}
    gone = {key for key, value in personal.items() if not value and key in was}
    if form and (form.varies or form.groups):
        asked = queries.asked(case, step, {**queries.answers(case), **given})
        mine = {key for key in (*given, *was) if asking.belongs(form, key)} - asked.kept
        given = {key: value for key, value in given.items() if key not in mine}
        gone |= {key for key in mine if key in was and (was[key].ref or was[key].value is not None)}
    told = {key: value for key, value in personal.items() if value and key in given}
    refs = clients.keep(case.subject, told, now=now) if told else {}
    rows = {
        key: (None if key in refs else answers.get(key))
        for key in given
        if key not in personal or key in refs
    }
    taken_away = {key: False if _is_entry(key) else None for key in gone}
    _write_answers(case, step, number, {**rows, **taken_away}, refs, actor=actor, now=now)
    counts = {f"{page.key}_count": asked.seen[count_of(page)] for page in form.groups} if form else {}
    seen = {**{key: value for key, value in rows.items() if key not in refs}, **counts, **taken_away}
    return {f"{word(step)}.{word(key)}": value for key, value in seen.items() if not entries.parts(key)}


def _is_entry(name: str) -> bool:
    """Whether it names an entry itself: its number must never be given again."""
    place = entries.parts(name)
    return place is not None and not place[2]


def _is_form(case: Case, step: str) -> bool:
    known = case.journey.steps.get(step)
    return known is not None and known.kind == "form"


def _write_answers(
    case: Case,
    step: str,
    number: int,
    values: Mapping[str, Any],
    refs: Mapping[str, UUID],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    form = case.journey.forms.get(case.journey.steps[step].use) if _is_form(case, step) else None
    rows = [
        Answer(
            case=case,
            step=step,
            number=number,
            field=key,
            value=value,
            ref=refs.get(key),
            by=str(actor),
            at=now,
            journey_version_id=case.journey_version_id,
            asked_as=asking.digest(form, key) if form else "",
        )
        for key, value in values.items()
    ]
    _add_answers(case, rows)


def _add_answers(case: Case, rows: list[Answer]) -> None:
    """The case before its rows, as every verb does: its lock is that of the chain, too."""
    if rows:
        Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)
        ledger.add(rows, case.pk)


def _drop_drafts(case: Case, step: str) -> None:
    """What was typed into questions that are not asked any more is not kept; of a removed entry it may be put back."""
    form, typed = case.journey.form(step), queries.drafts(case, step)
    known = {**queries.answers(case), **{key: row.value for key, row in typed.items()}}
    kept = queries.asked(case, step, known).kept
    removed = {(page.key, number) for page in form.groups for number in entries.removed(page.key, known)}
    gone = [
        key
        for key in typed
        if asking.belongs(form, key)
        and key not in kept
        and not ((place := entries.parts(key)) and place[:2] in removed)
    ]
    Draft.objects.filter(case=case, step=step, field__in=gone).delete()


def _waits_for_client(case: Case) -> bool:
    snapshot = store.load(case.pk, lock=False).snapshot
    return engine.whose_minute(case.journey, snapshot) == "client"


def _next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('cases_case', 'id'))")
        return int(cursor.fetchone()[0])


def event(event_id: int) -> Event:
    """The event of a job, with its case."""
    return Event.objects.select_related("case__client", "case__person", "case__journey_version").get(
        pk=event_id
    )


def reveal(case: Case, fields: Iterable[str], *, actor: Actor, purpose: str, now: datetime) -> dict[str, str]:
    """This will log the look and return personal answers of the case by field (email, contact_name, phone, iban)."""
    refs = queries.personal_refs(case)
    wanted = {field: refs[field] for field in fields if field in refs}
    return clients.reveal_refs(wanted, actor=actor, purpose=purpose, now=now, case=case.reference)
