"""Calls to outside systems and every try at them, what registries said, and what the stand-ins of the demo keep."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from pridvor.accounts.models import Machine
from pridvor.cases.models import Attempt, Case, Event
from pridvor.cases.seen import Seen
from pridvor.lib import chain, ids
from pridvor.lib.ledger import Linked


class CallState(models.TextChoices):
    WAITING = "waiting"  # → sending, cancelled
    SENDING = "sending"  # a worker is at it → waiting, accepted, done, by-hand
    ACCEPTED = "accepted"  # the peer has taken the order and will tell → done, by-hand; waiting (the step is done again)
    DONE = "done"  # the effect exists in the peer → waiting (the step is done again)
    BY_HAND = "by-hand"  # a person does it, or mends what the peer refused → waiting (the step is done again)
    CANCELLED = "cancelled"  # the step was closed before the call was made → waiting (the step is done again)


class Outcome(models.TextChoices):
    ANSWERED = "answered"
    UNAVAILABLE = "unavailable"
    UNCERTAIN = "uncertain"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    LOST = "lost"  # the worker ended before it could say


class Call(models.Model):
    """One effect wanted in one outside system. A step that is done again goes on with the same call: one effect."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="calls")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="calls")
    capability = models.CharField(max_length=60)
    peer = models.CharField(max_length=30)
    key = models.CharField(max_length=160, unique=True)  # case and step
    state = models.CharField(max_length=10, choices=CallState.choices, default=CallState.WAITING)
    undoes = models.BooleanField(default=False)  # it takes back what the attempt's call had done
    aside = models.BooleanField(
        default=False
    )  # it ends no step: it goes beside the case, and nobody waits for it
    tries = models.IntegerField(default=0)
    first_failed_at = models.DateTimeField(null=True)  # of the failures in a row
    next_at = models.DateTimeField(null=True)  # when it is tried next
    waiting_since = models.DateTimeField()
    delay_told_at = models.DateTimeField(null=True)
    answer = models.JSONField(default=dict)  # nothing personal
    code = models.CharField(max_length=60, blank=True)  # why the last try failed

    objects = Seen["Call"]()

    class Meta:
        indexes = [
            models.Index(fields=["peer", "next_at"], condition=Q(state="waiting"), name="waiting_calls"),
            models.Index(fields=["peer"], condition=Q(state="sending"), name="sending_calls"),
            models.Index(fields=["capability", "case"], condition=Q(aside=True), name="calls_beside"),
        ]
        constraints = [
            models.CheckConstraint(name="call_state", condition=Q(state__in=CallState.values)),
            models.CheckConstraint(
                name="waiting_has_a_time", condition=~Q(state="waiting") | Q(next_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Try(Linked):
    """One try at a call: written when it starts, closed once, never changed after. The database sees to it.

    It takes two places in the chain of its case: one when it starts, one when it is closed.
    """

    LEDGER, SCOPE = "connectors.try", "call__case_id"

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="history")
    number = models.IntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    code = models.CharField(max_length=60, blank=True)
    words = models.CharField(max_length=500, blank=True)
    request = models.JSONField(default=dict)  # masked
    answer = models.JSONField(default=dict)  # masked
    requests = models.PositiveSmallIntegerField(null=True)  # that it took; null: nobody counted
    peer_ms = models.PositiveIntegerField(null=True)  # milliseconds that the peer took for them
    closing_position = models.PositiveIntegerField(null=True, editable=False)
    closing_mac = models.BinaryField(null=True, editable=False)

    objects = Seen["Try"]()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="one_try_each"),
            models.CheckConstraint(
                name="closed_with_an_outcome",
                condition=Q(ended_at__isnull=True, outcome="") | Q(ended_at__isnull=False) & ~Q(outcome=""),
            ),
            models.CheckConstraint(
                name="closed_with_a_link",
                condition=Q(ended_at__isnull=True, closing_mac=None, closing_position=None)
                | Q(ended_at__isnull=False, closing_mac__isnull=False, closing_position__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.number}"

    def said(self) -> list[Any]:
        return ["begun", self.call_id, self.number, chain.moment(self.started_at), self.request]

    def said_at_the_end(self) -> list[Any]:
        how = [str(self.outcome), self.code, self.words, self.answer]
        if self.requests is not None:
            how += [self.requests, self.peer_ms]
        return ["ended", self.call_id, self.number, chain.moment(self.ended_at), *how]

    def links(self) -> list[tuple[chain.Head, list[Any]]]:
        begun = super().links()
        if self.closing_position is None or self.closing_mac is None:
            return begun
        closed = chain.Head(self.closing_position, bytes(self.closing_mac))
        return [*begun, (closed, self.said_at_the_end())]


class Mirrored(models.Model):
    """A client's record in an outside system that can be read back, and compared with what we hold."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="mirrored")
    peer = models.CharField(max_length=30)
    reference = models.CharField(max_length=120)
    noted_at = models.DateTimeField()
    compared_at = models.DateTimeField(null=True)  # null: it is to be compared now
    failed = models.CharField(max_length=60, blank=True)  # why it could not be read last time

    objects = Seen["Mirrored"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "reference"], name="one_record_each")]
        indexes = [models.Index(fields=["compared_at"])]

    def __str__(self) -> str:
        return f"{self.peer} {self.reference}"


class Origin(models.Model):
    """A deal won elsewhere, and the case that was opened because of it; without one, `code` says why."""

    peer = models.CharField(max_length=30)
    reference = models.CharField(max_length=120)
    customer = models.CharField(max_length=120, blank=True)  # the reference of the customer's record there
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="origins")
    code = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    objects = Seen["Origin"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "reference"], name="one_case_each_deal")]

    def __str__(self) -> str:
        return f"{self.peer} {self.reference}"


class Forgetting(models.Model):
    """One system that held a person's data, and what became of it there when the person was erased."""

    class State(models.TextChoices):
        WAITING = "waiting"  # → done, by-hand
        DONE = "done"  # what the product means by it has been done there
        BY_HAND = "by-hand"  # the product cannot, or did not: a person sees to it

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="forgettings")
    peer = models.CharField(max_length=30)
    reference = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=60, blank=True)  # why the last try failed

    objects = Seen["Forgetting"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "peer", "reference"], name="forgotten_once")]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="to_be_forgotten")]

    def __str__(self) -> str:
        return f"{self.peer} {self.reference}"


class DriftState(models.TextChoices):
    OPEN = "open"  # → writing, taking, taken, left, gone
    WRITING = "writing"  # ours is on its way there → written, open
    TAKING = "taking"  # theirs, which is personal, is being fetched → taken, open
    WRITTEN = "written"  # ours stands there now
    TAKEN = "taken"  # theirs stands here now
    LEFT = "left"  # both stay as they are, until one of them changes
    GONE = "gone"  # they agree again, by themselves


class Drift(models.Model):
    """One field in which an outside system's record differs from ours. What is personal stands here masked."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    record = models.ForeignKey(Mirrored, on_delete=models.PROTECT, related_name="drifts")
    field = models.CharField(max_length=30, blank=True)  # empty: the whole record is gone there
    ours = models.CharField(max_length=300, blank=True)
    theirs = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=DriftState.choices, default=DriftState.OPEN)
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=60, blank=True)  # why writing failed

    objects = Seen["Drift"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "field"],
                condition=Q(state__in=["open", "writing", "taking"]),
                name="one_open_drift",
            )
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(state="open"), name="open_drifts")]

    def __str__(self) -> str:
        return f"{self.record_id} {self.field}"


class Peer(models.Model):
    """How an outside system has been answering. Past some failures in a row it rests."""

    name = models.CharField(max_length=30, unique=True)
    failures = models.IntegerField(default=0)  # in a row
    rests_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)  # until when its changes are known
    deals_at = models.DateTimeField(null=True)  # until when its deals are

    def __str__(self) -> str:
        return self.name


class Lookup(models.Model):
    """What a registry said of a number: a company, or nothing. Good for a day."""

    form = models.CharField(max_length=20, unique=True)  # the number with its country's letters
    company = models.JSONField(null=True)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.form


class SuiteRun(models.Model):
    """One run of the tests of a client's interface, written when it has ended, never changed."""

    class Cause(models.TextChoices):
        STEP = "step"  # a check of the journey
        CLIENT = "client"  # somebody of the client pressed «run again»
        STAFF = "staff"

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="suite_runs")
    suite = models.CharField(max_length=60)
    cause = models.CharField(max_length=8, choices=Cause.choices)
    by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    passed = models.BooleanField()

    objects = Seen["SuiteRun"]()

    class Meta:
        indexes = [models.Index(fields=["case", "-id"])]

    def __str__(self) -> str:
        return f"{self.suite} {self.started_at}"


class SuiteResult(models.Model):
    """How one endpoint answered in one run. Of the answer only what it was measured by is kept, never its body."""

    run = models.ForeignKey(SuiteRun, on_delete=models.PROTECT, related_name="results")
    endpoint = models.CharField(max_length=60)
    status = models.PositiveSmallIntegerField(null=True)  # null: it was not called, or did not answer
    milliseconds = models.PositiveIntegerField(null=True)
    differences = models.JSONField(default=list)  # [{code, params}]; empty: as expected

    objects = Seen["SuiteResult"]()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.endpoint


class Reading(models.Model):
    """One reading of one measure of a client's service."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="readings")
    measure = models.CharField(max_length=60)
    at = models.DateTimeField()
    value = models.FloatField()
    source = models.CharField(max_length=12)  # api | file | probe

    objects = Seen["Reading"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "measure", "source", "at"], name="each_reading_once")
        ]
        indexes = [models.Index(fields=["case", "measure", "at"])]

    def __str__(self) -> str:
        return f"{self.measure} {self.at}"


class MeasureKey(models.Model):
    """The key with which a client's own system hands in readings: its digest alone, one at a time for each case."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="measure_key")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    by = models.CharField(max_length=80)

    objects = Seen["MeasureKey"]()


class SandboxRecord(models.Model):
    """A record that the demo's ERP stand-in received. Sealed: it holds what a real ERP would, people's data included."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    model = models.CharField(max_length=60)
    code = models.CharField(max_length=60, unique=True, null=True)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.model} {self.pk}"


class SwitchQuerySet(models.QuerySet["Switch"]):
    def mode(self, peer: str) -> str:
        """How the stand-in behaves: ok unless somebody switched it."""
        return self.filter(peer=peer).values_list("mode", flat=True).first() or "ok"


class Switch(models.Model):
    """How a stand-in of the demo is to behave."""

    peer = models.CharField(max_length=30, unique=True)
    mode = models.CharField(max_length=10, default="ok")

    objects = SwitchQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.peer}: {self.mode}"


class Hook(models.Model):
    """An address to which a machine has events sent (Standard Webhooks). Only its machine's cases are told there."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="hooks")
    url = models.URLField(max_length=400)
    kinds = ArrayField(models.CharField(max_length=40))  # of events
    sealed = models.BinaryField()  # the secret that signs
    sealed_before = models.BinaryField(null=True)  # the one before, which signs beside it until old_until
    old_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    by = models.CharField(max_length=80)
    failing_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    why_ended = models.CharField(max_length=20, blank=True)  # removed, failing, gone

    class Meta:
        indexes = [models.Index(fields=["machine"], condition=Q(ended_at=None), name="live_hooks")]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One event on its way to one address: what was said there last, and when it is said again."""

    class State(models.TextChoices):
        QUEUED = "queued"  # → delivered, failed
        DELIVERED = "delivered"
        FAILED = "failed"  # for a day and more, or the address is gone

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)  # the message's id
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="+")  # null: a test
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    status = models.SmallIntegerField(null=True)  # of the last answer
    code = models.CharField(max_length=20, blank=True)  # why there was none

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hook", "event"], name="each_event_once_to_a_hook")]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="queued"), name="queued_deliveries")]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class Knock(models.Model):
    """A webhook of a system outside, verified: once for each id that its sender gave it."""

    class State(models.TextChoices):
        WAITING = "waiting"  # → done, failed
        DONE = "done"
        FAILED = "failed"  # its connector could not make anything of it

    connector = models.CharField(max_length=30)
    key = models.CharField(max_length=120)  # the sender's id of the message
    sealed = models.BinaryField()  # the body; emptied once it is handled
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    code = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connector", "key"], name="each_knock_once")]
        indexes = [models.Index(fields=["received_at"])]

    def __str__(self) -> str:
        return f"{self.connector} {self.key}"
