"""What administrators are told about machines: an address that gets no more events."""

from datetime import datetime
from urllib.parse import urlsplit

from pridvor.accounts.models import Role, Staff
from pridvor.connectors.models import Hook
from pridvor.notifications import actions


def of_ended_hook(hook: Hook, now: datetime) -> None:
    """This will tell every administrator that an address failed for days and gets nothing any more."""
    told = {
        "machine": hook.machine.name,
        "host": urlsplit(hook.url).hostname or "",
        "path": f"/oversight/administration/machines/{hook.machine.public_id}/",
    }
    for administrator in Staff.objects.filter(role=Role.ADMINISTRATOR, is_active=True):
        cause = f"hook-ended:{hook.public_id}:{administrator.pk}"
        actions.owe_staff(administrator, "hook-ended", cause=cause, now=now, context=told)
