"""The business rules: each looks at one subject and yields what is not right. Pure functions.

*Certain* findings go back to the client without a person; only what cannot be otherwise is certain: a check digit that
is wrong, a file that was refused, a document's own text that names another account. What was read off an image, or
merely not found, is *likely*, and a person looks.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pridvor.checks import matching
from pridvor.checks.comparison import is_expected
from pridvor.checks.models import Certainty
from pridvor.checks.subject import Paper, Subject
from pridvor.connectors import banks
from pridvor.connectors.findings import Found, NotFound
from pridvor.lib import identifiers, text

CERTAIN, LIKELY = Certainty.CERTAIN, Certainty.LIKELY
EVERY_PAGE_TOLD = ("blurred", "too-dark", "too-small", "cut-edges")


@dataclass(frozen=True)
class Seen:
    """A finding before it is written down."""

    code: str
    certainty: Certainty
    step: str
    item: str
    params: Mapping[str, Any] = field(default_factory=dict)
    insisted: bool = False

    def insist(self) -> "Seen":
        """The client says that it is right: a person looks."""
        return replace(self, certainty=LIKELY, insisted=True)


Rule = Callable[[Subject], Iterator[Seen]]


def malware(subject: Subject) -> Iterator[Seen]:
    """Files that the scanner refused, or that nobody could examine."""
    for paper in subject.papers.values():
        for code in sorted(set(paper.refusals)):
            yield Seen(code, CERTAIN, paper.step, paper.item)


def registry(subject: Subject) -> Iterator[Seen]:
    """The company as its country's registry knows it, where the client had to type it."""
    step = _step(subject, "company_number", "name")
    if subject.registry_state == "inactive":
        yield Seen("company-inactive", LIKELY, step, "company_number")
    elif subject.registry_state == "confirmed":
        return
    elif isinstance(subject.registry, Found):
        company = subject.registry.company
        if company.state != "active":
            yield Seen("company-inactive", LIKELY, step, "company_number")
        if matching.bare_name(company.name) != matching.bare_name(subject.name):
            yield Seen("name-not-registered", LIKELY, step, "name", {"registered": company.name})
    elif isinstance(subject.registry, NotFound):
        yield Seen("company-not-registered", LIKELY, step, "company_number")
    else:
        yield Seen("company-not-confirmed", LIKELY, step, "company_number")


def cui(subject: Subject) -> Iterator[Seen]:
    """The check digit of a Romanian fiscal code."""
    if subject.country == "RO" and not _right(identifiers.cui, subject.cui):
        yield Seen(
            "cui-wrong" if subject.cui else "cui-missing",
            CERTAIN if subject.cui else LIKELY,
            _step(subject, "company_number"),
            "company_number",
        )


def vat(subject: Subject) -> Iterator[Seen]:
    """The form of a VAT number of another member state."""
    if subject.country != "RO" and subject.vat and not _right(identifiers.vat, subject.vat):
        yield Seen("vat-wrong", CERTAIN, _step(subject, "company_number"), "company_number")


def iban(subject: Subject) -> Iterator[Seen]:
    """Length and check digits of the account, its bank, and its country."""
    step = subject.steps.get("iban", "")
    if not step:
        return
    try:
        number = identifiers.iban(subject.iban)
    except identifiers.WrongIdentifier as wrong:
        yield Seen(f"iban-{'length' if wrong.code == 'length' else 'wrong'}", CERTAIN, step, "iban")
        return
    if number[:2] != subject.country:
        yield Seen("iban-of-another-country", LIKELY, step, "iban", {"country": number[:2]})
    elif number.startswith("RO") and banks.of_iban(number) is None:
        yield Seen("iban-of-an-unknown-bank", LIKELY, step, "iban", {"bank": identifiers.bank_code(number)})


def signature(subject: Subject) -> Iterator[Seen]:
    """The electronic signatures of what has to be signed; papers signed by hand are for a person."""
    for paper in subject.papers.values():
        if not paper.must_be_signed or paper.refusals:
            continue
        verdicts = {signature.verdict for signature in paper.signatures}
        for verdict in ("tampered", "changed-after-signing", "expired", "revoked"):
            if verdict in verdicts:
                yield Seen(f"signature-{verdict}", CERTAIN, paper.step, paper.item)
        if "untrusted" in verdicts:
            yield Seen("signature-untrusted", LIKELY, paper.step, paper.item)
        if verdicts <= {"unsigned"}:
            by_hand = not paper.is_digital
            yield Seen(
                "signed-by-hand" if by_hand else "signature-unsigned",
                LIKELY if by_hand else CERTAIN,
                paper.step,
                paper.item,
            )


def consistency(subject: Subject) -> Iterator[Seen]:
    """What the papers say against what was typed: the fiscal code, the account, the company's name."""
    for paper in subject.papers.values():
        if paper.refusals:
            continue
        yield from _legibility(paper)
        if not paper.is_readable:
            yield Seen("compare-by-eye", LIKELY, paper.step, paper.item)
            continue
        if subject.cui and is_expected("cui", paper.item):
            yield from _number(paper, subject.cui, "cui", matching.other_cuis(paper.text, subject.cui))
        if subject.iban and is_expected("iban", paper.item):
            yield from _number(paper, subject.iban, "iban", matching.other_ibans(paper.text, subject.iban))
        yield from _name(paper, subject.name)


def completeness(subject: Subject) -> Iterator[Seen]:
    """Every document that was asked for has come."""
    for item, step in subject.asked.items():
        if item not in subject.papers or not (subject.papers[item].kinds or subject.papers[item].refusals):
            yield Seen("document-missing", CERTAIN, step, item)


def address(subject: Subject) -> Iterator[Seen]:
    """The seat as the registry has it, against what was typed."""
    if not isinstance(subject.registry, Found):
        return
    company = subject.registry.company
    for name in ("street", "city", "postal_code"):
        typed, registered = subject.address.get(name, ""), getattr(company, name, "")
        if typed and registered and text.compact(registered) not in text.compact(typed):
            params = {"registered": registered}
            yield Seen("address-differs", LIKELY, _step(subject, name, "company_number"), name, params)


def duplicates(subject: Subject) -> Iterator[Seen]:
    """The company is known under another client, or is on its way already."""
    step = _step(subject, "company_number", "name")
    if subject.known_elsewhere:
        yield Seen("client-known-already", LIKELY, step, "company_number")
    if subject.other_open_case:
        yield Seen("client-on-the-way", LIKELY, step, "company_number")


def sanctions(subject: Subject) -> Iterator[Seen]:
    """The company and its people against the sanctions list. Any likeness, and a missing list, is for a person."""
    if subject.listed is None:
        yield Seen(subject.unlisted, CERTAIN, "", "")
        return
    for hit in subject.listed:
        said = {"entry": hit.entry, "dataset": hit.dataset, "score": round(hit.score * 100)}
        yield Seen("sanctions-candidate", CERTAIN, "", "", said)


def accounts(subject: Subject) -> Iterator[Seen]:
    """What the steps before made in other systems is there."""
    for step, is_there in subject.accounts.items():
        if not is_there:
            yield Seen("account-missing", CERTAIN, step, "")


def assets(subject: Subject) -> Iterator[Seen]:
    """The required items of the step's list that nobody has brought yet."""
    for key in subject.missing:
        yield Seen("asset-missing", CERTAIN, "", key)


def client_endpoint(subject: Subject) -> Iterator[Seen]:
    """Every endpoint of the client's interface answers as agreed: status, body, time."""
    for tested in subject.tested:
        for one in tested.differences:
            params = {"endpoint": tested.endpoint, **one.params}
            yield Seen(one.code, CERTAIN, tested.step, tested.item or tested.endpoint, params)


def credentials(subject: Subject) -> Iterator[Seen]:
    """The credentials that were asked for are there, have not run out, and open the client's interface."""
    for step, item, code in subject.secrets_missing:
        yield Seen(code, CERTAIN, step, item)
    told = {item for _, item, _ in subject.secrets_missing}
    for tested in subject.tested:
        lacking = next((one for one in tested.differences if one.code.startswith("secret-")), None)
        if lacking and tested.item not in told:
            told.add(tested.item)
            params = {"endpoint": tested.endpoint, **lacking.params}
            yield Seen(lacking.code, CERTAIN, tested.step, tested.item, params)


def measured(subject: Subject) -> Iterator[Seen]:
    """Every measure of the client's service has readings in the period, and they come to what its target wants."""
    for one in subject.judged:
        title = one.measure.title.get(subject.language) or one.measure.key
        params = {"measure": title, "target": one.measure.target}
        if one.value is None:
            yield Seen("measure-missing", CERTAIN, "", one.measure.key, params)
        elif not one.is_met:
            value = f"{one.value:.2f}".rstrip("0").rstrip(".")
            params |= {"value": f"{value} {one.measure.unit}".strip()}
            yield Seen("measure-off-target", CERTAIN, "", one.measure.key, params)


def _legibility(paper: Paper) -> Iterator[Seen]:
    for code in paper.remarks:
        if code in EVERY_PAGE_TOLD or code == "same-file-again":
            yield Seen(code, LIKELY, paper.step, paper.item)
    if paper.looks_like and paper.looks_like != paper.item:
        yield Seen("looks-like-another", LIKELY, paper.step, paper.item, {"looks_like": paper.looks_like})


def _number(paper: Paper, typed: str, kind: str, others: list[str]) -> Iterator[Seen]:
    found = (matching.contains_number if kind == "cui" else matching.contains)(paper.text, typed)
    if found == matching.EXACT:
        return
    params = {"typed": matching.masked(typed)}
    if found == matching.CONFUSED:
        yield Seen(f"{kind}-hardly-read", LIKELY, paper.step, paper.item, params)
    elif others:
        certainty = CERTAIN if paper.is_digital else LIKELY
        yield Seen(
            f"{kind}-differs",
            certainty,
            paper.step,
            paper.item,
            {**params, "found": matching.masked(others[0])},
        )
    else:
        yield Seen(f"{kind}-not-found", LIKELY, paper.step, paper.item, params)


def _name(paper: Paper, name: str) -> Iterator[Seen]:
    found = matching.contains_name(paper.text, name)
    if found == matching.CONFUSED:
        yield Seen("name-hardly-read", LIKELY, paper.step, paper.item)
    elif found == matching.ABSENT:
        yield Seen("name-not-found", LIKELY, paper.step, paper.item)


def _step(subject: Subject, *fields: str) -> str:
    return next((subject.steps[name] for name in fields if name in subject.steps), "")


def _right(rule: Callable[[str], str], number: str) -> bool:
    try:
        rule(number)
    except identifiers.WrongIdentifier:
        return False
    return True


def authority(subject: Subject) -> Iterator[Seen]:
    """Who applies may bind the company: its administrator vouched, or the mailbox is of the company's own domain."""
    if not subject.authority:
        yield Seen("authority-not-proven", CERTAIN, "", "")


def risk(subject: Subject) -> Iterator[Seen]:
    """Nothing by itself: the scorecard that the step names decides (assessing.py)."""
    yield from ()


RULES: dict[str, Rule] = {  # the names that journeys may use behind `check:`
    "malware": malware,
    "registry": registry,
    "cui": cui,
    "vat": vat,
    "iban": iban,
    "signature": signature,
    "consistency": consistency,
    "completeness": completeness,
    "address": address,
    "duplicates": duplicates,
    "sanctions": sanctions,
    "authority": authority,
    "risk": risk,
    "accounts": accounts,
    "assets": assets,
    "client-endpoint": client_endpoint,
    "credentials": credentials,
    "metrics-satisfactory": measured,
    "month-figures": measured,
}
