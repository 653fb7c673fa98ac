"""What is filled into letters about a case: names of steps and papers, reasons, links. Nothing personal."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy

from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.notifications.letters import Arch
from pridvor.notifications.models import Message, Notice

_explanations: dict[str, Any] = {}  # sentences of other rooms by code: translatable, with %(name)s places


def learn(explanations: Mapping[str, Any]) -> None:
    """Take sentences for reason codes from rooms that this one may not import; the wiring calls it once."""
    _explanations.update(explanations)


NOTICES = {
    "work.assigned": gettext_lazy("given to you"),
    "note.mentioned": gettext_lazy("a colleague calls you in a note"),
    "sla.warned": gettext_lazy("four fifths of the time are used up"),
    "sla.behind": gettext_lazy("much of the time is used up, and little of the work is done"),
    "sla.breached": gettext_lazy("the time is used up"),
    "screening.found": gettext_lazy("a sanctions list has a new entry that is like this client"),
    "screening.confirmed": gettext_lazy("two people say that this client is on a sanctions list"),
}


def notice(what: str) -> str:
    """What a member of staff is told, in a few words."""
    return str(NOTICES.get(what, what))


def notices(message: Message, language: str) -> dict[str, Any]:
    """What a mail to a member of staff says: one line for each notice that it carries."""
    rows = Notice.objects.filter(message=message).select_related("case__client").order_by("id")
    with translation.override(language):
        said = [
            {"what": f"{row.case.client.name}, {row.case.reference}", "why": notice(row.what)} for row in rows
        ]
    return {"items": said, "link": f"{settings.PUBLIC_URL}/desk/notices/"}


def facts(case: Case, language: str) -> dict[str, Any]:
    """What every letter about a case may say."""
    tracker = cases.tracker(case, language)
    return {
        "reference": case.reference,
        "client": case.client.name,
        "link": f"{settings.PUBLIC_URL}/cases/{case.public_id}/",
        "acting": tracker.acting,
        "next": tracker.next_step.title if tracker.next_step else "",
    }


def arches(case: Case, language: str) -> list[Arch]:
    return [Arch(stage.state) for stage in cases.tracker(case, language).stages if stage.state != "skipped"]


def items(case: Case, wanted: Sequence[Mapping[str, Any]], language: str) -> list[dict[str, str]]:
    """Each wanted thing with its reason in words, in the order given and each pair once."""
    said = [{"what": _what(case, each, language), "why": _why(case, each, language)} for each in wanted]
    return [
        each for place, each in enumerate(said) if (each["what"] or each["why"]) and each not in said[:place]
    ]


def _what(case: Case, wanted: Mapping[str, Any], language: str) -> str:
    """The paper, the question, or the step that is wanted again."""
    journey, item = case.journey, str(wanted.get("item", ""))
    if item in journey.documents:
        return journey.text(journey.documents[item].title, language)
    step = journey.steps.get(str(wanted.get("step", "")))
    if step and step.kind == "form" and step.use in journey.forms:
        for question in journey.forms[step.use].fields:
            if question.key == item:
                return journey.text(question.label, language)
        for page in journey.forms[step.use].groups:
            if page.key == item:
                return journey.text(page.title, language)
    return journey.text(step.title, language) if step else ""


def _why(case: Case, wanted: Mapping[str, Any], language: str) -> str:
    """The event's own text, the journey's reason, or the sentence of the room that found it."""
    text, code = wanted.get("text"), str(wanted.get("code", ""))
    if text:
        return case.journey.text(text, language) if isinstance(text, Mapping) else str(text)
    if code in case.journey.reasons:
        return case.journey.text(case.journey.reasons[code], language)
    if code not in _explanations:
        return ""
    with translation.override(language):
        try:
            return str(_explanations[code]) % dict(wanted.get("params") or {})
        except (KeyError, TypeError, ValueError):
            return ""
