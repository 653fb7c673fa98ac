"""The page about evidence: the last checkpoint, when everything was last verified, and what was found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pridvor.evidence.models import Checkpoint, Verification

KINDS: dict[str, Promise] = {
    "changed": _("A row was changed"),
    "removed": _("A row was removed"),
    "inserted": _("A row was inserted"),
    "moved": _("Rows changed places"),
    "cut-off": _("The end of a ledger was cut off"),
    "linked-anew": _("Rows were rewritten by somebody who has the key"),
    "file-changed": _("A document is not the one that was received"),
    "checkpoint-changed": _("A checkpoint was changed"),
    "checkpoint-twice": _("There are two checkpoints of one number"),
    "checkpoint-missing": _("A checkpoint is missing"),
}
LEDGERS: dict[str, Promise] = {
    "cases.event": _("Events of cases"),
    "cases.answer": _("Answers"),
    "sla.span": _("Minutes"),
    "connectors.try": _("Calls to other systems"),
    "vault.look": _("Looks at personal data"),
    "documents.file": _("Documents"),
}


@dataclass(frozen=True)
class Row:
    """One finding in words."""

    what: Promise | str
    ledger: Promise | str
    case: str
    place: int


@dataclass(frozen=True)
class Page:
    checkpoint: Checkpoint | None
    verified: Verification | None
    rows: list[Row]

    @property
    def is_whole(self) -> bool:
        return self.verified is not None and self.verified.found == 0


def page() -> Page:
    verified = Verification.objects.order_by("-at", "-pk").first()
    found = [_row(finding) for finding in verified.findings] if verified else []
    return Page(Checkpoint.objects.order_by("-number").first(), verified, found)


def file_name(reference: str, now: datetime) -> str:
    return f"{reference}-{now:%Y%m%d}.evidence.zip"


def _row(finding: dict[str, Any]) -> Row:
    kind, ledger = finding["kind"], finding["ledger"]
    case = finding["case"] or finding["scope"]
    return Row(
        KINDS.get(kind, kind), LEDGERS.get(ledger, ledger), case, finding["row"] or finding["position"]
    )
