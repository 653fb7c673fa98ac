"""The vault's tables, in a database of their own. No name, address or number of a person stands anywhere else."""

from typing import Any

from django.db import models

from pridvor.lib import chain
from pridvor.lib.ledger import Linked


class SubjectKey(models.Model):
    """The keys of one subject (a person, or a company's file): without them nothing of the subject's opens again."""

    subject = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField(null=True)  # of values, sealed with the key `vault`; null once erased
    wrapped_file = models.BinaryField(
        null=True
    )  # of documents, sealed with the key `files`; null once erased
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="erased_has_no_key",
                condition=models.Q(erased_at__isnull=True, wrapped__isnull=False, wrapped_file__isnull=False)
                | models.Q(erased_at__isnull=False, wrapped=None, wrapped_file=None),
            ),
        ]


class Value(models.Model):
    """One personal value, never changed: a correction is a new value with a new id, which the case then refers to."""

    id = models.UUIDField(primary_key=True)
    owner = models.ForeignKey(SubjectKey, on_delete=models.CASCADE, related_name="values")
    field = models.CharField(max_length=40)
    sealed = models.BinaryField()
    written_at = models.DateTimeField(db_index=True)


class BlindIndex(models.Model):
    """A keyed digest of a value, for exact look-up only (CUI, IBAN, e-mail, telephone, each word of a name)."""

    field = models.CharField(max_length=40)
    digest = models.BinaryField()
    key = models.PositiveSmallIntegerField()  # the version of the key `index`
    value = models.ForeignKey(Value, on_delete=models.CASCADE, related_name="digests")

    class Meta:
        indexes = [models.Index(fields=["field", "digest"])]


class Look(Linked):
    """The access ledger: who looked at what, and why. Written before the value is given; refused to change."""

    LEDGER, SCOPE = "vault.look", "subject"

    at = models.DateTimeField()
    subject = models.UUIDField(null=True, db_index=True)  # null: a search that found nobody
    fields = models.JSONField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64)
    purpose = models.CharField(max_length=200)
    case = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "position"], name="looks_in_a_chain", nulls_distinct=False
            )
        ]
        indexes = [
            models.Index(fields=["at"], condition=models.Q(actor_kind="staff"), name="looks_of_staff"),
        ]

    def said(self) -> list[Any]:
        who = [self.actor_kind, self.actor_id]
        return [chain.moment(self.at), self.fields, *who, self.purpose, self.case]
