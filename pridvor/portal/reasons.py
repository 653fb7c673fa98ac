"""Why something is asked again, in the reader's words: the journey's own, a check's, or a document's."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from pridvor.checks import messages as findings
from pridvor.documents.messages import MESSAGES
from pridvor.journeys.language import Journey


def said(journey: Journey, reason: Mapping[str, Any], language: str) -> str:
    """One reason as a sentence. An unknown code still tells what to do."""
    code = str(reason.get("code", ""))
    if code in journey.reasons:
        return journey.text(journey.reasons[code], language)
    sentence = findings.text(code, reason.get("params")) or code
    if sentence == code:
        return str(MESSAGES[code]) if code in MESSAGES else _("Please look at this again.")
    return sentence


def by_item(journey: Journey, reasons: Iterable[Mapping[str, Any]], language: str) -> dict[str, list[str]]:
    """The sentences for each item or field; under an empty name those that are about the whole step."""
    out: dict[str, list[str]] = {}
    for reason in reasons:
        sentence = said(journey, reason, language)
        listed = out.setdefault(str(reason.get("item") or ""), [])
        if sentence not in listed:
            listed.append(sentence)
    return out
