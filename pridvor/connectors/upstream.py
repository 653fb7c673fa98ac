"""Before a case: a deal won in the CRM opens one, and a registration that nobody finishes becomes a prospect there."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from pridvor.cases import actions as cases
from pridvor.cases import inviting
from pridvor.cases import queries as case_queries
from pridvor.cases.models import AttemptStatus, Case, CaseState
from pridvor.company.reading import company
from pridvor.connectors import actions, companies, peers
from pridvor.connectors.contract import Deal, Failed, Rejected
from pridvor.connectors.models import Call, CallState, Origin, Peer
from pridvor.journeys import asking
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Form
from pridvor.journeys.models import JourneyVersion
from pridvor.lib.actor import machine
from pridvor.lib.identifiers import WrongIdentifier

ME = machine("sales")
CRM = "crm"
OVERLAP = timedelta(days=1)  # of two polls: deals are seldom, and each is known by its number
AT_A_TIME = 50
PROSPECT, NO_PROSPECT = "crm.create_prospect", "crm.close_prospect"

log = logging.getLogger(__name__)


def poll(*, now: datetime) -> int:
    """This will open cases for deals won since the last time. Returns how many were new. Uses the network."""
    new = 0
    for role, upstream in _upstreams():
        peer, _made = Peer.objects.get_or_create(name=role)
        try:
            with peers.connection(role) as connection:
                won = list(upstream.won(connection, (peer.deals_at or now) - OVERLAP))
            new += sum(open_for(role, reference, now=now) is not None for reference in won)
        except Failed as failed:
            log.warning("%s could not be asked for deals: %s", role, failed.code)
            continue
        Peer.objects.filter(pk=peer.pk).update(deals_at=now)
    return new


def open_for(role: str, reference: str, *, now: datetime) -> Case | None:
    """This will open the case of one deal, once; None when it has one, or cannot have one. Raises Failed."""
    upstream = dict(_upstreams()).get(role)
    if upstream is None or Origin.objects.filter(peer=role, reference=reference, code="").exists():
        return None
    with peers.connection(role) as connection:
        deal = upstream.read(connection, reference)
    if deal is None:
        return None
    version = journeys.latest(upstream.journey(peers.options(role)))
    code, application, asked = _judged(deal, version, now=now)
    if code or version is None or application is None:
        _keep(role, reference, deal, None, code, now=now)
        return None
    return _open(role, reference, deal, version, application, asked, now=now)


@transaction.atomic
def become_prospects(*, now: datetime) -> int:
    """This will hand on to sales who began a registration and left it. Returns how many."""
    after = _prospect_after()
    if not after:
        return 0
    since = now - timedelta(hours=after)
    left = Case.objects.filter(state=CaseState.OPEN, touched_at__lt=since, opened_at__lt=since, paused="")
    known = Call.objects.filter(aside=True, capability=PROSPECT).values("case")
    count = 0
    for case in left.exclude(pk__in=known).order_by("pk")[:AT_A_TIME]:
        step = _begins_with(case.journey)
        attempt = case_queries.attempt(case, step) if step else None
        if attempt and attempt.number == 1 and attempt.status == AttemptStatus.OPEN:
            actions.ask_beside(attempt, PROSPECT, f"{case.reference}:prospect", now=now)
            count += 1
    return count


@transaction.atomic
def end_prospects(*, now: datetime) -> int:
    """This will take prospects back whose registration was finished, or whose case ended. Returns how many."""
    made = Call.objects.filter(aside=True, capability=PROSPECT).exclude(state=CallState.CANCELLED)
    over = made.exclude(attempt__status=AttemptStatus.OPEN, case__state=CaseState.OPEN)
    closed = Call.objects.filter(aside=True, capability=NO_PROSPECT).values("case")
    found = over.exclude(case__in=closed).select_for_update(of=("self",)).select_related("attempt", "case")
    count = 0
    for call in found.order_by("pk")[:AT_A_TIME]:
        if call.tries == 0 and call.state == CallState.WAITING:
            Call.objects.filter(pk=call.pk).update(state=CallState.CANCELLED)
        else:
            key = f"{call.case.reference}:undo:prospect"
            actions.ask_beside(call.attempt, NO_PROSPECT, key, now=now)
        count += 1
    return count


# -- how


def _upstreams() -> Iterator[tuple[str, Any]]:
    """The systems that open cases here: those whose address names a journey."""
    for role in peers.roles():
        try:
            upstream = peers.product(role).upstream
            if upstream and upstream.journey(peers.options(role)):
                yield role, upstream
        except Rejected:
            continue


def _prospect_after() -> int:
    try:
        return int(getattr(peers.options(CRM), "prospect_after", 0))
    except Rejected:
        return 0


def _judged(
    deal: Deal, version: JourneyVersion | None, *, now: datetime
) -> tuple[str, companies.Application | None, str]:
    """Why no case can be opened, or the company as the registry knows it, and what the journey calls its number."""
    if version is None:
        return "no-such-journey", None, ""
    if not deal.email:
        return "no-contact", None, ""
    form = _first_form(journeys.compiled(version.pk))
    number = str(deal.company.get("vat") or "")
    asked = _number_question(form) if form else "company_number"
    try:
        application = companies.recognise(asked, number, now=now)
    except WrongIdentifier:
        return "no-company-number", None, ""
    if not application.values.get("name"):
        application.values |= {
            name: value for name, value in deal.company.items() if name in companies.REGISTRY_FIELDS
        }
        application.edited = True
    return "", application, asked


@transaction.atomic
def _open(
    role: str,
    reference: str,
    deal: Deal,
    version: JourneyVersion,
    application: companies.Application,
    asked: str,
    *,
    now: datetime,
) -> Case | None:
    form = _first_form(journeys.compiled(version.pk))
    said = {
        **deal.answers,
        **application.values,
        "contact_name": deal.contact_name,
        "phone": deal.phone,
        "email": deal.email,
    }
    answers = {name: value for name, value in said.items() if value and form and asking.belongs(form, name)}
    try:
        case = inviting.invite(
            version,
            companies.company_of(application, asked),
            deal.email,
            answers,
            language=company().language,
            actor=ME,
            now=now,
            known=deal.known,
        )
    except inviting.AlreadyOpen as already:
        _keep(role, reference, deal, already.case, "", now=now)
        return None
    _keep(role, reference, deal, case, "", now=now)
    return case


def _keep(role: str, reference: str, deal: Deal, case: Case | None, code: str, *, now: datetime) -> None:
    kept = {"customer": deal.customer, "case": case, "code": code, "at": now}
    Origin.objects.update_or_create(peer=role, reference=reference, defaults=kept)
    if case:
        said = {"peer": role, "reference": reference, **deal.known}
        cases.record(case, "deal.won", actor=ME, now=now, data=said)


def _begins_with(journey: Journey) -> str:
    """The step with which clients begin."""
    found = (key for key, step in journey.steps.items() if step.kind == "form" and step.use in journey.forms)
    return next(found, "")


def _first_form(journey: Journey) -> Form | None:
    step = _begins_with(journey)
    return journey.forms[journey.steps[step].use] if step else None


def _number_question(form: Form) -> str:
    questions = (question for question in form.fields if question.type == "company number")
    return next((question.key for question in questions), "company_number")
