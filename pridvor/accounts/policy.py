"""THE table of who may do what. People read it at /oversight/policy/ and with `pridvor policy`; views name its rows.

How far a right reaches:

- everywhere: every case.
- region: the cases of the person's regions, and those of no region. Somebody without regions has all of them. What a
  colleague has given them by name they see, too, whichever region it is of.
- own: the cases in which they look after a stage, or which they hold. (The machine gives each stage to somebody of
  its role, so nobody of such a role waits for work that they cannot see.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pridvor.accounts.models import Role, Staff
from pridvor.accounts.sight import Sight


class Scope(StrEnum):
    EVERYWHERE = "everywhere"
    REGION = "region"
    OWN = "own"


Reach = Mapping[Role, Scope]
SCOPES: dict[Scope, Promise] = {
    Scope.EVERYWHERE: _("everywhere"),
    Scope.REGION: _("their regions"),
    Scope.OWN: _("their own cases"),
}
WORK: Reach = {
    Role.OPERATOR: Scope.REGION,
    Role.COMPLIANCE: Scope.REGION,
    Role.ACCOUNT_MANAGER: Scope.REGION,
    Role.ENGINEER: Scope.REGION,
    Role.EDITOR: Scope.REGION,
    Role.SECURITY: Scope.OWN,
    Role.ADMINISTRATOR: Scope.EVERYWHERE,
}
LEAD: Reach = {**WORK, Role.MANAGER: Scope.REGION}
READ: Reach = {**LEAD, Role.AUDITOR: Scope.EVERYWHERE}
OVERSEE: Reach = {
    Role.MANAGER: Scope.REGION,
    Role.AUDITOR: Scope.EVERYWHERE,
    Role.ADMINISTRATOR: Scope.EVERYWHERE,
}
RUN: Reach = {Role.MANAGER: Scope.EVERYWHERE, Role.ADMINISTRATOR: Scope.EVERYWHERE}
PROVE: Reach = {Role.AUDITOR: Scope.EVERYWHERE, Role.ADMINISTRATOR: Scope.EVERYWHERE}
ADMINISTER: Reach = {Role.ADMINISTRATOR: Scope.EVERYWHERE}
ASSIST: Reach = {Role.ACCOUNT_MANAGER: Scope.REGION, Role.ADMINISTRATOR: Scope.EVERYWHERE}
PROTECT: Reach = dict.fromkeys((Role.COMPLIANCE, Role.ADMINISTRATOR), Scope.EVERYWHERE)
JUDGE: Reach = dict.fromkeys((Role.SECURITY, Role.AUDITOR, Role.ADMINISTRATOR), Scope.EVERYWHERE)
INSPECT: Reach = {**PROTECT, **JUDGE}


@dataclass(frozen=True)
class Rule:
    """One thing that staff do, and how far each role may do it; a role that is not named may not."""

    ability: str
    words: Promise
    reach: Reach


@dataclass(frozen=True)
class Described:
    """A rule in plain values: its words in the reader's language, and the scope of each role by its code."""

    ability: str
    words: str
    roles: Mapping[str, str]


RULES = (
    Rule("case.read", _("See cases, clients and their documents; search"), READ),
    Rule("case.open", _("Open cases for clients"), WORK),
    Rule("case.decide", _("Decide steps, take a decision back, take the next case"), WORK),
    Rule(
        "sanctions.adjudicate",
        _("Say whether somebody on a sanctions list is a client"),
        {Role.COMPLIANCE: Scope.REGION, Role.ADMINISTRATOR: Scope.EVERYWHERE},
    ),
    Rule("case.steer", _("Skip a step, send back, add a step, meet a criterion"), WORK),
    Rule("case.pause", _("Pause a case, resume it, remind its client"), WORK),
    Rule("case.assign", _("Give work to somebody, raise its priority"), LEAD),
    Rule("case.note", _("Leave a note for colleagues"), LEAD),
    Rule("case.deliver", _("Send the client what is to be approved"), WORK),
    Rule("case.item", _("Work on lists of items and defects"), WORK),
    Rule("case.service", _("Test a client's service, hand in readings, make its key"), WORK),
    Rule("document.judge", _("Say until when a document is valid"), WORK),
    Rule("client.admit", _("Let a colleague in to a company's case"), WORK),
    Rule("client.merge", _("Merge two clients that are one, and part them again"), WORK),
    Rule("client.impersonate", _("Look at a client's pages as the client, to help; reading only"), ASSIST),
    Rule("text.write", _("Write the words that are sent with decisions"), LEAD),
    Rule("figures.read", _("See figures: time, promises, what did not go by itself"), OVERSEE),
    Rule("evidence.export", _("See whether ledgers are whole; export a case's evidence"), PROVE),
    Rule("journey.read", _("See journeys and their versions"), OVERSEE),
    Rule("journey.publish", _("Propose a version of a journey; approve another's"), RUN),
    Rule("calendar.change", _("Change working hours and holidays"), RUN),
    Rule(
        "privacy.read",
        _("See requests about personal data, the data map, and how long what is kept"),
        INSPECT,
    ),
    Rule("privacy.decide", _("Decide requests for erasure, note the end of a contract"), PROTECT),
    Rule("retention.change", _("Change how long personal data is kept"), ADMINISTER),
    Rule("legal.publish", _("Publish terms, privacy notice and consents"), ADMINISTER),
    Rule("incident.judge", _("Report, judge and close incidents, see who is affected"), JUDGE),
    Rule("staff.manage", _("Invite staff, give roles and regions, cut somebody off"), ADMINISTER),
    Rule(
        "company.manage",
        _("Set the company's name, look, systems and regions; see who changed what"),
        ADMINISTER,
    ),
    Rule("machine.manage", _("Make and revoke keys of machines, read what they asked"), ADMINISTER),
    Rule("policy.read", _("See this table"), dict.fromkeys(Role, Scope.EVERYWHERE)),
)
_BY_ABILITY = {rule.ability: rule for rule in RULES}


def rule(ability: str) -> Rule:
    """The row of an ability. Raises KeyError: a page names an ability that nobody has written down."""
    return _BY_ABILITY[ability]


def may(staff: Staff, ability: str) -> bool:
    """Whether somebody of this role does such things at all; on which cases, `sight` says."""
    return staff.is_active and Role(staff.role) in rule(ability).reach


def sight(staff: Staff, ability: str) -> Sight:
    """Which cases a person may do it with."""
    scope = rule(ability).reach[Role(staff.role)]
    tests = False if ability == "figures.read" else None  # what machines try out counts in no figure
    if scope is Scope.OWN:
        return Sight(staff.pk, (), tests)
    if scope is Scope.REGION and staff.regions:
        return Sight(staff.pk, tuple(staff.regions), tests)
    return Sight(staff.pk, None, tests)


def described() -> list[Described]:
    """The table as commands print it."""
    return [
        Described(
            one.ability,
            str(one.words),
            {role.value: one.reach[role].value for role in Role if role in one.reach},
        )
        for one in RULES
    ]
