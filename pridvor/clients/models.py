"""Organisations, and the people who act for them. What is personal stands in the vault; here are only its ids."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from pridvor.lib import ids


class RegistryState(models.TextChoices):
    CONFIRMED = "confirmed", _("confirmed by the registry")
    TYPED = "typed", _("typed by the client; to be confirmed")
    INACTIVE = "inactive", _("inactive or struck off in the registry")


class Client(models.Model):
    """An organisation that is, or wants to become, a client. Its name and numbers are public data, not personal."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    name = models.CharField(max_length=200)
    folded = models.CharField(max_length=200, db_index=True)
    trigrams = ArrayField(models.CharField(max_length=3), default=list)  # found in spite of typing errors
    country = models.CharField(max_length=2)
    cui = models.CharField(max_length=12, blank=True, db_index=True)  # Romanian fiscal code, digits only
    vat = models.CharField(
        max_length=16, blank=True, db_index=True
    )  # EU VAT number with its country's letters
    registration_number = models.CharField(max_length=30, blank=True)
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    county = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=12, blank=True)
    registry_state = models.CharField(
        max_length=12, choices=RegistryState.choices, default=RegistryState.TYPED
    )
    created_at = models.DateTimeField()
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="merged_clients"
    )  # found to be the same client; nothing new comes to this one

    class Meta:
        indexes = [
            GinIndex(fields=["trigrams"]),
            models.Index(fields=["folded"], name="client_prefix", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Somebody who proved an e-mail address. Known here by the id of their subject in the vault, and nothing else."""

    subject = models.UUIDField(unique=True)
    email_ref = models.UUIDField()  # the present address, a value in the vault
    language = models.CharField(max_length=5, default="ro")
    confirmed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()


class Contact(models.Model):
    """A person who acts for a client, and in what role."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contacts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contacts")
    role = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "person"], name="one_contact_each")]


class Merge(models.Model):
    """Two clients found to be one: what moved, and what stood there before, so that it can be taken back exactly."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    kept = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="merges_away")
    cases = models.JSONField()  # keys of those that moved
    contacts = models.JSONField()
    found = (
        models.JSONField()
    )  # keys of the cases and contacts that the kept one had: whatever else it has, is new
    before = models.JSONField()  # the kept one's data; public, as all of a company's is here
    after = models.JSONField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    undone_by = models.CharField(max_length=80, blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=models.Q(undone_at=None), name="one_merge_at_a_time"
            ),
            models.CheckConstraint(name="merge_of_two", condition=~models.Q(kept=models.F("gone"))),
        ]


class SignIn(models.Model):
    """A code sent to an e-mail address. Kept as a digest, and sealed for the mail that carries it."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    email_ref = models.UUIDField()  # the address being proved: the person's own, or the one they change to
    digest = models.BinaryField()
    sealed_code = models.BinaryField()
    tries = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Passkey(models.Model):
    """A public key by which a person signs in; the private one never leaves their device (WebAuthn Level 3).

    `credential` is what the device calls it, `key` the attested credential data. `is_backed_up`: its maker copies it to
    the person's other devices, so the counter of signatures stays 0 and says nothing.
    """

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="passkeys")
    credential = models.BinaryField(unique=True)
    key = models.BinaryField()
    label = models.CharField(max_length=40)
    counter = models.BigIntegerField(default=0)
    is_backed_up = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Asking(models.Model):
    """How often something was asked for from one place since a moment: one row, counted in one statement."""

    place = models.BinaryField(primary_key=True)  # keyed digest of what was asked for and from where
    count = models.IntegerField()
    since = models.DateTimeField()
