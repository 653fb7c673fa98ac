"""What we make for a client to approve: files, links and text, delivered as numbered versions.

A version is gathered, then delivered as a whole: from then on it is frozen, and the client sees it. Its files go the way
of every document (encrypted while they arrive, scanned, read); links and text are sealed in the vault. Whoever delivers
the version that follows a request for changes answers each comment of it. Codes of CannotDeliver: `nothing`,
`still-checked`, `not-taken`, `unanswered`, `no-answer`, `not-a-link`, `no-words`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from pridvor.cases import actions as cases
from pridvor.cases import approvals
from pridvor.cases.approvals import Place
from pridvor.cases.models import Attempt, Case, Comment
from pridvor.clients import actions as clients
from pridvor.clients.models import Person
from pridvor.documents import actions as files
from pridvor.documents.models import Delivery, Document, File, Piece
from pridvor.documents.queries import FileView, file_view
from pridvor.journeys.language import Journey
from pridvor.lib.actor import Actor

ITEM = "delivery-"  # before the deliverable's name: the item under which its files are kept
LONGEST = 20_000  # characters of a text


class CannotDeliver(Exception):
    """The version is not ready; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class PieceView:
    """One thing of a version as pages show it: a file, or words (empty once they are erased)."""

    id: UUID
    kind: str
    file: FileView | None
    words: str

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip() for part in self.words.split("\n\n") if part.strip()]

    @property
    def pages(self) -> int:
        return max(1, self.file.pages) if self.file and self.file.is_clean else 0


@dataclass(frozen=True)
class Version:
    """One version of a deliverable. Without `delivered_at` it is still being gathered, and the client sees nothing."""

    deliverable: str
    number: int
    delivered_at: datetime | None
    by: str
    pieces: tuple[PieceView, ...]


def deliverables(journey: Journey) -> dict[str, str]:
    """What a journey has its client approve, and the first step that asks for it."""
    found: dict[str, str] = {}
    for step in journey.steps.values():
        if step.kind == "approve":
            for name in step.uses:
                found.setdefault(name, step.key)
    return found


def item_of(deliverable: str) -> str:
    """The item under which the files of a deliverable are received."""
    return f"{ITEM}{deliverable}"[:60]


# -- gathering


@transaction.atomic
def hold(case: Case, deliverable: str, arrived: Iterable[File], *, actor: Actor, now: datetime) -> None:
    """This will add files that intake has received to the version being gathered; refused ones are left out."""
    delivery = _gathering(case, deliverable, actor=actor, now=now)
    for file in arrived:
        if file.state != File.State.REFUSED:
            Delivery.objects.filter(pk=delivery.pk).update(document=file.document)
            _add(delivery, Piece.Kind.FILE, actor=actor, now=now, file=file)


@transaction.atomic
def add_words(case: Case, deliverable: str, kind: str, words: str, *, actor: Actor, now: datetime) -> Piece:
    """This will add a link or a text to the version being gathered. Raises CannotDeliver."""
    words = words.strip()[:LONGEST].replace("\r\n", "\n")
    if not words:
        raise CannotDeliver("no-words")
    if kind == Piece.Kind.LINK and not _is_link(words):
        raise CannotDeliver("not-a-link")
    delivery = _gathering(case, deliverable, actor=actor, now=now)
    ref = clients.keep(case.subject, {"delivered": words}, now=now)["delivered"]
    return _add(delivery, kind, actor=actor, now=now, ref=ref)


@transaction.atomic
def remove(piece: Piece, *, actor: Actor, now: datetime) -> None:
    """This will take a piece out of a version that is still being gathered. Raises CannotChange of a delivered one."""
    _lock(piece.delivery.case)
    if Delivery.objects.get(pk=piece.delivery_id).delivered_at:
        raise files.CannotChange
    file = piece.file
    piece.delete()
    if file:
        files.remove(file, actor=actor, now=now)


@transaction.atomic
def deliver(
    case: Case,
    deliverable: str,
    answers: Mapping[UUID, tuple[bool, str]] | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> Delivery:
    """This will freeze the version that was gathered and show it to the client. Raises CannotDeliver.

    `answers` say of each comment on the versions before whether it was done, and why not. Words are sealed.
    """
    _lock(case)
    delivery = Delivery.objects.filter(case=case, deliverable=deliverable, delivered_at=None).first()
    if delivery is None or not delivery.pieces.exists():
        raise CannotDeliver("nothing")
    _refuse_unready(delivery)
    for comment in approvals.unanswered(case, deliverable):
        if comment.public_id not in (answers or {}):
            raise CannotDeliver("unanswered")
        done, why = (answers or {})[comment.public_id]
        try:
            approvals.answer(comment, done, why, version=delivery.number, actor=actor, now=now)
        except cases.Refused as refused:
            raise CannotDeliver(str(refused)) from None
    if delivery.document:
        files.discard_refused(delivery.document)
        frozen = Document.objects.filter(delivery=delivery)
        frozen.update(state=Document.State.DELIVERED, sent_at=now)
    delivery.delivered_at, delivery.by = now, str(actor)
    delivery.save(update_fields=["delivered_at", "by"])
    said = {"deliverable": deliverable, "version": delivery.number}
    cases.record(case, "delivery.made", actor=actor, now=now, data=said)
    return delivery


# -- approving


def numbers(attempt: Attempt) -> dict[str, int]:
    """The version that stands of each deliverable of an `approve` step; what was not delivered is left out."""
    wanted = attempt.case.journey.steps[attempt.step].uses
    rows = Delivery.objects.filter(
        case_id=attempt.case_id, deliverable__in=wanted, delivered_at__isnull=False
    )
    return dict(rows.values_list("deliverable").annotate(Max("number")))


@transaction.atomic
def vote(
    attempt: Attempt, person: Person, outcome: str, seen: Mapping[str, int], *, actor: Actor, now: datetime
) -> None:
    """This will note an approver's word on the versions they saw. Raises Refused, `stale` if newer ones have come."""
    _lock(attempt.case)
    approvals.vote(attempt, person, outcome, seen=seen, versions=numbers(attempt), actor=actor, now=now)


@transaction.atomic
def pin(
    attempt: Attempt,
    person: Person,
    text: str,
    deliverable: str,
    place: Place,
    *,
    actor: Actor,
    now: datetime,
) -> Comment:
    """This will pin a comment to the version that stands. Raises Refused, `stale` if the place is not in it."""
    _lock(attempt.case)
    number = numbers(attempt).get(deliverable, 0)
    if place.piece and not _holds(attempt.case, deliverable, number, place):
        raise cases.Refused("stale")
    return approvals.comment(
        attempt, person, text, place, deliverable=deliverable, version=number, actor=actor, now=now
    )


# -- reading


def versions(
    case: Case, deliverable: str, *, actor: Actor, purpose: str, now: datetime, delivered_only: bool = True
) -> list[Version]:
    """This will log the look at sealed words and return the versions of a deliverable, the oldest first."""
    rows = Delivery.objects.filter(case=case, deliverable=deliverable).order_by("number")
    if delivered_only:
        rows = rows.filter(delivered_at__isnull=False)
    found = list(rows.prefetch_related("pieces__file"))
    refs = {str(piece.pk): piece.ref for row in found for piece in row.pieces.all() if piece.ref}
    words = (
        clients.reveal_refs(refs, actor=actor, purpose=purpose, now=now, case=case.reference) if refs else {}
    )
    return [_version(row, case, words) for row in found]


def piece(case: Case, public_id: UUID) -> Piece | None:
    rows = Piece.objects.select_related("delivery__case", "file__document__case")
    return rows.filter(public_id=public_id, delivery__case=case).first()


def may_client_see(file: File) -> bool:
    """A file of a version that is still being gathered does not exist for the client."""
    gathered = Piece.objects.filter(file=file, delivery__delivered_at=None)
    return not gathered.exists()


def is_delivered(file: File) -> bool:
    """Whether it is one of ours, in a version that the client was given."""
    return Piece.objects.filter(file=file, delivery__delivered_at__isnull=False).exists()


def in_use(refs: Iterable[UUID]) -> set[UUID]:
    """Of these vault ids, the ones that a delivery refers to."""
    rows = Piece.objects.filter(ref__in=list(refs)).values_list("ref", flat=True)
    return {ref for ref in rows if ref}


# -- how


def _lock(case: Case) -> None:
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)


def _gathering(case: Case, deliverable: str, *, actor: Actor, now: datetime) -> Delivery:
    _lock(case)
    known = Delivery.objects.filter(case=case, deliverable=deliverable)
    found = known.filter(delivered_at=None).first()
    if found:
        return found
    number = (known.aggregate(latest=Max("number"))["latest"] or 0) + 1
    return Delivery.objects.create(
        case=case, deliverable=deliverable, number=number, begun_at=now, by=str(actor)
    )


def _add(
    delivery: Delivery,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    file: File | None = None,
    ref: UUID | None = None,
) -> Piece:
    position = (delivery.pieces.aggregate(latest=Max("position"))["latest"] or 0) + 1
    return Piece.objects.create(
        delivery=delivery, position=position, kind=kind, file=file, ref=ref, by=str(actor), at=now
    )


def _refuse_unready(delivery: Delivery) -> None:
    states = set(delivery.pieces.exclude(file=None).values_list("file__state", flat=True))
    if File.State.REFUSED in states:
        raise CannotDeliver("not-taken")
    if states - {File.State.CLEAN}:
        raise CannotDeliver("still-checked")


def _is_link(words: str) -> bool:
    try:
        parts = urlsplit(words)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, words))


def _holds(case: Case, deliverable: str, number: int, place: Place) -> bool:
    row = piece(case, place.piece) if place.piece else None
    if row is None or (row.delivery.deliverable, row.delivery.number) != (deliverable, number):
        return False
    pages = max(1, row.file.pages or 0) if row.file else 0
    return place.page is None or 0 <= place.page < pages


def _version(row: Delivery, case: Case, words: Mapping[str, str]) -> Version:
    pieces = tuple(
        PieceView(
            one.public_id,
            one.kind,
            file_view(one.file, case.subject) if one.file else None,
            words.get(str(one.pk), ""),
        )
        for one in row.pieces.all()
    )
    return Version(row.deliverable, row.number, row.delivered_at, row.by, pieces)
