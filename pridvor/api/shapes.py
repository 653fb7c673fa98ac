"""What operations take and give, as the description of the API shows it. Names are those of the pages and ledgers."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict, model_validator

LONGEST = 200


class Strict(Schema):
    """What a request holds: a name that nobody knows is refused, so that a misspelt one is not lost."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _can_be_kept(cls, given: Any) -> Any:
        """No database takes a NUL or half a surrogate pair, wherever it stands."""
        if not _is_text(given):
            raise ValueError("a character that cannot be kept")
        return given


def _is_text(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_text(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return all(map(_is_text, value))
    if not isinstance(value, str):
        return True
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


class JourneyName(Schema):
    name: str
    version: int


class Company(Schema):
    """A client of the company: public data alone."""

    name: str
    country: str
    cui: str = Field("", description="Romanian fiscal code, digits only")
    vat: str = ""


class OpenStep(Schema):
    step: str
    kind: str
    number: int = Field(description="Which try it is")
    acts: str = Field(description="client, us, third party or nobody")
    since: datetime | None


class CaseInList(Schema):
    id: UUID
    reference: str
    journey: JourneyName
    company: Company
    state: Literal["open", "closing", "ended"]
    end: str = Field(
        description="How it ended: activated, declined, withdrawn, expired …; empty while it is open"
    )
    paused: str = Field(description="Why it is paused; empty: it is not")
    region: str
    language: str
    is_test: bool
    version: int = Field(description="Grows with each decision; send it back as seen_version")
    opened_at: datetime
    touched_at: datetime
    ended_at: datetime | None


class CaseShown(CaseInList):
    waiting_for: str = Field(
        description="Who acts next: client, us, third party, nobody; empty: it has ended"
    )
    since: datetime | None
    open_steps: list[OpenStep]


class Cases(Schema):
    cases: list[CaseInList]
    next: str = Field(description="Cursor of the next page; empty: this is the last")


class CompanyGiven(Strict):
    number: str = Field("", max_length=30, description="CUI or EU VAT number; the registry fills in the rest")
    name: str = Field(
        "", max_length=LONGEST, description="Where there is no number, or the registry knows none"
    )
    country: str = Field("", pattern="^([A-Z]{2})?$")


class NewCase(Strict):
    """An application for a client: the company, whom to write to, and what is known for the first form."""

    journey: str = Field(max_length=80)
    company: CompanyGiven
    email: str = Field(max_length=LONGEST, description="Of whoever speaks for the company")
    language: Literal["ro", "en"] = "ro"
    answers: dict[str, Any] = Field({}, description="Of the first form (see GET /journeys/{name}/)")
    send: bool = Field(
        False, description="Send the first form at once; else the applicant is invited to go on"
    )
    agreed_to_terms: bool = Field(False, description="Whoever applies has agreed; needed to send")


class Stage(Schema):
    key: str
    title: str
    state: Literal["done", "present", "ahead", "skipped"]
    loops: int = Field(description="How often something in it was asked again")
    since: datetime | None
    done_at: datetime | None


class StepShown(Schema):
    key: str
    title: str
    kind: str
    state: Literal["open", "waiting", "done", "skipped", "held", "cancelled"]
    acts: str
    optional: bool
    number: int
    since: datetime | None
    ended_at: datetime | None
    outcomes: list[str] = Field(description="How it can end, while it is open")
    reasons: list[dict[str, str]] = Field(description="Why it is asked again: step, item, code")
    wanted: list[str] = Field(description="What of it is asked again; empty: all")


class Course(Schema):
    """Where a case stands, as its tracker shows it; titles in the language of Accept-Language."""

    case: UUID
    reference: str
    state: str
    waiting_for: str
    since: datetime | None
    stages: list[Stage]
    steps: list[StepShown]
    tracking_url: str = Field(description="Where the applicant follows it, after proving their address")


class Pause(Strict):
    reason: str = Field(min_length=1, max_length=LONGEST)
    party: Literal["us", "client", "third party"] = "us"


class Reason(Strict):
    code: str = Field(max_length=60, description="A reason of the journey")
    step: str = Field("", max_length=60, description="What is sent back")
    item: str = Field("", max_length=60, description="Which field or document of it")
    note: str = Field("", max_length=1000, description="Words for the client, in their language; kept sealed")


class Decision(Strict):
    outcome: str = Field(max_length=60)
    reasons: list[Reason] = Field([], max_length=50)
    seen_version: int | None = Field(None, description="The case's version that the decision was made on")


class SkipGiven(Strict):
    reason: str = Field(min_length=1, max_length=400)


class SentBack(Strict):
    note: str = Field(
        min_length=1, max_length=1000, description="What has to be done differently; kept sealed"
    )


class AddedStep(Strict):
    stage: str = Field(max_length=60)
    kind: Literal["todo", "call", "upload"]
    what: str = Field(min_length=1, max_length=1000, description="What is to be done; kept sealed")
    item: str = Field("", max_length=60, description="The document, for an upload")
    before: str = Field("", max_length=60, description="A waiting step that waits for it")


class StepMade(Schema):
    step: str


class Happening(Strict):
    name: str = Field(min_length=1, max_length=60, description="What a step of kind wait waits for")


class AnswerShown(Schema):
    step: str
    field: str
    label: str
    type: str
    is_personal: bool
    value: Any = Field(None, description="Of a personal one null, unless it was asked for with a purpose")
    at: datetime


class Answers(Schema):
    answers: list[AnswerShown]


class FormSent(Strict):
    answers: dict[str, Any]
    agreed_to_terms: bool = Field(False, description="Needed with the first form of a case")
    seen_version: int | None = None


class FileShown(Schema):
    id: UUID
    state: Literal["receiving", "quarantined", "clean", "refused", "removed"]
    refusal: str = Field(description="A code; empty: it was not refused")
    message: str = Field(description="What that means and the way out")
    remarks: list[str]
    kind: str
    pages: int
    size: int


class DocumentShown(Schema):
    item: str
    step: str
    version: int
    state: str
    sent_at: datetime | None
    files: list[FileShown]


class Documents(Schema):
    documents: list[DocumentShown]


class Colleague(Schema):
    """Somebody of the client who works on the case beside the applicant."""

    id: UUID
    role: str = Field(description="administrator, signatory, technical or reader")
    email: str | None = Field(description="null, unless it was asked for with a purpose")
    has_come: bool = Field(description="Has signed in since")
    at: datetime


class Delegated(Schema):
    id: UUID
    step: str
    person: UUID
    at: datetime


class People(Schema):
    colleagues: list[Colleague]
    delegations: list[Delegated] = Field(description="Single steps that somebody was asked to do")


class Invited(Strict):
    email: str = Field(max_length=LONGEST)
    role: Literal["administrator", "signatory", "technical", "reader"]


class RoleGiven(Strict):
    role: Literal["administrator", "signatory", "technical", "reader"]


class NewDelegation(Strict):
    step: str = Field(max_length=60)
    email: str = Field(max_length=LONGEST)


class Addressed(Strict):
    email: str = Field(max_length=LONGEST, description="Of whoever is asked to approve or to sign")


class Said(Schema):
    person: UUID
    outcome: str = Field(description="Empty: nothing yet, of the version that stands now")


class Approval(Schema):
    """How far a step is from being agreed on. The word itself is a person's own, and given on our pages."""

    step: str
    number: int
    needed: int = Field(description="How many must agree")
    agreed: int
    asked: list[Said]
    versions: dict[str, int] = Field(description="Of its deliverables, as they stand")


class ItemShown(Schema):
    """One thing of a list: a defect, an asset, a correction."""

    id: UUID
    number: int
    state: Literal["open", "fixed", "retested", "closed", "rejected"]
    severity: Literal["blocker", "major", "minor"]
    required: bool = Field(description="The steps of its list do not pass while it is open")
    owner: Literal["us", "client"]
    text: str | None = Field(description="null, unless it was asked for with a purpose")
    notes: list[str] = Field(description="What was said of it since; empty without a purpose")
    list: str
    at: datetime
    changed_at: datetime


class Items(Schema):
    items: list[ItemShown]


class NewItem(Strict):
    list: str = Field(max_length=60)
    text: str = Field(min_length=1, max_length=2000, description="What it is; kept sealed")
    severity: Literal["blocker", "major", "minor"] = "major"
    required: bool | None = Field(None, description="null: all but the minor ones are")
    owner: Literal["us", "client"] = "us"


class ItemChanged(Strict):
    state: Literal["fixed", "passed", "failed", "rejected"] = Field(
        description="What happened: it was fixed, it passed or failed its test, it is not to be done"
    )
    note: str = Field(
        "", max_length=2000, description="How, or why; kept sealed. Only what passed needs none"
    )


class NoteShown(Schema):
    id: UUID
    by: str
    text: str
    at: datetime


class Notes(Schema):
    notes: list[NoteShown]


class NewNote(Strict):
    text: str = Field(
        min_length=1, max_length=4000, description="For staff alone; @name calls somebody. Kept sealed"
    )


class NoteMade(Schema):
    id: UUID


class MailShown(Schema):
    id: UUID
    template: str
    language: str
    state: Literal["queued", "sent", "failed", "suppressed"]
    queued_at: datetime
    sent_at: datetime | None


class Mails(Schema):
    messages: list[MailShown]


class EventShown(Schema):
    id: int
    case: UUID
    reference: str
    kind: str
    at: datetime
    actor: str = Field(description="client, staff or machine")
    data: dict[str, Any] = Field(description="Codes and ids; nothing personal")


class Events(Schema):
    events: list[EventShown]
    next: str = Field(description="Cursor after the last of these; the same one again while nothing is new")


class FormShown(Schema):
    step: str
    title: str
    answers: dict[str, Any] = Field(description="JSON Schema 2020-12 of its answers")


class DocumentAsked(Schema):
    step: str
    item: str
    title: str
    hint: str


class JourneyInList(Schema):
    name: str
    version: int
    title: str
    opens: str = Field(description="Who opens it: public, client, invitation, staff")


class JourneyShown(JourneyInList):
    stages: list[dict[str, str]]
    forms: list[FormShown]
    documents: list[DocumentAsked]
    reasons: dict[str, str]


class Journeys(Schema):
    journeys: list[JourneyInList]


class NewHook(Strict):
    url: str = Field(max_length=400, description="A public https address")
    kinds: list[str] = Field(min_length=1, max_length=20, description="Kinds of events: see GET /webhooks/")


class HookShown(Schema):
    id: UUID
    url: str
    kinds: list[str]
    made_at: datetime
    failing_since: datetime | None


class HookMade(HookShown):
    secret: str = Field(description="Signs what is sent (Standard Webhooks); shown now and never again")


class Hooks(Schema):
    hooks: list[HookShown]
    kinds: list[str] = Field(description="What can be asked for")


class DeliveryShown(Schema):
    id: UUID
    kind: str
    event: int | None
    state: Literal["queued", "delivered", "failed"]
    tries: int
    queued_at: datetime
    next_at: datetime | None
    status: int | None = Field(description="Of the last answer")
    code: str = Field(description="Why there was none")


class Deliveries(Schema):
    deliveries: list[DeliveryShown]


class NewLink(Strict):
    """A registration to be begun on our pages by whoever follows the link."""

    journey: str = Field(max_length=80)
    email: str = Field("", max_length=LONGEST)
    answers: dict[str, Any] = Field(
        {}, description="What is known for the first form; sealed, never in the address"
    )
    return_url: str = Field("", max_length=400, description="On a site that an administrator allows this key")
    once: bool = Field(True, description="The link begins one registration and no more")
    hours: int = Field(72, ge=1, le=720, description="For how long it can be followed")


class LinkMade(Schema):
    url: str
    expires_at: datetime


class Me(Schema):
    """The machine whose key this is."""

    id: UUID
    name: str
    scopes: list[str]
    regions: list[str] = Field(description="None: every region")
    mode: Literal["test", "live"]
    expires_at: datetime
