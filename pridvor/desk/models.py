"""The desk's one table: what somebody likes to see of the queue."""

from django.db import models

from pridvor.accounts.models import Role, Staff
from pridvor.lib import ids


class SavedView(models.Model):
    """A narrowing of the queue under a name; its owner's alone, or shared with everybody of one role."""

    public_id = models.UUIDField(default=ids.uuid7, unique=True, editable=False)
    owner = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.JSONField(default=dict)
    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_view_of_a_name")]

    def __str__(self) -> str:
        return self.name
