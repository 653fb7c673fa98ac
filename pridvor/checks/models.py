"""Findings: what a check saw that is not right, how sure it is, and where it is mended. Assessments, line by line.

Screenings against sanctions lists, their candidates, and what people say of these.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from pridvor.cases.models import Attempt, Case
from pridvor.cases.seen import Seen
from pridvor.lib import ids


class Certainty(models.TextChoices):
    CERTAIN = "certain"  # goes back to the client without a person
    LIKELY = "likely"  # a person looks at it


class Finding(models.Model):
    """One finding of one run. Holds no personal value: numbers stand masked in `params`."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="findings")
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(max_length=40)
    certainty = models.CharField(max_length=8, choices=Certainty.choices)
    step = models.CharField(max_length=60)  # where it is mended: the step,
    item = models.CharField(max_length=60)  # and its document or field
    params = models.JSONField(default=dict)
    insisted = models.BooleanField(
        default=False
    )  # the client said that it is right; therefore a person looks
    found_at = models.DateTimeField()

    objects = Seen["Finding"]()

    class Meta:
        indexes = [models.Index(fields=["case", "attempt"])]


class Assessment(models.Model):
    """What a scorecard came to in one attempt, and why. Never changed: what a person decides instead is in the case.

    Amounts are in the company's currency. `lines` are those of journeys.scorecards.Line.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assessments")
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="assessment")
    scorecard = models.CharField(max_length=60)
    version = models.CharField(max_length=64)  # the digest of the journey whose part the scorecard is
    score = models.IntegerField()
    band = models.CharField(max_length=60)
    grants = models.BooleanField()  # whether the machine gave it, or left it to a person
    credit_limit = models.DecimalField(max_digits=14, decimal_places=2)
    payment_days = models.PositiveSmallIntegerField()
    price_group = models.CharField(max_length=60, blank=True)
    lines = models.JSONField(default=list)
    at = models.DateTimeField()

    objects = Seen["Assessment"]()

    def __str__(self) -> str:
        return f"{self.scorecard} {self.score}"


class Screening(models.Model):
    """The company and the people of a case held once against a sanctions list: which list, and how. Never changed."""

    class Cause(models.TextChoices):
        STEP = "step"  # a check of the journey
        SCHEDULE = "schedule"  # the list has changed, or time has passed

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="screenings")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, null=True, related_name="screenings")
    cause = models.CharField(max_length=8, choices=Cause.choices)
    dataset = models.CharField(max_length=80)
    version = models.CharField(max_length=80)  # of the list
    algorithm = models.CharField(max_length=60)
    threshold = models.FloatField()  # the score that makes a candidate, 0 to 1
    engine = models.CharField(max_length=60, blank=True)  # the program that compared, with its version
    sought = models.JSONField(default=dict)  # who was looked for: a keyed digest of each name, by its key
    at = models.DateTimeField()

    objects = Seen["Screening"]()

    class Meta:
        indexes = [models.Index(fields=["case", "-id"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.dataset} {self.version}"


class Candidate(models.Model):
    """An entry of the list that is like somebody of ours. What the entry says is sealed: it comes close to our name.

    `question` is the same for the same name of the same client and the same words of the entry: whoever has answered
    it once is not asked again.
    """

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="candidates")
    subject = models.CharField(max_length=60)  # who of ours: `company`, or the question that named them
    entry = models.CharField(max_length=200)  # its id on the list
    fingerprint = models.CharField(max_length=32)  # of what the entry says
    question = models.CharField(max_length=64, db_index=True)
    score = models.FloatField()
    topics = models.JSONField(default=list)  # why it is listed: sanction, role.pep …
    datasets = models.JSONField(default=list)
    ref = models.UUIDField(db_index=True)  # what the entry says: a value in the vault

    objects = Seen["Candidate"]()

    class Meta:
        ordering = ["-score", "id"]

    def __str__(self) -> str:
        return self.entry


class Verdict(models.TextChoices):
    SAME = "same", _("one and the same")
    DIFFERENT = "different", _("somebody else")


class Adjudication(models.Model):
    """What a person says of a candidate, and why. Never changed: who thinks otherwise says so again."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="adjudications")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    ref = models.UUIDField(db_index=True)  # why: a value in the vault

    objects = Seen["Adjudication"]()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.verdict}"
