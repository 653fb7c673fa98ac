"""Reads of cases, as values that pages can show without asking the database again."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from pridvor.accounts.sight import present, whole
from pridvor.cases import engine, store
from pridvor.cases.models import (
    APPROVER,
    DELEGATE,
    Answer,
    Attempt,
    Case,
    Delegation,
    Draft,
    Event,
    Membership,
    StageVisit,
    Undoable,
)
from pridvor.clients.models import Client, Person
from pridvor.journeys import asking, entries
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Field, Form, Text
from pridvor.lib.actor import Actor

CASE = ("client", "person", "journey_version")
PEOPLE_ACT = ("review", "todo", "call", "gate", "criteria")  # kinds that stand in a person's queue
ROUTES = {"redo", "back"}


@dataclass(frozen=True)
class StageView:
    """One arch of the tracker."""

    key: str
    title: str
    state: str  # done | present | ahead | skipped
    loops: int
    since: datetime | None
    done_at: datetime | None
    row: int  # stages with the same row stand side by side


@dataclass(frozen=True)
class StepView:
    """One step as the tracker lists it."""

    key: str
    title: str
    kind: str
    state: str  # open | waiting | done | skipped | held | cancelled
    party: str
    optional: bool
    since: datetime | None
    ended_at: datetime | None
    number: int
    reasons: Sequence[Mapping[str, Any]] = ()
    wanted: Sequence[str] = ()


@dataclass(frozen=True)
class Tracker:
    """Where a case stands: what is done, what is next, who acts, since when."""

    case: Case
    stages: tuple[StageView, ...]
    steps: tuple[StepView, ...]
    acting: str  # client | us | third party | nobody
    since: datetime | None
    next_step: StepView | None


@dataclass(frozen=True)
class Given:
    """An answer as it stands, with what stood there before."""

    step: str
    field: str
    label: str
    value: Any
    ref: UUID | None
    personal: bool
    type: str
    at: datetime
    earlier: tuple[Any, ...] = ()  # values or refs, newest first
    asked_as: str = ""  # the question as it was when it was answered, if it has changed since

    @property
    def changed(self) -> bool:
        return bool(self.earlier)


def cases() -> QuerySet[Case]:
    return Case.objects.select_related(*CASE)


@whole()
def has_another_open(case: Case) -> bool:
    """Whether the client is on the same journey with another case."""
    others = Case.objects.filter(client=case.client, journey_version__name=case.journey.name, state="open")
    return others.exclude(pk=case.pk).exists()


def is_vouched_for(case: Case) -> bool:
    """Whether the applicant's right to act is confirmed: by an administrator, or by a person of ours (`review: applicant`)."""
    looked = [
        key for key, step in case.journey.steps.items() if step.kind == "review" and step.use == "applicant"
    ]
    said = Q(kind="vouch", outcome="confirmed")
    for key in looked:
        said |= Q(key=key, outcome="approve") | Q(key__startswith=f"{key}@", outcome="approve")
    return Attempt.objects.filter(said, case=case, status="done").exists()


@whole()
def ended_before(case: Case) -> tuple[int, int]:
    """How many cases this client has ended well, and how many otherwise, this one left out, in every region."""
    ended = Case.objects.filter(client=case.client, state="ended").exclude(pk=case.pk)
    ends = [(row.end, row.journey.end) for row in ended.select_related("journey_version")]
    well = sum(end == good for end, good in ends)
    return well, len(ends) - well


def lock_client(case: Case) -> Client:
    """The case's client, locked until the transaction ends."""
    return Client.objects.select_for_update().get(pk=case.client_id)


@whole()
def open_on(client: Client, journey: str) -> Case | None:
    """The client's open case on a journey of this name."""
    return cases().filter(client=client, journey_version__name=journey, state="open").first()


def of_person(person: Person) -> list[Case]:
    """All the cases of a person, those to which a colleague let them in too, the newest first."""
    return list(cases().filter(_may_see(person)).order_by("-opened_at"))


def mine(person: Person, public_id: UUID) -> Case | None:
    """The case, if this person applied or was let in with a role; another's and none look the same.

    Who is only asked to approve something or to do a step is not let in: see `asked_of`.
    """
    return cases().filter(_is_let_in(person), public_id=public_id).first()


def asked_of(person: Person, public_id: UUID) -> Case | None:
    """The case, if this person is asked to approve something in it or to do a step of it."""
    given = Delegation.objects.filter(person=person, ended_at=None)
    asked = Q(approvers__person=person) | Q(pk__in=given.values("case"))
    return cases().filter(asked, public_id=public_id).first()


def sees_client(client: Client) -> bool:
    """Whether a client exists for whoever acts now: one of its cases is in sight, or it has none at all."""
    if present().is_whole or Case.objects.filter(client=client).exists():
        return True
    with whole():
        return not Case.objects.filter(client=client).exists()


def case(public_id: UUID) -> Case | None:
    return cases().filter(public_id=public_id).first()


def attempt(case: Case, key: str) -> Attempt | None:
    """The latest attempt at a step; of an exception step by its own name, whatever it stands in for."""
    return _attempts_at(case, key).order_by("-number", "-id").first()


def open_attempt(case: Case, key: str) -> Attempt | None:
    return _attempts_at(case, key).filter(status="open").order_by("-number", "-id").first()


def standing_in(attempt: Attempt) -> Attempt | None:
    """The open exception step that stands in for an attempt that is held: a person does what it could not."""
    return Attempt.objects.filter(
        case_id=attempt.case_id, status="open", key__endswith=f"@{attempt.key}"
    ).first()


def attempt_of(event: Event) -> Attempt | None:
    """The attempt that a step's event is about."""
    about = {"case_id": event.case_id, "key": event.data["step"], "number": event.data["number"]}
    found = Attempt.objects.filter(**about).first()
    if found:
        found.case = event.case
    return found


def latest_attempts(case: Case) -> dict[str, Attempt]:
    rows = Attempt.objects.filter(case=case).order_by("key", "-number").distinct("key")
    return {row.key: row for row in rows}


def tracker(case: Case, language: str) -> Tracker:
    journey, attempts = case.journey, latest_attempts(case)
    visits = {visit.key: visit for visit in StageVisit.objects.filter(case=case)}
    loops = _loops_by_stage(case, journey)
    stages = tuple(
        StageView(
            key,
            journey.text(stage.title, language),
            _stage_state(visits.get(key)),
            loops.get(key, 0),
            visits[key].opened_at if key in visits else None,
            visits[key].done_at if key in visits else None,
            row,
        )
        for row, (key, stage) in zip(_rows(journey), journey.stages.items(), strict=True)
    )
    order = {key: position for position, key in enumerate(journey.steps)}
    steps = tuple(
        _step_view(journey, row, language)
        for row in sorted(attempts.values(), key=lambda row: order.get(row.step, 0))
        if row.status != "cancelled" or case.state == "open"
    )
    acting = [step for step in steps if step.state == "open" and not step.optional]
    for party in ("us", "third party", "nobody", "client"):
        mine = [step for step in acting if step.party == party]
        if mine:
            first = mine[0] if party != "client" else min(mine, key=lambda step: order.get(step.key, 0))
            return Tracker(
                case, stages, steps, party, min((s.since for s in mine if s.since), default=None), first
            )
    return Tracker(case, stages, steps, "", case.ended_at, None)


def standing(case: Case, step: str = "") -> list[Answer]:
    """The newest row for each question of the case, or of one step of it, in the order in which they were given."""
    rows = Answer.objects.filter(case=case, **({"step": step} if step else {}))
    return sorted(rows.order_by("step", "field", "-id").distinct("step", "field"), key=lambda row: row.pk)


def answers(case: Case) -> dict[str, Any]:
    """All plain answers as they stand, by field; personal ones are not here."""
    return _plain(standing(case))


def told(case: Case) -> tuple[dict[str, Any], dict[str, UUID]]:
    """Plain answers as they stand, and the vault ids of the personal ones with the e-mail address: one question."""
    rows = standing(case)
    return _plain(rows), _refs(case, rows)


def _plain(rows: Iterable[Answer]) -> dict[str, Any]:
    return {row.field: row.value for row in rows if row.value is not None}


def _refs(case: Case, rows: Iterable[Answer]) -> dict[str, UUID]:
    return {"email": case.person.email_ref, **{row.field: row.ref for row in rows if row.ref}}


def personal_answer(case: Case, field: str) -> Answer | None:
    """The row as it stands of an answer whose words the vault keeps; None where the case was not asked, or not told."""
    return next((row for row in standing(case) if row.field == field and row.ref), None)


def personal_refs(case: Case) -> dict[str, UUID]:
    """The vault ids of the personal answers as they stand, by field; the person's e-mail address with them."""
    return _refs(case, standing(case))


def entered(case: Case, step: str) -> dict[str, Any]:
    """Plain answers as they stand, with what has been typed since into this step's form."""
    typed = {name: row.value for name, row in drafts(case, step).items() if not row.ref}
    return {**answers(case), **typed}


def seen(case: Case) -> Mapping[str, Any]:
    """What conditions see of the case now."""
    snapshot = store.load(case.pk, lock=False).snapshot
    return engine.seen(case.journey, snapshot)


def asked(case: Case, step: str, answers: Mapping[str, Any]) -> asking.Asked:
    """What the step's form asks, given these answers by name."""
    form = case.journey.form(step)
    return asking.asked(form, answers, seen(case) if form.varies or form.groups else {})


def given(case: Case, language: str) -> list[Given]:
    """Every answer in the order of the journey's forms, with its earlier versions."""
    journey = case.journey
    history: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for row in Answer.objects.filter(case=case).order_by("-id"):
        history[row.step, row.field].append(row)
    out = []
    for step in journey.steps.values():
        if step.kind != "form" or step.use not in journey.forms:
            continue
        form = journey.forms[step.use]
        for name, question, label in _questions(
            journey, form, [f for at, f in history if at == step.key], language
        ):
            rows = history.get((step.key, name))
            if rows:
                newest = rows[0].ref or rows[0].value
                was = _as_asked(form, rows[0])
                earlier = tuple(
                    row.ref or row.value for row in rows[1:] if (row.ref or row.value) not in (None, newest)
                )
                out.append(
                    Given(
                        step.key,
                        name,
                        label,
                        _shown((was or question).options, rows[0], language),
                        rows[0].ref,
                        question.personal,
                        question.type,
                        rows[0].at,
                        earlier,
                        journey.text(was.label, language) if was else "",
                    )
                )
    return out


def reasons_now(case: Case) -> list[dict[str, Any]]:
    """Why things are asked again at present; of an ended case, the reasons of its last decision."""
    if case.state == "open":
        return [reason for row in Attempt.objects.filter(case=case, status="open") for reason in row.reasons]
    last = (
        Event.objects.filter(case=case, kind__in=("step.completed", "gate.decided")).order_by("-id").first()
    )
    return list(last.data.get("reasons", ())) if last else []


def reminders(attempt: Attempt) -> list[datetime]:
    """When the client was reminded of this attempt, oldest first."""
    found = Event.objects.filter(case_id=attempt.case_id, kind="reminder.due", data__step=attempt.step)
    return list(found.filter(data__number=attempt.number).order_by("id").values_list("at", flat=True))


def undoable(case: Case, actor: Actor, now: datetime) -> datetime | None:
    """Until when this person can take back the decision they made last; None when that is over."""
    kept = Undoable.objects.filter(case=case, actor=str(actor), until__gte=now, version=case.version).first()
    return kept.until if kept else None


def is_undone(event: Event) -> bool:
    """Whether somebody took back the decision that this event belongs to: nothing must follow from it."""
    later = Event.objects.filter(case_id=event.case_id, id__gt=event.pk, kind="events.undone")
    return any(row.data["since"] <= event.pk for row in later)


def drafts(case: Case, step: str) -> dict[str, Draft]:
    return {row.field: row for row in Draft.objects.filter(case=case, step=step)}


def timeline(case: Case) -> list[Event]:
    return list(Event.objects.filter(case=case).order_by("id"))


def queue(roles: Iterable[str]) -> list[Attempt]:
    """Open work for people in these roles, with its case; the order is the desk's."""
    rows = Attempt.objects.filter(status="open", kind__in=PEOPLE_ACT, case__state="open").select_related(
        *(f"case__{name}" for name in CASE)
    )
    wanted = set(roles)
    return [row for row in rows if not wanted or owner_of(row) in wanted]


def attempts(ids: Iterable[int]) -> list[Attempt]:
    """These attempts, whatever has become of them, in the order of the ids."""
    wanted = list(ids)
    rows = Attempt.objects.filter(pk__in=wanted).select_related(*(f"case__{name}" for name in CASE))
    return sorted(rows, key=lambda row: wanted.index(row.pk))


def open_work() -> QuerySet[Attempt]:
    """The first required step that is open in each open case, whoever acts, the longest open first."""
    first = (
        Attempt.objects.filter(status="open", optional=False, case__state="open")
        .order_by("case_id", "opened_at", "id")
        .distinct("case_id")
    )
    return (
        Attempt.objects.filter(pk__in=first.values("pk"))
        .select_related(*(f"case__{name}" for name in CASE))
        .order_by("opened_at")
    )


def owner_of(attempt: Attempt) -> str:
    """The role that may act on an attempt."""
    journey = attempt.case.journey
    step = journey.steps.get(attempt.step)
    return step.by if step else journey.stages[attempt.stage].owner


def of_client(client: Client) -> list[Case]:
    """Every case of a client, the newest first."""
    return list(cases().filter(client=client).order_by("-opened_at"))


def personal_refs_of(found: Iterable[Case]) -> dict[int, dict[str, UUID]]:
    """The vault ids of personal answers as they stand, by case and field, in one question."""
    rows = (
        Answer.objects.filter(case__in=list(found))
        .order_by("case_id", "step", "field", "-id")
        .distinct("case_id", "step", "field")
    )
    refs: dict[int, dict[str, UUID]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: row.pk):
        if row.ref:
            refs[row.case_id][row.field] = row.ref
    return dict(refs)


def approved_at(found: Iterable[Case]) -> dict[int, datetime]:
    """When a person last approved something in each of these cases."""
    rows = Attempt.objects.filter(case__in=list(found), kind="review", outcome="approve", status="done")
    return dict(rows.values_list("case_id").annotate(Max("ended_at")))


def notes_to_client(found: Iterable[Case]) -> list[Answer]:
    """What staff wrote to the client of these cases: sealed, each known by its id in the vault."""
    return list(Answer.objects.filter(case__in=list(found), field="note", by__startswith="staff:"))


def of_clients(clients: Iterable[Client]) -> list[Case]:
    return list(cases().filter(client__in=list(clients)).order_by("-opened_at")[:100])


def of_refs(refs: Iterable[UUID]) -> list[Case]:
    """Cases whose personal answers, or whose person, these vault values are."""
    wanted = list(refs)
    by_answer = Answer.objects.filter(ref__in=wanted).values_list("case_id", flat=True)
    people = Person.objects.filter(email_ref__in=wanted)
    return list(
        (cases().filter(pk__in=by_answer) | cases().filter(person__in=people))
        .distinct()
        .order_by("-opened_at")[:100]
    )


def by_exact_reference(typed: str) -> Case | None:
    """The one case of this reference: for commands, which must not guess."""
    return cases().filter(reference__iexact=typed.strip()).first()


def by_reference(typed: str) -> list[Case]:
    return list(cases().filter(reference__iexact=typed.strip())) or list(
        cases().filter(reference__iendswith=typed.strip().lstrip("0"))[:20]
    )


# -- how


def _attempts_at(case: Case, key: str) -> QuerySet[Attempt]:
    """An exception step's attempts have the step behind the @ that they stand in for; addresses name only the step."""
    rows = Attempt.objects.filter(case=case)
    return rows.filter(key=key) if "@" in key else rows.filter(Q(key=key) | Q(key__startswith=f"{key}@"))


def _questions(
    journey: Journey, form: Form, names: Iterable[str], language: str
) -> Iterator[tuple[str, Field, str]]:
    """Each question of a form that was ever answered, with its name and label; of pages that repeat, entry by entry."""
    numbers = {place[:2] for name in names if (place := entries.parts(name))}
    for page in form.pages:
        if page.repeat is None:
            yield from ((field.key, field, journey.text(field.label, language)) for field in page.fields)
            continue
        for group, number in sorted(numbers):
            if group == page.key:
                entry = f"{journey.text(page.repeat.entry, language)} {number}"
                for field in page.fields:
                    label = f"{entry} · {journey.text(field.label, language)}"
                    yield entries.name(group, number, field.key), field, label


def _as_asked(form: Form, row: Answer) -> Field | None:
    """The question as this answer's version of the journey asks it; None when it is asked alike today."""
    if not row.asked_as or row.journey_version_id is None or row.asked_as == asking.digest(form, row.field):
        return None
    then = journeys.compiled(row.journey_version_id)
    step = then.steps.get(row.step)
    asked = then.forms.get(str(step.use)) if step else None
    return asking.question_of(asked, row.field) if asked else None


def _may_see(person: Person) -> Q:
    return Q(person=person) | Q(pk__in=Membership.objects.filter(person=person).values("case"))


def _is_let_in(person: Person) -> Q:
    full = Membership.objects.filter(person=person).exclude(role__in=(APPROVER, DELEGATE))
    return Q(person=person) | Q(pk__in=full.values("case"))


def _stage_state(visit: StageVisit | None) -> str:
    if visit is None or visit.entry == "waiting":
        return "ahead"
    if visit.entry == "skipped":
        return "skipped"
    return "present" if visit.live or visit.entry == "held" else "done"


def _rows(journey: Journey) -> list[int]:
    """Stages that wait for the same ones stand side by side."""
    rows: list[int] = []
    seen: dict[tuple[str, ...], int] = {}
    for stage in journey.stages.values():
        rows.append(seen.setdefault(stage.after, len(seen)))
    return rows


def _step_view(journey: Journey, row: Attempt, language: str) -> StepView:
    step = journey.steps.get(row.step)
    title = journey.text(step.title, language) if step else ""
    party = "us" if row.kind == "gate" or step is None else step.party
    return StepView(
        row.step,
        title,
        row.kind,
        row.status,
        party,
        row.optional,
        row.opened_at,
        row.ended_at,
        row.number,
        row.reasons,
        row.wanted,
    )


def _loops_by_stage(case: Case, journey: Journey) -> dict[str, int]:
    out: dict[str, int] = defaultdict(int)
    for key, _, count in case.counts if isinstance(case.counts, list) else json.loads(case.counts):
        step = journey.steps.get(str(key).partition("@")[0])
        if step:
            out[step.stage] += count
    return out


def _shown(options: Mapping[str, Text], row: Answer, language: str) -> Any:
    text = options.get(str(row.value)) if options else None
    return (text.get(language) or text.get("en") or row.value) if text else row.value
