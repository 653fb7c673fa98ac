"""How the demo's stories are played: the real actions, at the times of the story, with what the wiring would answer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases import store
from pridvor.cases.models import Attempt, Event
from pridvor.clients import actions as clients
from pridvor.clients import sign_in
from pridvor.connectors import actions as connectors
from pridvor.connectors import registry
from pridvor.connectors.findings import Company, Found
from pridvor.connectors.models import Call
from pridvor.journeys import queries as journeys
from pridvor.lib.actor import Actor
from pridvor.project import wiring
from pridvor.sla import timers


class Telling(Protocol):
    """What every story says: whose company, who speaks for it, and how many days ago they began."""

    @property
    def cui(self) -> str: ...
    @property
    def contact(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def days_ago(self) -> float: ...


T = TypeVar("T", bound=Telling)


@contextmanager
def reactions_at_once() -> Iterator[None]:
    """No jobs for reactions meanwhile: the play runs them itself, at the times of the story."""
    heard, store.HEARD = store.HEARD, {}
    try:
        yield
    finally:
        store.HEARD = heard


@dataclass
class Play(Generic[T]):
    """One case of a journey. `now` is the story's present, which ends at `today`."""

    journey: ClassVar[str]
    story: T
    today: datetime
    now: datetime = field(init=False)
    seen: int = 0

    def __post_init__(self) -> None:
        self.now = self.today - timedelta(days=self.story.days_ago)

    def run(self) -> None:
        """Tell the story to its end."""
        raise NotImplementedError

    def begin(self) -> None:
        """The applicant signs in, says which company, and the case is open."""
        self.seen = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
        self.open()
        self.react()

    def open(self) -> None:
        version = journeys.latest(self.journey)
        assert version is not None
        asked = sign_in.ask(self.story.email, language="ro", now=self.now)
        found = sign_in.code_for_mail(asked.public_id, now=self.now)
        assert found is not None
        self.person = sign_in.confirm(asked.public_id, found[1], now=self.now)
        self.me = Actor("client", str(self.person.subject))
        finding = registry.look_up("RO", self.story.cui, now=self.now)
        assert isinstance(finding, Found)
        self.company: Company = finding.company
        client = clients.enrol(_row(self.company), self.person, now=self.now)
        self.case = cases.open_case(
            version,
            client,
            self.person,
            language="ro",
            actor=self.me,
            now=self.now,
            drafts={"details": answers(self.company)},
        )

    def tell(self, **plain: Any) -> None:
        """The form `details`, sent with what the register says of the company."""
        personal = {"contact_name": self.story.contact, "phone": self.story.phone}
        cases.submit(
            self.attempt("details"),
            {**answers(self.company), **plain},
            personal,
            actor=self.me,
            now=self.now,
        )

    def later(self, **delta: float) -> None:
        """Time passes, at most until today; timers ring on the way."""
        until = min(self.now + timedelta(**delta), self.today)
        while timer := timers.due(until).filter(case=self.case).first():
            self.now = max(self.now, timer.fire_at or until)
            if not timers.fire(timer.pk, self.case.pk, now=self.now):
                break
            self.react()
        self.now = until

    def attempt(self, step: str) -> Attempt:
        found = case_queries.open_attempt(self.case, step)
        assert found is not None, f"{self.case}: {step} is not open"
        found.case = self.case
        return found

    def react(self) -> None:
        """Run what the wiring would, for every new event, until nothing new happens."""
        while fresh := list(Event.objects.filter(id__gt=self.seen, case=self.case).order_by("id")):
            self.seen = fresh[-1].id
            for event in fresh:
                self.now = max(self.now, event.at)  # a call takes its time
                for wire in wiring.WIRES:
                    if wire.when in (event.kind, f"{event.kind}:{event.data.get('kind')}"):
                        wire.then(cases.event(event.id), now=self.now)

    def call(self) -> bool:
        """Try what is due at outside systems, and run what follows. False: nothing was due."""
        due = list(Call.objects.filter(case=self.case, state="waiting", next_at__lte=self.now))
        for call in due:
            connectors.attempt_call(call.pk, now=self.now)
        self.react()
        return bool(due)


def answers(company: Company) -> dict[str, Any]:
    """What the register says of a company, as the forms of the shipped journeys ask it."""
    return {
        "company_number": company.number,
        "name": company.name,
        "street": company.street,
        "city": company.city,
        "county": company.county,
        "postal_code": company.postal_code,
        "country": company.country,
    }


def _row(company: Company) -> Mapping[str, str]:
    cui = company.number if company.country == "RO" else ""
    return {
        **answers(company),
        "cui": cui,
        "vat": company.vat,
        "registration_number": company.registration_number,
        "registry_state": "confirmed" if company.state == "active" else "inactive",
    }
