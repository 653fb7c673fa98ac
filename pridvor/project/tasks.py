"""Jobs: three lines each, calling an action with the present time. `trace` is read by the worker (project.jobs)."""

from procrastinate.contrib.django import app

from pridvor.accounts import machines
from pridvor.cases import actions as cases
from pridvor.cases import lapsing, linking, proposals, work
from pridvor.cases.models import Proposal
from pridvor.checks import screening
from pridvor.clients import actions as clients
from pridvor.documents import agreements, deliveries, renewal
from pridvor.evidence import checkpoints, verifying
from pridvor.lib import clock
from pridvor.lib.actor import machine
from pridvor.privacy import incidents, requests, retention, watching
from pridvor.privacy.models import Request
from pridvor.project import jobs, wiring
from pridvor.sla import actions as calendars
from pridvor.sla import timers
from pridvor.vault import actions as vault
from pridvor.vault import erasures


@app.task(name="pridvor.react", queue="reactions", retry=jobs.RETRY)
def react(event: int, reaction: str, trace: str = "") -> None:
    wiring.react(cases.event(event), reaction, now=clock.now())


@app.task(name="cases.move_chosen", queue="reactions", retry=jobs.RETRY)
def move_chosen(proposal: int, trace: str = "") -> None:
    proposals.move_chosen(Proposal.objects.get(pk=proposal), now=clock.now())


@app.periodic(cron="7 * * * *")
@app.task(name="pridvor.expire", queue="reactions", queueing_lock="expire")
def expire(timestamp: int) -> None:
    cases.expire_untouched(actor=machine("clock"), now=clock.now())


@app.periodic(cron="11 * * * *")
@app.task(name="pridvor.expire_secrets", queue="reactions", queueing_lock="expire_secrets")
def expire_secrets(timestamp: int) -> None:
    lapsing.expire_secrets(actor=machine("clock"), now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="pridvor.hand_over", queue="reactions", queueing_lock="hand_over")
def hand_over(timestamp: int) -> None:
    work.sweep(now=clock.now())


@app.periodic(cron="* * * * * */5")
@app.task(name="pridvor.ring", queue="reactions", queueing_lock="ring")
def ring(timestamp: int) -> None:
    """Fires timers that are due: SLA warnings, reminders, waits, rounds. The sixth field of the cron line is seconds."""
    timers.sweep(now=clock.now())


@app.periodic(cron="41 4 * * *")
@app.task(name="pridvor.sweep_machines", queue="reactions", queueing_lock="sweep_machines")
def sweep_machines(timestamp: int) -> None:
    machines.sweep(now=clock.now())
    linking.sweep(now=clock.now())


@app.periodic(cron="17 3 * * *")
@app.task(name="pridvor.renew_holidays", queue="reactions", queueing_lock="renew_holidays")
def renew_holidays(timestamp: int) -> None:
    calendars.renew_holidays(now=clock.now())


@app.periodic(cron="47 5 * * *")
@app.task(name="pridvor.renew", queue="reactions", queueing_lock="renew")
def renew(timestamp: int) -> None:
    renewal.open_due(now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="pridvor.checkpoint", queue="reactions", queueing_lock="checkpoint")
def checkpoint(timestamp: int) -> None:
    """Also brings the list of erasures up to date, in case a process died between erasing and listing."""
    checkpoints.make(now=clock.now())
    erasures.keep_list()


@app.periodic(cron="23 2 * * *")
@app.task(name="pridvor.verify", queue="reactions", queueing_lock="verify")
def verify(timestamp: int) -> None:
    verifying.run(now=clock.now())


@app.periodic(cron="37 * * * *")
@app.task(name="pridvor.sweep_vault", queue="reactions", queueing_lock="sweep_vault")
def sweep_vault(timestamp: int) -> None:
    vault.sweep(
        lambda refs: (
            cases.in_use(refs)
            | clients.in_use(refs)
            | deliveries.in_use(refs)
            | agreements.in_use(refs)
            | screening.in_use(refs)
            | incidents.in_use(refs)
        ),
        now=clock.now(),
    )


@app.task(name="privacy.make_copy", queue="documents", retry=jobs.RETRY)
def make_copy(request: int) -> None:
    requests.make_copy(Request.objects.get(pk=request), now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="privacy.erase", queue="reactions", queueing_lock="privacy.erase")
def erase_decided(timestamp: int) -> None:
    requests.carry_out(now=clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="privacy.watch", queue="reactions", queueing_lock="privacy.watch")
def watch_access(timestamp: int) -> None:
    watching.watch(now=clock.now())


@app.periodic(cron="23 4 * * *")
@app.task(name="privacy.retain", queue="reactions", queueing_lock="privacy.retain")
def retain(timestamp: int) -> None:
    """Removes what is past its time, and warns of requests whose month is nearly over."""
    requests.warn(now=clock.now())
    retention.sweep(now=clock.now())
