"""What a client has given in a case: answers as they stand, and documents with all their versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from pridvor.cases import items
from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.cases.rights import Right, Standing
from pridvor.clients import actions as clients
from pridvor.documents import queries as documents
from pridvor.journeys import asking, entries
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Page
from pridvor.lib.actor import Actor
from pridvor.portal import answering, credentials, forms, groups


@dataclass(frozen=True)
class Sheet:
    """The answers of one form."""

    title: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Paper:
    """One version of a document, with its files."""

    title: str
    number: int
    state: str
    sent_at: datetime | None
    files: tuple[dict[str, Any], ...]


MASKED = "•••••"


def answers(case: Case, language: str, mine: Standing, *, actor: Actor, now: datetime) -> list[Sheet]:
    """Every form that was sent, each answer with the page where it can be changed.

    Personal values are opened only for whoever may see them; others read that something stands there.
    """
    journey, can_change = case.journey, answering.can_change(case)
    refs = {
        key: ref
        for key, ref in cases.personal_refs(case).items()
        if key != "email" or key in cases.answers(case)
    }
    if mine.may(Right.PERSONAL):
        purpose = "show one's own answers"
        opened = clients.reveal_refs(refs, actor=actor, purpose=purpose, now=now, case=case.reference)
    else:
        opened = dict.fromkeys(refs, MASKED)
    known = {**cases.answers(case), **opened}
    known |= credentials.kept(case)
    attempts, sheets = cases.latest_attempts(case), []
    for step in journey.steps.values():
        attempt = attempts.get(step.key)
        if (
            step.kind != "form"
            or step.use not in journey.forms
            or attempt is None
            or not any(asking.belongs(journey.forms[step.use], name) for name in known)
        ):
            continue
        changeable = attempt.status in ("done", "open") and mine.may_do(step.key)
        asked = cases.asked(case, step.key, known)
        rows = tuple(
            {
                "key": label,
                "value": value,
                "url": reverse("portal:form", args=[case.public_id, step.key, page.key])
                if changeable and (can_change or (is_secret and case.state == "open"))
                else "",
            }
            for page in asked.pages
            for label, value, is_secret in _of_page(journey, page, known, asked.seen, language)
        )
        sheets.append(Sheet(journey.text(step.title, language), rows))
    return sheets


def _of_page(
    journey: Journey, page: Page, known: Mapping[str, Any], seen: Mapping[str, Any], language: str
) -> list[tuple[str, str, bool]]:
    """What was answered on a page, and whether it is a credential; of one that repeats, each entry."""
    if page.repeat:
        return [
            (
                groups.title(journey, page, number, language),
                groups.in_one(journey, page, number, known, seen, language),
                False,
            )
            for number in entries.present(page.key, known)
        ]
    return [
        (
            journey.text(question.label, language),
            known[question.key]
            if question.type == "secret"
            else forms.shown(question, known[question.key], journey, language),
            question.type == "secret",
        )
        for question in page.fields
        if known.get(question.key) not in (None, "")
    ]


def papers(case: Case, language: str) -> list[Paper]:
    """Every version of every document that was sent, the newest first."""
    sent = [view for view in documents.history(case) if view.sent_at]
    states = {
        "sent": _("This is the one that counts"),
        "superseded": _("Replaced by a newer one"),
        "withdrawn": _("Taken back"),
    }
    return [
        Paper(
            _title(case, view.item, language),
            view.number,
            states.get(view.state, ""),
            view.sent_at,
            tuple(
                {
                    "name": file.name or _("erased"),
                    "size": file.size,
                    "url": reverse("portal:copy", args=[case.public_id, file.id])
                    if file.is_clean and file.name
                    else "",
                }
                for file in view.files
                if file.is_alive
            ),
        )
        for view in sorted(sent, key=lambda view: view.sent_at or case.opened_at, reverse=True)
    ]


def _title(case: Case, item: str, language: str) -> str:
    asked = case.journey.documents.get(item)
    if asked:
        return case.journey.text(asked.title, language)
    listed = items.by_key(case, item)
    return _("For number %(n)d of a list") % {"n": listed.number} if listed else item
