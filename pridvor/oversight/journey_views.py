"""The managers' pages about journeys."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from pridvor.accounts import policy
from pridvor.accounts.access import staff_may
from pridvor.accounts.models import Staff
from pridvor.cases.models import Proposal
from pridvor.connectors import blueprint
from pridvor.journeys import bpmn
from pridvor.journeys import queries as published
from pridvor.journeys.models import JourneyVersion
from pridvor.oversight import journeys as pages


@staff_may("journey.read")
@require_GET
def all_journeys(request: HttpRequest) -> HttpResponse:
    context = {
        "journeys": pages.published(get_language() or "en"),
        "proposals": Proposal.objects.filter(decided_at=None),
        "acts": isinstance(request.user, Staff) and policy.may(request.user, "journey.publish"),
        "section": "oversight",
    }
    return render(request, "oversight/journeys.html", context)


@staff_may("journey.read")
@require_GET
def journey(request: HttpRequest, name: str, number: int) -> HttpResponse:
    page = pages.page(_version(name, number), get_language() or "en")
    return render(request, "oversight/journey.html", {"page": page, "section": "oversight"})


@staff_may("journey.read")
@require_GET
def journey_blueprint(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Its lanes and hand-overs, before anybody goes through it."""
    version, language = _version(name, number), get_language() or "en"
    found = published.compiled(version.pk)
    context = {
        "version": version,
        "title": found.text(found.title, language),
        "blueprint": blueprint.of_journey(found, language),
        "section": "oversight",
    }
    return render(request, "oversight/blueprint.html", context)


@staff_may("journey.read")
@require_GET
def journey_source(request: HttpRequest, name: str, number: int) -> HttpResponse:
    version = _version(name, number)
    return _download(version.source, f"{name}-{number}.yaml", "application/yaml")


@staff_may("journey.read")
@require_GET
def journey_bpmn(request: HttpRequest, name: str, number: int) -> HttpResponse:
    version = _version(name, number)
    drawn = bpmn.export(published.compiled(version.pk), get_language() or "en")
    return _download(drawn, f"{name}-{number}.bpmn", "application/xml")


def _version(name: str, number: int) -> JourneyVersion:
    version = published.version(name, number)
    if version is None:
        raise Http404
    return version


def _download(text: str, file: str, kind: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer
