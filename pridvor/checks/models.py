"""Findings: what a check saw that is not right, how sure it is, and where it is mended."""

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
