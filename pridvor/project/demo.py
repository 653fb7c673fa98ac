"""The demo company: its staff, and partners in every state, all brought there by the real actions at past times."""

import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from stdnum import iban as stdnum_iban

from pridvor.accounts.models import Staff
from pridvor.cases import actions as cases
from pridvor.cases.models import Case
from pridvor.company import reading
from pridvor.documents import actions as documents
from pridvor.documents import contract, screening
from pridvor.documents import queries as document_queries
from pridvor.documents.models import File
from pridvor.lib import clock, identifiers
from pridvor.project import papers, playing, wholesale
from pridvor.project.cast import STAFF

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
    """Partners and the shop's customers in every state, unless there are any cases yet."""
    if Case.objects.exists():
        return
    plays: list[playing.Play[Any]] = [*(Play(story, now) for story in STORIES), *wholesale.plays(now)]
    for play in plays:
        with (
            playing.reactions_at_once(),
            transaction.atomic(),
        ):  # a worker that runs already sees a story when it is told
            play.run()


# -- how


class Play(playing.Play[Story]):
    journey = JOURNEY

    def run(self) -> None:
        self.begin()
        for act in (self._draft, self._send_papers, self._correct, self._approve, self._rate):
            if not act():
                break
        self.later(days=self.story.days_ago)

    def _draft(self) -> bool:
        if self.story.until == "draft":
            cases.save_draft(self.case, "details", {"contact_name": self.story.contact}, now=self.now)
            return False
        self.later(minutes=3)
        self.tell(role="administrator")
        self.react()
        if self.story.until == "withdrawn":
            self.later(hours=30)
            cases.withdraw(self.case, actor=self.me, now=self.now)
            self.react()
        return self.story.until not in ("documents", "withdrawn")

    def _send_papers(self) -> bool:
        self.later(hours=self.story.hours)
        cases.submit(self.attempt("bank"), {}, {"iban": self.story.iban}, actor=self.me, now=self.now)
        account = self.story.iban if not self.story.mistake else Story("10", "", "", "", 0, "", "INGB").iban
        self._upload("registration-certificate", papers.registration_certificate(self.company))
        self._upload("bank-letter", papers.bank_letter(self.company, account))
        self._upload("contract", papers.signed(self._contract()))
        self._send(ITEMS)
        return self.story.until != "correction"

    def _correct(self) -> bool:
        if self.story.mistake:
            self.later(hours=5)
            self._upload("bank-letter", papers.bank_letter(self.company, self.story.iban))
            self._send(["bank-letter"])
        return self.story.until == "activated"

    def _approve(self) -> bool:
        self.later(hours=2, minutes=12)
        carmen = Staff.objects.get(email=STAFF[0].email)
        cases.complete(self.attempt("verify"), "approve", actor=carmen.actor, now=self.now)
        self.react()
        self.later(seconds=4)
        self.call()
        return self.story.score is not None

    def _rate(self) -> bool:
        self.later(minutes=20)
        comment = {"comment": self.story.comment} if self.story.comment else {}
        cases.submit(
            self.attempt("rating"), {"score": self.story.score}, comment, actor=self.me, now=self.now
        )
        return True

    # -- small steps

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
        cases.complete(self.attempt("collect"), "done", actor=self.me, now=self.now)
        self.react()

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


class Live(Play):
    """The same, now and with a worker that reacts: for measuring."""

    def until_papers(self) -> None:
        self.open()
        self.tell(role="administrator")
        cases.submit(self.attempt("bank"), {}, {"iban": self.story.iban}, actor=self.me, now=self.now)
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
        cases.complete(self.attempt("collect"), "done", actor=self.me, now=self.now)
