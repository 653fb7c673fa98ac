"""The first page, and the pages that only tell."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pridvor.journeys import queries as journeys
from pridvor.portal import door, progress
from pridvor.ui.arches import Stage


@require_safe
@door.public
def porch(request: HttpRequest) -> HttpResponse:
    """What this place is, and the doors that are open to everybody."""
    language = door.language()
    doors = [
        {
            "name": journey.name,
            "title": journey.text(journey.title, language),
            "intro": journey.text(journey.intro, language),
            "promise": progress.promise(journey),
            "bring": [journey.text(item.title, language) for item in journey.documents.values()],
        }
        for _version, journey in journeys.public()
    ]
    return door.page(request, "porch", {"doors": doors, "stages": _ways()})


@require_safe
@door.public
def guide(request: HttpRequest) -> HttpResponse:
    """Step by step, with what to have at hand."""
    language = door.language()
    found = journeys.public()
    journey = found[0][1] if found else None
    stages = (
        [Stage(journey.text(stage.title, language)) for stage in journey.stages.values()]
        if journey
        else _ways()
    )
    papers = (
        [
            (journey.text(item.title, language), journey.text(item.hint, language))
            for item in journey.documents.values()
        ]
        if journey
        else []
    )
    return door.page(
        request, "guide", {"stages": stages, "papers": papers, "name": journey.name if journey else ""}
    )


def _ways() -> list[Stage]:
    return [
        Stage(_("Register"), "present"),
        Stage(_("Send papers")),
        Stage(_("We check")),
        Stage(_("You are in")),
    ]
