"""Where a case stands, in sentences: what is done, what is next, who acts, since when, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pridvor.cases import queries as cases
from pridvor.cases import rights, vouching
from pridvor.cases.models import Case
from pridvor.cases.queries import StepView, Tracker
from pridvor.clients.models import Person
from pridvor.connectors import queries as connectors
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey
from pridvor.portal import reasons
from pridvor.sla import queries as sla
from pridvor.ui import dates
from pridvor.ui.arches import Stage

PEERS = {"erp": "ERP"}


@dataclass(frozen=True)
class Standing:
    """The present moment of a case, for its page."""

    stages: tuple[Stage, ...]
    kind: str  # next | wait | info | good | bad
    title: str
    text: str
    tasks: tuple[dict[str, Any], ...]
    first: dict[str, Any] | None  # what the client can do now
    shop: bool  # whether the way into the shop is open
    waits: bool  # whether the page should look again by itself
    seen: str  # changes when any of this does


def standing(case: Case, language: str, mine: rights.Standing) -> Standing:
    """`mine`: who reads it; tasks of others are not on their page."""
    tracker = cases.tracker(case, language)
    waiting = connectors.waiting(case)
    tasks = tuple(
        _task(case, step, language)
        for step in tracker.steps
        if _is_mine(step) and case.state == "open" and mine.may_do(step.key)
    )
    first = next((task for task in tasks if task["open"]), None)
    shop = mine.role == rights.APPLICANT and bool(connectors.shop_account(case))
    kind, title, text = (
        _ended(case, language) if case.state != "open" else _now(case, tracker, waiting, first)
    )
    if shop and case.state == "open" and kind == "wait" and not case.is_paused:
        kind, title, text = (
            "good",
            _("The shop is open for you"),
            _("The rest goes on by itself: %(what)s.") % {"what": title},
        )
    waits = case.state == "closing" or (case.state == "open" and tracker.acting not in ("client", ""))
    seen = f"{case.version}.{len(waiting)}.{sum(call.failing for call in waiting)}.{shop}"
    return Standing(_arches(case, tracker), kind, title, text, tasks, first, shop, waits, seen)


def line(case: Case, person: Person, language: str) -> dict[str, Any]:
    """One case in the list of one's own."""
    here = standing(case, language, rights.standing(case, person))
    return {
        "url": reverse("portal:case", args=[case.public_id]),
        "title": case.client.name,
        "reference": case.reference,
        "journey": case.journey.text(case.journey.title, language),
        "sentence": here.title,
        "kind": here.kind,
        "stages": here.stages,
        "opened_at": case.opened_at,
        "is_drawn": case.state == "open" or case.goal,
    }


def others(case: Case, language: str) -> list[dict[str, str]]:
    """What else a client whose case has reached its goal may begin from its page."""
    if not case.goal:
        return []
    return [
        {
            "title": journey.text(journey.title, language),
            "intro": journey.text(journey.intro, language),
            "url": reverse("portal:another", args=[case.public_id, journey.name]),
        }
        for _, journey in journeys.opened_by("client")
    ]


def promise(journey: Journey) -> str:
    """How long it takes, as the journey promises."""
    target = journey.target
    if target is None:
        return ""
    if target.days:
        return ngettext("%(count)d working day", "%(count)d working days", target.days) % {
            "count": target.days
        }
    hours = int(target.time.total_seconds() // 3600)
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


def promised(case: Case, language: str) -> dict[str, Any]:
    """By when the whole is finished and why then, in the words of the promise; nothing when it is over."""
    if case.state != "open" or case.goal:
        return {}
    receipt = sla.receipt(case)
    if receipt is None or receipt.due_at is None:  # the clocks of a case begin a moment after it
        return {"within": promise(case.journey)} if case.journey.target else {}
    yours = sla.clients_receipt(case)
    return {
        "due_at": receipt.due_at,
        "late": receipt.state == "breached",
        "why": receipt.said("ro" if language == "ro" else "en", "client"),
        "yours": yours.due_at if yours and yours.due_at and yours.due_at < receipt.due_at else None,
    }


def kept_until(case: Case) -> datetime | None:
    """When the registration expires if the client does nothing; None while somebody else acts."""
    allowed = case.journey.expires
    return case.touched_at + allowed if allowed and case.state == "open" and not case.paused else None


def result(case: Case, language: str) -> dict[str, Any]:
    """The end of a case: which, and why."""
    journey, why = case.journey, []
    for event in reversed(cases.timeline(case)):
        if event.kind == "step.completed" and case.end == "declined":
            why = [reasons.said(journey, reason, language) for reason in event.data.get("reasons") or []]
            if event.data.get("kind") == "vouch":
                why = [_("The administrator of your company has not confirmed that you act for it.")]
            break
    return {"end": case.end, "why": why}


# -- how


def _is_mine(step: StepView) -> bool:
    return step.party == "client" and step.state in (
        ("open", "done") if step.optional else ("open", "done", "waiting")
    )


def _task(case: Case, step: StepView, language: str) -> dict[str, Any]:
    again = step.state == "open" and bool(step.reasons)
    status = {
        "done": (_("Sent"), "good"),
        "waiting": (_("Later"), "quiet"),
        "open": (_("Asked again"), "bad")
        if again
        else (_("If you like"), "quiet")
        if step.optional
        else (_("To do"), "now"),
    }[step.state]
    said = (
        [
            sentence
            for listed in reasons.by_item(case.journey, step.reasons, language).values()
            for sentence in listed
        ]
        if again
        else []
    )
    url = reverse("portal:step", args=[case.public_id, step.key]) if step.state == "open" else ""
    return {
        "key": step.key,
        "title": step.title,
        "url": url,
        "status": status[0],
        "kind": status[1],
        "hint": " ".join(said),
        "open": step.state == "open",
        "optional": step.optional,
        "again": again,
        "since": step.since,
    }


def _arches(case: Case, tracker: Tracker) -> tuple[Stage, ...]:
    troubled = {
        case.journey.steps[step.key].stage
        for step in tracker.steps
        if step.party == "client" and step.state == "open" and step.reasons and step.key in case.journey.steps
    }
    return tuple(
        Stage(
            stage.title,
            "trouble" if stage.key in troubled and stage.state == "present" else _state(case, stage.state),
            stage.loops,
            str(stage.row),
        )
        for stage in tracker.stages
    )


def _state(case: Case, state: str) -> str:
    """A case that ended early is nowhere at present."""
    return "ahead" if state == "present" and case.state != "open" else state


def _now(
    case: Case, tracker: Tracker, waiting: Sequence[connectors.Waiting], first: dict[str, Any] | None
) -> tuple[str, str, str]:
    if case.is_paused:
        return (
            "wait",
            _("A person has this in hand"),
            _("Automatic work is on hold while somebody looks at it. You need do nothing; we write to you."),
        )
    if tracker.acting == "client" and first:
        if first["again"]:
            return (
                "next",
                _("Your turn: something needs another look"),
                _("The rest of what you sent stays as it is."),
            )
        return (
            "next",
            _("Your turn: %(what)s") % {"what": first["title"]},
            _("Everything you enter is kept. You can stop and go on later."),
        )
    if tracker.acting == "client":
        return (
            "wait",
            _("A colleague of yours is next"),
            _("Something is waited for from your company; it is not yours to do."),
        )
    failing = next((call for call in waiting if call.failing), None)
    if failing:
        return (
            "wait",
            _("Waiting for the %(system)s since %(when)s")
            % {"system": PEERS.get(failing.peer, failing.peer), "when": dates.said(failing.since)},
            _("It does not answer. We try again by ourselves; nothing is lost and you need do nothing."),
        )
    if tracker.acting == "third party" and tracker.since and vouching.is_waiting(case):
        return (
            "wait",
            _("Waiting for the administrator of your company since %(when)s")
            % {"when": dates.said(tracker.since)},
            _(
                "We asked them by mail whether you act for it. If nobody answers in time, a person at our end looks."
            ),
        )
    if tracker.acting == "third party":
        return "wait", _("We are setting up your account"), _("This takes a few moments.")
    if tracker.acting == "nobody":
        return (
            "wait",
            _("We are checking what you sent"),
            _("This takes a minute or two. You may leave this page; we write to you."),
        )
    if tracker.acting == "us":
        title = _("A person at our end looks at it")
        return (
            "wait",
            title,
            _("Waiting for us since %(when)s. You need do nothing; we write to you.")
            % {"when": dates.said(tracker.since)}
            if tracker.since
            else "",
        )
    return "info", _("Nothing to do at the moment"), ""


def _ended(case: Case, language: str) -> tuple[str, str, str]:
    ends = {
        "activated": (
            "good",
            _("Welcome! You are our partner now"),
            _("Your account is open. The welcome e-mail tells you where to go."),
        ),
        "declined": (
            "bad",
            _("We cannot accept this registration"),
            _(
                "The reason stands below. If you think that we are mistaken, call the person named at the foot of this page."
            ),
        ),
        "withdrawn": (
            "info",
            _("You have withdrawn this registration"),
            _("Nothing more happens with it. You can begin again whenever you like."),
        ),
        "expired": (
            "info",
            _("This registration has expired"),
            _("Nothing came for a long time, so we closed it. You can begin again whenever you like."),
        ),
    }
    kind, title, text = ends.get(case.end, ("info", _("This registration has ended"), ""))
    own = case.journey.text(case.journey.closed.get(case.end, {}), language)
    if not own:
        return kind, title, text
    return ("good", own, "") if case.goal else (kind, own, text)
