"""Staff: people of the company who sign in. Clients have no account (see clients.sign_in)."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pridvor.lib import ids
from pridvor.lib.actor import Actor


class Role(models.TextChoices):
    OPERATOR = "operator", _("operator")
    COMPLIANCE = "compliance", _("compliance officer")
    ACCOUNT_MANAGER = "account-manager", _("account manager")
    ENGINEER = "engineer", _("engineer")
    EDITOR = "editor", _("editor")
    SECURITY = "security", _("security officer")
    MANAGER = "manager", _("manager")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


class Region(models.Model):
    """A part of the market that some of the staff look after. A case keeps the region in which it was opened."""

    code = models.SlugField(max_length=20, primary_key=True)
    name = models.JSONField()  # by language
    covers = ArrayField(
        models.CharField(max_length=103), default=list
    )  # `RO` a whole country, `RO:brasov` one county of it, folded; the narrower one counts

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    def named(self, language: str) -> str:
        return str(self.name.get(language) or self.name.get("en") or self.code)


class StaffManager(BaseUserManager["Staff"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Staff":
        staff = self.model(email=self.normalize_email(email).lower(), **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff


class Staff(AbstractBaseUser):
    """A member of staff, with one role. A disabled one (`is_active` false) is cut off at the next request."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=Role.choices)
    language = models.CharField(max_length=5, default="ro")
    regions = ArrayField(
        models.CharField(max_length=20), default=list, blank=True
    )  # codes; none: every region. An array, so that knowing who asks stays one question
    is_lead = models.BooleanField(default=False)  # told when work of their role is late
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[StaffManager] = StaffManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> Actor:
        return Actor("staff", str(self.public_id), self.role)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split()[0]


class StaffEvent(models.Model):
    """The ledger of staff: who changed whose role, regions or access, and when. The database refuses to change a row."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    by = models.CharField(max_length=80)
    data = models.JSONField(default=dict)  # what it was before and is now; codes only

    class Meta:
        indexes = [models.Index(fields=["staff", "id"])]

    def __str__(self) -> str:
        return self.kind


class RegionEvent(models.Model):
    """The ledger of regions: who drew which anew. The database refuses to change a row."""

    region = models.SlugField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    data = models.JSONField(default=dict)  # what it was before and is now

    def __str__(self) -> str:
        return self.region


class Invitation(models.Model):
    """A link with which one member of staff chooses a password: it works once, until a moment, or until it is void."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the token, which nobody keeps
    made_at = models.DateTimeField()
    until_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class Absence(models.Model):
    """Somebody of the staff is away from one moment until another; meanwhile no work comes to them."""

    class Reason(models.TextChoices):
        HOLIDAY = "holiday", _("holiday")
        ILL = "ill", _("ill")
        TRAINING = "training", _("training")
        OTHER = "other", _("another reason")

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="absences")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)  # null: until further notice
    substitute = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="stands_in")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    by = models.CharField(max_length=80)  # who noted it
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="absence_has_a_length", condition=Q(until_at=None) | Q(until_at__gt=F("from_at"))
            ),
            models.CheckConstraint(
                name="nobody_stands_in_for_themselves",
                condition=Q(substitute=None) | ~Q(substitute=F("staff")),
            ),
        ]
        indexes = [models.Index(fields=["staff", "from_at"])]


class Scope(models.TextChoices):
    """What a machine may do. Stored by code; a machine has as many as it needs and no more."""

    JOURNEYS_READ = "journeys:read", _("read journeys and their forms")
    CASES_READ = "cases:read", _("read cases: state, steps, plain answers, documents that were sent")
    PERSONAL_READ = "personal:read", _("read personal values, each time with a purpose")
    CASES_WRITE = "cases:write", _("open cases, send forms, pause, resume, skip and add steps")
    DOCUMENTS_WRITE = "documents:write", _("upload documents and send them")
    DECISIONS_WRITE = "decisions:write", _("end the steps that staff end")
    EVENTS_READ = "events:read", _("read the feed of events")
    WEBHOOKS_WRITE = "webhooks:write", _("have events sent to an address of its own")


class Machine(models.Model):
    """A program of the company or of a partner that signs in: with a key, or as an OAuth client with an id and a secret.

    Of a key only a digest is kept; the secret of an OAuth client stands hashed with allauth.
    """

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, null=True)  # SHA-256 of the key; null: OAuth
    hint = models.CharField(max_length=20)  # how the key or the client id begins, for people to tell it by
    client = models.OneToOneField(
        "allauth_idp_oidc.Client", on_delete=models.PROTECT, null=True, related_name="machine"
    )
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope.choices))
    regions = ArrayField(models.CharField(max_length=20), default=list, blank=True)  # none: every region
    is_test = models.BooleanField(default=False)  # its cases are tests, and no others exist for it
    origins = ArrayField(
        models.CharField(max_length=200), default=list, blank=True
    )  # https://shop.example: where its links may lead back to
    may_frame = models.BooleanField(
        default=False
    )  # pages of these origins may show the registration in a frame
    made_at = models.DateTimeField()
    by = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)  # to the minute

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="machine_key_or_client", condition=Q(digest=None) ^ Q(client=None))
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> Actor:
        """As ledgers know it: machines of the house have names, these their id."""
        return Actor("machine", f"api-{self.public_id}")


class MachineEvent(models.Model):
    """The ledger of machines: who made and who revoked which. The database refuses to change a row."""

    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    by = models.CharField(max_length=80)
    data = models.JSONField(default=dict)  # scopes, regions, mode and expiry as they were given

    def __str__(self) -> str:
        return self.kind


class MachineCall(models.Model):
    """One request of a machine, for whoever looks why it failed. Kept for thirty days; holds no value of anybody's."""

    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="calls")
    at = models.DateTimeField()
    method = models.CharField(max_length=8)
    route = models.CharField(max_length=120)  # the operation's pattern
    reference = models.CharField(max_length=40, blank=True)  # the case that its address names, by public id
    status = models.SmallIntegerField()
    code = models.CharField(max_length=40, blank=True)  # of the problem
    fields = models.JSONField(default=list)  # which fields were wrong: their names
    milliseconds = models.IntegerField()
    trace = models.CharField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["machine", "-id"]), models.Index(fields=["at"])]


class MachineAnswer(models.Model):
    """What was answered to a request with an Idempotency-Key, to be said again within a day."""

    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=64)  # digest of the header
    request = models.CharField(max_length=64)  # digest of method, address and body
    status = models.SmallIntegerField(default=0)  # 0: not answered yet, seen only within its transaction
    body = models.BinaryField(default=b"")  # sealed: it may hold a new secret
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["machine", "key"], name="one_answer_to_a_key")]
