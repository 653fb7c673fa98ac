"""A partner's registration played by the real actions, with real papers, up to where a test wants it."""

import io
from functools import cache

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Attempt, Event
from pridvor.checks import actions as checks
from pridvor.connectors.findings import Company
from pridvor.documents import actions as documents
from pridvor.documents import contract, screening
from pridvor.project import papers
from tests.conftest import NOW, Clock, actor_of, client_of, partner_registration
from tests.documents import pki

IBAN, OTHER_IBAN = "RO49AAAA1B31007593840000", "RO09BCYP0000001234567890"
FIRM = Company(
    "RO",
    "18547290",
    "Electro Instal S.R.L.",
    "RO18547290",
    "J08/1204/2006",
    "Str. Lungă 12",
    "Brașov",
    "Brașov",
    "500058",
)
ITEMS = ("registration-certificate", "bank-letter", "contract")


class Partner:
    """One applicant's case. Verbs return what a test asks next."""

    def __init__(self, person, *, iban=IBAN, **company):
        self.person, self.me, self.time = person, actor_of(person), Clock()
        self.case = cases.open_case(
            partner_registration(),
            client_of(person, **company),
            person,
            language="ro",
            actor=self.me,
            now=NOW,
        )
        personal = {"contact_name": "Ana Popescu", "phone": "+40721000111"}
        cases.submit(
            self.open("details"),
            {"name": "SC Electro Instal SRL", "role": "administrator"},
            personal,
            actor=self.me,
            now=NOW,
        )
        cases.submit(self.open("bank"), {}, {"iban": iban}, actor=self.me, now=NOW)

    def open(self, step):
        return case_queries.open_attempt(self.case, step)

    def last(self, step):
        return Attempt.objects.filter(case=self.case, key=step).order_by("-number").first()

    def begin(self, item, content, name=""):
        file = documents.begin(
            self.case,
            "collect",
            item,
            name=name or f"{item}.pdf",
            declared_type="",
            length=len(content),
            actor=self.me,
            now=self.time(),
        )
        documents.receive(file, 0, io.BytesIO(content), now=self.time())
        file.refresh_from_db()
        return file

    def screen(self, file):
        screening.scan(file.pk, now=self.time())
        screening.read(file.pk, now=self.time())

    def upload(self, item, content, name=""):
        file = self.begin(item, content, name)
        self.screen(file)
        return file

    def send(self, *items):
        documents.send(self.case, items or self.items, actor=self.me, now=self.time())
        cases.complete(self.open("collect"), "done", actor=self.me, now=self.time())
        return self

    def check(self):
        """What the wiring does when the check's step opens."""
        event = (
            Event.objects.filter(case=self.case, kind="step.opened", data__step="screen")
            .order_by("-id")
            .first()
        )
        checks.run(cases.event(event.pk), now=self.time())
        return self

    def papers(self, **chosen):
        """All three papers as they should be, or only the chosen ones; ready to be sent."""
        self.items = [name.replace("_", "-") for name in chosen] or list(ITEMS)
        for item, content in zip(self.items, chosen.values() or map(good, ITEMS), strict=True):
            self.upload(item, content, "a.jpg" if content[:2] == b"\xff\xd8" else "")
        return self

    def verdict(self):
        """How the last check that ended has ended."""
        return (
            Attempt.objects.filter(case=self.case, key="screen")
            .exclude(outcome="")
            .order_by("-number")
            .values_list("outcome", flat=True)
            .first()
        )

    def verified(self):
        """As far as the operator's review."""
        return self.papers().send().check()


@cache
def good(item):
    if item == "contract":
        return pki.apart(lambda: papers.signed(unsigned_contract()))
    return (
        papers.registration_certificate(FIRM)
        if item == "registration-certificate"
        else papers.bank_letter(FIRM, IBAN)
    )


@cache
def other_letter():
    return papers.bank_letter(FIRM, OTHER_IBAN)


@cache
def unsigned_contract():
    partner = {
        "name": FIRM.name,
        "tax_number": FIRM.vat,
        "registry_number": FIRM.registration_number,
        "address": "Brașov",
        "iban": IBAN,
        "representative": "Ana Popescu",
        "capacity": "Administrator",
    }
    provider = {"name": "Arcada Distribuție", "representative": "Carmen Ionescu"}
    return contract.render_contract(
        {"number": "PR-2026-000001", "date": NOW.date(), "provider": provider, "partner": partner}, "ro"
    )
