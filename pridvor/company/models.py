"""Settings of the company, in revisions that never change; what must be secret stands apart, sealed."""

from django.db import models


class Revision(models.Model):
    """The settings as they stood from one moment on, whole. The database refuses to change a row: it is their ledger.

    A secret is named here by the key of its row, so that a change of it shows and its words do not.
    """

    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    settings = models.JSONField()  # of company.fields; what is missing is as the environment says

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"revision {self.pk}"


class Secret(models.Model):
    """A password or key of another system. Read by machines alone; gone once a new one takes its place."""

    name = models.CharField(max_length=40, unique=True)
    sealed = models.BinaryField()
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Picture(models.Model):
    """A logo as it was re-drawn from what the administrator sent, under the digest of its bytes."""

    digest = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()  # PNG
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest
