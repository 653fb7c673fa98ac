"""The pages of a proposed version: what changes, what would happen to each open case, and what happened."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pridvor.accounts.models import Staff
from pridvor.cases import moving
from pridvor.cases.models import Case, Proposal
from pridvor.cases.moving import Verdict
from pridvor.journeys import diff, language
from pridvor.journeys import map as maps
from pridvor.journeys import queries as journeys
from pridvor.journeys.diff import Change
from pridvor.journeys.language import Journey

VERDICTS: dict[str, tuple[Promise, str]] = {
    moving.MOVES: (_("moves"), "good"),
    moving.BLOCKED: (_("is blocked"), "bad"),
    moving.GONE_ON: (_("has gone on, and stays"), "wait"),
    moving.TAKEN_BACK: (_("moved back"), ""),
}
BECAUSE: dict[str, Promise] = {
    "call-in-flight": _("A call to another system has not been answered yet. Try again when it has."),
    "not-now": _("The case has ended meanwhile."),
}


@dataclass(frozen=True)
class Row:
    """One open case: what moving would do to it, or did."""

    case: Case
    verdict: Promise
    kind: str
    because: Promise | str
    consequences: Sequence[tuple[Promise, str]]
    is_chosen: bool
    can_move: bool


@dataclass(frozen=True)
class Page:
    proposal: Proposal
    title: str
    by: str
    decided_by: str
    changes: Sequence[Change]
    rows: Sequence[Row]
    quiet: int  # cases that move without anybody noticing
    loud: int  # cases of which something is asked, stopped or lost
    blocked: int
    may_choose: bool
    may_decide: bool
    can_take_back: bool


def page(proposal: Proposal, reader: Staff, language_code: str) -> Page:
    journey = language.read(proposal.source)
    base = journeys.compiled(proposal.base_id) if proposal.base_id else None
    rows = _rehearsed(proposal, journey) if proposal.decided_at is None else _happened(proposal)
    mine, open_ = proposal.by == str(reader.actor), proposal.decided_at is None
    return Page(
        proposal,
        maps.name(journey.title, journey.name, language_code),
        _name(proposal.by),
        _name(proposal.decided_by),
        diff.diff(base, journey) if base else [],
        rows,
        sum(row.can_move and not row.consequences for row in rows),
        sum(row.can_move and bool(row.consequences) for row in rows),
        sum(not row.can_move for row in rows),
        may_choose=open_ and mine,
        may_decide=open_ and not mine,
        can_take_back=any(result["code"] == moving.MOVES for result in proposal.results.values()),
    )


def _rehearsed(proposal: Proposal, journey: Journey) -> list[Row]:
    chosen = set(proposal.chosen)
    return [_row(verdict, verdict.case.pk in chosen) for verdict in moving.rehearse(journey)]


def _happened(proposal: Proposal) -> list[Row]:
    cases = Case.objects.filter(pk__in=map(int, proposal.results)).select_related("client")
    return [_row(Verdict(case, **proposal.results[str(case.pk)]), True) for case in cases]


def _row(verdict: Verdict, is_chosen: bool) -> Row:
    text, kind = VERDICTS[verdict.code]
    said = (
        (_("has yet to do"), verdict.asked),
        (_("does again"), verdict.again),
        (_("stops at"), verdict.stopped),
        (_("loses the answer to"), verdict.lost),
        (_("waits for a person at"), verdict.gates),
    )
    consequences = [(words, ", ".join(names)) for words, names in said if names]
    because = BECAUSE.get(verdict.because, verdict.because)
    return Row(verdict.case, text, kind, because, consequences, is_chosen, verdict.code == moving.MOVES)


def _name(actor: str) -> str:
    kind, _colon, id = actor.partition(":")
    staff = Staff.objects.filter(public_id=id).first() if kind == "staff" else None
    return staff.name if staff else id
