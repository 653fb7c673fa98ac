"""Reads of messages: what a case was told, what the demo's mailbox holds, and how the post is doing."""

import email
import email.policy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pridvor.cases.models import Case
from pridvor.company import systems
from pridvor.notifications import letters
from pridvor.notifications.mailbox import BELONGS, ring
from pridvor.notifications.models import Message, MessageState, SandboxMail

OF_THE_HOUSE = {  # letters that no journey sends
    "code",
    "notices",
    "join-request",
    "join-approved",
    "join-refused",
    "sign-asked",
    "contract-signed",
    "copy-ready",
    "erasure-decided",
    "privacy-due",
    "incident",
    "staff-invited",
    "staff-reset",
}


@dataclass(frozen=True)
class Received:
    """A mail in the demo's mailbox."""

    id: UUID
    at: datetime
    to: str
    subject: str
    message_id: str
    text: str
    html: str
    link: str  # the first one in the text
    code: str  # the six digits, when it carries a sign-in code


def templates() -> frozenset[str]:
    """The names that journeys may use."""
    return letters.templates() - OF_THE_HOUSE


def of_case(case: Case) -> list[Message]:
    """What the client was told and is owed, oldest first."""
    return list(Message.objects.filter(case=case).order_by("pk"))


def of_cases(found: Iterable[Case]) -> list[Message]:
    """What clients were told and are owed about these cases, oldest first."""
    return list(Message.objects.filter(case__in=list(found)).order_by("pk"))


def sandbox_mail(limit: int = 100) -> list[Received]:
    """What the demo's mailbox holds, newest first. Opens what was sealed; for the sandbox page only."""
    return [_received(row) for row in SandboxMail.objects.order_by("-pk")[:limit]]


def waiting() -> int:
    """How many messages are owed and have not left."""
    return Message.objects.filter(state=MessageState.QUEUED).count()


def health() -> tuple[bool, str]:
    """Whether mail leaves, in one sentence."""
    if not systems.mail():
        return False, f"no mail server is configured (PRIDVOR_SMTP); {waiting()} messages are kept"
    failing = Message.objects.filter(state=MessageState.QUEUED).exclude(code="").count()
    return not failing, f"{waiting()} messages wait, {failing} of them after a failure"


def _received(row: SandboxMail) -> Received:
    mail = email.message_from_bytes(ring().open(bytes(row.sealed), BELONGS), policy=email.policy.default)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    text = plain.get_content() if plain else ""
    link, code = re.search(r"https?://\S+", text), re.search(r"^ {4}(\d{3}) (\d{3})\s*$", text, re.MULTILINE)
    return Received(
        row.public_id,
        row.received_at,
        mail["to"] or "",
        mail["subject"] or "",
        mail["message-id"] or "",
        text,
        rich.get_content() if rich else "",
        link[0] if link else "",
        code[1] + code[2] if code else "",
    )
