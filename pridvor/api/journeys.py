"""Journeys that can be opened for clients, with their forms as JSON Schema; and who the key belongs to."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from pridvor.accounts.models import Scope
from pridvor.api.door import MachineKey, caller_of, language
from pridvor.api.problems import REFUSALS, Problem
from pridvor.api.shapes import Journeys, JourneyShown, Me
from pridvor.journeys import filling
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey
from pridvor.journeys.models import JourneyVersion

router, mine = Router(tags=["journeys"]), Router(tags=["key"])
READ = MachineKey(Scope.JOURNEYS_READ)


@router.get("/", response={200: Journeys, **REFUSALS}, auth=READ, operation_id="listJourneys")
def list_journeys(request: HttpRequest) -> Any:
    """The newest version of each journey that may be opened for a client."""
    return {"journeys": [_named(version, journey) for version, journey in journeys.opened_for_clients()]}


@router.get("/{slug:name}/", response={200: JourneyShown, **REFUSALS}, auth=READ, operation_id="readJourney")
def read_journey(request: HttpRequest, name: str) -> Any:
    """Stages, forms, documents and reasons of a journey, in the language of Accept-Language."""
    found = next((pair for pair in journeys.opened_for_clients() if pair[1].name == name), None)
    if found is None:
        raise Problem("not-found")
    version, journey = found
    spoken = language()
    stages = journey.stages.items()
    return {
        **_named(version, journey),
        "stages": [{"key": key, "title": journey.text(stage.title, spoken)} for key, stage in stages],
        "forms": _forms(journey, spoken),
        "documents": _documents(journey, spoken),
        "reasons": {code: journey.text(text, spoken) for code, text in journey.reasons.items()},
    }


@mine.get("/", response={200: Me, **REFUSALS}, auth=MachineKey(), operation_id="readKey")
def read_key(request: HttpRequest) -> Any:
    """What this key may do: a first request to try it with."""
    caller = caller_of(request)
    machine = caller.machine
    return {
        "id": machine.public_id,
        "name": machine.name,
        "scopes": sorted(caller.scopes),
        "regions": machine.regions,
        "mode": "test" if machine.is_test else "live",
        "expires_at": machine.expires_at,
    }


# -- how


def _named(version: JourneyVersion, journey: Journey) -> dict[str, Any]:
    title = journey.text(journey.title, language())
    return {"name": journey.name, "version": version.number, "title": title, "opens": journey.opens}


def _forms(journey: Journey, spoken: str) -> list[dict[str, Any]]:
    return [
        {
            "step": step.key,
            "title": journey.text(step.title, spoken),
            "answers": filling.schema(journey, journey.forms[step.use], spoken),
        }
        for step in journey.steps.values()
        if step.kind == "form" and step.use in journey.forms
    ]


def _documents(journey: Journey, spoken: str) -> list[dict[str, Any]]:
    asked = [(step, item) for step in journey.steps.values() if step.kind == "upload" for item in step.uses]
    return [
        {
            "step": step.key,
            "item": item,
            "title": journey.text(journey.documents[item].title, spoken),
            "hint": journey.text(journey.documents[item].hint, spoken),
        }
        for step, item in asked
        if item in journey.documents
    ]
