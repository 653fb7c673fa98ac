"""Sanctions screening: a list is asked about the company and its people, and a person adjudicates what is like them.

A likeness is never a verdict. `different` is one person's word, and holds for this name of this client until the entry
says something else; `same` is a grave word, and takes two people. The latest words count. What counts of a case is its
latest screening: each asks for everybody that the case names.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from pridvor.accounts.models import Role
from pridvor.accounts.sight import whole
from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, AttemptStatus, Case, CaseState
from pridvor.checks import name_list
from pridvor.checks.models import Adjudication, Candidate, Screening, Verdict
from pridvor.clients import actions as clients
from pridvor.clients import queries as client_queries
from pridvor.company import systems
from pridvor.connectors import actions as connectors
from pridvor.connectors import queries as connected
from pridvor.connectors import watchlist
from pridvor.connectors.contract import Answer
from pridvor.connectors.models import Call, CallState
from pridvor.connectors.watchlist import CAPABILITY, PURPOSE, ROLE, Match, Screened, Sought
from pridvor.lib import text
from pridvor.lib.actor import Actor
from pridvor.lib.keys import Keys

RULE = "sanctions"  # the check that screens
ENTRY, WHY = (
    "sanctions_entry",
    "adjudication",
)  # what the vault calls an entry's words, and a person's reasons
HELD = "A sanctions list names this client"  # why the machine pauses a case
TWO = 2  # people who must say that it is the same
CONCERNED = (Role.COMPLIANCE,)


class Standing(StrEnum):
    """What is decided of a candidate."""

    OPEN = "open"  # nobody has said anything
    PROPOSED = "proposed"  # one person says that it is the same; a second must
    SAME = "same"
    DIFFERENT = "different"


UNDECIDED = (Standing.OPEN, Standing.PROPOSED)


@dataclass(frozen=True)
class Hit:
    """A candidate for the rules: its entry, how like it is, and on which list."""

    entry: str
    score: float
    dataset: str


# -- a check of a journey


def is_ready(attempt: Attempt, *, now: datetime) -> bool:
    """Whether the check of this attempt can be judged. If not, this will have the list asked; the answer goes on.

    It can once the list has answered, and also where nobody can be asked: then a person screens.
    """
    if _of(attempt) or not is_possible(attempt.case):
        return True
    if path := in_file():
        asked = watchlist.inquiry(attempt.case, now=now)
        keep(attempt.case, name_list.screen(path, asked.sought), attempt=attempt, now=now)
        return True
    call = connected.call_for(attempt, CAPABILITY)
    if call and call.state == CallState.BY_HAND:
        return True
    connectors.ask(attempt, CAPABILITY, now=now)
    return False


def came(call: Call, answer: Answer | None, now: datetime) -> None:
    """This will keep what the list had, or that it could not be asked, and let the check go on (connectors.learn)."""
    said: dict[str, Any] = {"step": call.attempt.key, "peer": call.peer}
    if not client_queries.not_erased([call.case.subject]):
        return  # while the list was asked: nothing goes on, and nothing can be sealed any more
    if answer is None:
        cases.record(
            call.case, "screening.failed", actor=watchlist.ME, now=now, data={**said, "code": call.code}
        )
        return
    kept = keep(call.case, answer.found, attempt=call.attempt, now=now)
    said |= {"list": str(kept), "candidates": kept.candidates.count()}
    cases.record(call.case, "screening.made", actor=watchlist.ME, now=now, data=said)


def hits(attempt: Attempt) -> tuple[Hit, ...] | None:
    """The candidates that are not known to be somebody else; None: no list was asked for this attempt."""
    screening = _of(attempt)
    if screening is None:
        return None
    return tuple(
        Hit(one.entry, one.score, screening.dataset)
        for one, standing in standings(screening.candidates.all()).items()
        if standing != Standing.DIFFERENT
    )


def is_possible(case: Case) -> bool:
    """Whether any list stands ready: a service, a file, or the stand-in."""
    return bool(systems.system(ROLE) or settings.SANCTIONS or settings.DEMO or case.is_test)


def in_file() -> Path | None:
    """The list in a file, where no service is configured."""
    return Path(settings.SANCTIONS) if settings.SANCTIONS and not systems.system(ROLE) else None


def objection(attempt: Attempt, outcome: str) -> str:
    """Why a review of candidates cannot end like this yet; empty: it can.

    It goes on when every candidate is somebody else, and closes the case when one is the same; where the review itself
    asks for a second person, their word is the second for that candidate, too.
    """
    case, (own, _at, host) = attempt.case, attempt.key.partition("@")
    step, screened = case.journey.steps.get(own), case.journey.steps.get(host)
    if step is None or screened is None or screened.kind != "check" or RULE not in screened.uses:
        return ""
    standing = set(standings(latest(case)).values())
    verb = step.routes[outcome].verb if outcome in step.routes else ""
    if not standing:
        return ""
    if verb == "go on" and standing != {Standing.DIFFERENT}:
        return "candidates-open"
    enough = {Standing.SAME, Standing.PROPOSED} if attempt.second else {Standing.SAME}
    return "no-candidate-same" if verb == "close" and not standing & enough else ""


# -- what is kept


@transaction.atomic
def keep(case: Case, found: Screened, *, now: datetime, attempt: Attempt | None = None) -> Screening:
    """This will write down one screening with its candidates, their words sealed under the case's key."""
    digests = {key: _digest(one) for key, one in found.sought.items()}
    screening = Screening.objects.create(
        case=case,
        attempt=attempt,
        cause=Screening.Cause.STEP if attempt else Screening.Cause.SCHEDULE,
        dataset=found.edition.dataset,
        version=found.edition.version[:80],
        algorithm=found.edition.algorithm[:60],
        threshold=found.edition.threshold,
        engine=found.edition.engine[:60],
        sought=digests,
        at=now,
    )
    for key, matches in found.matches.items():
        for match in matches:
            _keep_candidate(screening, key, digests[key], match, now=now)
    return screening


def _keep_candidate(screening: Screening, key: str, digest: str, match: Match, *, now: datetime) -> None:
    said = {
        "caption": match.caption,
        "schema": match.schema,
        "properties": {name: list(values) for name, values in match.properties.items()},
        "why": dict(match.why),
    }
    sealed = clients.keep(screening.case.subject, {ENTRY: json.dumps(said, ensure_ascii=False)}, now=now)
    asked = (str(screening.case.client_id), digest, match.entry, match.fingerprint)
    Candidate.objects.create(
        screening=screening,
        subject=key[:60],
        entry=match.entry[:200],
        fingerprint=match.fingerprint,
        question=hashlib.sha256("\n".join(asked).encode()).hexdigest(),
        score=match.score,
        topics=list(match.topics),
        datasets=list(match.datasets),
        ref=sealed[ENTRY],
    )


def _digest(sought: Sought) -> str:
    """The name as nobody can read it, and the same for the same name. A new version of the key asks everybody again."""
    held: Keys = settings.KEYS
    key = held.derived("index", "screening")
    said = "\n".join((sought.schema, *sorted(map(text.fold, sought.properties["name"]))))
    return hmac.new(key.of(key.primary), said.encode(), "sha256").hexdigest()


# -- adjudicating


@transaction.atomic
def adjudicate(candidate: Candidate, verdict: Verdict, why: str, *, actor: Actor, now: datetime) -> Standing:
    """This will keep what a person says of a candidate, and return what is decided of it now.

    Raises Refused: `no-longer-open` when two people have said that it is the same, or the client was erased;
    `second-person-must` when one's own word is repeated. Outside a review, the second «the same» pauses a case that is still open.
    """
    case = Case.objects.select_for_update(no_key=True).get(pk=candidate.screening.case_id)
    before = standings([candidate])[candidate]
    if before == Standing.SAME or not client_queries.not_erased([case.subject]):
        raise cases.Refused("no-longer-open")
    said = _words([candidate.question]).get(candidate.question, [])
    if said and said[-1].verdict == verdict and str(actor) in {each.by for each in said}:
        raise cases.Refused("second-person-must" if before == Standing.PROPOSED else "no-longer-open")
    ref = clients.keep(case.subject, {WHY: why}, now=now)[WHY]
    Adjudication.objects.create(candidate=candidate, verdict=verdict, by=str(actor), at=now, ref=ref)
    after = standings([candidate])[candidate]
    data = {"candidate": str(candidate.public_id), "entry": candidate.entry, "verdict": str(verdict)}
    cases.record(case, "candidate.adjudicated", actor=actor, now=now, data=data)
    if after == Standing.SAME:
        _confirmed(case, candidate, actor=actor, now=now)
    return after


def _confirmed(case: Case, candidate: Candidate, *, actor: Actor, now: datetime) -> None:
    """The client is on the list. A review that is open decides what follows; else nothing goes on until people do."""
    data = {"entry": candidate.entry, "roles": list(CONCERNED)}
    cases.record(case, "screening.confirmed", actor=actor, now=now, data=data)
    reviews = Attempt.objects.filter(case=case, kind="review", status=AttemptStatus.OPEN)
    if any(_is_about(review) for review in reviews) or case.state != CaseState.OPEN or case.is_paused:
        return
    cases.pause(case, HELD, actor=watchlist.ME, now=now)


def _is_about(review: Attempt) -> bool:
    host = review.case.journey.steps.get(review.key.partition("@")[2])
    return host is not None and RULE in host.uses


# -- reads


def standings(candidates: Iterable[Candidate]) -> dict[Candidate, Standing]:
    """What is decided of each."""
    rows = list(candidates)
    said = _words([one.question for one in rows])
    return {one: _standing(said.get(one.question, [])) for one in rows}


def latest(case: Case) -> list[Candidate]:
    """The candidates of the latest screening of a case, the likest first."""
    last = Screening.objects.filter(case=case).order_by("-pk").first()
    return list(last.candidates.select_related("screening__case__client")) if last else []


def undecided() -> dict[Candidate, Standing]:
    """The candidates that wait for a person, of the cases that the reader sees, the oldest first."""
    last = Screening.objects.filter(case=OuterRef("screening__case")).order_by("-pk").values("pk")[:1]
    word = Adjudication.objects.filter(candidate__question=OuterRef("question")).order_by("-pk")
    rows = (
        Candidate.objects.filter(watched("screening__case__"), screening=Subquery(last))
        .annotate(word=Subquery(word.values("verdict")[:1]))
        .filter(Q(word=None) | Q(word=Verdict.SAME))
        .select_related("screening__case__client", "screening__case__journey_version")
        .order_by("screening_id", "-score")
    )
    return {one: standing for one, standing in standings(rows).items() if standing in UNDECIDED}


def watched(prefix: str = "") -> Q:
    """The cases whose clients we deal with: open ones, and those that ended well. `prefix` leads to the case."""
    well = Q(**{f"{prefix}state": CaseState.ENDED, f"{prefix}goal": True})
    return Q(**{f"{prefix}state": CaseState.OPEN}) | well


def screenings(case: Case) -> list[Screening]:
    """Every screening of a case, the latest first."""
    return list(Screening.objects.filter(case=case).prefetch_related("candidates").order_by("-pk"))


def words_on(candidate: Candidate) -> list[Adjudication]:
    """What people have said to the question that this candidate puts, the oldest first."""
    return _words([candidate.question]).get(candidate.question, [])


def reveal(rows: Iterable[Candidate], *, actor: Actor, now: datetime) -> dict[UUID, dict[str, Any]]:
    """This will log the look and return what entries say, by candidate; what was erased is left out."""
    found: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        refs, case = {"entry": row.ref}, row.screening.case.reference
        opened = clients.reveal_refs(refs, actor=actor, purpose=PURPOSE, now=now, case=case)
        if "entry" in opened:
            found[row.public_id] = json.loads(opened["entry"])
    return found


def reveal_reasons(rows: Iterable[Adjudication], *, actor: Actor, now: datetime) -> dict[int, str]:
    """This will log the look and return why people said so, by key; what was erased is left out."""
    found: dict[int, str] = {}
    for row in rows:
        case = row.candidate.screening.case.reference
        opened = clients.reveal_refs({WHY: row.ref}, actor=actor, purpose=PURPOSE, now=now, case=case)
        if WHY in opened:
            found[row.pk] = opened[WHY]
    return found


def in_use(refs: Iterable[UUID]) -> set[UUID]:
    """Of these value ids, the ones that a candidate or a verdict refers to."""
    wanted = list(refs)
    entries = Candidate.objects.filter(ref__in=wanted).values_list("ref", flat=True)
    return {*entries, *Adjudication.objects.filter(ref__in=wanted).values_list("ref", flat=True)}


# -- how


def _of(attempt: Attempt) -> Screening | None:
    return Screening.objects.filter(attempt=attempt).order_by("-pk").first()


@whole()
def _words(questions: Iterable[str]) -> dict[str, list[Adjudication]]:
    """What was said to each question, in whichever case of the client it was put."""
    said: dict[str, list[Adjudication]] = {}
    rows = Adjudication.objects.filter(candidate__question__in=list(questions)).order_by("pk")
    for row in rows.select_related("candidate__screening__case"):
        said.setdefault(row.candidate.question, []).append(row)
    return said


def _standing(words: list[Adjudication]) -> Standing:
    if not words:
        return Standing.OPEN
    if words[-1].verdict == Verdict.DIFFERENT:
        return Standing.DIFFERENT
    people: set[str] = set()
    for word in words:  # a «somebody else» in between begins the count anew
        people = {*people, word.by} if word.verdict == Verdict.SAME else set()
    return Standing.SAME if len(people) >= TWO else Standing.PROPOSED
