"""What a client is asked to approve, as its page shows it: the versions, the comments, and what became of earlier ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from pridvor.cases import approvals
from pridvor.cases import queries as cases
from pridvor.cases.approvals import APPROVE, Pinned, Place, Standing
from pridvor.cases.models import Attempt, Case
from pridvor.clients.models import Person
from pridvor.documents import deliveries, sheets
from pridvor.documents.deliveries import PieceView, Version
from pridvor.documents.sheets import Sheet
from pridvor.lib.actor import Actor
from pridvor.ui import sheet as raster

PURPOSE = "look at what is to be approved"


@dataclass(frozen=True)
class Shown:
    """One thing of a version: its pages, its paragraphs or its link."""

    view: PieceView
    title: str
    pages: Sequence[dict[str, Any]]
    copy_url: str


@dataclass(frozen=True)
class Delivered:
    """The version of one deliverable that stands."""

    version: Version
    pieces: Sequence[Shown]


@dataclass(frozen=True)
class Asked:
    """A comment of the attempt before, with its answer: the place as it was, and as it is now."""

    said: Pinned
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    quoted: str


@dataclass(frozen=True)
class Approval:
    """The whole page."""

    attempt: Attempt
    delivered: Sequence[Delivered]
    comments: Sequence[Pinned]
    asked_before: Sequence[Asked]
    standing: Standing
    mine: str  # what this person has said of the versions that stand
    is_asked: bool
    ways: Sequence[dict[str, str]]
    seen: Sequence[str]


def approval(case: Case, attempt: Attempt, person: Person, *, actor: Actor, now: datetime) -> Approval:
    """Everything on the page; every look at sealed words is logged first."""
    names = case.journey.steps[attempt.step].uses
    versions = {
        name: deliveries.versions(case, name, actor=actor, purpose=PURPOSE, now=now) for name in names
    }
    said = approvals.read(approvals.comments_on(attempt), actor=actor, purpose=PURPOSE, now=now)
    before = approvals.read(approvals.asked_before(attempt), actor=actor, purpose=PURPOSE, now=now)
    standing = approvals.standing(attempt, deliveries.numbers(attempt))
    return Approval(
        attempt=attempt,
        delivered=[_delivered(case, found[-1], said) for found in versions.values() if found],
        comments=said,
        asked_before=[_asked(case, one, versions.get(one.comment.deliverable, [])) for one in before],
        standing=standing,
        mine=standing.said.get(person.pk, ""),
        is_asked=person in standing.asked,
        ways=_ways(case, attempt),
        seen=[f"{name}:{number}" for name, number in deliveries.numbers(attempt).items()],
    )


def attempt_of(case: Case, step: str) -> Attempt | None:
    """The open approval, if this step is one."""
    known = case.journey.steps.get(step)
    return cases.open_attempt(case, step) if known and known.kind == "approve" else None


def deliverable(attempt: Attempt, named: str) -> str:
    """What a posted comment is about: one of the step's deliverables, the first where it names none."""
    known = attempt.case.journey.steps[attempt.step].uses
    return named if named in known else known[0]


def waits_for(case: Case, person: Person | None) -> str:
    """The first step that is open and on which this person is asked; empty: none."""
    steps = [step.key for step in case.journey.steps.values() if attempt_of(case, step.key)]
    return next((step for step in steps if person in approvals.who_is_asked(case, step)), "")


def place(piece: str, page: str, chosen: str) -> Place:
    """Where a posted comment is pinned: a cell of a page («2-5»), a paragraph («p3»), or the whole of it."""
    which = _uuid(piece)
    if which is None:
        return Place()
    if page.isdecimal():
        spot = raster.middle(chosen)
        return Place(which, int(page[:4]), *(spot or (None, None)))
    paragraph = chosen.removeprefix("p")
    return Place(which, paragraph=int(paragraph[:4]) if paragraph.isdecimal() and chosen[0] == "p" else None)


def seen(posted: Sequence[str]) -> dict[str, int]:
    """The versions that stood on the page, as its form carries them."""
    pairs = (one.partition(":") for one in posted)
    return {name: int(number) for name, _colon, number in pairs if number.isdecimal()}


# -- how


def _ways(case: Case, attempt: Attempt) -> list[dict[str, str]]:
    """Every outcome as a button."""
    ways = []
    for outcome, route in case.journey.steps[attempt.step].routes.items():
        if outcome == APPROVE:
            ways.append({"outcome": outcome, "text": _("I approve this version"), "kind": "primary"})
        elif route.verb == "close":
            ways.append({"outcome": outcome, "text": _("I do not want this"), "kind": "danger"})
        else:
            ways.append({"outcome": outcome, "text": _("Ask for these changes"), "kind": ""})
    return ways


def _delivered(case: Case, version: Version, said: Sequence[Pinned]) -> Delivered:
    comments = [one.comment for one in said]
    return Delivered(version, [_shown(case, piece, n, comments) for n, piece in enumerate(version.pieces, 1)])


def _shown(case: Case, piece: PieceView, number: int, comments: Sequence[Any]) -> Shown:
    named = piece.file.name if piece.file else ""
    title = named or (_("Link") if piece.kind == "link" else _("Text %(n)d") % {"n": number})
    pages = [_picture(case, one, title) for one in sheets.of_piece(piece, comments)]
    copy = reverse("portal:copy", args=[case.public_id, piece.file.id]) if piece.file else ""
    return Shown(piece, title, pages, copy)


def _asked(case: Case, said: Pinned, versions: Sequence[Version]) -> Asked:
    before = sheets.of_comment(said.comment, versions) if versions else None
    after = sheets.after(said.comment, versions) if versions else None
    return Asked(
        said,
        _picture(case, before, _("as it was")) if before else None,
        _picture(case, after, _("as it is now")) if after else None,
        sheets.quoted(said.comment, versions),
    )


def _picture(case: Case, sheet: Sheet, title: str) -> dict[str, Any]:
    return {
        "src": reverse("portal:page-image", args=[case.public_id, sheet.file, sheet.page]),
        "alt": _("%(title)s, page %(page)d") % {"title": title, "page": sheet.page + 1},
        "cells": raster.cells(sheet.pins),
        "page": sheet.page,
        "number": sheet.page + 1,
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
