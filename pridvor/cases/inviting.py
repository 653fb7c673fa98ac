"""Cases that staff open for a client: at the counter, on the telephone, from a letter. The client takes over by mail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from pridvor.accounts.sight import whole
from pridvor.cases import actions, queries
from pridvor.cases.models import Case, Event
from pridvor.clients import actions as clients
from pridvor.clients import sign_in
from pridvor.journeys.language import Journey
from pridvor.journeys.models import JourneyVersion
from pridvor.lib.actor import Actor

INVITED = "case.invited"


class AlreadyOpen(Exception):
    """This person is on this journey for this company already; the case says where."""

    def __init__(self, case: Case) -> None:
        super().__init__(case.reference)
        self.case = case


@whole()
@transaction.atomic
def invite(
    version: JourneyVersion,
    company: Mapping[str, str],
    email: str,
    answers: Mapping[str, Any],
    *,
    language: str,
    actor: Actor,
    now: datetime,
    is_test: bool = False,
    known: Mapping[str, Any] | None = None,
) -> Case:
    """This will open a case for a company and whoever speaks for it, and invite them to go on with it.

    `answers` are what is known for the first form; they wait there as a draft for the client to confirm. `known` are
    values that the journey declares under `knows:`. The company is
    a new client until somebody who may decide it has matched it. Raises AlreadyOpen.
    """
    person = sign_in.known_or_new(email, language=language, now=now)
    clients.hold(person)
    for case in queries.of_person(person):
        same = (case.client.country, case.client.cui, case.client.vat, case.client.name)
        is_same = case.journey_version.name == version.name and same == _named(company)
        if case.state == "open" and case.is_test == is_test and is_same:
            raise AlreadyOpen(case)
    client = clients.enrol(company, person, now=now)
    case = actions.open_case(
        version, client, person, language=language, actor=actor, now=now, is_test=is_test, known=known
    )
    step = _first_form(case.journey)
    if step and answers and queries.open_attempt(case, step):
        actions.save_draft(case, step, answers, now=now)
    actions.record(case, INVITED, actor=actor, now=now)
    return case


def was_invited(case: Case) -> bool:
    """Whether staff opened it for the client."""
    return Event.objects.filter(case=case, kind=INVITED).exists()


def _named(company: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(company.get(name, "") for name in ("country", "cui", "vat", "name"))


def _first_form(journey: Journey) -> str:
    return next(
        (key for key, step in journey.steps.items() if step.kind == "form" and step.use in journey.forms), ""
    )
