"""Credentials of a client: written once, used by machines for a stated purpose, shown to nobody, gone after their time.

The value stands in the vault alone; a row here says that there is one, since when and until when. Whoever uses one
leaves a line in the access ledger; the vault refuses people, whatever door they come through.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from pridvor.cases import store
from pridvor.cases.models import Case, Secret
from pridvor.clients import actions as clients
from pridvor.journeys.model import Field
from pridvor.lib.actor import Actor


def asked(case: Case, step: str) -> dict[str, Field]:
    """The questions of a form step whose answers are secrets."""
    found = case.journey.steps.get(step)
    form = case.journey.forms.get(str(found.use)) if found and found.kind == "form" else None
    return {field.key: field for field in form.fields if field.type == "secret"} if form else {}


@transaction.atomic
def keep(case: Case, step: str, values: Mapping[str, str], *, actor: Actor, now: datetime) -> None:
    """This will seal what was typed, in place of what was kept before; what was left empty stays as it is."""
    questions = asked(case, step)
    typed = {field: plain for field, plain in values.items() if field in questions and plain}
    if not typed:
        return
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)
    end(live(case, step, typed), Secret.Fate.REPLACED, actor=actor, now=now)
    for field, plain in typed.items():
        Secret.objects.create(
            case=case,
            step=step,
            field=field,
            ref=clients.keep_secret(case.subject, plain, now=now),
            by=str(actor),
            kept_at=now,
            expires_at=now + timedelta(days=questions[field].expires_in_days),
        )
    store.record(case.pk, [("secret.kept", {"step": step, "fields": sorted(typed)})], actor=actor, now=now)


def live(case: Case, step: str = "", fields: Iterable[str] = ()) -> list[Secret]:
    """What is kept now, of one step or of all, of these fields or of all."""
    found = Secret.objects.filter(case=case, ended_at=None)
    if step:
        found = found.filter(step=step)
    wanted = list(fields)
    return list((found.filter(field__in=wanted) if wanted else found).order_by("id"))


def history(case: Case) -> list[Secret]:
    """Every secret that the case ever had, the newest first."""
    return list(Secret.objects.filter(case=case).order_by("-id"))


def use(case: Case, field: str, *, actor: Actor, purpose: str, now: datetime) -> str | None:
    """This will log the use and hand a secret to a machine; None when there is none, or its time is over."""
    row = Secret.objects.filter(case=case, field=field, ended_at=None, expires_at__gt=now).last()
    if row is None:
        return None
    return clients.use_secret(row.ref, actor=actor, purpose=purpose, now=now, case=case.reference)


@transaction.atomic
def end(rows: Iterable[Secret], fate: Secret.Fate, *, actor: Actor, now: datetime) -> list[Secret]:
    """This will destroy these secrets, and return those that had not ended already.

    The vault's transaction comes first: when ours then fails, a row stays that the next try ends.
    """
    wanted = [row.pk for row in rows]
    ending = list(
        Secret.objects.select_for_update().filter(pk__in=wanted, ended_at=None).select_related("case")
    )
    for row in ending:
        purpose, case = f"secret {fate.value}: {row.field}", row.case.reference
        clients.destroy_secrets([row.ref], actor=actor, purpose=purpose, now=now, case=case)
    Secret.objects.filter(pk__in=[row.pk for row in ending]).update(ended_at=now, fate=fate)
    return ending


def record_end(case: Case, rows: Iterable[Secret], kind: str, *, actor: Actor, now: datetime) -> None:
    """This will add one event for each form whose secrets have ended: `secret.expired`, `secret.destroyed` and so on."""
    by_step: dict[str, list[str]] = {}
    for row in rows:
        by_step.setdefault(row.step, []).append(row.field)
    events = [(kind, {"step": step, "fields": sorted(fields)}) for step, fields in by_step.items()]
    if events:
        store.record(case.pk, events, actor=actor, now=now)
