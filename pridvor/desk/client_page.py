"""What the desk shows of a client: cases, people, documents of every case, numbers elsewhere, and what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pridvor.accounts import queries as staff
from pridvor.accounts.models import Staff
from pridvor.cases import notes
from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.cases.notes import Said
from pridvor.clients import actions as clients
from pridvor.clients import merging
from pridvor.clients import queries as client_queries
from pridvor.clients.models import Client, Contact, Merge, RegistryState
from pridvor.connectors import queries as connectors
from pridvor.desk import words
from pridvor.documents import queries as documents
from pridvor.documents.queries import Held
from pridvor.lib import identifiers
from pridvor.lib.actor import Actor
from pridvor.notifications import queries as letters
from pridvor.ui import dates

PURPOSE = "look at the client"
REGISTRY_KINDS: dict[str, str] = {
    RegistryState.CONFIRMED: "good",
    RegistryState.TYPED: "wait",
    RegistryState.INACTIVE: "bad",
}
ABOUT_A_PERSON = ("contact_name", "phone")


@dataclass(frozen=True)
class PersonRow:
    """Somebody who acts for the client, with their values as revealed for this look."""

    name: str
    role: str
    phone: str
    email: str


@dataclass(frozen=True)
class PaperRow:
    """One document that the client has sent, and how far it counts."""

    title: str
    case: Case
    sent_at: datetime
    validity: str
    kind: str
    case_url: str
    download_url: str


@dataclass(frozen=True)
class CaseRow:
    url: str
    journey: str
    reference: str
    opened_at: datetime
    ended_at: datetime | None
    state: str
    kind: str


@dataclass(frozen=True)
class ClientPage:
    client: Client
    registry_kind: str
    cases: Sequence[CaseRow]  # open ones first, then by age
    people: Sequence[PersonRow]
    papers: Sequence[PaperRow]
    numbers: Sequence[Mapping[str, str]]
    said: Sequence[Mapping[str, Any]]
    alike: Sequence[Mapping[str, Any]]
    merges: Sequence[Merge]
    notes: Sequence[Said]
    note_case: Case | None  # the one that a new note is about: the newest
    colleagues: Sequence[Staff]


def of(client: Client, actor: Actor, *, language: str, now: datetime) -> ClientPage:
    """The whole client. Every personal value on the page is written into the access ledger first."""
    found = cases.of_client(client)
    rows = [_case_row(case, language) for case in found]
    return ClientPage(
        client=client,
        registry_kind=REGISTRY_KINDS[client.registry_state],
        cases=sorted(rows, key=lambda row: row.ended_at is not None),
        people=_people(client, found, actor, now),
        papers=_papers(found, language, timezone.localdate(now)),
        numbers=_numbers(found),
        said=_said(found, actor, now),
        alike=_alike(client, found),
        merges=merging.open_merges(client),
        notes=notes.read(found, actor=actor, purpose=PURPOSE, now=now),
        note_case=found[0] if found else None,
        colleagues=staff.active(),
    )


def beside(kept: Client, gone: Client, actor: Actor, *, language: str, now: datetime) -> dict[str, Any]:
    """Two clients side by side: what would move, what differs."""
    sides = [of(one, actor, language=language, now=now) for one in (kept, gone)]
    differing = [
        {"label": words.company_field(one.field), "one": one} for one in merging.differences(kept, gone)
    ]
    return {"kept": sides[0], "gone": sides[1], "differing": differing}


# -- how


def _alike(client: Client, found: Sequence[Case]) -> list[dict[str, Any]]:
    """Others that may be the same client, and why we think so."""
    why = {
        "cui": _("same fiscal code"),
        "vat": _("same VAT number"),
        "number": _("same number in an outside system"),
        "name": _("a like name"),
    }
    return [
        {
            "client": one.client,
            "why": why[one.why],
            "kind": "wait" if one.is_certain else "",
            "url": reverse("desk:merge", args=[client.public_id, one.client.public_id]),
        }
        for one in merging.candidates(client, connectors.known_as_one(found))
        if cases.sees_client(one.client)
    ]


def _case_row(case: Case, language: str) -> CaseRow:
    if case.state == "open":
        state, kind = (_("paused"), "wait") if case.is_paused else (_("open"), "now")
    else:
        state, kind = words.end(case, case.end), "good" if case.goal else ""
    return CaseRow(
        reverse("desk:case", args=[case.public_id]),
        case.journey.text(case.journey.title, language),
        case.reference,
        case.opened_at,
        case.ended_at,
        state,
        kind,
    )


def _people(client: Client, found: Sequence[Case], actor: Actor, now: datetime) -> list[PersonRow]:
    contacts = client_queries.contacts(client)
    refs: dict[str, UUID] = {f"{contact.pk}.email": contact.person.email_ref for contact in contacts}
    answered = cases.personal_refs_of(found)
    for contact in contacts:
        for case in found:  # the newest first: what was said last counts
            if case.person_id == contact.person_id:
                for field in ABOUT_A_PERSON:
                    if field in answered.get(case.pk, {}):
                        refs.setdefault(f"{contact.pk}.{field}", answered[case.pk][field])
    values = clients.reveal_refs(refs, actor=actor, purpose=PURPOSE, now=now) if refs else {}
    return [_person(contact, values) for contact in contacts]


def _person(contact: Contact, values: Mapping[str, str]) -> PersonRow:
    phone = values.get(f"{contact.pk}.phone", "")
    return PersonRow(
        name=values.get(f"{contact.pk}.contact_name", ""),
        role=words.contact_role(contact.role),
        phone=identifiers.phone_spaced(phone) if phone else "",
        email=values.get(f"{contact.pk}.email", ""),
    )


def _papers(found: Sequence[Case], language: str, today: date) -> list[PaperRow]:
    by_id, approved = {case.pk: case for case in found}, cases.approved_at(found)
    return [
        _paper(held, by_id[held.case_id], approved.get(held.case_id), language, today)
        for held in documents.held(found)
    ]


def _paper(held: Held, case: Case, approved_at: datetime | None, language: str, today: date) -> PaperRow:
    text, kind = _validity(held, bool(approved_at and approved_at >= held.sent_at), today)
    url = reverse("desk:case", args=[case.public_id])
    return PaperRow(
        title=words.item_title(case, held.item, language),
        case=case,
        sent_at=held.sent_at,
        validity=text,
        kind=kind,
        case_url=f"{url}#{held.item}",
        download_url=reverse("desk:copy", args=[case.public_id, held.file]) if held.file else "",
    )


def _validity(held: Held, accepted: bool, today: date) -> tuple[str, str]:
    """How far a document counts, in words, and the kind of its mark."""
    day = dates.said(held.valid_until, "short") if held.valid_until else ""
    match held.validity(today):
        case "expired":
            return _("expired on %(day)s") % {"day": day}, "bad"
        case "soon":
            return _("expires on %(day)s") % {"day": day}, "wait"
    if not accepted:
        return _("being looked at"), "info"
    return (_("accepted, until %(day)s") % {"day": day} if day else _("accepted")), "good"


def _numbers(found: Sequence[Case]) -> list[dict[str, str]]:
    return [
        {
            "peer": row.peer.upper(),
            "reference": row.reference,
            "how": words.linked(row.how),
            "when": dates.said(row.at, "short"),
        }
        for row in connectors.references(found)
    ]


def _said(found: Sequence[Case], actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Letters sent to the client, and what staff wrote to them, the newest first."""
    by_id = {case.pk: case for case in found}
    rows: list[dict[str, Any]] = [
        {
            "at": message.sent_at or message.queued_at,
            "title": words.letter(message.template),
            "text": "",
            "who": f"{by_id[message.case_id].reference} · {words.sending(message.state)}",
            "kind": words.SENDING_KINDS.get(message.state, ""),
        }
        for message in letters.of_cases(found)
        if message.case_id
    ]
    written = cases.notes_to_client(found)
    refs = {str(row.pk): row.ref for row in written if row.ref}
    texts = clients.reveal_refs(refs, actor=actor, purpose=PURPOSE, now=now) if refs else {}
    names = staff.names()
    rows += [
        {
            "at": row.at,
            "title": _("We wrote to the client"),
            "text": texts[str(row.pk)],
            "who": f"{by_id[row.case_id].reference} · {words.doer(row.by, names)}",
            "kind": "",
        }
        for row in written
        if str(row.pk) in texts
    ]
    return sorted(rows, key=lambda row: row["at"], reverse=True)
