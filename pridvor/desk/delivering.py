"""What we make for a client to approve, as the desk works on it: the version being gathered, comments to answer, who is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from pridvor.accounts.models import Staff
from pridvor.cases import approvals
from pridvor.cases import queries as cases
from pridvor.cases.approvals import Pinned, Standing
from pridvor.cases.models import Attempt, Case
from pridvor.clients import actions as clients
from pridvor.desk import queue
from pridvor.documents import deliveries, sheets
from pridvor.documents.deliveries import Version
from pridvor.ui import sheet as raster

PURPOSE = "work on the case"


@dataclass(frozen=True)
class Row:
    """One deliverable on the page of its case."""

    title: str
    url: str
    text: str
    to_answer: int


@dataclass(frozen=True)
class ToAnswer:
    """A comment with the page it is about and the fields for its answer."""

    said: Pinned
    sheet: dict[str, Any] | None
    quoted: str
    done: forms.BoundField
    why: forms.BoundField


@dataclass(frozen=True)
class Bench:
    """The page on which a version is gathered and delivered."""

    title: str
    deliverable: str
    gathering: Version | None
    earlier: Sequence[Version]
    to_answer: Sequence[ToAnswer]
    pictures: Sequence[dict[str, Any]]
    asked: Sequence[str]
    standing: Standing | None


class AnswersForm(forms.Form):
    """For each comment: was it done, and if not, why."""

    def __init__(self, *args: Any, comments: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.comments = comments
        for row in comments:
            choices = [("done", _("Done")), ("not-done", _("Not done, because …"))]
            self.fields[f"done-{row.public_id}"] = forms.ChoiceField(
                label=_("Comment %(pin)d") % {"pin": row.number}, choices=choices, widget=forms.RadioSelect
            )
            self.fields[f"why-{row.public_id}"] = forms.CharField(
                label=_("Words for the client"),
                required=False,
                max_length=approvals.LONGEST,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for row in self.comments:
            if cleaned.get(f"done-{row.public_id}") == "not-done" and not cleaned.get(f"why-{row.public_id}"):
                self.add_error(f"why-{row.public_id}", _("Say why it was not done."))
        return cleaned

    def answers(self) -> dict[Any, tuple[bool, str]]:
        return {
            row.public_id: (
                self.cleaned_data[f"done-{row.public_id}"] == "done",
                self.cleaned_data[f"why-{row.public_id}"],
            )
            for row in self.comments
        }


class WordsForm(forms.Form):
    """A link or a text."""

    kind = forms.ChoiceField(choices=[("link", ""), ("text", "")])
    words = forms.CharField(max_length=deliveries.LONGEST)


class ApproverForm(forms.Form):
    email = forms.EmailField()


def why_not(code: str) -> str:
    """Why a version cannot be delivered, or something not be added to it."""
    return {
        "nothing": _("There is nothing in this version yet. Add a file, a link or a text."),
        "still-checked": _("A file is still being checked. Try again in a moment."),
        "not-taken": _("A file was not taken. Remove it, or add it again."),
        "unanswered": _("A comment has no answer yet."),
        "no-answer": _("Say why it was not done."),
        "not-a-link": _("That is no address of a page. It begins with https://."),
        "no-words": _("Write the text, then add it."),
    }.get(code, _("That is not possible now."))


def rows(case: Case, language: str) -> list[Row]:
    """Every deliverable of the case's journey, as long as the case goes on or something was delivered."""
    found = []
    for name, step in deliveries.deliverables(case.journey).items():
        attempt = cases.attempt(case, step)
        count = case.deliveries.filter(deliverable=name, delivered_at__isnull=False).count()
        if (case.state != "open" or attempt is None or attempt.status == "skipped") and not count:
            continue
        text = _("version %(number)d") % {"number": count} if count else _("nothing delivered yet")
        found.append(
            Row(
                case.journey.text(case.journey.steps[step].title, language) or name,
                reverse("desk:delivery", args=[case.public_id, name]),
                text,
                len(approvals.unanswered(case, name)),
            )
        )
    return found


def may_deliver(staff: Staff, case: Case, deliverable: str) -> bool:
    """Whoever does the work of the stage in which it is approved, while the case goes on."""
    step = case.journey.steps[deliveries.deliverables(case.journey)[deliverable]]
    return case.state == "open" and case.journey.stages[step.stage].owner in queue.roles(staff)


def bench(
    case: Case, deliverable: str, form: AnswersForm, staff: Staff, *, language: str, now: datetime
) -> Bench:
    """Everything on the page; each look at sealed words is logged first."""
    step, actor = deliveries.deliverables(case.journey)[deliverable], staff.actor
    found = deliveries.versions(
        case, deliverable, actor=actor, purpose=PURPOSE, now=now, delivered_only=False
    )
    delivered = [one for one in found if one.delivered_at]
    said = approvals.read(form.comments, actor=actor, purpose=PURPOSE, now=now)
    attempt = cases.open_attempt(case, step)
    return Bench(
        title=case.journey.text(case.journey.steps[step].title, language) or deliverable,
        deliverable=deliverable,
        gathering=next((one for one in found if one.delivered_at is None), None),
        earlier=delivered[::-1],
        to_answer=[_to_answer(case, one, delivered, form) for one in said],
        pictures=_pictures(case, delivered, attempt),
        asked=_asked(case, step, staff, now),
        standing=approvals.standing(attempt, deliveries.numbers(attempt)) if attempt else None,
    )


# -- how


def _to_answer(case: Case, said: Pinned, versions: Sequence[Version], form: AnswersForm) -> ToAnswer:
    sheet = sheets.of_comment(said.comment, versions)
    key = said.comment.public_id
    return ToAnswer(
        said,
        _picture(case, sheet) if sheet else None,
        sheets.quoted(said.comment, versions),
        form[f"done-{key}"],
        form[f"why-{key}"],
    )


def _pictures(case: Case, delivered: Sequence[Version], attempt: Attempt | None) -> list[dict[str, Any]]:
    """The pages of the version that stands, with the pins of the attempt that is open."""
    comments = approvals.comments_on(attempt) if attempt else []
    pieces = delivered[-1].pieces if delivered else ()
    return [_picture(case, sheet) for piece in pieces for sheet in sheets.of_piece(piece, comments)]


def _picture(case: Case, sheet: sheets.Sheet) -> dict[str, Any]:
    return {
        "src": reverse("desk:page", args=[case.public_id, sheet.file, sheet.page]),
        "alt": _("Page %(number)s") % {"number": sheet.page + 1},
        "cells": raster.cells(sheet.pins),
    }


def _asked(case: Case, step: str, staff: Staff, now: datetime) -> list[str]:
    """The addresses of those whose word is asked."""
    refs = {str(person.pk): person.email_ref for person in approvals.who_is_asked(case, step)}
    return list(
        clients.reveal_refs(refs, actor=staff.actor, purpose=PURPOSE, now=now, case=case.reference).values()
    )
