"""The documents that a case asks for now, as their page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from pridvor.cases import queries as cases
from pridvor.cases.models import Attempt, Case
from pridvor.documents import queries as documents
from pridvor.documents.messages import message
from pridvor.documents.queries import DocumentView, FileView
from pridvor.journeys.model import Item
from pridvor.portal import reasons


@dataclass(frozen=True)
class Wanted:
    """One document to send: what it is, why it is asked again, what has arrived."""

    key: str
    title: str
    hint: str
    template: str
    signed: bool
    reasons: tuple[str, ...]
    files: tuple[dict[str, Any], ...]
    state: str  # empty | busy | wrong | ready
    sent_before: bool
    urls: Mapping[str, str]

    @property
    def word(self) -> str:
        return {
            "empty": _("Nothing yet"),
            "busy": _("Being checked"),
            "wrong": _("Needs another file"),
            "ready": _("Ready to send"),
        }[self.state]

    @property
    def tag(self) -> str:
        return {"empty": "quiet", "busy": "wait", "wrong": "bad", "ready": "good"}[self.state]


@dataclass(frozen=True)
class Table:
    """All that lies on the table: what is wanted, and what is kept from before."""

    wanted: tuple[Wanted, ...]
    kept: tuple[str, ...]
    general: tuple[str, ...]
    again: bool

    @property
    def has_contract(self) -> bool:
        return any(item.template for item in self.wanted)


def table(case: Case, attempt: Attempt, language: str) -> Table:
    wanted = documents.wanted(attempt)
    again = bool(attempt.reasons or attempt.wanted)
    said = reasons.by_item(case.journey, attempt.reasons, language) if again else {}
    views = documents.current(case)
    return Table(
        tuple(
            _wanted(
                case, attempt, case.journey.documents[item], views.get(item), said.get(item, []), language
            )
            for item in wanted
        ),
        tuple(
            case.journey.text(case.journey.documents[item].title, language)
            for item in documents.asked(attempt)
            if item not in wanted
        ),
        tuple(said.get("", [])),
        again,
    )


def one(case: Case, attempt: Attempt, item: str, language: str) -> Wanted | None:
    return next((wanted for wanted in table(case, attempt, language).wanted if wanted.key == item), None)


def attempt_of(case: Case, step: str) -> Attempt | None:
    """The open upload, if this step is one."""
    known = case.journey.steps.get(step)
    return cases.open_attempt(case, step) if known and known.kind == "upload" else None


def _wanted(
    case: Case, attempt: Attempt, item: Item, view: DocumentView | None, said: list[str], language: str
) -> Wanted:
    journey, at = case.journey, [case.public_id, attempt.step, item.key]
    collecting = view if view and view.state == "collecting" else None
    files = [_row(case, file, collecting) for file in collecting.files] if collecting else []
    sent_before = bool(view and view.is_sent)
    return Wanted(
        item.key,
        journey.text(item.title, language),
        journey.text(item.hint, language),
        item.template,
        item.signed,
        tuple(said),
        tuple(files),
        _state(collecting, sent_before and not said),
        sent_before,
        {
            "send": reverse("portal:item", args=at),
            "rows": reverse("portal:item-files", args=at),
            "template": reverse("portal:contract", args=at) if item.template else "",
        },
    )


def _state(view: DocumentView | None, kept: bool) -> str:
    alive = [file for file in view.files if file.is_alive] if view else []
    if any(file.state == "receiving" for file in alive) or (view and view.is_checking):
        return "busy"
    if alive:
        return "ready"
    return (
        "wrong"
        if view and any(file.state == "refused" for file in view.files)
        else "ready"
        if kept
        else "empty"
    )


def _row(case: Case, file: FileView, view: DocumentView | None) -> dict[str, Any]:
    """A file as ui/_file.html reads it, with its remarks and ways out."""
    at = [case.public_id, file.id]
    state = {
        "receiving": "paused",
        "quarantined": "checking",
        "clean": "done" if file.is_read else "checking",
    }.get(file.state, "failed")
    text = {
        "paused": _("%(percent)d %% has arrived. Choose the same file again, and it goes on from there.")
        % {"percent": 100 * file.arrived // max(file.size, 1)},
        "checking": message("quarantined"),
        "done": message("clean"),
        "failed": message(file.refusal) if file.refusal else message("refused"),
    }[state]
    remarks = [message(code) for code in file.remarks]
    if view and "looks-like-another" in view.remarks and file.looks_like not in ("", view.item):
        remarks.append(message("looks-like-another"))
    return {
        "id": file.id,
        "name": file.name or "",
        "size": file.size,
        "state": state,
        "text": text,
        "remarks": remarks,
        "url": reverse("portal:copy", args=at) if file.is_clean else "",
        "remove_url": reverse("portal:remove", args=at),
        "insist_url": reverse("portal:insist", args=at) if file.can_insist else "",
    }
