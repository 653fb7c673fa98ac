"""Secrets whose time is over: destroyed, told, and asked for again while somebody still needs them."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from pridvor.cases import actions as cases
from pridvor.cases import secrets
from pridvor.cases.models import Case, CaseState, Secret
from pridvor.lib.actor import Actor


def expire_secrets(*, actor: Actor, now: datetime, limit: int = 200) -> int:
    """This will end the secrets that are due, and ask their steps again. Returns of how many cases."""
    due = Secret.objects.filter(ended_at=None, expires_at__lte=now).values_list("case", flat=True)
    found = list(Case.objects.filter(pk__in=due).order_by("pk")[:limit])
    for case in found:
        _expire(case, actor=actor, now=now)
    return len(found)


@transaction.atomic
def _expire(case: Case, *, actor: Actor, now: datetime) -> None:
    case = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    due = [row for row in secrets.live(case) if row.expires_at <= now]
    ended = secrets.end(due, Secret.Fate.EXPIRED, actor=actor, now=now)
    secrets.record_end(case, ended, "secret.expired", actor=actor, now=now)
    if case.state != CaseState.OPEN:
        return
    for step in dict.fromkeys(row.step for row in ended):
        reasons = [
            {"step": step, "item": row.field, "code": "secret-expired", "params": {}}
            for row in ended
            if row.step == step
        ]
        with (
            suppress(cases.Refused),
            transaction.atomic(),
        ):  # not done yet, or an exception: its own check finds it
            cases.send_back(case, step, reasons, actor=actor, now=now)
