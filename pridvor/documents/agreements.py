"""Contracts that are signed online: set when the step opens, shown, signed by each in their order, sealed at the end.

What people sign is one file, named by its SHA-256: nobody signs another than they were shown. After the last of them
a job seals the contract, with the record of its signing, and only then does the step end: it is never half-signed.
The ledger says who and when; names, addresses and reasons are sealed. Codes of Refused: `not-your-turn`, `not-shown`,
`no-name`, `no-consent`, `no-reason`, `not-prepared`, and `no-longer-open`.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from procrastinate.contrib.django import app

from pridvor.cases import actions as cases
from pridvor.cases import approvals
from pridvor.cases import queries as case_queries
from pridvor.cases.actions import Refused
from pridvor.cases.models import Attempt, Case, Event, Membership
from pridvor.clients import actions as clients
from pridvor.clients.models import Person
from pridvor.documents import agreement_words as words
from pridvor.documents import arriving, particulars, sandbox, sealing, seals
from pridvor.documents.contract import Attachment, Online, Said, contract_text, render_contract
from pridvor.documents.models import Agreement, Document, File, Signatory
from pridvor.documents.storage import store
from pridvor.lib import trace
from pridvor.lib.actor import Actor, machine
from pridvor.vault import actions as vault

ME = machine("signing")
ITEM = "contract-"  # before the step's name: the item under which its files are kept
LARGEST = 32 << 20  # bytes of a contract
LONGEST = 2000  # characters of a reason
LONGEST_NAME = 120
SIGNED, DECLINED = "signed", "declined"


@dataclass(frozen=True)
class Proof:
    """How somebody proved, just before signing, that it is them: `way` is a code of agreement_words.WAYS."""

    way: str
    reference: str
    at: datetime


@dataclass(frozen=True)
class Visit:
    """From where somebody signs: kept sealed. The ledger has a keyed digest of the address, and the agent's class."""

    address: str
    agent: str

    def for_ledger(self) -> dict[str, str]:
        key = settings.KEYS["session"]
        place = hmac.new(key, f"signing:{self.address}".encode(), hashlib.sha256).hexdigest()[:16]
        return {"place": place, "agent": words.agent_class(self.agent)}


# -- setting


def prepare(event: Event, *, now: datetime) -> None:
    """This will set the contract of a `sign` step that has opened, once, and say who signs it."""
    attempt = case_queries.attempt_of(event)
    if attempt is None or attempt.status != "open" or of_attempt(attempt):
        return
    case = attempt.case
    people = _people(attempt, now=now)
    given = particulars.contract_data(case, case.language, actor=ME, purpose="set the contract", now=now)
    names = [_shown_name(case, person, given, now) for person in people]
    data = {**given, "date": given["date"].isoformat(), "signatories": names}
    evidence = Attachment(
        "evidence.json", "application/json", words.EVIDENCE, _canonical(_presented(attempt, people, data))
    )
    item = case.journey.documents[str(case.journey.steps[attempt.step].use)]
    made = render_contract(
        given, case.language, template=item.template, online=Online(tuple(names), (evidence,))
    )
    file_id, arrived, pages = _keep(case, made)
    with transaction.atomic():
        _lock(case)
        if of_attempt(attempt) or not _is_open(attempt):
            store().delete(File(public_id=file_id).prefix)
            return
        document = _document(case, attempt.key, f"{ITEM}{attempt.step}", Document.State.DELIVERED, now=now)
        file = _file(document, file_id, arrived, pages, "contract", now=now)
        ref = clients.keep(case.subject, {"contract": json.dumps(data, ensure_ascii=False)}, now=now)
        agreement = Agreement.objects.create(
            attempt=attempt,
            language=case.language,
            template=item.template,
            presented=file,
            ref=ref["contract"],
            set_at=now,
        )
        for position, person in enumerate(people, 1):
            Signatory.objects.create(agreement=agreement, position=position, person=person)
        said = {**_about(agreement), "signatories": [str(person.subject) for person in people]}
        cases.record(case, "contract.set", actor=ME, now=now, data=said)


# -- signing


@transaction.atomic
def look(agreement: Agreement, person: Person, *, actor: Actor, now: datetime) -> None:
    """This will note that a signatory was shown the contract; only the first time counts."""
    case = agreement.attempt.case
    mine = Signatory.objects.filter(agreement=agreement, person=person, seen_at=None)
    if mine.exists() and _is_open(agreement.attempt):
        _lock(case)
        if mine.update(seen_at=now):
            cases.record(case, "contract.seen", actor=actor, now=now, data=_about(agreement))


@transaction.atomic
def ask_proof(agreement: Agreement, person: Person, *, visit: Visit, actor: Actor, now: datetime) -> None:
    """This will note that a signatory whose turn it is was sent a code. Raises Refused."""
    _lock(agreement.attempt.case)
    _turn(agreement, person)
    data = {**_about(agreement), **visit.for_ledger()}
    cases.record(agreement.attempt.case, "signing.code-asked", actor=actor, now=now, data=data)


@transaction.atomic
def sign(
    agreement: Agreement,
    person: Person,
    name: str,
    sha256: str,
    *,
    consents: bool,
    proof: Proof,
    visit: Visit,
    actor: Actor,
    now: datetime,
) -> None:
    """This will note a person's signature on the file of this digest, and have the contract sealed after the last.

    `name` is what they typed; `consents`: that it is signed electronically. Raises Refused.
    """
    case = agreement.attempt.case
    _lock(case)
    mine = _turn(agreement, person)
    _refuse_incomplete(agreement, mine, name, sha256, consents=consents)
    intent = words.intent(name, case.reference, sha256, agreement.language)
    email = clients.email_of(person, actor=ME, purpose="record a signature", now=now)
    kept = {
        "name": " ".join(name.split()),
        "email": email,
        "intent": intent,
        "consent": words.consent(agreement.language),
        "proof": {**asdict(proof), "at": proof.at.isoformat()},
        "visit": asdict(visit),
    }
    _say(mine, kept, actor=actor, now=now, signed_at=now)
    data = {**_about(agreement), **visit.for_ledger(), "position": mine.position, "way": proof.way}
    cases.record(case, "contract.signed", actor=actor, now=now, data=data)
    if next_signatory(agreement) is None:
        _seal_soon(agreement)


@transaction.atomic
def decline(
    agreement: Agreement, person: Person, reason: str, *, visit: Visit, actor: Actor, now: datetime
) -> None:
    """This will end the step because a signatory whose turn it is does not sign, and says why. Raises Refused."""
    case = agreement.attempt.case
    _lock(case)
    mine = _turn(agreement, person)
    if not reason.strip():
        raise Refused("no-reason")
    kept = {"reason": reason.strip()[:LONGEST], "visit": asdict(visit)}
    _say(mine, kept, actor=actor, now=now, declined_at=now)
    data = {**_about(agreement), **visit.for_ledger(), "position": mine.position}
    cases.record(case, "contract.declined", actor=actor, now=now, data=data)
    reasons = [{"code": "declined-to-sign", "step": agreement.attempt.step}]
    cases.complete(agreement.attempt, DECLINED, actor=actor, now=now, reasons=reasons)


# -- sealing


def seal(agreement_id: int, *, now: datetime) -> None:
    """This will seal a contract that all have signed, and end its step; once, however often it is tried.

    Raises seals.NoTimestamp and sandbox.Failed: nothing has happened then but a note of what is waited for.
    """
    agreement = _load(agreement_id)
    if not _is_to_seal(agreement):
        return
    case = agreement.attempt.case
    try:
        sealed = seals.seal(_recorded(agreement, now=now), reason=f"{case.reference}")
    except seals.NoTimestamp as missing:
        _note_waiting(agreement, missing.code, now=now)
        raise
    file_id, arrived, pages = _keep(case, sealed.content)
    with transaction.atomic():
        _lock(case)
        agreement = _load(agreement_id)
        if not _is_to_seal(agreement):
            store().delete(File(public_id=file_id).prefix)
            return
        agreement.sealed = _file(_held(agreement, now), file_id, arrived, pages, "contract-signed", now=now)
        agreement.sealed_at, agreement.waits_for, agreement.facts = now, "", sealed.facts
        agreement.save(update_fields=["sealed", "sealed_at", "waits_for", "facts"])
        data = {**_about(agreement), "sealed": arrived.sha256, "timestamp": sealed.facts["timestamp"]}
        cases.record(case, "contract.sealed", actor=ME, now=now, data=data)
        agreed = [one.by for one in agreement.signatories.all()]
        cases.complete(agreement.attempt, SIGNED, actor=ME, now=now, agreed=agreed)


def seal_waiting(*, now: datetime) -> int:
    """This will enqueue the sealing of contracts whose job was lost. Returns how many."""
    rows = Agreement.objects.filter(sealed=None, attempt__status="open").exclude(signatories__signed_at=None)
    found = list(rows.distinct())
    for agreement in found:
        _seal_soon(agreement)
    return len(found)


# -- reading


def of_attempt(attempt: Attempt) -> Agreement | None:
    rows = Agreement.objects.filter(attempt=attempt)
    return rows.select_related("attempt__case", "presented__document", "sealed").first()


def of_step(case: Case, step: str) -> Agreement | None:
    """The agreement of the latest attempt at this step."""
    attempt = case_queries.attempt(case, step)
    return of_attempt(attempt) if attempt else None


def of_case(case: Case) -> list[Agreement]:
    rows = Agreement.objects.filter(attempt__case=case).order_by("pk")
    return list(rows.select_related("attempt__case", "presented__document", "sealed"))


def next_signatory(agreement: Agreement) -> Signatory | None:
    """Whose turn it is; None when all have signed, or it has ended."""
    if Signatory.objects.filter(agreement=agreement, declined_at__isnull=False).exists():
        return None
    rows = Signatory.objects.filter(agreement=agreement, signed_at=None)
    return rows.select_related("person").order_by("position").first()


def waits_for(case: Case, person: Person | None) -> str:
    """The first open `sign` step on which it is this person's turn; empty: none."""
    if person is None:
        return ""
    for agreement in of_case(case):
        turn = next_signatory(agreement) if _is_open(agreement.attempt) else None
        if turn and turn.person_id == person.pk:
            return agreement.attempt.step
    return ""


def may_see(agreement: Agreement, person: Person | None) -> bool:
    """Whether this person is one of its signatories."""
    return person is not None and agreement.signatories.filter(person=person).exists()


def may_see_file(file: File, person: Person | None) -> bool:
    """Whether it is a contract that this person signs, or its sealed form."""
    rows = Signatory.objects.filter(person=person, agreement__presented=file)
    sealed = Signatory.objects.filter(person=person, agreement__sealed=file)
    return person is not None and (rows.exists() or sealed.exists())


def text(agreement: Agreement, *, actor: Actor, purpose: str, now: datetime) -> list[Said]:
    """This will log the look and return the contract's words, from the same source as its pages; none once erased."""
    data = _data(agreement, actor=actor, purpose=purpose, now=now)
    if not data:
        return []
    online = Online(tuple(data["signatories"]))
    return contract_text(data, agreement.language, template=agreement.template, online=online)


def said(agreement: Agreement, *, actor: Actor, purpose: str, now: datetime) -> dict[int, Mapping[str, Any]]:
    """This will log the look and return what each signatory gave, by position."""
    rows = [one for one in agreement.signatories.all() if one.ref]
    refs = {str(one.position): one.ref for one in rows if one.ref}
    case = agreement.attempt.case
    found = (
        clients.reveal_refs(refs, actor=actor, purpose=purpose, now=now, case=case.reference) if refs else {}
    )
    return {int(position): json.loads(kept) for position, kept in found.items()}


def in_use(refs: Iterable[UUID]) -> set[UUID]:
    """Of these vault ids, the ones that an agreement refers to."""
    wanted = list(refs)
    rows = Agreement.objects.filter(ref__in=wanted).values_list("ref", flat=True)
    given = Signatory.objects.filter(ref__in=wanted).values_list("ref", flat=True)
    return {ref for ref in (*rows, *given) if ref}


# -- how


def _lock(case: Case) -> None:
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)


def _is_open(attempt: Attempt) -> bool:
    return Attempt.objects.filter(pk=attempt.pk, status="open").exists()


def _load(agreement_id: int) -> Agreement:
    rows = Agreement.objects.select_related("attempt__case__person", "presented__document__case")
    return rows.get(pk=agreement_id)


def _is_to_seal(agreement: Agreement) -> bool:
    return agreement.sealed_id is None and _is_open(agreement.attempt) and _all_signed(agreement)


def _all_signed(agreement: Agreement) -> bool:
    return not Signatory.objects.filter(agreement=agreement, signed_at=None).exists()


def _turn(agreement: Agreement, person: Person) -> Signatory:
    if not _is_open(agreement.attempt):
        raise Refused("no-longer-open")
    turn = next_signatory(agreement)
    if turn is None or turn.person_id != person.pk:
        raise Refused("not-your-turn")
    return turn


def _refuse_incomplete(
    agreement: Agreement, mine: Signatory, name: str, sha256: str, *, consents: bool
) -> None:
    if mine.seen_at is None or sha256 != agreement.presented.sha256:
        raise Refused("not-shown")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Refused("no-name")
    if not consents:
        raise Refused("no-consent")


def _say(
    mine: Signatory, kept: Mapping[str, Any], *, actor: Actor, now: datetime, **moment: datetime
) -> None:
    """Seal what somebody said, and note that and when they did."""
    subject = mine.agreement.attempt.case.subject
    ref = clients.keep(subject, {"signature": json.dumps(kept, ensure_ascii=False)}, now=now)["signature"]
    Signatory.objects.filter(pk=mine.pk).update(ref=ref, by=str(actor), **moment)


def _people(attempt: Attempt, *, now: datetime) -> list[Person]:
    """Who signs, in order and each once; where a word finds nobody, the applicant signs."""
    case, found = attempt.case, []
    for name in case.journey.steps[attempt.step].signatories:
        if name == "applicant":
            found.append(case.person)
        elif name == "signatory":
            mine = Membership.objects.filter(case=case, role="signatory").select_related("person")
            found += [row.person for row in mine.order_by("pk")]
        else:
            email = _address(case, *name.split(".", 1), now=now)
            if email:
                found.append(_named(attempt, email, now=now))
    return list({person.pk: person for person in found}.values()) or [case.person]


def _address(case: Case, step: str, field: str, *, now: datetime) -> str:
    row = next((row for row in case_queries.standing(case, step) if row.field == field), None)
    if row is None or row.ref is None:
        return str(row.value or "") if row else ""
    purpose = "ask a signatory"
    opened = clients.reveal_refs({field: row.ref}, actor=ME, purpose=purpose, now=now, case=case.reference)
    return opened.get(field, "")


def _named(attempt: Attempt, email: str, *, now: datetime) -> Person:
    return approvals.name(attempt.case, attempt.step, email, actor=ME, now=now).person


def _shown_name(case: Case, person: Person, given: Mapping[str, Any], now: datetime) -> str:
    """How the contract names a signatory before they have typed their name."""
    if person.pk == case.person_id and given["partner"]["representative"]:
        return str(given["partner"]["representative"])
    return clients.email_of(person, actor=ME, purpose="set the contract", now=now)


def _presented(attempt: Attempt, people: Iterable[Person], data: Mapping[str, Any]) -> dict[str, Any]:
    """What the contract was made from: answers by the digest of their question, who signs, which journey."""
    case = attempt.case
    rows = [row for row in case_queries.standing(case) if row.asked_as]
    return {
        "format": "pridvor-agreement/1",
        "case": case.reference,
        "journey": str(case.journey_version),
        "journey_digest": case.journey_version.digest,
        "step": attempt.key,
        "attempt": attempt.number,
        "contract_digest": hashlib.sha256(_canonical(data)).hexdigest(),
        "answers": [
            {
                "step": row.step,
                "field": row.field,
                "number": row.number,
                "question": row.asked_as,
                "journey_version": row.journey_version_id,
                "link": bytes(row.mac).hex(),
            }
            for row in rows
        ],
        "signatories": [
            {"position": position, "person": str(person.subject)} for position, person in enumerate(people, 1)
        ],
    }


def _recorded(agreement: Agreement, *, now: datetime) -> bytes:
    """The contract once more, with the record of its signing, the very file that was signed, and the evidence."""
    case, purpose = agreement.attempt.case, "seal the contract"
    data = _data(agreement, actor=ME, purpose=purpose, now=now)
    given = said(agreement, actor=ME, purpose=purpose, now=now)
    rows = list(agreement.signatories.all())
    presented = b"".join(sealing.chunks(case.subject, agreement.presented.whole))
    evidence = {
        **_presented(agreement.attempt, [row.person for row in rows], _as_kept(data)),
        "signed": {"sha256": agreement.presented.sha256, "set_at": agreement.set_at.isoformat()},
        "signatures": [
            {
                "position": row.position,
                "seen_at": row.seen_at.isoformat() if row.seen_at else "",
                "signed_at": row.signed_at.isoformat() if row.signed_at else "",
                **given[row.position],
            }
            for row in rows
        ],
    }
    online = Online(
        tuple(data["signatories"]),
        (
            Attachment("signed.pdf", "application/pdf", words.SIGNED_FILE, presented, "source"),
            Attachment("evidence.json", "application/json", words.EVIDENCE, _canonical(evidence)),
        ),
        words.record(agreement, rows, given),
    )
    return render_contract(data, agreement.language, template=agreement.template, online=online)


def _data(agreement: Agreement, *, actor: Actor, purpose: str, now: datetime) -> dict[str, Any]:
    case = agreement.attempt.case
    refs = {"contract": agreement.ref}
    kept = clients.reveal_refs(refs, actor=actor, purpose=purpose, now=now, case=case.reference)
    data = json.loads(kept["contract"]) if "contract" in kept else {}
    return {**data, "date": date.fromisoformat(data["date"])} if data else {}


def _as_kept(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**data, "date": data["date"].isoformat()}


def _canonical(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode()


def _keep(case: Case, content: bytes) -> tuple[UUID, arriving.Arrived, int]:
    """Encrypt a file of ours into the store; it counts once a transaction has written its row."""
    pages = int(sandbox.run("scan", [content], seconds=30.0, options={"kind": "pdf"}).found["pages"] or 1)
    file_id, path = arriving.new_place()
    with arriving.into(case.subject, path, largest=LARGEST) as intake:
        intake.write(content)
        arrived = intake.finish()
    return file_id, arrived, pages


def _held(agreement: Agreement, now: datetime) -> Document:
    """The signed contract is from now on the case's paper of its name, as one that was uploaded would be."""
    case, step = agreement.attempt.case, agreement.attempt.step
    item = str(case.journey.steps[step].use)
    standing = Document.objects.filter(case=case, item=item, state=Document.State.SENT)
    standing.update(state=Document.State.SUPERSEDED)
    return _document(case, agreement.attempt.key, item, Document.State.SENT, now=now)


def _document(case: Case, step: str, item: str, state: str, *, now: datetime) -> Document:
    item = item[:60]
    latest = Document.objects.filter(case=case, item=item).aggregate(latest=Max("number"))["latest"] or 0
    return Document.objects.create(
        case=case, step=step, item=item, number=latest + 1, state=state, created_at=now, sent_at=now
    )


def _file(
    document: Document,
    file_id: UUID,
    arrived: arriving.Arrived,
    pages: int,
    name: str,
    *,
    now: datetime,
) -> File:
    """A file of ours needs no scan: nobody else wrote a byte of it. It is read, as every paper is."""
    case = document.case
    shown = f"{name}-{case.reference}.pdf"
    file = File.objects.create(
        public_id=file_id,
        document=document,
        position=1,
        sealed_name=vault.seal(case.subject, f"file-name:{file_id}", shown.encode()),
        declared_type="application/pdf",
        kind=File.Kind.PDF,
        length=arrived.size,
        offset=arrived.size,
        sha256=arrived.sha256,
        state=File.State.CLEAN,
        pages=pages,
        begun_at=now,
        received_at=now,
        cleared_at=now,
        by_kind=ME.kind,
        by_id=ME.id,
    )
    app.configure_task("documents.read", queue="documents").defer(file_id=file.pk, trace=trace.current())
    return file


def _about(agreement: Agreement) -> dict[str, Any]:
    """What the ledger says of an agreement: nothing personal."""
    attempt = agreement.attempt
    return {"step": attempt.key, "number": attempt.number, "sha256": agreement.presented.sha256}


def _seal_soon(agreement: Agreement) -> None:
    job = app.configure_task("documents.seal", queue="documents", queueing_lock=f"seal:{agreement.pk}")
    job.defer(agreement=agreement.pk, trace=trace.current())


@transaction.atomic
def _note_waiting(agreement: Agreement, code: str, *, now: datetime) -> None:
    _lock(agreement.attempt.case)
    changed = Agreement.objects.filter(pk=agreement.pk).exclude(waits_for=code).update(waits_for=code)
    if changed:
        data = {**_about(agreement), "code": code}
        cases.record(agreement.attempt.case, "sealing.waits", actor=ME, now=now, data=data)
