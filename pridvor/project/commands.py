"""What the commands do, once Django is ready. cli.py says which there are."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.management import call_command

from pridvor.accounts import policy
from pridvor.accounts.models import Staff
from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.company import systems
from pridvor.journeys import actions as publishing
from pridvor.journeys import language, review
from pridvor.journeys import queries as journeys
from pridvor.lib import clock
from pridvor.lib.actor import machine
from pridvor.notifications import mailbox as mailboxes
from pridvor.privacy import erasing, record, sheets
from pridvor.project import authoring, databases, environment, walls, wiring
from pridvor.project import doctor as health
from pridvor.project.cast import PASSWORD, STAFF
from pridvor.sla import queries as sla

OPERATOR = machine("command-line")
Given = argparse.Namespace


def migrate(given: Given) -> None:
    """As the owner of the tables; then the walls are built again, because a new table may have come."""
    for alias in ("default", "vault"):
        with databases.as_owner(alias):
            call_command("migrate", database=alias, verbosity=0, interactive=False)
    with databases.as_owner("default"):
        call_command("createcachetable", verbosity=0)
    walls.build()


def prepare(given: Given) -> None:
    migrate(given)
    furnish()


def furnish() -> None:
    """In the demo the shipped journeys and its staff; a company of one's own chooses (see founding.py)."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    if not settings.DEMO:
        return
    for path in sorted(settings.JOURNEYS.glob("*.yaml")):
        publishing.publish(path.read_text(), wiring.VOCABULARY, actor=OPERATOR, now=clock.now())
    _hire()


def mailbox(given: Given) -> None:
    """The demo's mail server, on the port that PRIDVOR_SMTP names."""
    address = urlsplit(systems.mail())
    mailboxes.serve(address.hostname or "127.0.0.1", address.port or 10025)


def print_wiring(given: Given) -> None:
    width = max(len(wire.when) for wire in wiring.WIRES)
    for wire in wiring.WIRES:
        print(f"{wire.when:<{width}}  →  {wire.name}")


def policy_show(given: Given) -> None:
    """The table of who may do what: for people a line a right, with each role and how far it reaches."""
    rows = policy.described()
    if given.json:
        print(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row.ability:<18} {row.words}")
        print("                   " + ", ".join(f"{role}: {scope}" for role, scope in row.roles.items()))


def doctor(given: Given) -> int:
    if given.settings:
        rows = [asdict(setting) for setting in environment.SETTINGS]
        print(
            json.dumps(rows, indent=2)
            if given.json
            else "\n".join(f"{r['name']}={r['default']}\n    {r['meaning']}" for r in rows)
        )
        return 0
    findings = health.examine()
    if given.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    for finding in () if given.json else findings:
        print(
            f"{'ok  ' if finding.ok else 'MEND'} {finding.what}: {finding.found}"
            + (f"\n     {finding.remedy}" if not finding.ok else "")
        )
    return 0 if all(finding.ok for finding in findings) else 1


def erase(given: Given) -> int:
    case = cases.by_exact_reference(given.case)
    if case is None:
        print(f"There is no case {given.case}.", file=sys.stderr)
        return 1
    if not given.yes:
        answer = input(
            f"All personal data of {case.reference} becomes unreadable, for ever. Type the reference to go on: "
        )
        if answer.strip() != case.reference:
            print("Nothing was erased.")
            return 1
    erasing.erase_wholly(case.person, actor=OPERATOR, reason=given.reason, now=clock.now())
    print(
        f"Erased: the key of {case.reference} is destroyed. Documents and personal answers cannot be read again."
    )
    return 0


def article30(given: Given) -> int:
    if given.json:
        print(json.dumps(record.described(given.language), ensure_ascii=False, indent=2))
        return 0
    made = sheets.pdf(record.sheet(given.language, now=clock.now()))
    if given.output:
        Path(given.output).write_bytes(made)
    else:
        sys.stdout.buffer.write(made)
    return 0


def case_show(given: Given) -> int:
    case = cases.by_exact_reference(given.case)
    if case is None:
        print(f"There is no case {given.case}.", file=sys.stderr)
        return 1
    events = [
        {
            "at": event.at.isoformat(),
            "kind": event.kind,
            "actor": f"{event.actor_kind}:{event.actor_id}",
            "data": event.data,
        }
        for event in cases.timeline(case)
    ]
    steps = [
        {"step": row.key, "number": row.number, "status": row.status, "outcome": row.outcome}
        for row in case.attempts.order_by("id")
    ]
    clocks, booked = _clocks(case), _booked(case)
    if given.json:
        print(
            json.dumps(
                {
                    "reference": case.reference,
                    "state": case.state,
                    "end": case.end,
                    "steps": steps,
                    "clocks": clocks,
                    "ledger": booked,
                    "events": events,
                },
                indent=2,
            )
        )
        return 0
    print(f"{case.reference}  {case.client.name}  {case.state} {case.end}")
    for row in steps:
        print(f"  {row['step']:<24} {row['number']:>2}  {row['status']:<10} {row['outcome']}")
    for clock_row in clocks:
        print(
            f"  {clock_row['clock']:<24} {clock_row['state']:<8} {clock_row['left']:>8} s left  {clock_row['receipt']}"
        )
    for line in booked:
        print(
            f"  {line['from'][:19]}  {line['stage'] or 'case':<14} {line['party']:<12} {line['seconds']:>8} s"
        )
    for event in events:
        print(f"  {event['at'][:19]}  {event['kind']:<18} {json.dumps(event['data'], ensure_ascii=False)}")
    return 0


def journey_check(given: Given) -> int:
    wrong = 0
    for file in given.file:
        found = _problems(authoring.source(file))
        wrong += bool(found)
        if given.json:
            print(json.dumps({"file": file, "problems": found}, ensure_ascii=False))
        else:
            print("\n".join(f"{file}: {line}" for line in found) or f"{file}: can be published")
    return 1 if wrong else 0


def journey_publish(given: Given) -> int:
    source = authoring.source(given.file)
    found = _problems(source)
    if found:
        print("\n".join(f"{given.file}: {line}" for line in found), file=sys.stderr)
        return 1
    version = publishing.publish(source, wiring.VOCABULARY, actor=OPERATOR, now=clock.now())
    said = {"journey": version.name, "version": version.number, "digest": version.digest}
    print(
        json.dumps(said)
        if given.json
        else f"{version.name} is at version {version.number} ({version.digest[:12]})"
    )
    return 0


def journey_show(given: Given) -> int:
    version = journeys.latest(given.name)
    if version is None:
        print(f"There is no journey {given.name}.", file=sys.stderr)
        return 1
    journey = journeys.compiled(version.pk)
    if given.json:
        stages = {
            key: {"owner": stage.owner, "steps": list(stage.steps)} for key, stage in journey.stages.items()
        }
        print(json.dumps({"journey": version.name, "version": version.number, "stages": stages}, indent=2))
        return 0
    print(f"{version.name}, version {version.number}")
    for stage in journey.stages.values():
        print(f"  {stage.key} ({stage.owner})")
        for step in (*stage.steps, *stage.exceptions):
            routes = ", ".join(
                f"{o} → {r.verb} {' '.join(r.targets) or r.end}".strip()
                for o, r in journey.steps[step].routes.items()
                if r.verb != "go on"
            )
            print(f"    {step:<20} {journey.steps[step].kind:<8} {journey.steps[step].by:<10} {routes}")
    return 0


# -- how


def _hire() -> None:
    """The demo's staff, each with a second factor whose present code stands on the sandbox page."""
    for person in STAFF:
        if not Staff.objects.filter(email=person.email).exists():
            staff = Staff.objects.create_user(person.email, PASSWORD, name=person.name, role=person.role)
            TOTP.activate(staff, generate_totp_secret())


def _clocks(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "clock": str(row),
            "state": row.state,
            "budget": row.budget_seconds,
            "left": sla.left(row, clock.now()).seconds,
            "due": row.due_at.isoformat() if row.due_at else "",
            "receipt": sla.said(row).said("en"),
        }
        for row in sla.clocks(case)
    ]


def _booked(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "stage": row.stage,
            "party": row.party,
            "from": row.from_at.isoformat(),
            "to": row.to_at.isoformat(),
            "seconds": row.seconds,
        }
        for row in sla.ledger(case, clock.now())
    ]


def _problems(source: str) -> list[str]:
    try:
        return review.problems(language.read(source), wiring.VOCABULARY)
    except language.Unsound as error:
        return [str(error)]
