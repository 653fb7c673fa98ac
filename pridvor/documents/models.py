"""Documents (a version of what a case asked for), their files, pieces still arriving; and what we deliver for approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from pridvor.cases.seen import Seen
from pridvor.documents import storage
from pridvor.lib.actor import Actor
from pridvor.lib.ids import uuid7

if TYPE_CHECKING:
    from uuid import UUID


class Document(models.Model):
    """One version of one item that a case asked for: a PDF, or several photos in order."""

    class State(models.TextChoices):
        COLLECTING = "collecting"  # -> sent, withdrawn, delivered
        SENT = "sent"  # -> superseded by the next version, withdrawn
        SUPERSEDED = "superseded"
        WITHDRAWN = "withdrawn"
        DELIVERED = "delivered"  # ours: the files of a version that the client is asked to approve

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="documents")
    step = models.CharField(max_length=120)
    item = models.CharField(max_length=60)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.COLLECTING)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    valid_until = models.DateField(null=True)  # the last day on which it counts, as a person read it off
    profile = models.JSONField(default=dict)  # pages, remarks, looks_like: nothing personal

    objects = Seen["Document"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "item", "number"], name="document_version_once"),
            models.UniqueConstraint(
                fields=["case", "item"], condition=Q(state="collecting"), name="document_one_collecting"
            ),
            models.UniqueConstraint(
                fields=["case", "item"], condition=Q(state="sent"), name="document_one_sent"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="document_number_from_one"),
            models.CheckConstraint(
                condition=(
                    Q(state="collecting", sent_at=None)
                    | Q(state__in=["sent", "superseded", "delivered"], sent_at__isnull=False)
                    | Q(state="withdrawn")
                ),
                name="document_sent_when_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.number}"


class File(models.Model):
    """One file of a document. Its bytes lie encrypted in the store, under one prefix; its name is sealed here."""

    class State(models.TextChoices):
        RECEIVING = "receiving"  # -> quarantined, refused, removed
        QUARANTINED = "quarantined"  # -> clean, refused, removed
        CLEAN = "clean"  # -> removed
        REFUSED = "refused"  # -> quarantined (the same file again, insisted upon), removed
        REMOVED = "removed"

    class Kind(models.TextChoices):
        UNKNOWN = ""
        PDF = "pdf"
        JPEG = "jpeg"
        PNG = "png"
        HEIC = "heic"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    document = models.ForeignKey(Document, models.PROTECT, related_name="files")
    position = models.PositiveSmallIntegerField()
    sealed_name = models.BinaryField(default=b"")  # under the subject's key; emptied with the file
    declared_type = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.UNKNOWN, blank=True)
    length = models.BigIntegerField()  # bytes that the client announced, or that arrived
    offset = models.BigIntegerField(default=0)  # bytes that have arrived
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=11, choices=State, default=State.RECEIVING)
    refusal = models.CharField(max_length=24, blank=True)  # a code of messages.py
    insist = models.BooleanField(default=False)  # taken although the same bytes were sent before
    pages = models.PositiveSmallIntegerField(null=True)
    remarks = models.JSONField(default=list)  # codes of messages.py, told and never a reason to refuse
    looks_like = models.CharField(max_length=60, blank=True)  # the item that its text looks like
    signatures = models.JSONField(default=list)  # as seen when it was read: verdict and level of each
    scans = models.PositiveSmallIntegerField(default=0)  # attempts that ended without a verdict
    begun_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True)  # who writes at this moment
    lease_until = models.DateTimeField(null=True)
    by_kind = models.CharField(max_length=8)
    by_id = models.CharField(max_length=64)
    by_role = models.CharField(max_length=40, blank=True)

    objects = Seen["File"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "position"], name="file_position_once"),
            models.CheckConstraint(
                condition=Q(offset__gte=0, offset__lte=F("length")), name="file_offset_within_length"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["quarantined", "clean"])
                | (Q(offset=F("length"), received_at__isnull=False) & ~Q(sha256="") & ~Q(kind="")),
                name="file_whole_when_kept",
            ),
            models.CheckConstraint(
                condition=~Q(state="clean") | Q(cleared_at__isnull=False), name="file_clean_when_cleared"
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal=""), name="file_refused_for_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="removed") | Q(sealed_name=b""), name="file_removed_without_name"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "begun_at"],
                condition=Q(state__in=["receiving", "quarantined"]),
                name="file_unfinished",
            ),
            models.Index(fields=["sha256"], condition=~Q(sha256=""), name="file_by_content"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def by(self) -> Actor:
        """Who sent it."""
        return Actor(self.by_kind, self.by_id, self.by_role)  # type: ignore[arg-type]

    @property
    def subject(self) -> UUID:
        """Whose key encrypts it."""
        return self.document.case.subject

    @property
    def prefix(self) -> str:
        """Where all of it lies in the store."""
        return storage.prefix(self.public_id)

    @property
    def whole(self) -> str:
        return f"{self.prefix}whole"

    @property
    def text(self) -> str:
        return f"{self.prefix}text"


class Part(models.Model):
    """A piece of a file that is still arriving, encrypted by itself (one PATCH of tus 1.0)."""

    file = models.ForeignKey(File, models.CASCADE, related_name="parts")
    start = models.BigIntegerField()
    size = models.BigIntegerField()
    path = models.CharField(max_length=120, unique=True)

    objects = Seen["Part"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "start"], name="part_start_once"),
            models.CheckConstraint(condition=Q(start__gte=0, size__gte=1), name="part_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.start}+{self.size}"


class Delivery(models.Model):
    """One version of something that we make for a client to approve. Gathered first; once delivered it is frozen."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="deliveries")
    deliverable = models.CharField(max_length=60)  # what an `approve:` step is about
    number = models.PositiveSmallIntegerField()
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="delivery")
    begun_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80)

    objects = Seen["Delivery"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "deliverable", "number"], name="delivery_version_once"),
            models.UniqueConstraint(
                fields=["case", "deliverable"], condition=Q(delivered_at=None), name="delivery_one_gathering"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="delivery_number_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.deliverable} {self.number}"


class Piece(models.Model):
    """One thing in a delivery: a file of ours, or a link or text whose words are sealed in the vault."""

    class Kind(models.TextChoices):
        FILE = "file"
        LINK = "link"
        TEXT = "text"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="pieces")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=4, choices=Kind)
    file = models.OneToOneField(File, models.PROTECT, null=True, related_name="piece")
    ref = models.UUIDField(null=True, db_index=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    objects = Seen["Piece"]()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "position"], name="piece_position_once"),
            models.CheckConstraint(
                condition=Q(kind="file", file__isnull=False, ref=None)
                | Q(kind__in=["link", "text"], file=None, ref__isnull=False),
                name="piece_file_or_words",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Agreement(models.Model):
    """A contract that one attempt of a `sign` step asks people to sign online. What they are shown never changes."""

    attempt = models.OneToOneField("cases.Attempt", models.PROTECT, related_name="agreement")
    language = models.CharField(max_length=2)
    template = models.CharField(max_length=60)
    presented = models.OneToOneField(File, models.PROTECT, related_name="presented_as")  # what is signed
    sealed = models.OneToOneField(File, models.PROTECT, null=True, related_name="sealed_as")
    ref = models.UUIDField(db_index=True)  # the contract's data: a value in the vault
    set_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)
    waits_for = models.CharField(max_length=24, blank=True)  # what keeps it from being sealed: a code
    facts = models.JSONField(
        default=dict
    )  # of the seal: whose, by whose certificate, timestamp; nothing personal

    objects = Seen["Agreement"]()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed=None, sealed_at=None) | Q(sealed__isnull=False, sealed_at__isnull=False),
                name="agreement_sealed_as_a_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.attempt_id}"


class Signatory(models.Model):
    """One of those who sign an agreement, in their order. What they typed and where from is sealed."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatories")
    position = models.PositiveSmallIntegerField()
    person = models.ForeignKey("clients.Person", models.PROTECT, related_name="signs")
    seen_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    ref = models.UUIDField(null=True, db_index=True)  # name, address, reason: a value in the vault
    by = models.CharField(max_length=80, blank=True)

    objects = Seen["Signatory"]()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "position"], name="one_signatory_each_place"),
            models.UniqueConstraint(fields=["agreement", "person"], name="one_signature_each_person"),
            models.CheckConstraint(
                condition=Q(signed_at=None) | Q(declined_at=None), name="signed_or_declined"
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, declined_at=None) | Q(ref__isnull=False),
                name="said_with_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}/{self.position}"
