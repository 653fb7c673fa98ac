"""Messages as they are owed and sent. The address and the words are not here: both are made when a message leaves."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pridvor.accounts.models import Staff
from pridvor.cases.models import Case
from pridvor.cases.seen import Seen
from pridvor.lib import ids


class MessageState(models.TextChoices):
    QUEUED = "queued"  # owed → sent, failed, suppressed
    SENT = "sent"  # a mail server has taken it
    FAILED = "failed"  # the server refused it for good, or for three days
    SUPPRESSED = "suppressed"  # nobody to send it to, or nothing left to say


class Message(models.Model):
    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="messages")
    cause = models.CharField(max_length=120, unique=True)  # what it is owed for: one message for each
    template = models.CharField(max_length=40)
    language = models.CharField(max_length=5)
    recipient = models.UUIDField()  # the person's subject; of a member of staff, their public id
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, null=True, related_name="messages")
    sign_in = models.UUIDField(null=True)  # the sign-in whose code it carries
    context = models.JSONField(default=dict)  # nothing personal
    message_id = models.CharField(
        max_length=120
    )  # the same in every try, so that a mailbox can drop a second copy
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    tries = models.IntegerField(default=0)
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=80, blank=True)  # what the mail server said last: its number only

    objects = Seen["Message"]()

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=Q(state="queued"), name="queued_messages")]
        constraints = [
            models.CheckConstraint(name="message_state", condition=Q(state__in=MessageState.values)),
            models.CheckConstraint(
                name="sent_has_a_time", condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.public_id}"


class SandboxMail(models.Model):
    """A mail that the demo's mailbox received, sealed: it holds a person's address."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    sealed = models.BinaryField()
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.public_id)


class ReasonText(models.Model):
    """Words that staff send often with a decision, in each language. Nothing personal: they are the same for everybody."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    title = models.CharField(max_length=80)  # for staff, who choose by it
    words = models.JSONField(default=dict)  # by language
    used = models.IntegerField(default=0)
    by = models.CharField(max_length=80)  # who wrote it last
    at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    def said(self, language: str) -> str:
        return str(self.words.get(language) or self.words.get("en", ""))


class NoticeKind(models.TextChoices):
    """What members of staff are told."""

    ASSIGNED = "assigned", _("work was given to me")
    MENTIONED = "mentioned", _("a colleague calls me in a note")
    WARNING = "warning", _("time runs out, or has run out")
    SCREENING = "screening", _("a sanctions list has an entry that is like a client")


class How(models.TextChoices):
    NOW = "now", _("by mail, at once")
    HOURLY = "hourly", _("by mail, gathered every hour")
    DAILY = "daily", _("by mail, gathered at eight in the morning")
    DESK = "desk", _("only on the desk")


class Notice(models.Model):
    """One thing told to one member of staff, once."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=NoticeKind.choices)
    what = models.CharField(max_length=40)  # the event's kind
    event_id = models.BigIntegerField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notices")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="notices")

    objects = Seen["Notice"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "event_id"], name="one_notice_each")]
        indexes = [
            models.Index(fields=["staff", "-id"], name="notices_of_somebody"),
            models.Index(fields=["staff"], condition=Q(read_at=None), name="unread_notices"),
        ]


class NoticeChoice(models.Model):
    """How somebody wants to be told of one kind of thing."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=10, choices=NoticeKind.choices)
    how = models.CharField(max_length=10, choices=How.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "kind"], name="one_choice_of_a_kind")]
