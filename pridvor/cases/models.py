"""A case is one client on one journey. Attempts are rows that never go backwards; events are only ever added."""

from typing import Any

from django.db import models
from django.db.models import Q

from pridvor.accounts.models import Machine, Region, Staff
from pridvor.cases.seen import Seen
from pridvor.clients.models import Client, Person
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey
from pridvor.journeys.models import JourneyVersion
from pridvor.lib import chain, ids
from pridvor.lib.ledger import Linked

MOST_PRIORITY = 9


class CaseState(models.TextChoices):
    OPEN = "open"  # → closing, ended
    CLOSING = "closing"  # ended otherwise than hoped; calls to outside systems still to answer → ended
    ENDED = "ended"


class AttemptStatus(models.TextChoices):
    WAITING = "waiting"  # → open, held, skipped, cancelled
    OPEN = "open"  # somebody or something can act → held, done, skipped, cancelled
    HELD = "held"  # an exception step or a gate stands in for it → open, done, skipped, cancelled
    DONE = "done"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class Case(models.Model):
    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    reference = models.CharField(max_length=24, unique=True)
    journey_version = models.ForeignKey(JourneyVersion, on_delete=models.PROTECT)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="cases")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases")
    subject = models.UUIDField()  # whose key seals the case's personal answers and documents
    language = models.CharField(max_length=5)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, related_name="+"
    )  # of the client's address when it was opened; null: everybody's
    state = models.CharField(max_length=8, choices=CaseState.choices, default=CaseState.OPEN)
    end = models.CharField(max_length=40, blank=True)
    goal = models.BooleanField(default=False)
    paused = models.CharField(max_length=200, blank=True)  # why; empty: not paused
    values = models.JSONField(default=dict)  # what conditions see; nothing personal
    counts = models.JSONField(default=list)  # how often each loop was taken
    grants = models.JSONField(default=list)  # how often a person allowed one more
    flying = models.JSONField(default=list)  # calls not yet answered
    happened = models.JSONField(default=list)  # named events that have come
    paused_for = models.CharField(max_length=12, blank=True)  # who is waited for: us, client, third party
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    parent_step = models.CharField(max_length=120, blank=True)  # the step of the parent that this case is
    parent_number = models.IntegerField(default=0)
    priority = models.PositiveSmallIntegerField(default=0)  # 0 ordinary to 9; among equals what is due first
    held_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    held_until = models.DateTimeField(null=True)
    held_attempt = models.BigIntegerField(
        null=True
    )  # what it is held for; once that has ended, nothing holds
    version = models.IntegerField(
        default=1
    )  # grows with every decision; a page that shows an older one is stale
    chain_position = models.IntegerField(db_default=0)  # of the last event, so that the next is linked to it
    chain_mac = models.BinaryField(db_default=b"")
    is_test = models.BooleanField(default=False)  # of a machine that is trying us out: in no figure
    opened_at = models.DateTimeField()
    touched_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)

    objects = Seen["Case"]()

    class Meta:
        indexes = [models.Index(fields=["touched_at"], condition=Q(state="open"), name="open_cases_by_touch")]
        constraints = [
            models.CheckConstraint(name="ended_has_an_end", condition=Q(state="open") | ~Q(end="")),
            models.CheckConstraint(
                name="ended_has_a_time",
                condition=Q(state="ended", ended_at__isnull=False) | ~Q(state="ended"),
            ),
            models.UniqueConstraint(
                fields=["parent", "parent_step", "parent_number"],
                condition=Q(parent__isnull=False),
                name="one_child_for_each_attempt",
            ),
            models.CheckConstraint(name="priority_range", condition=Q(priority__lte=MOST_PRIORITY)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def journey(self) -> Journey:
        return journeys.compiled(self.journey_version_id)

    @property
    def is_paused(self) -> bool:
        return bool(self.paused)


class StageVisit(models.Model):
    """Where a case stands in one stage, and since when."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="stages")
    key = models.CharField(max_length=60)
    entry = models.CharField(max_length=8, default="waiting")
    number = models.IntegerField(default=0)
    live = models.BooleanField(default=False)
    over = models.BooleanField(default=False)
    met = models.JSONField(default=list)  # criteria that a person ticked
    opened_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = Seen["StageVisit"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="one_stage_each")]


class Attempt(models.Model):
    """One try at a step. A redo is a new row with the next number."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="attempts")
    key = models.CharField(max_length=120)  # the step; an exception step or gate for a host is name@host
    kind = models.CharField(max_length=10)
    stage = models.CharField(max_length=60)
    number = models.IntegerField(default=1)
    status = models.CharField(max_length=10, choices=AttemptStatus.choices, default=AttemptStatus.WAITING)
    outcome = models.CharField(max_length=60, blank=True)
    by = models.CharField(max_length=80, blank=True)
    optional = models.BooleanField(default=False)
    second = models.BooleanField(default=False)
    proposal = models.JSONField(default=list)
    waits = models.JSONField(default=list)
    why = models.CharField(max_length=20, blank=True)
    reasons = models.JSONField(default=list)
    wanted = models.JSONField(default=list)
    carries = models.CharField(max_length=60, blank=True)
    loop = models.JSONField(default=list)
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = Seen["Attempt"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "key", "number"], name="one_attempt_each"),
            models.UniqueConstraint(
                fields=["case", "key"], condition=Q(status__in=["open", "held"]), name="one_open_attempt"
            ),
            models.CheckConstraint(name="attempt_status", condition=Q(status__in=AttemptStatus.values)),
        ]
        indexes = [
            models.Index(fields=["kind", "opened_at"], condition=Q(status="open"), name="open_attempts")
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.number}"

    @property
    def step(self) -> str:
        """The step's name in the journey."""
        return self.key.partition("@")[0]


class Assignment(models.Model):
    """Who looks after one stage of one case, since when, and who did before. `why` is a code (see cases.work)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assignments")
    stage = models.CharField(max_length=60)
    visit = models.IntegerField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="assignments")
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    why = models.CharField(max_length=20)
    ended_at = models.DateTimeField(null=True)

    objects = Seen["Assignment"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "stage"], condition=Q(ended_at=None), name="one_owner_of_a_stage"
            )
        ]
        indexes = [models.Index(fields=["staff"], condition=Q(ended_at=None), name="work_of_somebody")]


class Answer(Linked):
    """One answer as it was given: to which question of which attempt, when and by whom. Never changed.

    A row with neither value nor reference says that the answer before it stands no more. `owners[3].share` is an answer
    of the third entry of a page that repeats, `owners[3]` says whether that entry stands (see journeys.entries).
    """

    LEDGER, SCOPE = "cases.answer", "case_id"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="answers")
    step = models.CharField(max_length=60)
    number = models.IntegerField()
    field = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    ref = models.UUIDField(null=True, db_index=True)  # a personal value: its id in the vault
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    journey_version = models.ForeignKey(
        JourneyVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )  # whose words the question had
    asked_as = models.CharField(
        max_length=64, blank=True
    )  # digest of label, type and options (see journeys.asking)

    objects = Seen["Answer"]()

    class Meta:
        indexes = [models.Index(fields=["case", "step", "field", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="personal_or_plain", condition=Q(ref__isnull=True) | Q(value__isnull=True)
            ),
            models.UniqueConstraint(fields=["case", "position"], name="answers_in_a_chain"),
        ]

    def said(self) -> list[Any]:
        asked = [self.journey_version_id, self.asked_as]
        given = [self.value, str(self.ref or ""), self.by, chain.moment(self.at)]
        return [self.step, self.number, self.field, *given, *asked]


class Draft(models.Model):
    """What has been typed so far into a form that is still open."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="drafts")
    step = models.CharField(max_length=60)
    field = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    ref = models.UUIDField(null=True, db_index=True)
    at = models.DateTimeField()

    objects = Seen["Draft"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "step", "field"], name="one_draft_each")]


class Event(Linked):
    """The ledger of a case. The database refuses to change or remove a row."""

    LEDGER, SCOPE = "cases.event", "case_id"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64)
    actor_role = models.CharField(max_length=20, blank=True)
    data = models.JSONField(default=dict)

    objects = Seen["Event"]()

    class Meta:
        indexes = [models.Index(fields=["case", "id"]), models.Index(fields=["kind", "at"])]
        constraints = [models.UniqueConstraint(fields=["case", "position"], name="events_in_a_chain")]

    def said(self) -> list[Any]:
        """As the hot write path links it (store.py)."""
        who = (self.actor_kind, self.actor_id, self.actor_role)
        return [chain.moment(self.at), self.kind, *who, self.data]


class Undoable(models.Model):
    """How a case stood before a person's last decision, while that can still be taken back."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True)
    version = models.IntegerField()  # of the case right after the decision; a later one cannot be undone
    snapshot = models.JSONField()
    journey_version = models.ForeignKey(JourneyVersion, on_delete=models.PROTECT)
    first_event = models.BigIntegerField()
    actor = models.CharField(max_length=80)
    until = models.DateTimeField()

    objects = Seen["Undoable"]()


class Secret(models.Model):
    """A credential that a client gave: sealed in the vault, used by machines, shown to nobody, kept for a time."""

    class Fate(models.TextChoices):
        REPLACED = "replaced"
        EXPIRED = "expired"
        DESTROYED = "destroyed"
        HANDED_OVER = "handed-over"  # it stands in the secret store of the installation

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="secrets")
    step = models.CharField(max_length=60)
    field = models.CharField(max_length=60)
    ref = models.UUIDField(db_index=True)  # a value in the vault, which is removed when the row ends
    by = models.CharField(max_length=80)
    kept_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    fate = models.CharField(max_length=12, choices=Fate.choices, blank=True)

    objects = Seen["Secret"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step", "field"], condition=Q(ended_at=None), name="one_live_secret_each"
            ),
            models.CheckConstraint(name="ended_secret_has_a_fate", condition=Q(ended_at=None) ^ ~Q(fate="")),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(ended_at=None), name="live_secrets")]

    def __str__(self) -> str:
        return f"{self.step}.{self.field}"


class Note(models.Model):
    """What staff, or a program of theirs, told them about a case: sealed under the case's key, shown to no client."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    ref = models.UUIDField(db_index=True)  # the words: a value in the vault
    author = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="notes")
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, null=True, related_name="notes")
    called = models.ManyToManyField(Staff, related_name="called_by")
    at = models.DateTimeField()

    objects = Seen["Note"]()

    class Meta:
        indexes = [models.Index(fields=["case", "-id"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(author=None) ^ models.Q(machine=None), name="a_note_has_one_author"
            )
        ]

    @property
    def signed(self) -> str:
        """The name of who wrote it."""
        return self.author.name if self.author else self.machine.name if self.machine else ""


APPROVER = "approver"  # the role of a member who sees only what they are asked to approve
DELEGATE = "delegate"  # … and of one who sees only the steps that they were asked to do


class Membership(models.Model):
    """A colleague of the applicant, who was let in to one case; it opens no other. An approver sees less."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    objects = Seen["Membership"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="one_membership_each")]


class Delegation(models.Model):
    """One attempt at a step that a colleague was asked to do in somebody's place, until it is done or taken back."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="delegations")
    step = models.CharField(max_length=60)
    number = models.IntegerField()  # of the attempt: asked again, the step is the applicant's again
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="delegations")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = Seen["Delegation"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step", "number"], condition=Q(ended_at=None), name="one_delegation_of_a_step"
            )
        ]


class JoinRequest(models.Model):
    """Somebody of a company that is with us already asks to be let in: its applicant, or one of the staff, decides."""

    class Of(models.TextChoices):
        APPLICANT = "applicant"
        STAFF = "staff"

    class State(models.TextChoices):
        ASKED = "asked"  # → approved, refused; past `expires_at` the link of the mail counts no more
        APPROVED = "approved"
        REFUSED = "refused"

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="join_requests")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="join_requests")
    role = models.CharField(max_length=20)
    of = models.CharField(max_length=10, choices=Of.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    objects = Seen["JoinRequest"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person", "of"], condition=Q(state="asked"), name="one_join_request_at_a_time"
            )
        ]


class Proposal(models.Model):
    """A text that one person wants published, for another to approve; and the open cases that move to it then."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    name = models.CharField(max_length=80)
    source = models.TextField()
    base = models.ForeignKey(JourneyVersion, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=400, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    chosen = models.JSONField(default=list)  # ids of cases
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    withdrawn = models.BooleanField(default=False)
    version = models.ForeignKey(JourneyVersion, on_delete=models.PROTECT, null=True, related_name="+")
    results = models.JSONField(default=dict)  # by id of the case: what became of moving it

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="published_or_withdrawn",
                condition=Q(decided_at=None, version=None, withdrawn=False)
                | Q(decided_at__isnull=False, version__isnull=False, withdrawn=False)
                | Q(decided_at__isnull=False, version=None, withdrawn=True),
            ),
            models.CheckConstraint(
                name="approved_by_another", condition=Q(withdrawn=True) | ~Q(by=models.F("decided_by"))
            ),
        ]


class Approver(models.Model):
    """Somebody of the client whose word is asked on one step of a case. Nobody named: whoever may see the case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="approvers")
    step = models.CharField(max_length=60)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="approver_of")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    objects = Seen["Approver"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "step", "person"], name="one_approver_each")]


class ApprovalVote(models.Model):
    """What one approver said in one attempt, and of which versions. Never changed: the last of a person counts."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="votes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="votes")
    outcome = models.CharField(max_length=60)
    seen = models.JSONField(default=dict)  # by deliverable: the number of the version that was looked at
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    objects = Seen["ApprovalVote"]()

    class Meta:
        indexes = [models.Index(fields=["attempt", "-id"])]


class Comment(models.Model):
    """What an approver wants changed, pinned to its place in one version; and what we did about it. Words are sealed."""

    class Answered(models.TextChoices):
        NOT_YET = ""
        DONE = "done"
        NOT_DONE = "not-done"  # the answer says why

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="comments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="comments")
    number = models.PositiveSmallIntegerField()  # of its pin, within the attempt
    deliverable = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(default=0)
    piece = models.UUIDField(null=True)  # of what was delivered: the file, link or text; none: the whole
    page = models.PositiveSmallIntegerField(null=True)  # of a file, from 0
    x = models.PositiveSmallIntegerField(null=True)  # thousandths of the page's width …
    y = models.PositiveSmallIntegerField(null=True)  # … and height
    paragraph = models.PositiveSmallIntegerField(null=True)  # of a text, from 0
    ref = models.UUIDField(db_index=True)  # the words: a value in the vault
    at = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=Answered.choices, default=Answered.NOT_YET, blank=True)
    answer_ref = models.UUIDField(null=True, db_index=True)
    answered_in = models.PositiveSmallIntegerField(null=True)  # the version that came with the answer
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)

    objects = Seen["Comment"]()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "number"], name="one_pin_of_a_number"),
            models.CheckConstraint(
                name="pin_on_the_page",
                condition=Q(x=None, y=None) | Q(page__isnull=False, x__lte=1000, y__lte=1000),
            ),
            models.CheckConstraint(
                name="answered_as_a_whole",
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="not_done_says_why", condition=~Q(answer="not-done") | Q(answer_ref__isnull=False)
            ),
        ]


class Item(models.Model):
    """One thing of a list that steps of a case work on: a defect, an asset, a correction. Its words are sealed."""

    class Severity(models.TextChoices):
        BLOCKER = "blocker"
        MAJOR = "major"
        MINOR = "minor"

    class Owner(models.TextChoices):
        US = "us"
        CLIENT = "client"

    class State(models.TextChoices):
        OPEN = "open"  # → fixed, rejected
        FIXED = "fixed"  # → retested, rejected; open again when the test fails
        RETESTED = "retested"  # → closed; open again when it fails after all
        CLOSED = "closed"
        REJECTED = "rejected"  # it is not to be done

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="items")
    list = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    ref = models.UUIDField(db_index=True)  # what it is, in words: a value in the vault
    severity = models.CharField(max_length=7, choices=Severity.choices, default=Severity.MAJOR)
    required = models.BooleanField(default=True)
    owner = models.CharField(max_length=6, choices=Owner.choices, default=Owner.US)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    evidence = models.UUIDField(null=True)  # the file that shows that it was fixed
    opened_in = models.ForeignKey(Attempt, on_delete=models.PROTECT, null=True, related_name="+")
    taken_by = models.CharField(max_length=80, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = Seen["Item"]()

    class Meta:
        ordering = ["list", "number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "list", "number"], name="one_item_of_a_number"),
            models.CheckConstraint(
                name="item_state",
                condition=Q(state__in=["open", "fixed", "retested", "closed", "rejected"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list} {self.number}"


class ItemNote(models.Model):
    """What was said of an item when it changed: how it was fixed, why it failed or was rejected. Sealed."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="notes")
    state = models.CharField(max_length=8, choices=Item.State.choices)  # what the item became
    ref = models.UUIDField(db_index=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    objects = Seen["ItemNote"]()

    class Meta:
        ordering = ["id"]


class Link(models.Model):
    """A link with which somebody begins a registration on our pages, prefilled by the site that they come from.

    Nothing of the prefill stands in the address: the token in it refers to this row, where it is sealed.
    """

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the token, which nobody keeps
    journey = models.CharField(max_length=80)
    sealed = models.BinaryField()  # answers and address as JSON
    return_url = models.CharField(max_length=400, blank=True)
    is_once = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link {self.public_id}"
