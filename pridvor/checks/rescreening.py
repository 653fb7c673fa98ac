"""Screening again whoever is with us: when the list has changed, and after some time even when it has not.

Whoever was screened once stays on watch: cases that are open, and those that ended well, whose clients we deal with. A
peer that does not answer is asked again in an hour; nobody waits for it meanwhile.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from pridvor.cases import actions as cases
from pridvor.cases.models import Case, Event
from pridvor.checks import name_list, screening
from pridvor.checks.models import Candidate, Screening
from pridvor.checks.screening import CONCERNED
from pridvor.clients import queries as clients
from pridvor.connectors import circuit, peers, watchlist
from pridvor.connectors.contract import Failed, Rejected, Unavailable
from pridvor.connectors.watchlist import ROLE, Edition, Screened, Sought
from pridvor.lib.actor import Actor

AT_ONCE = 20  # cases whose people go in one request
MOST = 2000  # cases in one run; the next run goes on
GRACE = timedelta(days=2)  # before an administrator is warned

Ask = Callable[[dict[str, Sought]], Screened]
Whom = Callable[[Edition], list[Case]]

log = logging.getLogger(__name__)


def run(*, now: datetime) -> int:
    """This will screen again those for whom it is time, and return how many cases. Uses the network."""
    if not _can_be_asked(now):
        return 0
    try:
        return _screened(lambda edition: due(edition, now=now), now=now)
    except Failed as failed:
        log.warning("the sanctions list could not be asked: %s", failed.code)
        return 0


@transaction.atomic
def ask(case: Case, *, actor: Actor, now: datetime) -> None:
    """This will have one case screened again as soon as the list answers, because a person wants to know today.

    Raises Refused where the case is not on watch, or nothing can be asked.
    """
    watched = Case.objects.filter(screening.watched(), pk=case.pk, is_test=False)
    if not watched.exists() or not screening.screenings(case) or not screening.is_possible(case):
        raise cases.Refused("not-on-watch")
    cases.record(case, "screening.asked", actor=actor, now=now, data={})


def asked(event: Event, *, now: datetime) -> None:
    """This will screen the case of which a person asked it. Raises Failed when the list does not answer. Uses the network."""
    if not _can_be_asked(now):
        raise Unavailable("peer-resting")
    alive = clients.not_erased([event.case.subject])
    _screened(lambda _edition: [event.case] if alive else [], now=now)


def overdue(*, now: datetime) -> int:
    """How many cases on watch have not been screened for longer than promised, by a grace of some days."""
    return _last().filter(at__lt=now - settings.RESCREEN_AFTER - GRACE).count()


def due(edition: Edition, *, now: datetime) -> list[Case]:
    """The cases whose latest screening was of another edition of the list, or is too old; the oldest first."""
    present = {
        name: getattr(edition, name) for name in ("dataset", "version", "algorithm", "threshold", "engine")
    }
    rows = _last().filter(~Q(**present) | Q(at__lt=now - settings.RESCREEN_AFTER))
    found = [row.case for row in rows.select_related("case__client", "case__person").order_by("pk")[:MOST]]
    alive = clients.not_erased(case.subject for case in found)
    return [case for case in found if case.subject in alive]


# -- how


def _last() -> QuerySet[Screening]:
    """The latest screening of each case on watch."""
    last = Screening.objects.filter(case=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    watched = Case.objects.filter(screening.watched(), is_test=False)
    return Screening.objects.filter(
        pk__in=watched.annotate(last=Subquery(last)).exclude(last=None).values("last")
    )


def _can_be_asked(now: datetime) -> bool:
    """Whether there is a list to ask, and it is not left alone for a while."""
    return bool(screening.in_file()) or (peers.is_configured(ROLE) and not circuit.closed_until(ROLE, now))


def _screened(whom: Whom, *, now: datetime) -> int:
    """Those whom the present edition of the list calls for, screened; how many cases. Raises Failed."""
    if path := screening.in_file():
        found = whom(name_list.edition(path))
        return _all(found, lambda sought: name_list.screen(path, sought), now=now)
    try:
        with peers.connection(ROLE) as connection:
            count = _all(whom(connection.edition()), connection.match, now=now)
    except Failed as failed:
        if not isinstance(failed, Rejected):
            circuit.note_failure(ROLE, now)
        raise
    circuit.note_success(ROLE, now)
    return count


def _all(found: list[Case], ask: Ask, *, now: datetime) -> int:
    for start in range(0, len(found), AT_ONCE):
        _some(found[start : start + AT_ONCE], ask, now=now)
    return len(found)


def _some(found: Iterable[Case], ask: Ask, *, now: datetime) -> None:
    """Everybody of these cases in one question; each case keeps its own part of the answer."""
    asked = {case: watchlist.inquiry(case, now=now).sought for case in found}
    everybody = {f"{case.pk} {key}": one for case, sought in asked.items() for key, one in sought.items()}
    screened = ask(everybody)
    for case, sought in asked.items():
        matches = {key: screened.matches[f"{case.pk} {key}"] for key in sought}
        _keep(case, Screened(screened.edition, sought, matches), now=now)


def _keep(case: Case, found: Screened, *, now: datetime) -> None:
    kept = screening.keep(case, found, now=now)
    fresh = [one for one in kept.candidates.all() if not _was_asked(one)]
    if fresh:
        data = {"list": str(kept), "candidates": len(fresh), "roles": list(CONCERNED)}
        cases.record(case, "screening.found", actor=watchlist.ME, now=now, data=data)


def _was_asked(candidate: Candidate) -> bool:
    """Whether the question was put before: then it was answered, or waits already."""
    before = Candidate.objects.filter(question=candidate.question, screening_id__lt=candidate.screening_id)
    return before.exists()
