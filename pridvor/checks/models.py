"""Findings: what a check saw that is not right, how sure it is, and where it is mended. Assessments, line by line."""

from django.db import models

from pridvor.cases.models import Attempt, Case
from pridvor.cases.seen import Seen


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
