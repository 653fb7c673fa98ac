"""The demo's electrical wholesaler: customers of its e-shop on each of the ways that `customer-account` has.

Other systems are the stand-ins: what the CRM and the ERP know beforehand, and what they do later, is done by the verbs
of their connectors.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from pridvor.accounts.models import Staff
from pridvor.cases import actions as cases
from pridvor.connectors import actions as connectors
from pridvor.connectors import peers, reconciling
from pridvor.connectors.customer import Customer
from pridvor.connectors.models import Mirrored
from pridvor.project import playing
from pridvor.project.cast import STAFF

JOURNEY = "customer-account"
PATIENCE = 3  # looks, ten seconds apart
NOTICED = 5  # minutes after a record was changed elsewhere, its system is asked for changes


@dataclass(frozen=True)
class Story:
    """One customer of the shop: who asks for how much credit (lei), and what other systems make of it.

    `known`: the CRM has the company and the person. `was_blocked`: the ERP has the company, archived. `dozes`: the ERP
    is down at the first try. `drifts`: the ERP's record is changed there afterwards.
    """

    cui: str
    contact: str
    email: str
    phone: str
    days_ago: float
    credit: int
    known: bool = False
    was_blocked: bool = False
    dozes: bool = False
    drifts: bool = False


STORIES = (
    Story(
        "47503165",
        "Mihai Stan",
        "comenzi@prispa-mobilier.example",
        "+40722000223",
        2.2,
        12000,
        dozes=True,
        drifts=True,
    ),
    Story(
        "39152748",
        "Sanda Ilie",
        "sanda@ferestre-si-grinzi.example",
        "+40723000334",
        0.15,
        0,
        was_blocked=True,
    ),
    Story(
        "28460319",
        "Gabriel Rusu",
        "gabriel@tamplaria-tesatorilor.example",
        "+40725000556",
        0.05,
        20000,
        known=True,
    ),
    Story(
        "16374052",
        "Radu Toma",
        "radu@atelierul-din-porti.example",
        "+40724000445",
        0.3,
        60000,
    ),
    Story(  # the name of somebody on the fictional list of sanctions
        "48219502",
        "Vadim Intunecatu",
        "vadim@veranda-construct.example",
        "+40721000113",
        0.2,
        9000,
    ),
)


def plays(today: datetime) -> list["Purchase"]:
    return [Purchase(story, today) for story in STORIES]


class Purchase(playing.Play[Story]):
    journey = JOURNEY

    def run(self) -> None:
        self.begin()
        self._known_elsewhere()
        self.later(minutes=2)
        with self._erp_dozing():
            self.tell(credit=self.story.credit)
            self.react()
            while self.call():
                pass
        self._go_on()
        if self.story.was_blocked:
            self._confirmed_by_an_associate()
        if self.story.drifts:
            self._drift()
        self.later(days=self.story.days_ago)

    def _known_elsewhere(self) -> None:
        """What the CRM and the ERP had of the company before it came to us."""
        known = Customer(
            key="2019-0417",
            name=self.company.name,
            country="RO",
            cui=self.company.number,
            vat=self.company.vat,
            email=self.story.email,
            contact_name=self.story.contact,
        )
        if self.story.known:
            peers.perform("crm", "create_account", known)
        if self.story.was_blocked:
            peers.perform("erp", "create_customer", known)
            peers.perform("erp", "block", known)

    @contextmanager
    def _erp_dozing(self) -> Iterator[None]:
        """Switched on and off inside the story's one transaction: nobody else notices."""
        if self.story.dozes:
            connectors.set_sandbox_mode("erp", "down")
        try:
            yield
        finally:
            if self.story.dozes:
                connectors.set_sandbox_mode("erp", "ok")

    def _go_on(self) -> None:
        """Calls are tried when they are due, until no more have come for a while."""
        for _ in range(PATIENCE):
            self.later(seconds=10)
            while self.call():
                pass

    def _confirmed_by_an_associate(self) -> None:
        """Where the ERP cannot say whether it knows a company, a person does; the ERP's own record is in the way all the same."""
        self.later(minutes=20)
        carmen = Staff.objects.get(email=STAFF[0].email)
        cases.complete(self.attempt("verify"), "approve", actor=carmen.actor, now=self.now)
        self.react()
        self._go_on()

    def _drift(self) -> None:
        """Somebody at the ERP changes what we agreed, which is noticed when it is asked next."""
        row = Mirrored.objects.select_related("case__client").get(case=self.case, peer="erp")
        changed = {"street": "Str. Dulgherilor 5", "phone": "+40722999888", "credit_limit": "10000"}
        with peers.connection("erp") as erp:
            mirror = peers.product("erp").mirror
            assert mirror is not None
            mirror.amend(erp, row.reference, changed)
        self.later(minutes=NOTICED)
        reconciling.compare(row, now=self.now)
