"""What may be done with messages: owe one, and deliver it.

A message is owed once for each cause, in the transaction in which the cause is reacted to. SMTP can only promise «at
least once»: when a server took a mail and its answer was lost, or the worker died, the mail is sent again, with the
same Message-ID, by which a mailbox can know the copy. Without a mail server messages are kept, and leave when one is
configured. Address, name and code are asked for when the message leaves, and never stored here. What a test case owes
is noted with the case and leaves for nobody.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import formats, translation
from django.utils.translation import ngettext
from procrastinate.contrib.django import app

from pridvor.accounts.models import Staff
from pridvor.accounts.sight import whole
from pridvor.cases import actions as cases
from pridvor.cases import approvals, inviting, joining, vouching
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case, Event
from pridvor.clients import actions as clients
from pridvor.clients import queries as client_queries
from pridvor.clients import sign_in as sign_ins
from pridvor.clients.models import Person, SignIn
from pridvor.company import systems
from pridvor.company.reading import company
from pridvor.connectors import gathering
from pridvor.documents import agreements
from pridvor.lib import ids, trace
from pridvor.lib.actor import machine
from pridvor.notifications import letters, post, wording
from pridvor.notifications.models import Message, MessageState

QUEUE, TASK = "mail", "notifications.deliver"
ME = machine("mail")
BACKOFF = (30, 120, 600, 1800, 7200)  # seconds before the next try; the last one repeats
GIVE_UP_AFTER = timedelta(days=3)
LEASE = timedelta(minutes=3)  # a try that takes longer has lost its worker
TOLD = {
    "case.opened": "received",
    "case.invited": "invited",
    "call.delayed": "delayed",
    "reminder.due": "reminder",
}  # by the event's kind
ONCE = {
    "received",
    "approved",
    "delayed",
    "welcome",
    "declined",
    "withdrawn",
    "expired",
    "invitation-to-rate",
}  # per case
JOINING = {"join.asked": "join-request", "join.approved": "join-approved", "join.refused": "join-refused"}
COLLEAGUES = {"member.invited": "member-invited", "step.delegated": "step-delegated"}
CLIENTS_STEPS = {"form", "upload", "sign", "approve"}


def tell(event: Event, *, now: datetime) -> None:
    """This will owe the client the message that the event calls for: a milestone, a correction, a delay, a survey."""
    if event.kind in ("loop.taken", "step.redone"):
        _tell_corrections(event, now=now)
    elif event.kind == "reminder.due" and event.data.get("kind") == "sign":
        _remind_signatory(event, now=now)
    elif event.kind == "step.opened" and event.data.get("kind") == "survey":
        owe(event.case, "invitation-to-rate", cause=f"{event.case_id}:invitation-to-rate", now=now)
    else:
        template = str(event.data.get("tell") or TOLD.get(event.kind, ""))
        first = event.case.journey.tell.get("opened")
        if template and not (
            template == first and inviting.was_invited(event.case)
        ):  # the invitation says it
            once = template in ONCE
            owe(
                event.case,
                template,
                cause=f"{event.case_id}:{template}" if once else f"event:{event.pk}",
                now=now,
                context=_about(event, template),
            )


def tell_of_joining(event: Event, *, now: datetime) -> None:
    """This will owe the applicant the question whether to let a colleague in, or the colleague the answer."""
    asked = joining.request(event.data["request"])
    if asked is None or (event.kind == "join.asked" and asked.of != "applicant"):
        return
    template = JOINING[event.kind]
    reader = asked.case.person if event.kind == "join.asked" else asked.person
    context = {"join": str(asked.public_id)}
    owe(event.case, template, cause=f"event:{event.pk}", now=now, context=context, reader=reader)


def tell_of_vouching(event: Event, *, now: datetime) -> None:
    """This will owe an administrator of the company the question whether the applicant acts for it."""
    reader = client_queries.addressed(UUID(event.data["person"]))
    if reader is not None:
        context = {"attempt": event.data["attempt"]}
        owe(event.case, "vouch-asked", cause=f"event:{event.pk}", now=now, context=context, reader=reader)


def tell_of_colleague(event: Event, *, now: datetime) -> None:
    """This will owe a colleague the letter that they are let in, or asked to do one step."""
    reader = client_queries.addressed(UUID(event.data["person"]))
    if reader is None:
        return
    step = event.data.get("step")
    context = {"wanted": [{"step": step}] if step else []}
    template = COLLEAGUES[event.kind]
    owe(event.case, template, cause=f"event:{event.pk}", now=now, context=context, reader=reader)


def tell_of_support(event: Event, *, now: datetime) -> None:
    """This will owe the applicant the letter that somebody of ours looked at their pages, and why."""
    context = {"wanted": event.data["reasons"]}
    owe(event.case, "support-looked", cause=f"event:{event.pk}", now=now, context=context)


def tell_of_approval(event: Event, *, now: datetime) -> None:
    """This will owe everybody whose word is asked the letter that says so, once for each attempt: when the step opens,
    and when they are named while it is open."""
    step = str(event.data["step"])
    attempt = case_queries.open_attempt(event.case, step)
    if attempt is None:
        return
    for person in approvals.who_is_asked(event.case, step):
        if event.data.get("person", str(person.subject)) == str(person.subject):
            cause = f"approval:{attempt.pk}:{person.pk}"
            owe(event.case, "approval-asked", cause=cause, now=now, reader=person)


def tell_of_signing(event: Event, *, now: datetime) -> None:
    """This will owe whoever signs next the letter that says so; after the sealing, each signatory where the contract is."""
    agreement = agreements.of_step(event.case, str(event.data["step"]).partition("@")[0])
    if agreement is None:
        return
    context = {"step": agreement.attempt.step}
    if event.kind == "contract.sealed":
        for row in agreement.signatories.select_related("person"):
            cause = f"signed:{agreement.pk}:{row.position}"
            owe(event.case, "contract-signed", cause=cause, now=now, context=context, reader=row.person)
        return
    turn = agreements.next_signatory(agreement)
    if turn is not None:
        cause = f"sign:{agreement.pk}:{turn.position}"
        owe(event.case, "sign-asked", cause=cause, now=now, context=context, reader=turn.person)


def send_step(event: Event, *, now: datetime) -> None:
    """This will owe the message of a journey's own step, and end the step: the case does not wait for mail servers."""
    attempt = case_queries.attempt_of(event)
    if attempt is None or attempt.status != "open":
        return
    template = str(event.data["use"])
    with transaction.atomic():
        why = {"wanted": _reasons_of_last_decision(event.case)}
        context = {**_customer_number(event.case), **_granted(event.case), **why}
        owe(event.case, template, cause=f"step:{attempt.pk}", now=now, context=context)
        cases.complete(attempt, "sent", actor=ME, now=now)


@whole()
@transaction.atomic
def send_code(sign_in: SignIn, *, now: datetime) -> Message:
    """This will owe the mail that carries a sign-in code. Neither the message nor its job holds the code."""
    message = _new(
        "code", f"sign-in:{sign_in.public_id}", sign_in.person.language, sign_in.person.subject, now
    )
    message.sign_in = sign_in.public_id
    message.save()
    _enqueue(message, at=now)
    return message


@transaction.atomic
def owe(
    case: Case,
    template: str,
    *,
    cause: str,
    now: datetime,
    context: Mapping[str, Any] | None = None,
    reader: Person | None = None,
) -> Message | None:
    """This will owe the case's person (or another `reader`) a message; None when it is owed, or was sent, for this cause already."""
    if template not in letters.templates():
        raise LookupError(f"there is no message {template}")
    reader = reader or case.person
    language = case.language if reader.pk == case.person_id else reader.language
    message = _new(template, cause, language, reader.subject, now)
    message.case, message.context = case, dict(context or {})
    if (
        not Message.objects.bulk_create([message], ignore_conflicts=True)
        or not Message.objects.filter(public_id=message.public_id).exists()
    ):
        return None
    message = Message.objects.get(public_id=message.public_id)
    _enqueue(message, at=now)
    return message


@transaction.atomic
def owe_staff(
    staff: Staff, template: str, *, cause: str, now: datetime, context: Mapping[str, Any] | None = None
) -> Message | None:
    """This will owe a member of staff a message; None when it is owed, or was sent, for this cause already.

    `context` is what the letter says beyond its notices; `path` in it becomes the address of its button.
    """
    message = _new(template, cause, staff.language, staff.public_id, now)
    message.staff, message.context = staff, dict(context or {})
    Message.objects.bulk_create([message], ignore_conflicts=True)
    kept = Message.objects.filter(public_id=message.public_id).first()
    if kept is not None:
        _enqueue(kept, at=now)
    return kept


@transaction.atomic
def owe_person(
    person: Person,
    template: str,
    *,
    cause: str,
    now: datetime,
    context: Mapping[str, Any],
    language: str = "",
) -> Message:
    """This will owe a person a message that is about no case; the one that is owed for this cause already stays."""
    message = _new(template, cause, language or person.language, person.subject, now)
    message.context = dict(context)
    Message.objects.bulk_create([message], ignore_conflicts=True)
    kept = Message.objects.get(cause=message.cause)
    if kept.public_id == message.public_id:
        _enqueue(kept, at=now)
    return kept


def deliver(message_id: int, *, now: datetime) -> None:
    """This will hand a message to the mail server, if it is still owed and due, and note how it went."""
    if not systems.mail():
        return  # kept; `sweep` finds it when a server is configured
    message = _claim(message_id, now=now)
    if message is None:
        return
    if message.case and message.case.is_test:
        _note(message, MessageState.SUPPRESSED, "test-case", now=now)
        return
    made = _write(message, now=now)
    if made is None:
        _note(message, MessageState.SUPPRESSED, "nobody-to-tell", now=now)
        return
    try:
        post.send(systems.mail(), made)
    except post.Refused as refused:
        _note(message, MessageState.FAILED, refused.code, now=now)
    except post.Unavailable as unavailable:
        _again(message, unavailable.code, now=now)
    else:
        _note(message, MessageState.SENT, "", now=now)


def sweep(*, now: datetime) -> int:
    """This will enqueue messages whose job was lost, and those that waited for a mail server. Returns how many."""
    if not systems.mail():
        return 0
    overdue = list(
        Message.objects.filter(state=MessageState.QUEUED, next_at__lt=now - timedelta(seconds=30)).order_by(
            "next_at"
        )[:500]
    )
    for message in overdue:
        _enqueue(message, at=now)
    return len(overdue)


# -- owing


def _tell_corrections(event: Event, *, now: datetime) -> None:
    """One letter for everything that one decision sent back; only what the client has to do again.

    The events of one decision have one time; whichever of them is wired, and however often, the letter is one.
    """
    redone = Event.objects.filter(case=event.case, kind="step.redone", at=event.at).order_by("id")
    mine = [each for each in redone if each.data.get("kind") in CLIENTS_STEPS]
    if not mine:
        return
    wanted = [
        {**reason, "step": reason.get("step") or each.data["step"]}
        for each in mine
        for reason in each.data.get("reasons") or ()
    ]
    named = {(each["step"], each.get("item")) for each in wanted}
    wanted += [
        {"step": each.data["step"], "item": item}
        for each in mine
        for item in each.data.get("wanted") or ()
        if (each.data["step"], item) not in named
    ]
    wanted += [
        {"step": each.data["step"]}
        for each in mine
        if each.data["step"] not in {one["step"] for one in wanted}
    ]
    owe(
        event.case,
        "correction",
        cause=f"correction:{event.case_id}:{event.at.isoformat()}",
        now=now,
        context={"wanted": wanted},
    )


def _remind_signatory(event: Event, *, now: datetime) -> None:
    """Whose turn it is, and nobody else; while the seal is waited for, nobody."""
    agreement = agreements.of_step(event.case, event.data["step"].partition("@")[0])
    turn = agreements.next_signatory(agreement) if agreement else None
    if agreement and turn:
        context = {"step": agreement.attempt.step, "again": True}
        cause = f"event:{event.pk}"
        owe(event.case, "sign-asked", cause=cause, now=now, context=context, reader=turn.person)


def _about(event: Event, template: str) -> dict[str, Any]:
    """What a letter says beyond the facts of its case."""
    if template == "declined":
        return {"wanted": _reasons_of_last_decision(event.case)}
    if event.kind == "reminder.due":
        return {"wanted": [{"step": event.data["step"].partition("@")[0]}], "again": event.data["count"] > 1}
    return {}


def _reasons_of_last_decision(case: Case) -> list[dict[str, Any]]:
    """Why it was declined: what stands with the decision itself (an attempt's own reasons are why it was asked again)."""
    last = case.events.filter(kind__in=("step.completed", "gate.decided")).order_by("-id").first()
    return [dict(reason) for reason in last.data.get("reasons", ())] if last else []


def _customer_number(case: Case) -> dict[str, str]:
    done = case.events.filter(kind="call.done", data__peer="erp").order_by("-id").first()
    return {"customer_number": str(done.data["reference"])} if done else {}


def _granted(case: Case) -> dict[str, str]:
    """The credit line, as the reader's language writes numbers."""
    found = gathering.granted(case)
    with translation.override(case.language):
        limit = (
            formats.number_format(found["credit_limit"], 0, force_grouping=True)
            if "credit_limit" in found
            else ""
        )
        days = _days(found["payment_days"]) if "payment_days" in found else ""
    return {"credit_limit": limit, "payment_days": days}


def _days(count: Any) -> str:
    return ngettext("%(days)s day", "%(days)s days", int(count)) % {"days": count}


def _new(template: str, cause: str, language: str, recipient: UUID, now: datetime) -> Message:
    public_id = ids.uuid7()
    host = company().sender_address.partition("@")[2] or "localhost"
    return Message(
        public_id=public_id,
        cause=cause[:120],
        template=template,
        language=language,
        recipient=recipient,
        queued_at=now,
        next_at=now,
        message_id=f"<{public_id}@{host}>",
    )


# -- delivering


def _claim(message_id: int, *, now: datetime) -> Message | None:
    """Take the message for one try; another worker that comes meanwhile gets none."""
    due = Message.objects.filter(
        pk=message_id, state=MessageState.QUEUED, next_at__lte=now + timedelta(seconds=1)
    )
    if not due.update(next_at=now + LEASE, tries=F("tries") + 1):
        return None
    return Message.objects.select_related(
        "case__client", "case__person", "case__journey_version", "staff"
    ).get(pk=message_id)


def _write(message: Message, *, now: datetime) -> post.Mail | None:
    """The letter with its address; None when there is nobody to send it to, or nothing left to say."""
    if message.sign_in:
        found = sign_ins.code_for_mail(message.sign_in, now=now)
        if found is None:
            return None
        address, code, language = found
        letter = letters.compose("code", language, {"code": f"{code[:3]} {code[3:]}"})
    elif message.staff:
        address, language = message.staff.email, message.language
        said = {**wording.notices(message, language), **_told(message)}
        letter = letters.compose(message.template, language, said)
    elif message.case is None:
        reader = client_queries.addressed(message.recipient)
        purpose, language = f"send the message “{message.template}”", message.language
        address = clients.email_of(reader, actor=ME, purpose=purpose, now=now) if reader else ""
        if not address:
            return None
        letter = letters.compose(message.template, language, _told(message))
    else:
        refs = _readers_refs(message, message.case)
        wanted = {name: refs[name] for name in ("email", "contact_name") if name in refs}
        purpose = f"send the message “{message.template}”"
        personal = clients.reveal_refs(
            wanted, actor=ME, purpose=purpose, now=now, case=message.case.reference
        )
        address, language = personal.get("email", ""), message.language
        if not address:
            return None
        notes = cases.read_notes(
            message.case, message.context.get("wanted", ()), actor=ME, purpose=purpose, now=now
        )
        letter = _about_case(
            message, message.case, {"name": personal.get("contact_name", ""), "notes": notes}
        )
    return post.Mail(address, language, message.message_id, message.queued_at, letter)


def _told(message: Message) -> dict[str, Any]:
    """What a message says that is about no case; its path on our pages becomes a whole address."""
    path = message.context.get("path")
    return {**message.context, **({"link": f"{settings.PUBLIC_URL}{path}"} if path else {})}


def _readers_refs(message: Message, case: Case) -> dict[str, UUID]:
    """The applicant's values; of a colleague only the address: the name in the case is not theirs."""
    if message.recipient == case.person.subject:
        return case_queries.personal_refs(case)
    reader = client_queries.addressed(message.recipient)
    return {"email": reader.email_ref} if reader else {}


def _link(message: Message) -> dict[str, str]:
    """The way to decide on a request to be let in, or to vouch for somebody: good once, so it is never kept."""
    reader = client_queries.addressed(message.recipient)
    if message.template == "vouch-asked" and reader is not None:
        signed = vouching.token(message.context["attempt"], reader)
        return {"link": f"{settings.PUBLIC_URL}/vouch/{signed}/"}
    asked = joining.request(message.context["join"]) if message.template == "join-request" else None
    return {"link": f"{settings.PUBLIC_URL}/join/{joining.token(asked)}/"} if asked else {}


def _about_case(message: Message, case: Case, personal: Mapping[str, Any]) -> letters.Letter:
    language = message.language
    said = {"items": wording.items(case, message.context.get("wanted", ()), language)}
    context = {**message.context, **wording.facts(case, language), **said, **personal, **_link(message)}
    return letters.compose(message.template, language, context, wording.arches(case, language))


@transaction.atomic
def _note(message: Message, state: MessageState, code: str, *, now: datetime) -> None:
    sent = now if state == MessageState.SENT else None
    noted = Message.objects.filter(pk=message.pk, state=MessageState.QUEUED).update(
        state=state, code=code[:80], sent_at=sent, next_at=None
    )
    if noted and message.case:
        cases.record(
            message.case,
            f"mail.{state}",
            actor=ME,
            now=now,
            data={"template": message.template, "code": code},
        )


@transaction.atomic
def _again(message: Message, code: str, *, now: datetime) -> None:
    if now - message.queued_at > GIVE_UP_AFTER:
        _note(message, MessageState.FAILED, code, now=now)
        return
    next_at = now + timedelta(seconds=BACKOFF[min(message.tries - 1, len(BACKOFF) - 1)])
    Message.objects.filter(pk=message.pk, state=MessageState.QUEUED).update(next_at=next_at, code=code[:80])
    _enqueue(message, at=next_at)


def _enqueue(message: Message, *, at: datetime) -> None:
    app.configure_task(TASK, queue=QUEUE, schedule_at=at).defer(message_id=message.pk, trace=trace.current())
