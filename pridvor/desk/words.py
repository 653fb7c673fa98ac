"""The desk's sentences for what happened in a case."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from pridvor.accounts import machines
from pridvor.accounts import queries as staff
from pridvor.cases import items
from pridvor.cases.models import Case, Event
from pridvor.checks import messages
from pridvor.checks.models import Verdict
from pridvor.connectors import blueprint, failures
from pridvor.desk import differences
from pridvor.documents import deliveries
from pridvor.documents.messages import message

EVENTS = {
    "case.opened": gettext_lazy("Registration begun"),
    "case.invited": gettext_lazy("Opened for the client, who was invited to go on"),
    "link.followed": gettext_lazy("Came by a link of another site, with what it knew"),
    "case.ended": gettext_lazy("Case ended: %(end)s"),
    "stage.opened": gettext_lazy("Stage “%(stage)s” begun"),
    "stage.done": gettext_lazy("Stage “%(stage)s” done"),
    "stage.entered": "",
    "stage.skipped": gettext_lazy("Stage “%(stage)s” not needed"),
    "step.opened": gettext_lazy("“%(step)s” begun"),
    "step.completed": gettext_lazy("“%(step)s”: %(outcome)s"),
    "step.carried": gettext_lazy("“%(step)s” kept as it was"),
    "step.skipped": gettext_lazy("“%(step)s” passed over"),
    "step.cancelled": gettext_lazy("“%(step)s” stopped"),
    "step.changed": gettext_lazy("“%(step)s” changed"),
    "step.redone": gettext_lazy("“%(step)s” asked again"),
    "step.proposed": gettext_lazy("“%(step)s”, proposed: %(outcome)s; a second person confirms"),
    "step.disputed": gettext_lazy("“%(step)s”: the second person decided otherwise"),
    "loop.taken": "",
    "gate.opened": gettext_lazy("“%(step)s” waits for a decision: the loop has reached its limit"),
    "gate.decided": gettext_lazy("Decided: %(outcome)s"),
    "case.paused": gettext_lazy("Paused: %(reason)s"),
    "case.resumed": gettext_lazy("Resumed"),
    "milestone.reached": gettext_lazy("The client is told: %(tell)s"),
    "secret.kept": gettext_lazy("“%(step)s”: credentials kept, sealed"),
    "secret.expired": gettext_lazy("“%(step)s”: credentials have run out and were destroyed"),
    "secret.destroyed": gettext_lazy("“%(step)s”: credentials destroyed"),
    "secret.handed-over": gettext_lazy("“%(step)s”: credentials moved to the secret store"),
    "suites.asked": gettext_lazy("Another run of the tests asked for"),
    "suite.passed": gettext_lazy("Tests “%(suite)s”: the interface answers as agreed"),
    "suite.failed": gettext_lazy("Tests “%(suite)s”: the interface differs from what was agreed"),
    "readings.taken": gettext_lazy("%(kept)s readings taken"),
    "measure-key.made": gettext_lazy("A key for the client's readings made"),
    "case.returned": gettext_lazy("Sent back to “%(step)s”"),
    "case.learned": gettext_lazy("New facts about the client"),
    "case.migrated": gettext_lazy("Moved to another version of the journey"),
    "clock.turned": "",
    "criteria.failed": gettext_lazy("Something that the stage must fulfil is missing"),
    "criteria.met": gettext_lazy("All that the stage must fulfil is there"),
    "criteria.accepted": gettext_lazy("The stage goes on although something is missing"),
    "criteria.ticked": gettext_lazy("A line of the checklist was ticked or unticked"),
    "decision.undone": gettext_lazy("The last decision was taken back"),
    "event.came": gettext_lazy("It happened: %(event)s"),
    "events.undone": "",
    "round.missed": gettext_lazy("A round of “%(stage)s” was left out: the last one still went on"),
    "step.added": gettext_lazy("A step was added by hand"),
    "call.done": gettext_lazy("%(peer)s: done%(known_as)s"),
    "company.looked-up": gettext_lazy("%(peer)s was asked about the company: %(outcome)s (%(by)s)"),
    "vouch.asked": gettext_lazy("The administrator of the company is asked"),
    "shop.entered": gettext_lazy("The client went into the shop"),
    "call.delayed": gettext_lazy("The outside system does not answer"),
    "call.by-hand": gettext_lazy("%(peer)s: a person has to do it (%(why)s)"),
    "call.undo": gettext_lazy("“%(step)s”: what was done outside is taken back"),
    "call.left": gettext_lazy("“%(step)s”: what was done outside stays there"),
    "member.invited": gettext_lazy("A colleague of the client was invited"),
    "member.changed": gettext_lazy("A colleague of the client has other rights"),
    "member.removed": gettext_lazy("A colleague of the client was taken out"),
    "step.delegated": gettext_lazy("“%(step)s” handed to a colleague of the client"),
    "step.taken-back": gettext_lazy("“%(step)s” taken back from a colleague of the client"),
    "support.looked": gettext_lazy("Looked at the client's pages to help"),
    "address.changed": gettext_lazy("The client has another e-mail address"),
    "screening.made": gettext_lazy("Sanctions list asked (%(list)s): candidates %(candidates)s"),
    "screening.failed": gettext_lazy("The sanctions list could not be asked: a person screens"),
    "screening.asked": gettext_lazy("Another sanctions screening asked for"),
    "screening.found": gettext_lazy("Screened again (%(list)s): new candidates %(candidates)s"),
    "candidate.adjudicated": gettext_lazy("Candidate %(entry)s: %(verdict)s"),
    "screening.confirmed": gettext_lazy("Two people say that the client is on a sanctions list (%(entry)s)"),
    "call.late": gettext_lazy("A late answer arrived"),
    "call.hurried": gettext_lazy("Tried again at once"),
    "deal.won": gettext_lazy("A deal was won in the CRM: %(deal_name)s"),
    "recipient.told": gettext_lazy("%(peer)s was told to forget the person"),
    "drift.resolved": gettext_lazy("A difference to %(peer)s was resolved: %(field)s"),
    "call.replayed": gettext_lazy("%(peer)s: the call is tried once more"),
    "document.received": gettext_lazy("Document received: %(item)s"),
    "document.cleared": gettext_lazy("Document found clean: %(item)s"),
    "document.refused": gettext_lazy("Document refused: %(item)s (%(code)s)"),
    "document.read": "",
    "document.sent": gettext_lazy("Document sent: %(item)s"),
    "document.dated": gettext_lazy("Document valid until %(until)s: %(item)s"),
    "document.removed": gettext_lazy("Document removed: %(item)s"),
    "document.withdrawn": gettext_lazy("Document taken back: %(item)s"),
    "terms.accepted": gettext_lazy("Terms accepted"),
    "item.insisted": gettext_lazy("“This is correct, let a person look”: %(item)s"),
    "sla.warned": gettext_lazy("“%(stage)s”: four fifths of the time are used"),
    "sla.behind": gettext_lazy("“%(stage)s”: much of the time is used, and little is done"),
    "sla.breached": gettext_lazy("“%(stage)s”: the time is used up"),
    "reminder.due": gettext_lazy("The client is reminded of “%(step)s”"),
    "mail.sent": gettext_lazy("Mail sent: %(template)s"),
    "mail.failed": gettext_lazy("Mail not delivered: %(template)s"),
    "mail.suppressed": gettext_lazy("Mail not sent: %(template)s"),
    "client.merged": gettext_lazy("Moved here with its client, who was known twice: %(name)s"),
    "client.parted": gettext_lazy("Moved back with its client: %(name)s"),
    "join.asked": gettext_lazy("A second person of the company asks to be let in"),
    "join.approved": gettext_lazy("A second person of the company was let in"),
    "join.refused": gettext_lazy("A second person of the company was not let in"),
    "item.added": gettext_lazy("%(list)s: item %(n)s added"),
    "item.taken": gettext_lazy("%(list)s: somebody is at item %(n)s"),
    "item.fixed": gettext_lazy("%(list)s: item %(n)s fixed"),
    "item.retested": gettext_lazy("%(list)s: item %(n)s tested again"),
    "item.rejected": gettext_lazy("%(list)s: item %(n)s set aside"),
    "item.closed": gettext_lazy("%(list)s: item %(n)s closed"),
    "delivery.made": gettext_lazy("Version %(version)s delivered: %(deliverable)s"),
    "approver.named": gettext_lazy("Somebody of the client is asked to approve “%(step)s”"),
    "signatory.named": gettext_lazy("Somebody of the client is asked to sign: “%(step)s”"),
    "contract.set": gettext_lazy("“%(step)s”: the contract is ready to be signed"),
    "contract.seen": gettext_lazy("“%(step)s”: a signatory looked at the contract"),
    "signing.code-asked": gettext_lazy("“%(step)s”: a signatory asked for a code"),
    "contract.signed": gettext_lazy("“%(step)s”: signed by signatory %(position)s"),
    "contract.declined": gettext_lazy("“%(step)s”: declined by signatory %(position)s"),
    "contract.sealed": gettext_lazy("“%(step)s”: the signed contract was sealed"),
    "sealing.waits": gettext_lazy("“%(step)s”: sealing waits for a timestamp, and is tried again"),
    "approval.given": gettext_lazy("“%(step)s”, said by one approver: %(outcome)s"),
    "comment.pinned": gettext_lazy("“%(step)s”: a comment of the client"),
    "comment.taken-back": gettext_lazy("“%(step)s”: a comment was taken back"),
    "comment.answered": "",
    "note.written": gettext_lazy("Internal note"),
    "note.mentioned": gettext_lazy("%(staff)s called in a note"),
    "work.assigned": gettext_lazy("“%(stage)s” given to %(staff)s"),
    "work.unassigned": gettext_lazy("“%(stage)s”: nobody is there to take it"),
    "work.taken": gettext_lazy("Opened for work"),
    "work.let-go": "",
    "priority.raised": gettext_lazy("Priority raised to %(priority)s"),
}
ENDS = {
    "activated": gettext_lazy("activated"),
    "declined": gettext_lazy("declined"),
    "withdrawn": gettext_lazy("withdrawn"),
    "expired": gettext_lazy("expired"),
}
ROLES = {  # what a person is in the client's house
    "administrator": gettext_lazy("administrator"),
    "proxy": gettext_lazy("acts with a power of attorney"),
    "employee": gettext_lazy("employee"),
    "signatory": gettext_lazy("signatory"),
    "technical": gettext_lazy("technical contact"),
    "approver": gettext_lazy("approves what we deliver"),
}
LETTERS = {
    "received": gettext_lazy("Registration received"),
    "approved": gettext_lazy("Approved"),
    "welcome": gettext_lazy("Welcome"),
    "correction": gettext_lazy("Correction asked"),
    "declined": gettext_lazy("Declined"),
    "withdrawn": gettext_lazy("Withdrawn"),
    "expired": gettext_lazy("Expired"),
    "delayed": gettext_lazy("We are late"),
    "draft-expiring": gettext_lazy("The draft expires soon"),
    "invitation-to-rate": gettext_lazy("Your opinion"),
    "reminder": gettext_lazy("Reminder"),
    "approval-asked": gettext_lazy("Please approve"),
    "join-request": gettext_lazy("A colleague asks to be let in"),
    "sign-asked": gettext_lazy("Please sign"),
    "contract-signed": gettext_lazy("The contract is signed"),
    "join-approved": gettext_lazy("Let in"),
    "join-refused": gettext_lazy("Not let in"),
    "case-received": gettext_lazy("Registration received"),
    "documents-received": gettext_lazy("Documents received"),
    "compliance-approved": gettext_lazy("Approved by compliance"),
    "provisioning-started": gettext_lazy("The set-up begins"),
    "setup-completed": gettext_lazy("The set-up is finished"),
    "gone-live": gettext_lazy("Live"),
    "welcome-package": gettext_lazy("Welcome package"),
    "monthly-report": gettext_lazy("Report of the month"),
    "renewal-due": gettext_lazy("A document expires soon"),
    "renewed": gettext_lazy("Renewed"),
    "request-done": gettext_lazy("The request is done"),
    "invited": gettext_lazy("Invitation"),
    "member-invited": gettext_lazy("A colleague is invited"),
    "step-delegated": gettext_lazy("A step is handed to a colleague"),
    "support-looked": gettext_lazy("We have looked at your pages"),
    "data-changed": gettext_lazy("Data was changed"),
    "shop-open": gettext_lazy("The shop is open"),
    "credit-open": gettext_lazy("The credit line is open"),
    "credit-refused": gettext_lazy("No credit line"),
    "vouch-asked": gettext_lazy("Does this person act for the company?"),
}
COMPANY_FIELDS = {
    "name": gettext_lazy("Name"),
    "country": gettext_lazy("Country"),
    "cui": gettext_lazy("Fiscal code"),
    "vat": gettext_lazy("VAT number"),
    "registration_number": gettext_lazy("Registration number"),
    "street": gettext_lazy("Street and number"),
    "city": gettext_lazy("Town"),
    "county": gettext_lazy("County"),
    "postal_code": gettext_lazy("Postal code"),
}
SENDING = {
    "queued": gettext_lazy("on its way"),
    "sent": gettext_lazy("sent"),
    "failed": gettext_lazy("not delivered"),
    "suppressed": gettext_lazy("not sent"),
}
SENDING_KINDS = {"queued": "wait", "failed": "bad"}
LINKED = {
    "created": gettext_lazy("created there"),
    "found": gettext_lazy("found there"),
    "linked": gettext_lazy("linked by fiscal code"),
}
KINDS = {
    "step.redone": "wait",
    "gate.opened": "bad",
    "document.refused": "bad",
    "sla.warned": "wait",
    "sla.behind": "wait",
    "sla.breached": "bad",
    "mail.failed": "bad",
    "work.unassigned": "bad",
    "call.delayed": "bad",
    "call.by-hand": "bad",
    "screening.failed": "bad",
    "screening.found": "wait",
    "screening.confirmed": "bad",
    "contract.signed": "good",
    "contract.sealed": "good",
    "contract.declined": "bad",
    "sealing.waits": "wait",
    "case.ended": "good",
    "stage.done": "good",
    "case.paused": "wait",
}
OUTCOMES = {
    "done": gettext_lazy("done"),
    "ok": gettext_lazy("in order"),
    "fail": gettext_lazy("not in order"),
    "approve": gettext_lazy("approved"),
    "correct": gettext_lazy("correction asked"),
    "reject": gettext_lazy("rejected"),
    "revise": gettext_lazy("changes asked for"),
    "sent": gettext_lazy("sent"),
    "came": gettext_lazy("it came"),
    "late": gettext_lazy("it did not come in time"),
    "reached": gettext_lazy("reached"),
    "unreached": gettext_lazy("not reached"),
    "signed": gettext_lazy("signed"),
    "declined": gettext_lazy("declined"),
    "known": gettext_lazy("known"),
    "linked": gettext_lazy("company and person are known"),
    "unlinked": gettext_lazy("the company is known, the person not"),
    "unknown": gettext_lazy("not known"),
    "confirmed": gettext_lazy("confirmed"),
    "refused": gettext_lazy("refused"),
}
GROUNDS = {  # why an outside system's record is held to be this client's
    "own-key": gettext_lazy("it is of this case"),
    "given-number": gettext_lazy("the number that it gave us before"),
    "fiscal-code": gettext_lazy("the same fiscal code"),
    "no-match": gettext_lazy("no record has its fiscal code"),
    "": gettext_lazy("as it says itself"),
}


def end(case: Case, code: str) -> str:
    """How a case ended; an end of the journey's own is called as it says there."""
    own = case.journey.closed.get(code, {})
    return str(ENDS[code]) if code in ENDS else case.journey.text(own, get_language() or "en") or code


def signature(verdict: str, level: str) -> str:
    """What an electronic signature in a document shows, as seen when it arrived; never more than that."""
    said = {
        "qualified": _(
            "Qualified electronic signature: a trusted list grants the status of its certificate."
        ),
        "advanced": _(
            "Electronic signature under a trusted issuer. Nothing grants it the status of a qualified one."
        ),
        "simple": _("Simple electronic signature: nothing has changed since; nobody known confirms by whom."),
    }
    return said.get(level) or (message(f"signature-{verdict}") if verdict else "")


def contact_role(code: str) -> str:
    return str(ROLES.get(code, code))


def letter(template: str) -> str:
    """What a letter is about."""
    return str(LETTERS.get(template, template))


def company_field(field: str) -> str:
    return str(COMPANY_FIELDS.get(field, field))


def sending(state: str) -> str:
    return str(SENDING.get(state, state))


def linked(how: str) -> str:
    """How an outside system came to know the client."""
    return str(LINKED.get(how, how))


def doer(by: str, names: Mapping[str, str]) -> str:
    """Who did it, of an actor as ledgers write it («staff:…»)."""
    kind, _colon, public_id = by.partition(":")
    if kind == "staff":
        return names.get(public_id, _("staff"))
    return _("client") if kind == "client" else names.get(public_id, _("automatic"))


def timeline(case: Case, language: str) -> list[dict[str, Any]]:
    """Every event that says something, oldest first, in words."""
    events, rows = list(case.events.order_by("id")), []
    names = staff.names() | machines.names(
        event.actor_id for event in events if event.actor_kind == "machine"
    )
    for event in events:
        title = _title(case, event, language, names)
        if title:
            rows.append(
                {
                    "at": event.at,
                    "title": title,
                    "text": _reasons(case, event.data, language),
                    "who": doer(f"{event.actor_kind}:{event.actor_id}", names),
                    "kind": KINDS.get(event.kind, ""),
                }
            )
    return rows


def _title(case: Case, event: Event, language: str, names: Mapping[str, str]) -> str:
    pattern = str(EVENTS.get(event.kind, event.kind))
    journey = case.journey
    name, _at, host = str(event.data.get("step", "")).partition("@")
    step = journey.steps.get(name) or journey.steps.get(
        host
    )  # a gate has no title but that of the step it is at
    stage = journey.stages.get(str(event.data.get("stage", "")))
    shown = {**event.data, "end": end(case, str(event.data.get("end", "")))}
    shown["step"] = journey.text(step.title, language) if step else event.data.get("step", "")
    whole = event.data.get("stage") or _("The whole case")  # a promise has no stage
    shown["stage"] = journey.text(stage.title, language) if stage else whole
    suite = journey.suites.get(str(event.data.get("suite", "")))
    shown["suite"] = journey.text(suite.title, language) if suite else event.data.get("suite", "")
    shown["item"] = item_title(case, str(event.data.get("item", "")), language)
    shown["deliverable"] = deliverable(case, str(event.data.get("deliverable", "")), language)
    shown["staff"] = names.get(str(event.data.get("staff", "")), _("staff"))
    shown["template"] = letter(str(event.data.get("template", "")))
    shown["tell"] = letter(str(event.data.get("tell", "")))
    shown["why"] = failures.meaning(str(event.data.get("code", "")))
    shown["peer"] = blueprint.title(str(event.data.get("peer", "")))
    shown["field"] = differences.field(str(event.data.get("field", "")))
    number = event.data.get("reference")
    shown["known_as"] = f" ({number})" if number else ""
    shown["outcome"] = str(OUTCOMES.get(str(event.data.get("outcome", "")), event.data.get("outcome", "")))
    if event.kind == "candidate.adjudicated":
        shown["verdict"] = str(Verdict(event.data["verdict"]).label)
    shown["by"] = str(GROUNDS.get(str(event.data.get("by", "")), event.data.get("by", "")))
    try:
        return pattern % shown
    except KeyError:
        return pattern.partition("%")[0]


def _reasons(case: Case, data: Mapping[str, Any], language: str) -> str:
    return " ".join(reason(case, row, language) for row in data.get("reasons", []))


def reason(case: Case, row: Mapping[str, Any], language: str) -> str:
    """One reason in words: the journey's own, else a finding's, else why a call failed."""
    own = case.journey.reasons.get(row.get("code", ""))
    code, item = str(row.get("code", "")), str(row.get("item", ""))
    if messages.knows(code) or own:
        said = case.journey.text(own, language) if own else messages.text(code, row.get("params"))
        item = item_title(case, item, language)
    else:  # a call to another system, which ended with a person
        said, item = failures.meaning(code), blueprint.title(item) if item else ""
    return f"{item}: {said}" if item else said


def deliverable(case: Case, name: str, language: str) -> str:
    """What we deliver, by the title of the step that asks for its approval."""
    step = case.journey.steps.get(deliveries.deliverables(case.journey).get(name, ""))
    return case.journey.text(step.title, language) if step and step.title else name


def item_title(case: Case, item: str, language: str) -> str:
    """The title of a document, a page that repeats or what we deliver, an item's list and number, or a field's label."""
    journey = case.journey
    if item.startswith(items.KEY) and item not in journey.documents:
        listed = items.by_key(case, item)
        return str(listed) if listed else item
    if item.startswith(deliveries.ITEM) and item not in journey.documents:
        return deliverable(case, item.removeprefix(deliveries.ITEM), language)
    if item in journey.documents:
        return journey.text(journey.documents[item].title, language)
    tested = {
        endpoint.key: endpoint.title for suite in journey.suites.values() for endpoint in suite.endpoints
    }
    tested |= {measure.key: measure.title for measure in journey.measures.values()}
    if item in tested:
        return journey.text(tested[item], language) or item
    labels = {field.key: field.label for form in journey.forms.values() for field in form.fields}
    labels |= {page.key: page.title for form in journey.forms.values() for page in form.groups}
    return journey.text(labels[item], language) if item in labels else item


def fate(code: str) -> tuple[str, str]:
    """What has become of a credential, in words, and the kind of its mark."""
    return {
        "": (_("kept"), "good"),
        "replaced": (_("replaced"), "quiet"),
        "expired": (_("run out, destroyed"), "wait"),
        "destroyed": (_("destroyed"), "quiet"),
        "handed-over": (_("in the secret store"), "info"),
    }[code]


def bad_reading(code: str) -> str:
    """Why readings were not taken; the row that is wrong has a place in the sentence."""
    return {
        "measure": _("Row %(row)d: the journey has no such measure. Nothing was kept."),
        "moment": _(
            "Row %(row)d: this is not a moment in the past, such as 2026-11-24T12:00. Nothing was kept."
        ),
        "value": _("Row %(row)d: this is not a number. Nothing was kept."),
        "columns": _("The file needs the columns measure, at and value (row %(row)d). Nothing was kept."),
        "too-many": _("A file may have at most 5000 readings (row %(row)d). Nothing was kept."),
    }[code]
