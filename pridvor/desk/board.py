"""One case, with all that a decision on it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from pridvor.accounts import queries as people
from pridvor.accounts.models import Staff
from pridvor.cases import actions as case_actions
from pridvor.cases import notes, work
from pridvor.cases import queries as cases
from pridvor.cases.models import Attempt, Case, StageVisit
from pridvor.cases.notes import Said
from pridvor.checks import comparison, gathering, messages
from pridvor.checks import queries as checks
from pridvor.clients import actions as clients
from pridvor.connectors import blueprint
from pridvor.connectors import queries as connectors
from pridvor.desk import adjudicating, agreeing, delivering, granting, listing, queue, time, words
from pridvor.documents import queries as documents
from pridvor.documents.queries import DocumentView
from pridvor.journeys.model import KINDS
from pridvor.lib.actor import Actor
from pridvor.ui import dates, values

PERSONAL = ("contact_name", "phone", "email", "iban")
PURPOSE = "work on the case"


@dataclass(frozen=True)
class Work:
    """Something that a person may do in a case now, and its buttons."""

    attempt: Attempt
    title: str
    actions: Sequence[Mapping[str, Any]]
    note: str


@dataclass(frozen=True)
class Paper:
    """One document with its page images, and the version before it."""

    title: str
    view: DocumentView
    pages: Sequence[Mapping[str, str]]
    download_url: str
    earlier: Sequence[Mapping[str, str]]
    signatures: Sequence[str]


@dataclass(frozen=True)
class CasePage:
    case: Case
    tracker: cases.Tracker
    status: str
    work: Sequence[Work]
    values: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, str]]
    assessments: Sequence[granting.Panel]
    decided: Sequence[granting.Decided]
    screened: adjudicating.Summary | None
    compared: Mapping[str, Any]
    papers: Sequence[Paper]
    deliveries: Sequence[delivering.Row]
    agreements: Sequence[agreeing.Panel]
    lists: Sequence[listing.ListPanel]
    waiting: Sequence[str]
    timeline: Sequence[Mapping[str, Any]]
    can_pause: bool
    owners: Sequence[Mapping[str, Any]]
    held: str
    clocks: Sequence[Mapping[str, Any]]
    shares: Sequence[Mapping[str, Any]]
    notes: Sequence[Said]
    note_case: Case
    colleagues: Sequence[Staff]


def case_page(case: Case, staff: Staff, *, language: str, now: datetime) -> CasePage:
    """One case, opened for work: every personal value on it is written into the access ledger first."""
    actor, tracker = staff.actor, cases.tracker(case, language)
    personal = case_actions.reveal(case, PERSONAL, actor=actor, purpose=PURPOSE, now=now)
    papers = _papers(case, language)
    if papers:
        clients.note_look(
            case.subject,
            [f"document:{paper.view.item}" for paper in papers],
            actor=actor,
            purpose=PURPOSE,
            now=now,
            case=case.reference,
        )
    return CasePage(
        case=case,
        tracker=tracker,
        status=status(tracker),
        work=_work(case, staff, language),
        values=_values(case, personal, actor, language, now),
        findings=_findings(case, language),
        assessments=granting.panels(case, language) if case.journey.scorecards else [],
        decided=granting.decided(case, language),
        screened=adjudicating.summary(case),
        compared=_comparison(case, actor, language, now),
        papers=papers,
        deliveries=delivering.rows(case, language),
        agreements=agreeing.panels(case, actor=actor, purpose=PURPOSE, language=language, now=now),
        lists=listing.panels(case, staff, language=language, now=now),
        waiting=_waiting(case),
        timeline=words.timeline(case, language),
        can_pause=case.state == "open",
        owners=_owners(case, language) if case.state == "open" else [],
        held=_held(case, staff, now),
        clocks=time.clocks(case, language, now),
        shares=time.shares(case, now),
        notes=notes.read([case], actor=actor, purpose=PURPOSE, now=now),
        note_case=case,
        colleagues=people.active(),
    )


def who_may_have(case: Case, stage: str) -> dict[str, Staff]:
    """The active people who may do a stage's work, by public id; of a stage that is not at work, nobody."""
    if not StageVisit.objects.filter(case=case, key=stage, live=True).exists():
        return {}
    role = case.journey.stages[stage].owner
    return {str(one.public_id): one for one in people.active() if role in queue.roles(one)}


def status(tracker: cases.Tracker) -> str:
    """Who acts, and since when, in one sentence."""
    case = tracker.case
    if case.state != "open":
        return _("Ended: %(end)s") % {"end": words.end(case, case.end)}
    if case.paused:
        return _("Paused: %(reason)s") % {"reason": case.paused}
    who = {
        "client": _("Waiting for the client"),
        "us": _("Waiting for us"),
        "third party": _("Waiting for an outside system"),
    }
    said = who.get(tracker.acting, _("Being checked"))
    if tracker.next_step and tracker.next_step.kind == "vouch":
        said = _("Waiting for the client's administrator")
    step = tracker.next_step.title if tracker.next_step else ""
    since = dates.since(tracker.since) if tracker.since else ""
    return f"{said} · {step} · {since}" if since else f"{said} · {step}"


# -- how


def _work(case: Case, staff: Staff, language: str) -> list[Work]:
    rows = Attempt.objects.filter(case=case, status="open", kind__in=cases.PEOPLE_ACT).select_related(
        "case__client", "case__journey_version"
    )
    return [
        _one_work(case, row, language) for row in rows if case.state == "open" and queue.may_act(staff, row)
    ]


def _one_work(case: Case, row: Attempt, language: str) -> Work:
    step = case.journey.steps.get(row.step)
    title = case.journey.text(step.title, language) if step else _beside(case, row, language)
    note = (
        _("Proposed: %(outcome)s. You confirm, or decide otherwise.")
        % {"outcome": words.OUTCOMES.get(row.proposal[1], row.proposal[1])}
        if row.proposal and row.proposal[0]
        else ""
    )
    buttons: list[dict[str, Any]] = []
    for outcome in _outcomes(case, row):
        taken = {button["key"] for button in buttons}
        key = next((letter for letter in outcome if letter.isalpha() and letter not in taken), "")
        buttons.append(_button(case, row, outcome, len(buttons), key))
    return Work(row, title, buttons, note)


def _beside(case: Case, row: Attempt, language: str) -> str:
    """Work that no step of the journey asked for: a gate, what a stage must fulfil, a step added by hand."""
    if row.kind == "gate":
        if row.loop and row.loop[0] == "?":
            return _("A condition cannot be answered: a person decides whether this is needed")
        return _("The loop has reached its limit")
    if row.kind == "criteria":
        door, _at, key = row.key.partition("@")
        stage = case.journey.stages[key]
        criteria = {c.key: case.journey.text(c.title, language) for c in (*stage.enter, *stage.exit)}
        missing = ", ".join(criteria.get(name, name) for name in row.wanted)
        words = (
            _("Before “%(stage)s” can begin: %(missing)s")
            if door == "enter"
            else _("Before “%(stage)s” can end: %(missing)s")
        )
        return words % {"stage": case.journey.text(stage.title, language), "missing": missing}
    return _("Added by hand")


def _outcomes(case: Case, row: Attempt) -> list[str]:
    if row.kind == "gate":
        return ["accept", "again", "close"]
    if row.kind == "criteria":
        return ["accept"]
    step = case.journey.steps.get(row.step)
    return list(step.routes) if step else list(KINDS[row.kind].going)


def _button(case: Case, row: Attempt, outcome: str, position: int, key: str) -> dict[str, Any]:
    step = case.journey.steps.get(row.step)
    verb = step.routes[outcome].verb if step and outcome in step.routes else "go on"
    texts = {
        "approve": _("Approve"),
        "correct": _("Ask for correction"),
        "reject": _("Reject"),
        "done": _("Done by hand"),
        "accept": _("Accept as it is"),
        "again": _("Allow once more"),
        "close": _("Close the case"),
        "reached": _("Reached"),
        "unreached": _("Not reached"),
    }
    named = step is not None and bool(step.items)  # its list says what goes back
    refuses = outcome == "close" or (step is not None and step.refuses(outcome))
    gives = verb == "go on" and step is not None and bool(step.fields)
    asks = (verb == "redo" and not named) or refuses or gives
    return {
        "text": texts.get(outcome, outcome),
        "url": reverse("desk:decide", args=[case.public_id, row.pk, outcome]),
        "post": not asks,
        "kind": "primary" if position == 0 else "danger" if refuses else "",
        "key": key,
    }


def _values(
    case: Case, personal: Mapping[str, str], actor: Actor, language: str, now: datetime
) -> list[dict[str, Any]]:
    given = cases.given(case, language)
    more = [row.field for row in given if row.personal and row.field not in personal]
    personal = (
        {**personal, **case_actions.reveal(case, more, actor=actor, purpose=PURPOSE, now=now)}
        if more
        else personal
    )
    older = {
        str(position): ref for position, row in enumerate(given) for ref in row.earlier[:1] if row.personal
    }
    before = (
        clients.reveal_refs(older, actor=actor, purpose=PURPOSE, now=now, case=case.reference)
        if older
        else {}
    )
    rows = []
    for position, row in enumerate(given):
        value = personal.get(row.field, "") if row.personal else row.value
        earlier = before.get(str(position), "") if row.personal else (row.earlier[0] if row.earlier else "")
        rows.append(
            {
                "key": row.label,
                "value": values.written(row.type, value),
                "before": values.written(row.type, earlier),
                "asked_as": row.asked_as,
            }
        )
    rows.append({"key": _("E-mail"), "value": personal.get("email", ""), "before": ""})
    return rows


def _findings(case: Case, language: str) -> list[dict[str, str]]:
    rows = []
    for row in checks.findings(case):
        insisted = " " + _("The client says that this is correct.") if row.insisted else ""
        rows.append(
            {
                "title": words.item_title(case, row.item, language),
                "text": messages.text(row.code, row.params) + insisted,
                "kind": "bad" if row.certainty == "certain" else "wait",
            }
        )
    return rows


def _comparison(case: Case, actor: Actor, language: str, now: datetime) -> dict[str, Any]:
    subject = (
        gathering.gather(case, actor=actor, purpose=PURPOSE, now=now, thorough=False)
        if documents.current(case, sent_only=True)
        else None
    )
    if subject is None:
        return {}
    labels = {"name": _("Name"), "cui": "CUI", "iban": "IBAN"}
    said = {
        "same": _("same"),
        "hardly": _("hardly readable"),
        "absent": _("not found"),
        "none": "–",
        "unread": _("by eye"),
        "other": "",
    }
    kinds = {"same": "good", "hardly": "wait", "absent": "wait", "none": "", "unread": "wait", "other": "bad"}
    rows = comparison.compare(subject)
    papers = [cell.item for cell in rows[0].cells] if rows else []
    return {
        "heads": [{"label": labels[row.field], "typed": row.typed} for row in rows],
        "papers": [
            {
                "title": words.item_title(case, paper, language),
                "cells": [
                    {
                        "label": labels[row.field],
                        "text": said[row.cells[n].state] or row.cells[n].found,
                        "kind": kinds[row.cells[n].state],
                    }
                    for row in rows
                ],
            }
            for n, paper in enumerate(papers)
        ],
    }


def _papers(case: Case, language: str) -> list[Paper]:
    history: dict[str, list[DocumentView]] = {}
    for view in documents.history(case):
        if view.state in ("sent", "superseded"):
            history.setdefault(view.item, []).append(view)
    order = list(case.journey.documents)
    return [
        _paper(case, versions, language)
        for item, versions in sorted(
            history.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else 99
        )
    ]


def _paper(case: Case, versions: list[DocumentView], language: str) -> Paper:
    view = versions[-1]
    title = words.item_title(case, view.item, language)
    first = next((file for file in view.files if file.is_clean), None)
    earlier = [
        {
            "text": _("version %(number)d") % {"number": old.number},
            "url": reverse("desk:document", args=[case.public_id, old.item, old.number]),
        }
        for old in versions[:-1]
    ]
    download = reverse("desk:copy", args=[case.public_id, first.id]) if first else ""
    signed = [words.signature(*seen) for file in view.files if file.is_clean for seen in file.signatures]
    return Paper(title, view, page_links(case, view, title), download, earlier, signed)


def page_links(case: Case, view: DocumentView, title: str) -> list[dict[str, str]]:
    """Where the image of each page lies."""
    numbered = [(file, page) for file in view.files if file.is_clean for page in range(max(1, file.pages))]
    return [
        {
            "src": reverse("desk:page", args=[case.public_id, file.id, page]),
            "alt": _("%(title)s, page %(page)d") % {"title": title, "page": n},
        }
        for n, (file, page) in enumerate(numbered, 1)
    ]


def _owners(case: Case, language: str) -> list[dict[str, Any]]:
    """Each stage at work, who looks after it, and who else may."""
    owners = work.owners_of([case.pk])
    rows = []
    for visit in StageVisit.objects.filter(case=case, live=True).order_by("pk"):
        stage, owner = case.journey.stages[visit.key], owners.get((case.pk, visit.key))
        others = [one for one in people.active() if stage.owner in queue.roles(one)]
        rows.append(
            {
                "stage": visit.key,
                "title": case.journey.text(stage.title, language),
                "owner": owner,
                "others": [one for one in others if owner is None or one.pk != owner.pk],
            }
        )
    return rows


def _held(case: Case, staff: Staff, now: datetime) -> str:
    """Who else has the case open for work; nothing when it is free, or one's own."""
    holder = work.holder(case, now)
    if holder is None or holder.pk == staff.pk or case.held_until is None:
        return ""
    until = dates.said(case.held_until, "time")
    return _("%(name)s works on this case, until %(time)s.") % {"name": holder.name, "time": until}


def _waiting(case: Case) -> list[str]:
    return [
        _("Waiting for the %(peer)s since %(when)s, %(tries)d tries.")
        % {"peer": blueprint.title(row.peer), "when": dates.said(row.since, "short"), "tries": row.tries}
        for row in connectors.waiting(case)
    ]
