"""Checkpoints, as they are kept in the database too, and what each verification found."""

from typing import Any

from django.db import models

from pridvor.evidence import seals
from pridvor.lib import chain


class Checkpoint(models.Model):
    """The heads of the chains that went on since the checkpoint before, signed. The database refuses to change a row.

    Each holds the digest of the one before it, so that the last one vouches for every head there ever was.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    previous = models.CharField(max_length=64, blank=True)
    heads = models.JSONField()  # [ledger, scope, position, mac in hexadecimal]
    voids = models.BigIntegerField(
        null=True
    )  # after a restore: checkpoints later than this number count no more
    key = models.PositiveSmallIntegerField()  # the version of the key `seal`
    digest = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)  # Ed25519 (RFC 8032) over what the digest is of
    seen = models.JSONField()  # how far each ledger had been read; see checkpoints.py

    def __str__(self) -> str:
        return f"checkpoint {self.number}"

    def content(self) -> dict[str, Any]:
        """What is signed. Of heads their digests, so that one case's can be shown without those of others."""
        return {
            "number": self.number,
            "at": chain.moment(self.at),
            "previous": self.previous,
            "heads": [seals.digest(head) for head in self.heads],
            "voids": self.voids,
            "key": self.key,
            "seen": self.seen,
        }

    def line(self) -> dict[str, Any]:
        """The checkpoint as it is kept outside the database."""
        return {**self.content(), "heads": self.heads, "digest": self.digest, "signature": self.signature}


class Verification(models.Model):
    """One run over all chains: what it looked at and what it found."""

    at = models.DateTimeField()
    seconds = models.FloatField()
    rows = models.BigIntegerField()
    checkpoint = models.BigIntegerField(null=True)  # the last one that it was held against
    findings = models.JSONField(default=list)  # of the first hundred: kind, ledger, case, row
    found = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.rows} rows, {self.found} findings"
