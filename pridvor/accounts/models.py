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
