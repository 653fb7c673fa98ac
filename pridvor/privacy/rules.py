"""For how long which data is kept, by which law: shipped as a table, changed by the administrator, asked by erasure.

The software applies what the table says; whether it is right for a company, its lawyer says.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from pridvor.cases.models import Case, CaseState
from pridvor.clients.models import Client, Person
from pridvor.lib.actor import Actor
from pridvor.privacy import ledger
from pridvor.privacy.categories import NAMES
from pridvor.privacy.models import Relationship, Rule

MOST_MONTHS = 1200
SHIPPED: list[dict[str, Any]] = [
    {
        "key": "contract",
        "title": {"en": "Contract in force", "ro": "Contract în vigoare"},
        "law": {
            "en": "performance of the contract: GDPR Art. 6(1)(b)",
            "ro": "executarea contractului: RGPD art. 6 alin. (1) lit. (b)",
        },
        "categories": ["contact", "identification", "payment", "contract"],
        "months": 0,
        "since": Rule.Since.RELATIONSHIP,
    },
    {
        "key": "aml",
        "title": {"en": "Customer due diligence", "ro": "Cunoașterea clientelei"},
        "law": {
            "en": "Law 129/2019 Art. 21, Directive (EU) 2015/849 Art. 40, from 10 July 2027 Regulation (EU) 2024/1624 "
            "Art. 77: GDPR Art. 6(1)(c) and 17(3)(b)",
            "ro": "Legea nr. 129/2019 art. 21, Directiva (UE) 2015/849 art. 40, de la 10 iulie 2027 Regulamentul (UE) "
            "2024/1624 art. 77: RGPD art. 6 alin. (1) lit. (c) și art. 17 alin. (3) lit. (b)",
        },
        "categories": ["identification", "contact"],
        "months": 60,
        "since": Rule.Since.RELATIONSHIP,
    },
    {
        "key": "dsa",
        "title": {"en": "Traceability of traders", "ro": "Trasabilitatea comercianților"},
        "law": {
            "en": "Regulation (EU) 2022/2065 (DSA) Art. 30(5): GDPR Art. 6(1)(c) and 17(3)(b)",
            "ro": "Regulamentul (UE) 2022/2065 (DSA) art. 30 alin. (5): RGPD art. 6 alin. (1) lit. (c) și art. 17 "
            "alin. (3) lit. (b)",
        },
        "categories": ["identification", "contact", "payment"],
        "months": 6,
        "since": Rule.Since.RELATIONSHIP,
    },
    {
        "key": "accounting",
        "title": {"en": "Accounting records", "ro": "Documente contabile"},
        "law": {
            "en": "Accounting Law 82/1991 Art. 25: GDPR Art. 6(1)(c) and 17(3)(b)",
            "ro": "Legea contabilității nr. 82/1991 art. 25: RGPD art. 6 alin. (1) lit. (c) și art. 17 alin. (3) "
            "lit. (b)",
        },
        "categories": ["contract", "payment"],
        "months": 120,
        "since": Rule.Since.RELATIONSHIP,
    },
    {
        "key": "declined",
        "title": {"en": "Declined registrations", "ro": "Înregistrări respinse"},
        "law": {
            "en": "answering complaints: GDPR Art. 6(1)(f)",
            "ro": "soluționarea reclamațiilor: RGPD art. 6 alin. (1) lit. (f)",
        },
        "categories": list(NAMES),
        "months": 12,
        "since": Rule.Since.CASE,
        "ends": ["declined"],
        "holds": False,
    },
    {
        "key": "unfinished",
        "title": {"en": "Registrations that led to nothing", "ro": "Înregistrări nefinalizate"},
        "law": {
            "en": "steps before a contract, which ended: GDPR Art. 6(1)(b)",
            "ro": "demersuri anterioare contractului, încheiate: RGPD art. 6 alin. (1) lit. (b)",
        },
        "categories": list(NAMES),
        "months": 1,
        "since": Rule.Since.CASE,
        "holds": False,
    },
]


class Impossible(Exception):
    """A number of months that is none, or too many."""


@dataclass(frozen=True)
class Hold:
    """A rule that binds some categories of a person's data. `until` None: as long as the contract is in force."""

    rule: Rule
    until: date | None

    def binds(self, category: str, today: date) -> bool:
        return category in self.rule.categories and (self.until is None or today < self.until)


def table() -> list[Rule]:
    """Every rule; those that are shipped are there from the first look on."""
    if not Rule.objects.exists():
        now = datetime.fromisoformat("2026-11-22T00:00:00+00:00")  # of the shipped table
        Rule.objects.bulk_create(
            [Rule(**row, by="machine:shipped", at=now) for row in SHIPPED], ignore_conflicts=True
        )
    return list(Rule.objects.all())


@transaction.atomic
def change(rule: Rule, *, months: int, active: bool, actor: Actor, now: datetime) -> None:
    """This will change how long a rule keeps data, or whether it counts at all. Raises Impossible."""
    if not 0 <= months <= MOST_MONTHS:
        raise Impossible
    before = {"months": rule.months, "active": rule.active}
    Rule.objects.filter(pk=rule.pk).update(months=months, active=active, by=str(actor), at=now)
    after = {"months": months, "active": active}
    ledger.record("rule.changed", rule.key, actor=actor, now=now, before=before, after=after)


@transaction.atomic
def end_relationship(client: Client, ended_on: date, *, actor: Actor, now: datetime) -> None:
    """This will note the day on which the contract with a client ended: from it the law's years count."""
    Relationship.objects.update_or_create(
        client=client, defaults={"ended_on": ended_on, "by": str(actor), "at": now}
    )
    ledger.record("relationship.ended", client.public_id, actor=actor, now=now, ended_on=ended_on.isoformat())


def holds(person: Person) -> list[Hold]:
    """Every rule that stands, or once stood, against erasing data of this person."""
    rows = [rule for rule in table() if rule.active and rule.holds]
    return _of_cases(_cases(person), rows)


def kept_until(person: Person) -> tuple[bool, date | None]:
    """Whether the time of this person's data ends at all, and the day on which it does (None: nothing keeps it)."""
    found = _cases(person)
    if any(case.state != CaseState.ENDED for case in found):
        return False, None
    spans = _of_cases(found, [rule for rule in table() if rule.active])
    if any(span.until is None for span in spans):
        return False, None
    return True, max((span.until for span in spans if span.until), default=None)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


# -- how


def _cases(person: Person) -> list[Case]:
    """Those of the applicant, and those to which they were let in as a colleague."""
    theirs = Q(person=person) | Q(memberships__person=person) | Q(approvers__person=person)
    return list(Case.objects.filter(theirs).distinct())


def _of_cases(cases: Iterable[Case], rows: list[Rule]) -> list[Hold]:
    """Each rule once, with the latest day that any case gives it."""
    found: dict[str, Hold] = {}
    for case in cases:
        for rule in rows:
            if _is_about(rule, case, rows):
                until = _until(rule, case)
                earlier = found.get(rule.key)
                if earlier is None or until is None or (earlier.until is not None and until > earlier.until):
                    found[rule.key] = Hold(rule, until)
    return list(found.values())


def _is_about(rule: Rule, case: Case, rows: list[Rule]) -> bool:
    """A rule that names an end comes before the one for every end."""
    if rule.since == Rule.Since.RELATIONSHIP:
        return case.goal
    if case.goal or case.state != CaseState.ENDED:
        return False
    named = any(case.end in other.ends for other in rows)
    return case.end in rule.ends if named else not rule.ends


def _until(rule: Rule, case: Case) -> date | None:
    if rule.since == Rule.Since.CASE:
        return months_after(case.ended_at.date(), rule.months) if case.ended_at else None
    ended = Relationship.objects.filter(client_id=case.client_id).first()
    return months_after(ended.ended_on, rule.months) if ended else None
