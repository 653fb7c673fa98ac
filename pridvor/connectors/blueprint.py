"""The service blueprint: who does what, in lanes, and what is handed from one to the next; of a journey, or live of a case.

After G. L. Shostack, «Designing Services That Deliver», Harvard Business Review 62 (1), 1984: the customer's actions, the
front that they meet, the people behind it, and the systems that carry it stand in lanes; lines show the hand-overs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel import numbers
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.cases import queries as cases
from pridvor.cases.models import Attempt, AttemptStatus, Case
from pridvor.connectors import failures, peers
from pridvor.connectors.contract import Rejected
from pridvor.connectors.models import Call, CallState
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Step
from pridvor.ui import dates

CUSTOMER, COMPANY, PORTAL, ASSOCIATE = "customer", "company", "portal", "associate"
FRONT = {  # by kind of step: who does it; every other kind is the portal's
    "form": CUSTOMER,
    "upload": CUSTOMER,
    "guide": CUSTOMER,
    "survey": CUSTOMER,
    "sign": CUSTOMER,
    "approve": CUSTOMER,
    "vouch": COMPANY,
    "review": ASSOCIATE,
    "todo": ASSOCIATE,
    "call": ASSOCIATE,
}
QUICK = 60  # seconds that are shown as seconds
SIGNS = {"done": "good", "open": "now", "failing": "bad", "held": "wait"}
HOW = {
    "created": gettext_lazy("created"),
    "found": gettext_lazy("was there"),
    "linked": gettext_lazy("linked to what was there"),
}
STATES = {
    "done": gettext_lazy("done"),
    "open": gettext_lazy("under way"),
    "failing": gettext_lazy("does not answer"),
    "held": gettext_lazy("waits for an exception"),
    "waiting": gettext_lazy("ahead"),
    "skipped": gettext_lazy("not needed"),
    "cancelled": gettext_lazy("cancelled"),
}
UNSAID = ("", "ok", "done", "sent")  # outcomes of which the state says enough
SHOWN = (
    "key",
    "name",
    "vat",
    "email",
    "phone",
    "iban",
    "credit_limit",
    "payment_days",
    "price_group",
    "plan",
)


@dataclass(frozen=True)
class Lane:
    key: str
    title: str


@dataclass(frozen=True)
class Row:
    """One step in its lane. `origin` and `lane` are positions of lanes, from 1: what lies between them is the hand-over.

    `state`: done, open, failing, held, waiting, skipped, cancelled; empty for a journey that nobody goes through.
    `handed` and `got`: what goes over and what came back, in words; of personal values only their names or masks.
    """

    title: str
    stage: str  # its title, where a stage begins
    lane: int
    origin: int
    state: str = ""
    words: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    seconds: float | None = None  # that it took
    handed: Sequence[str] = ()
    got: Sequence[str] = ()
    number: int = 1

    @property
    def kind(self) -> str:
        """Its sign: good, now, bad, wait, or none."""
        return SIGNS.get(self.state, "")

    @property
    def said(self) -> str:
        return str(STATES.get(self.state, self.state))

    @property
    def took(self) -> str:
        """«0.3 s», «4 minutes», «2 days»: machines are told in seconds, people as people say it."""
        if self.seconds is None:
            return ""
        return (
            f"{numbers.format_decimal(self.seconds, format='0.0', locale=dates.locale())} s"
            if self.seconds < QUICK
            else dates.since(timedelta(seconds=self.seconds))
        )

    @property
    def left(self) -> int:
        return min(self.lane, self.origin)

    @property
    def right(self) -> int:
        return max(self.lane, self.origin)

    @property
    def goes_back(self) -> bool:
        return self.lane < self.origin


@dataclass(frozen=True)
class Blueprint:
    lanes: Sequence[Lane]
    rows: Sequence[Row]


def of_journey(journey: Journey, language: str) -> Blueprint:
    """Every step in the order in which they come, exceptions beside what they stand in for."""
    with translation.override(language):
        return _of_journey(journey, language)


def of_case(case: Case, language: str) -> Blueprint:
    """The steps of this case in the order of its journey, each as it went last."""
    with translation.override(language):
        return _of_case(case, language)


# -- how


def _of_journey(journey: Journey, language: str) -> Blueprint:
    steps = [journey.steps[key] for key in _in_order(journey)]
    lanes = _lanes(steps)
    drafts = [(step, _Seen(handed=_usually(journey, step, language))) for step in steps]
    return Blueprint(lanes, _rows(journey, lanes, drafts, language))


def _of_case(case: Case, language: str) -> Blueprint:
    journey, attempts = case.journey, cases.latest_attempts(case)
    calls = {
        call.attempt_id: call
        for call in Call.objects.filter(case=case, undoes=False)
        .select_related("attempt")
        .prefetch_related("history")
    }
    order = {key: place for place, key in enumerate(_in_order(journey))}
    rows = [row for row in attempts.values() if row.step in journey.steps]
    rows.sort(key=lambda row: (order[row.step], row.pk))
    steps = [journey.steps[row.step] for row in rows]
    lanes = _lanes(steps)
    drafts = [
        (step, _of_attempt(journey, step, row, calls.get(row.pk), language))
        for step, row in zip(steps, rows, strict=True)
    ]
    return Blueprint(lanes, _rows(journey, lanes, drafts, language))


@dataclass(frozen=True)
class _Seen:
    state: str = ""
    words: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    handed: Sequence[str] = ()
    got: Sequence[str] = ()
    number: int = 1


def _in_order(journey: Journey) -> list[str]:
    """As they are written: stages in their order, an exception right after the step that opens it."""
    found: list[str] = []
    for stage in journey.stages.values():
        for key in stage.steps:
            found.append(key)
            opened = [
                target
                for route in journey.steps[key].routes.values()
                for target in (*route.targets, route.first)
            ]
            found += [name for name in opened if name in stage.exceptions and name not in found]
        found += [name for name in stage.exceptions if name not in found]
    return found


def _lane_of(step: Step) -> str:
    if step.kind == "connect":
        return str(step.use).partition(".")[0]
    if step.by == "client":
        return CUSTOMER
    return FRONT.get(step.kind, PORTAL)


def _lanes(steps: Iterable[Step]) -> list[Lane]:
    """Customer, portal and associate always; of systems those that are used, in the order of their use."""
    used = list(dict.fromkeys(map(_lane_of, steps)))
    fixed = [CUSTOMER, *([COMPANY] if COMPANY in used else []), PORTAL, ASSOCIATE]
    return [Lane(key, title(key)) for key in (*fixed, *(key for key in used if key not in fixed))]


def title(lane: str) -> str:
    """What people call a lane: the party, or the role that a system plays."""
    return {
        CUSTOMER: _("Customer"),
        COMPANY: _("Customer's administrator"),
        PORTAL: _("Portal"),
        ASSOCIATE: _("Associate"),
        "erp": "ERP",
        "crm": "CRM",
        "shop": _("Shop"),
        "billing": _("Billing"),
        "tickets": _("Tickets"),
        "platform": _("Platform"),
        "screening": _("Sanctions list"),
        "registry": _("Company registry"),
    }.get(lane, lane)


def _rows(
    journey: Journey, lanes: Sequence[Lane], drafts: Sequence[tuple[Step, _Seen]], language: str
) -> list[Row]:
    places = {lane.key: number for number, lane in enumerate(lanes, 1)}
    rows, before, stage = [], places[CUSTOMER], ""
    for step, seen in drafts:
        here = places[_lane_of(step)]
        took = (seen.ended - seen.began).total_seconds() if seen.began and seen.ended else None
        rows.append(
            Row(
                title=journey.text(step.title, language) or step.key,
                stage=journey.text(journey.stages[step.stage].title, language) if step.stage != stage else "",
                lane=here,
                origin=before,
                state=seen.state,
                words=seen.words,
                began=seen.began,
                ended=seen.ended,
                seconds=took,
                handed=seen.handed,
                got=seen.got,
                number=seen.number,
            )
        )
        before, stage = here, step.stage
    return rows


def _of_attempt(journey: Journey, step: Step, row: Attempt, call: Call | None, language: str) -> _Seen:
    state, words = str(row.status), str(row.outcome)
    handed, got = _usually(journey, step, language), [words] if words not in UNSAID else []
    if call is not None:
        handed, got = _sent(call), _answered(call)
        failing = call.state in (CallState.WAITING, CallState.SENDING) and bool(call.first_failed_at)
        if failing and row.status == AttemptStatus.OPEN:
            state, words = "failing", failures.meaning(call.code)
    return _Seen(state, words, row.opened_at, row.ended_at, handed, got, row.number)


def _usually(journey: Journey, step: Step, language: str) -> list[str]:
    """What goes over whenever this step is done."""
    if step.kind == "form" and step.use in journey.forms:
        return [journey.text(field.label, language) for field in journey.forms[step.use].fields]
    if step.kind in ("upload", "sign"):
        return [
            journey.text(journey.documents[name].title, language)
            for name in step.uses
            if name in journey.documents
        ]
    if step.kind == "connect":
        return [_("company"), _("number of the case"), *map(_field, _personal(str(step.use)))]
    return [journey.text(field.label, language) for field in step.fields]


def _personal(capability: str) -> tuple[str, ...]:
    role, _dot, verb = capability.partition(".")
    try:
        return peers.product(role).verbs[verb].personal
    except (Rejected, KeyError):
        return ()


def _sent(call: Call) -> list[str]:
    """What the last try sent, masked as the ledger keeps it."""
    last: Mapping[str, Any] = next((row.request for row in reversed(call.history.all()) if row.request), {})
    return [f"{_field(name)}: {last[name]}" for name in SHOWN if last.get(name) not in (None, "")]


def _answered(call: Call) -> list[str]:
    tries = len(call.history.all())
    how = str(HOW.get(str(call.answer.get("how", "")), ""))
    said = [str(call.answer[name]) for name in ("code", "reference") if call.answer.get(name)]
    return [*filter(None, (how, *said)), *([_("%(count)s tries") % {"count": tries}] if tries > 1 else [])]


def _field(name: str) -> str:
    return {
        "key": _("number of the case"),
        "name": _("name"),
        "vat": _("VAT number"),
        "email": _("e-mail"),
        "phone": _("telephone"),
        "iban": "IBAN",
        "contact_name": _("contact"),
        "credit_limit": _("credit limit"),
        "payment_days": _("payment term"),
        "price_group": _("price group"),
        "plan": _("plan"),
    }.get(name, name)
