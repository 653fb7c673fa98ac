"""A journey in which a client signs a contract online, played by the real actions."""

import re

import pypdfium2

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Attempt, Event
from pridvor.clients.models import Person
from pridvor.documents import agreements, sealing
from pridvor.documents.agreements import Proof, Visit
from pridvor.documents.models import Agreement
from tests.conftest import NOW, Clock, actor_of, client_of, publish

BOGDAN = "bogdan@electroinstal.example"
HOME = Visit("203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
JOURNEY = """
journey: contracting
title: {en: Contract, ro: Contract}
expires: 60 days
forms:
  people:
    main:
      title: {en: Who signs, ro: Cine semnează}
      fields:
        contact_name: {personal: true, label: {en: Your name, ro: Numele}}
        second: {type: email, personal: true, required: false, label: {en: Who signs too, ro: Cine mai semnează}}
documents:
  contract: {title: {en: Contract, ro: Contract}, template: partner-contract}
stages:
  contract:
    owner: operator
    title: {en: Contract, ro: Contract}
    steps:
      details: {form: people, title: {en: Who signs, ro: Cine semnează}}
      sign:
        sign: contract
        signatories: %s
        title: {en: Sign the contract, ro: Semnarea contractului}
        remind: [48h]
        within: 14 days
        if declined: {redo: details, limit: 3}
        if late: {close: declined}
      work: {todo: file, title: {en: File it, ro: Arhivarea}}
"""


class Contracting:
    """One case on this journey, whose contract is set unless told otherwise."""

    def __init__(
        self, ana: Person, signatories: str = "applicant", *, second: str = "", prepared: bool = True
    ) -> None:
        self.ana, self.time = ana, Clock()
        version = publish(JOURNEY % signatories)
        self.case = cases.open_case(version, client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW)
        typed = {"contact_name": "Ana Țăranu", "second": second}
        cases.submit(self.open("details"), {}, typed, actor=actor_of(ana), now=self.time())
        if prepared:
            self.prepare()

    def open(self, step: str) -> Attempt | None:
        return case_queries.open_attempt(self.case, step)

    def prepare(self) -> None:
        agreements.prepare(self.opening(), now=self.time())

    def opening(self) -> Event:
        rows = self.case.events.filter(kind="step.opened", data__step="sign")
        return rows.select_related("case__person", "case__client", "case__journey_version").last()

    @property
    def agreement(self) -> Agreement:
        return agreements.of_step(self.case, "sign")

    @property
    def people(self) -> list[Person]:
        return [row.person for row in self.agreement.signatories.select_related("person")]

    def look(self, person: Person | None = None) -> None:
        who = person or self.ana
        agreements.look(self.agreement, who, actor=actor_of(who), now=self.time.forward(minutes=1))

    def sign(self, person: Person | None = None, name: str = "Ana Țăranu", **other) -> None:
        who = person or self.ana
        now = self.time.forward(minutes=1)
        given = {
            "sha256": self.agreement.presented.sha256,
            "consents": True,
            "proof": Proof("code-by-mail", "0190", now),
            "visit": HOME,
        } | other
        agreements.sign(self.agreement, who, name, actor=actor_of(who), now=now, **given)

    def both(self, person: Person | None = None, name: str = "Ana Țăranu") -> None:
        self.look(person)
        self.sign(person, name)

    def decline(
        self, reason: str = "Termenul de plată este prea scurt", person: Person | None = None
    ) -> None:
        who = person or self.ana
        agreements.decline(
            self.agreement, who, reason, visit=HOME, actor=actor_of(who), now=self.time.forward(minutes=1)
        )

    def seal(self) -> None:
        agreements.seal(self.agreement.pk, now=self.time.forward(minutes=1))

    def events(self, *kinds: str) -> list[Event]:
        return list(self.case.events.filter(kind__in=kinds).order_by("id"))


def content(file) -> bytes:
    """The bytes of a file as they were kept."""
    return b"".join(sealing.chunks(file.subject, file.whole))


def words(pdf: bytes) -> str:
    """Everything a PDF says, spaces made one."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [document[number].get_textpage().get_text_bounded() for number in range(len(document))]
    return re.sub(r"\s+", " ", " ".join(pages))
