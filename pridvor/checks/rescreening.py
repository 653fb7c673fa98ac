"""Screening again whoever is with us: when the list has changed, and after some time even when it has not.

Whoever was screened once stays on watch: cases that are open, and those that ended well, whose clients we deal with. A
peer that does not answer is asked again in an hour; nobody waits for it meanwhile.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery

from pridvor.cases import actions as cases
from pridvor.cases.models import Case
from pridvor.checks import name_list, screening
from pridvor.checks.models import Candidate, Screening
from pridvor.checks.screening import CONCERNED
from pridvor.clients import queries as clients
from pridvor.connectors import circuit, peers, watchlist
from pridvor.connectors.contract import Failed, Rejected
from pridvor.connectors.watchlist import ROLE, Edition, Screened, Sought

AT_ONCE = 20  # cases whose people go in one request
MOST = 2000  # cases in one run; the next run goes on

Ask = Callable[[dict[str, Sought]], Screened]

log = logging.getLogger(__name__)


def run(*, now: datetime) -> int:
    """This will screen again those for whom it is time, and return how many cases. Uses the network."""
    if path := screening.in_file():
        return _all(name_list.edition(path), lambda sought: name_list.screen(path, sought), now=now)
    if not peers.is_configured(ROLE) or circuit.closed_until(ROLE, now):
        return 0
    try:
        with peers.connection(ROLE) as connection:
            count = _all(connection.edition(), connection.match, now=now)
    except Failed as failed:
        log.warning("the sanctions list could not be asked: %s", failed.code)
        if not isinstance(failed, Rejected):
            circuit.note_failure(ROLE, now)
        return 0
    circuit.note_success(ROLE, now)
    return count


def due(edition: Edition, *, now: datetime) -> list[Case]:
    """The cases whose latest screening was of another edition of the list, or is too old; the oldest first."""
    last = Screening.objects.filter(case=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    watched = Case.objects.filter(screening.watched(), is_test=False)
    present = {
        name: getattr(edition, name) for name in ("dataset", "version", "algorithm", "threshold", "engine")
    }
    rows = Screening.objects.filter(
        ~Q(**present) | Q(at__lt=now - settings.RESCREEN_AFTER),
        pk__in=watched.annotate(last=Subquery(last)).exclude(last=None).values("last"),
    )
    found = [row.case for row in rows.select_related("case__client", "case__person").order_by("pk")[:MOST]]
    alive = clients.not_erased(case.subject for case in found)
    return [case for case in found if case.subject in alive]


def _all(edition: Edition, ask: Ask, *, now: datetime) -> int:
    found = due(edition, now=now)
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
