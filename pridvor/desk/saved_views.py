"""Keeping and sharing narrowings of the queue."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from pridvor.accounts.models import Staff
from pridvor.desk.models import SavedView

MOST = 30  # views of one person: a row of tabs that nobody reads helps nobody


class TooMany(Exception):
    """The person keeps as many views as there may be."""


@transaction.atomic
def keep(staff: Staff, name: str, query: Mapping[str, str], *, role: str, now: datetime) -> SavedView:
    """This will keep a narrowing under a name, in place of one's own of the same name. Raises TooMany."""
    mine = SavedView.objects.filter(owner=staff)
    if mine.exclude(name=name).count() >= MOST:
        raise TooMany
    view, _new = SavedView.objects.update_or_create(
        owner=staff,
        name=name,
        defaults={"query": dict(query), "role": role},
        create_defaults={"query": dict(query), "role": role, "created_at": now},
    )
    return view


def remove(staff: Staff, public_id: UUID) -> bool:
    """This will forget one of one's own views; whether there was one."""
    return bool(SavedView.objects.filter(owner=staff, public_id=public_id).delete()[0])


def of(staff: Staff) -> list[SavedView]:
    """One's own views, and those that are shared with one's role."""
    return list(SavedView.objects.filter(Q(owner=staff) | Q(role=staff.role)).select_related("owner"))
