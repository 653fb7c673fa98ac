"""The demo company: its staff, and partners in every state, all brought there by the real actions at past times."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from stdnum import iban as stdnum_iban

from pridvor.accounts.models import Staff
from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases import store
from pridvor.cases.models import Attempt, Case, Event
from pridvor.clients import actions as clients
from pridvor.clients import sign_in
from pridvor.company import reading
from pridvor.connectors import actions as connectors
from pridvor.connectors import registry
from pridvor.connectors.findings import Company, Found
from pridvor.connectors.models import Call
from pridvor.documents import actions as documents
from pridvor.documents import contract, screening
from pridvor.documents import queries as document_queries
from pridvor.documents.models import File
from pridvor.journeys import queries as journeys
from pridvor.lib import clock, identifiers
from pridvor.lib.actor import Actor
from pridvor.project import papers, wiring
from pridvor.project.cast import STAFF
from pridvor.sla import timers

JOURNEY = "partner-registration"
ITEMS = ["registration-certificate", "bank-letter", "contract"]


@dataclass(frozen=True)
class Story:
    """One partner: who, how long ago they began, and how far they have come."""

    cui: str
    contact: str
    email: str
    phone: str
    days_ago: float
    until: str  # draft | documents | correction | verify | activated | withdrawn
    bank: str = "BTRL"
    score: int | None = None
    comment: str = ""
    hours: float = 20.0  # from beginning to the papers
    mistake: bool = False  # the first bank letter is for another account

    @property
    def iban(self) -> str:
        account = f"{self.bank}RONCRT{self.cui.zfill(10)}"
        return f"RO{stdnum_iban.calc_check_digits('RO00' + account)}{account}"


STORIES = (
    Story("48219502", "Ana Vlad", "ana@veranda.example", "+40721000111", 0.2, "verify", hours=1),
    Story(
        "47503165",
        "Mihai Stan",
        "mihai@prispa.example",
        "+40722000222",
        1.1,
        "correction",
        "RNCB",
        hours=4,
        mistake=True,
    ),
    Story("39152748", "Ioana Dumitru", "ioana@ferestre.example", "+40723000333", 0.6, "documents", hours=2),
    Story("16374052", "Radu Toma", "radu@porti.example", "+40724000444", 0.1, "draft"),
    Story(
        "28460319",
        "Elena Matei",
        "elena@tamplaria.example",
        "+40725000555",
        9,
        "activated",
        "INGB",
        10,
        "Rapid și clar.",
        26,
    ),
    Story(
        "44029181",
        "Vlad Preda",
        "vlad@stalpi.example",
        "+40726000666",
        20,
        "activated",
        "RNCB",
        9,
        "",
        12,
        mistake=True,
    ),
    Story("48219502", "Ana Vlad", "birou@veranda.example", "+40721000112", 34, "withdrawn"),
)


def run(given: object) -> None:
    """The command: fill the demo company."""
    fill(now=clock.now())


def fill(*, now: datetime) -> None:
    """Partners in every state, unless there are any cases yet."""
    if Case.objects.exists():
        return
    for story in STORIES:
        with (
            reactions_at_once(),
            transaction.atomic(),
        ):  # a worker that runs already sees a story when it is told
            Play(story, now).run()


# -- how


@contextmanager
def reactions_at_once() -> Iterator[None]:
    """No jobs for reactions meanwhile: the play runs them itself, at the times of the story."""
    heard, store.HEARD = store.HEARD, {}
    try:
        yield
    finally:
        store.HEARD = heard


@dataclass
class Play:
    story: Story
    today: datetime
    now: datetime = field(init=False)
    seen: int = 0

    def run(self) -> None:
        self.now = self.today - timedelta(days=self.story.days_ago)
        self.seen = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
        self._open()
        self._react()
        for act in (self._draft, self._send_papers, self._correct, self._approve, self._rate):
            if not act():
                break
        self._later(days=self.story.days_ago)

    def _open(self) -> None:
        story, version = self.story, journeys.latest(JOURNEY)
        assert version is not None
        asked = sign_in.ask(story.email, language="ro", now=self.now)
        found = sign_in.code_for_mail(asked.public_id, now=self.now)
        assert found is not None
        self.person = sign_in.confirm(asked.public_id, found[1], now=self.now)
        self.me = Actor("client", str(self.person.subject))
        finding = registry.look_up("RO", story.cui, now=self.now)
        assert isinstance(finding, Found)
        self.company: Company = finding.company
        client = clients.enrol(_row(self.company), self.person, now=self.now)
        answers = _answers(self.company)
        self.case = cases.open_case(
            version,
            client,
            self.person,
            language="ro",
            actor=self.me,
            now=self.now,
            drafts={"details": answers},
        )

    def _draft(self) -> bool:
        if self.story.until == "draft":
            cases.save_draft(self.case, "details", {"contact_name": self.story.contact}, now=self.now)
            return False
        self._later(minutes=3)
        personal = {"contact_name": self.story.contact, "phone": self.story.phone}
        cases.submit(
            self._attempt("details"),
            {**_answers(self.company), "role": "administrator"},
            personal,
            actor=self.me,
            now=self.now,
        )
        self._react()
        if self.story.until == "withdrawn":
            self._later(hours=30)
            cases.withdraw(self.case, actor=self.me, now=self.now)
            self._react()
        return self.story.until not in ("documents", "withdrawn")

    def _send_papers(self) -> bool:
        self._later(hours=self.story.hours)
        cases.submit(self._attempt("bank"), {}, {"iban": self.story.iban}, actor=self.me, now=self.now)
        account = self.story.iban if not self.story.mistake else Story("10", "", "", "", 0, "", "INGB").iban
        self._upload("registration-certificate", papers.registration_certificate(self.company))
        self._upload("bank-letter", papers.bank_letter(self.company, account))
        self._upload("contract", papers.signed(self._contract()))
        self._send(ITEMS)
        return self.story.until != "correction"

    def _correct(self) -> bool:
        if self.story.mistake:
            self._later(hours=5)
            self._upload("bank-letter", papers.bank_letter(self.company, self.story.iban))
            self._send(["bank-letter"])
        return self.story.until == "activated"

    def _approve(self) -> bool:
        self._later(hours=2, minutes=12)
        carmen = Staff.objects.get(email=STAFF[0].email)
        cases.complete(self._attempt("verify"), "approve", actor=carmen.actor, now=self.now)
        self._react()
        self._later(seconds=4)
        for call in Call.objects.filter(case=self.case):
            connectors.attempt_call(call.pk, now=self.now)
        self._react()
        return self.story.score is not None

    def _rate(self) -> bool:
        self._later(minutes=20)
        comment = {"comment": self.story.comment} if self.story.comment else {}
        cases.submit(
            self._attempt("rating"), {"score": self.story.score}, comment, actor=self.me, now=self.now
        )
        return True

    # -- small steps

    def _later(self, **delta: float) -> None:
        """Time passes, at most until today; timers ring on the way."""
        until = min(self.now + timedelta(**delta), self.today)
        while timer := timers.due(until).filter(case=self.case).first():
            self.now = max(self.now, timer.fire_at or until)
            if not timers.fire(timer.pk, self.case.pk, now=self.now):
                break
            self._react()
        self.now = until

    def _attempt(self, step: str) -> Attempt:
        found = case_queries.open_attempt(self.case, step)
        assert found is not None, f"{self.case}: {step} is not open"
        found.case = self.case
        return found

    def _begin(self, item: str, pdf: bytes) -> File:
        file = documents.begin(
            self.case,
            "collect",
            item,
            name=f"{item}.pdf",
            declared_type="application/pdf",
            length=len(pdf),
            actor=self.me,
            now=self.now,
        )
        documents.receive(file, 0, io.BytesIO(pdf), now=self.now)
        return file

    def _upload(self, item: str, pdf: bytes) -> None:
        file = self._begin(item, pdf)
        screening.scan(file.pk, now=self.now)
        screening.read(file.pk, now=self.now)

    def _send(self, items: list[str]) -> None:
        documents.send(self.case, items, actor=self.me, now=self.now)
        cases.complete(self._attempt("collect"), "done", actor=self.me, now=self.now)
        self._react()

    def _contract(self) -> bytes:
        company = self.company
        partner = {
            "name": company.name,
            "tax_number": company.vat or company.number,
            "registry_number": company.registration_number,
            "address": f"{company.street}, {company.city}",
            "iban": identifiers.iban_spaced(self.story.iban),
            "representative": self.story.contact,
            "capacity": "Administrator",
        }
        provider = {"name": reading.company().name, "representative": reading.company().contact}
        day: date = self.now.date()
        return contract.render_contract(
            {"number": self.case.reference, "date": day, "provider": provider, "partner": partner}, "ro"
        )

    def _react(self) -> None:
        """Run what the wiring would, for every new event, until nothing new happens."""
        while fresh := list(Event.objects.filter(id__gt=self.seen, case=self.case).order_by("id")):
            self.seen = fresh[-1].id
            for event in fresh:
                for wire in wiring.WIRES:
                    if wire.when in (event.kind, f"{event.kind}:{event.data.get('kind')}"):
                        wire.then(cases.event(event.id), now=self.now)


class Live(Play):
    """The same, now and with a worker that reacts: for measuring."""

    def open(self) -> None:
        self.now = self.today
        self._open()

    def until_papers(self) -> None:
        self.open()
        personal = {"contact_name": self.story.contact, "phone": self.story.phone}
        cases.submit(
            self._attempt("details"),
            {**_answers(self.company), "role": "administrator"},
            personal,
            actor=self.me,
            now=self.now,
        )
        cases.submit(self._attempt("bank"), {}, {"iban": self.story.iban}, actor=self.me, now=self.now)
        for item, pdf in (
            ("registration-certificate", papers.registration_certificate(self.company)),
            ("bank-letter", papers.bank_letter(self.company, self.story.iban)),
            ("contract", papers.signed(self._contract())),
        ):
            self._begin(item, pdf)

    def papers_read(self) -> bool:
        return not any(view.is_checking for view in document_queries.current(self.case).values())

    def send_papers(self) -> None:
        documents.send(self.case, ITEMS, actor=self.me, now=self.now)
        cases.complete(self._attempt("collect"), "done", actor=self.me, now=self.now)


def _row(company: Company) -> Mapping[str, str]:
    cui = company.number if company.country == "RO" else ""
    return {
        **_answers(company),
        "cui": cui,
        "vat": company.vat,
        "registration_number": company.registration_number,
        "registry_state": "confirmed" if company.state == "active" else "inactive",
    }


def _answers(company: Company) -> dict[str, Any]:
    return {
        "company_number": company.number,
        "name": company.name,
        "street": company.street,
        "city": company.city,
        "county": company.county,
        "postal_code": company.postal_code,
        "country": company.country,
    }
