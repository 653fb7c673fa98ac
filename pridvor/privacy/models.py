"""Requests of people about their data, the rules by which data is kept, legal texts and who accepted them, incidents.

Nothing here is personal: people are known by the id of their subject in the vault, free text is a value there.
"""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from pridvor.accounts.models import Staff
from pridvor.clients.models import Client, Person
from pridvor.lib import ids


class Request(models.Model):
    """A person asks for a copy of their data (GDPR Art. 15 and 20) or for its erasure (Art. 17)."""

    class Kind(models.TextChoices):
        EXPORT = "export"
        ERASURE = "erasure"

    class State(models.TextChoices):
        ASKED = "asked"  # → ready (a copy), decided (an erasure), withdrawn
        READY = "ready"  # a copy waits to be fetched → over
        DECIDED = "decided"  # the letter is on its way; then the erasure is carried out → over
        WITHDRAWN = "withdrawn"
        OVER = "over"

    class Outcome(models.TextChoices):
        NONE = ""
        WHOLE = "whole"  # everything is erased
        PARTIAL = "partial"  # what must be kept is kept, and erased when its time is over
        REFUSED = "refused"  # nothing may be erased yet

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    letter = models.UUIDField(default=uuid4, unique=True, editable=False)  # who knows it reads the decision
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="privacy_requests")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    language = models.CharField(max_length=5)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()  # one month (Art. 12(3))
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.NONE, blank=True)
    facts = models.JSONField(
        default=dict
    )  # what the letter says: counts, categories, rules; nothing personal
    size = models.BigIntegerField(null=True)  # bytes of the copy
    until = models.DateTimeField(null=True)  # the last moment at which the copy can be fetched
    over_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(state__in=["asked", "decided"]),
                name="one_privacy_request_at_a_time",
            ),
            models.CheckConstraint(
                name="decided_request_has_an_outcome",
                condition=Q(kind="export", outcome="") | Q(decided_at=None, outcome="") | ~Q(outcome=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def path(self) -> str:
        """Where the copy lies in the store of documents."""
        name = str(self.public_id)
        return f"{name[-2:]}/{name[-4:-2]}/{name}/whole"


class Rule(models.Model):
    """How long some categories of data are kept, by which law. Rules that hold stand against a request for erasure."""

    class Since(models.TextChoices):
        RELATIONSHIP = "relationship"  # the contract with the client ended; while it is in force, the time does not begin
        CASE = "case"  # a case ended without a contract

    key = models.SlugField(max_length=30, unique=True)
    title = models.JSONField()  # by language
    law = models.JSONField()  # by language: the law, and the letter of Art. 6(1) or 17(3) GDPR
    categories = models.JSONField()
    months = models.PositiveSmallIntegerField()
    since = models.CharField(max_length=12, choices=Since.choices)
    ends = models.JSONField(
        default=list
    )  # of a case: the ends that it is about; empty: each without a contract
    holds = models.BooleanField(default=True)
    active = models.BooleanField(default=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.key

    def said(self, column: str, language: str) -> str:
        words = getattr(self, column)
        return str(words.get(language) or words["en"])


class Relationship(models.Model):
    """When the contract with a client ended; no row: it is in force, or there was none."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="relationship")
    ended_on = models.DateField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()


class LegalText(models.Model):
    """One version of a text that people read or agree to, in every language. Never changed once published."""

    class Kind(models.TextChoices):
        TERMS = "terms"
        PRIVACY = "privacy"
        MARKETING_MAIL = "marketing-mail"
        MARKETING_SMS = "marketing-sms"
        DATA_SHARING = "data-sharing"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    number = models.PositiveSmallIntegerField()
    title = models.JSONField()
    body = models.JSONField()
    asks_again = models.BooleanField(default=True)  # whoever agreed to an earlier version is asked
    by = models.CharField(max_length=80)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "-number"]
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="legal_text_version_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    def said(self, column: str, language: str) -> str:
        words = getattr(self, column)
        return str(words.get(language) or words["en"])


class Acceptance(models.Model):
    """Somebody agreed to a version of a text, or took that back: the last row counts. Never changed."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="acceptances")
    text = models.ForeignKey(LegalText, on_delete=models.PROTECT, related_name="acceptances")
    given = models.BooleanField()
    language = models.CharField(max_length=5)  # in which it was read
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-id"])]


class Incident(models.Model):
    """Unusual access to personal data, or another breach, with the 72 hours of GDPR Art. 33(1)."""

    class Kind(models.TextChoices):
        MASS = "mass"  # one person looked at many clients within an hour
        NIGHT = "night"  # copies were taken outside working hours
        FOREIGN = "foreign"  # somebody looked at cases that are not their work
        REPORTED = "reported"  # a person told us

    class Decision(models.TextChoices):
        NONE = ""
        AUTHORITY = "authority"  # the authority is told (Art. 33)
        PERSONS = "persons"  # the authority, and the persons (Art. 34)
        NO_RISK = "no-risk"  # nobody is, because a risk is unlikely; a note says why

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    cause = models.CharField(max_length=120, unique=True)  # what was found: one incident for each
    subject = models.UUIDField()  # whose key seals the notes: the incident's own
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="incidents")
    figures = models.JSONField(default=dict)  # what was counted, and the threshold that it passed
    began_at = models.DateTimeField()
    aware_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.NONE, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="closed_incident_is_decided", condition=Q(closed_at=None) | ~Q(decision="")
            ),
            models.CheckConstraint(
                name="decided_incident_has_a_time", condition=Q(decision="") ^ Q(decided_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.cause


class Affected(models.Model):
    """A person whose data an incident touched, and which."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="affected")
    subject = models.UUIDField()
    fields = models.JSONField()
    cases = models.JSONField(default=list)  # references
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    looks = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["incident", "subject"], name="affected_once")]


class IncidentNote(models.Model):
    """What was found out or done about an incident: sealed."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="notes")
    ref = models.UUIDField(db_index=True)
    author = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]


class Entry(models.Model):
    """The ledger of this room: one row for each thing that was done. The database refuses to change or remove one."""

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64)
    actor_role = models.CharField(max_length=20, blank=True)
    data = models.JSONField(default=dict)
