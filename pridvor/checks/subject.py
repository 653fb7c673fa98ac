"""What the rules look at: one case's answers, documents and their text, gathered once. Rules do no input or output."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pridvor.checks.screening import Hit
from pridvor.connectors.findings import Finding as RegistryFinding
from pridvor.connectors.measures import Judged
from pridvor.connectors.suites import Tested


@dataclass(frozen=True)
class Signature:
    """One signature in a document, as documents.signatures reports it."""

    verdict: str  # valid | tampered | changed-after-signing | untrusted | expired | revoked | unsigned
    level: str


@dataclass(frozen=True)
class Page:
    text: str
    source: str  # text (of the file itself) | ocr | none


@dataclass(frozen=True)
class Paper:
    """One document that was sent."""

    item: str
    step: str
    must_be_signed: bool
    kinds: tuple[str, ...]
    refusals: tuple[str, ...]  # codes of files that the scanner refused after sending
    remarks: tuple[str, ...]
    looks_like: str
    pages: tuple[Page, ...]
    signatures: tuple[Signature, ...] = ()

    @property
    def is_digital(self) -> bool:
        """Every page carries its own text: what it says is certain, not read off an image."""
        return bool(self.pages) and all(page.source == "text" for page in self.pages)

    @property
    def is_readable(self) -> bool:
        return any(page.source != "none" for page in self.pages)

    @property
    def text(self) -> str:
        return "\n".join(page.text for page in self.pages)


@dataclass(frozen=True)
class Subject:
    country: str
    name: str
    cui: str
    vat: str
    number_typed: str
    iban: str
    steps: Mapping[str, str]  # field: the step whose form asks it
    papers: Mapping[str, Paper] = field(default_factory=dict)
    registry_state: str = "confirmed"
    registry: RegistryFinding | None = None  # asked again when the client typed the company's data
    plain: Mapping[str, Any] = field(default_factory=dict)
    asked: Mapping[str, str] = field(
        default_factory=dict
    )  # each document that was asked for: the step that asks it
    address: Mapping[str, str] = field(
        default_factory=dict
    )  # street, city, county, postal_code as they were given
    listed: tuple[Hit, ...] | None = None  # candidates of the sanctions list; None: it was not asked
    unlisted: str = "sanctions-no-list"  # why it was not
    known_elsewhere: bool = False  # another client has the same number
    other_open_case: bool = False  # the client is on the same journey already
    accounts: Mapping[str, bool] = field(
        default_factory=dict
    )  # by step: whether what it made outside is there
    missing: tuple[str, ...] = ()  # keys of required items of the step's list that are not fixed
    tested: tuple[Tested, ...] = ()  # the client's interface, each endpoint called just now
    judged: tuple[Judged, ...] = ()  # the measures of the client's service over the period
    authority: str = (
        ""  # how the applicant proved that they act for the company: administrator, domain; empty: not
    )
    language: str = "en"  # in which findings name what the journey names
    secrets_missing: tuple[tuple[str, str, str], ...] = ()  # step, field and code of credentials not there
