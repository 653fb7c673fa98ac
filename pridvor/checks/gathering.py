"""From a case to the subject of its checks. Opens the account number in the vault, which logs the look."""

from collections.abc import Iterable
from datetime import datetime

from pridvor.cases import actions as cases
from pridvor.cases import items
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Attempt, Case
from pridvor.checks import matching, screening
from pridvor.checks.subject import Page, Paper, Signature, Subject
from pridvor.clients import queries as clients
from pridvor.connectors import measures, registry, suites
from pridvor.connectors import queries as connected
from pridvor.connectors.measures import Judged
from pridvor.documents import queries as documents
from pridvor.documents.queries import DocumentView
from pridvor.lib.actor import Actor

ADDRESS = ("street", "city", "county", "postal_code")
ASSETS = "assets"  # the rule, and the list that it looks at where its step names none
OF_SERVICE = {"metrics-satisfactory", "month-figures"}  # rules that judge the measures
PENDING = ("receiving", "quarantined")
OF_INTERFACE = {"client-endpoint", "credentials"}  # rules for which the client's interface is called


def gather(
    case: Case,
    *,
    actor: Actor,
    purpose: str,
    now: datetime,
    thorough: bool = True,
    rules: Iterable[str] = (),
    attempt: Attempt | None = None,
) -> Subject | None:
    """The subject, or None while a document that was sent is still being scanned or read.

    Not `thorough`: without what takes long, signatures and the registry; enough to compare values by. Of what only one
    rule needs, just that of the `rules` named is gathered. `attempt` is the check's own.
    """
    rules = set(rules)
    step = case.journey.steps[attempt.step] if attempt else None
    views = documents.current(case, sent_only=True)
    if any(view.is_checking or any(file.state in PENDING for file in view.files) for view in views.values()):
        return None
    client, plain = case.client, case_queries.answers(case)
    personal = cases.reveal(case, ["iban"], actor=actor, purpose=purpose, now=now)
    number = client.cui if client.country == "RO" else client.vat
    ask_registry = thorough and number and (client.registry_state == "typed" or "address" in rules)
    asked = [item for item in case.journey.documents if item in views]
    return Subject(
        country=client.country,
        name=client.name,
        cui=client.cui,
        vat=client.vat,
        number_typed=str(plain.get("company_number", "")),
        iban=personal.get("iban", ""),
        steps=_steps(case),
        plain=plain,
        registry_state=client.registry_state,
        registry=registry.look_up(client.country, number, now=now) if ask_registry else None,
        papers={item: _paper(case, views[item], thorough=thorough) for item in asked},
        asked=_asked(case),
        address={name: getattr(client, name) for name in ADDRESS},
        listed=screening.hits(attempt) if attempt and screening.RULE in rules else None,
        unlisted="sanctions-not-asked" if screening.is_possible(case) else "sanctions-no-list",
        known_elsewhere="duplicates" in rules and clients.is_known_elsewhere(client),
        other_open_case="duplicates" in rules and case_queries.has_another_open(case),
        accounts=connected.what_is_there(case, now=now) if "accounts" in rules else {},
        missing=tuple(map(items.key, items.holding(case, step, ASSETS))) if ASSETS in rules and step else (),
        tested=tuple(suites.run(case, cause="step", actor=actor, now=now)) if rules & OF_INTERFACE else (),
        judged=_judged(case, rules & OF_SERVICE, now=now),
        authority=_authority(case, actor=actor, now=now) if "authority" in rules else "",
        language=case.language,
        secrets_missing=tuple(suites.missing(case, now=now)) if "credentials" in rules else (),
    )


def _judged(case: Case, rules: set[str], *, now: datetime) -> tuple[Judged, ...]:
    """The measures over the period of the one rule of its sort that a step names."""
    if not rules:
        return ()
    since = measures.period(case, min(rules), now=now)
    return tuple(measures.judge(case, since, now))


def _asked(case: Case) -> dict[str, str]:
    """The documents that the case's uploads ask for, those that are passed over excepted."""
    attempts = case_queries.latest_attempts(case)
    return {
        str(item): step.key
        for step in case.journey.steps.values()
        if step.kind == "upload" and step.key in attempts and attempts[step.key].status != "skipped"
        for item in step.uses
    }


def _authority(case: Case, *, actor: Actor, now: datetime) -> str:
    """How the applicant proved that they act for the company; what a person of ours confirmed counts as well."""
    if case_queries.is_vouched_for(case):
        return "administrator"
    address = cases.reveal(case, ["email"], actor=actor, purpose="authority to act", now=now).get("email", "")
    return "domain" if matching.is_own_domain(address, case.client.name) else ""


def _steps(case: Case) -> dict[str, str]:
    """Which step's form asks each question."""
    journey = case.journey
    return {
        question.key: step.key
        for step in journey.steps.values()
        if step.kind == "form" and step.use in journey.forms
        for question in journey.forms[step.use].fields
    }


def _paper(case: Case, view: DocumentView, *, thorough: bool) -> Paper:
    asked = case.journey.documents.get(view.item)
    must_be_signed = bool(asked and asked.signed)
    alive = [file for file in view.files if file.is_alive]
    return Paper(
        item=view.item,
        step=view.step,
        must_be_signed=must_be_signed,
        kinds=tuple(file.kind for file in alive),
        refusals=tuple(file.refusal for file in view.files if file.state == "refused" and file.refusal),
        remarks=view.remarks,
        looks_like=view.looks_like,
        pages=tuple(Page(page.text, page.source) for page in documents.text(view)),
        signatures=tuple(Signature(s.verdict, s.level) for s in documents.signatures(view))
        if must_be_signed and thorough
        else (),
    )
