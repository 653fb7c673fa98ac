"""Published journeys. A version never changes, and a case stays on the version on which it was opened."""

from django.db import models


class JourneyVersion(models.Model):
    """One published text of a journey. The database refuses to change it."""

    name = models.CharField(max_length=80)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    source = models.TextField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="one_number_each"),
            models.UniqueConstraint(fields=["name", "digest"], name="one_text_each"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
