"""Testing a client's interface: the suites of the journey called for real, judged, and written down.

No transaction is open while the network is used: what is to be called is gathered first, then called, then the run is
written in one. Of an answer nothing is kept but its status, its time, and what differed from what was expected.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases import secrets
from pridvor.cases.models import Case, CaseState, Event, Secret
from pridvor.connectors import outward
from pridvor.connectors.models import SuiteResult, SuiteRun
from pridvor.connectors.outward import Answered, NoAnswer, NotAllowed
from pridvor.journeys.suites import Auth, Endpoint, Suite
from pridvor.lib.actor import Actor, machine

ME = machine("suites")
PURPOSE = "test of the client's interface"
REFUSING = (401, 403)
MOST_DIFFERENCES = 5  # of one answer: enough to mend it by
REST = timedelta(seconds=30)  # between two runs that people ask for


class NotNow(Exception):
    """There is nothing to test, or a run was asked for a moment ago."""


@dataclass(frozen=True)
class Difference:
    """What was not as expected: a stable code, and what it says of the answer. Never a value of the answer's body."""

    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Tested:
    """One endpoint after its test. `step` and `item` are where a credential is mended, when it is that."""

    suite: str
    endpoint: str
    status: int | None
    milliseconds: int | None
    differences: tuple[Difference, ...]
    step: str = ""
    item: str = ""


@dataclass(frozen=True)
class Entry:
    """What a suite needs to begin: where the interface lies, the headers that open it, or why there are none."""

    base: str
    headers: Mapping[str, str]
    lacks: str = ""  # secret-missing, secret-expired
    step: str = ""  # where its credential is asked for,
    item: str = ""  # and the field


def run(case: Case, *, cause: str, actor: Actor, now: datetime) -> list[Tested]:
    """This will test every suite of the case's journey and write each run down. Uses the network."""
    tested: list[Tested] = []
    for suite in case.journey.suites.values():
        entry = enter(case, suite, now=now)
        results = [_test(suite, endpoint, entry) for endpoint in suite.endpoints]
        _write(case, suite, results, cause=cause, actor=actor, now=now)
        tested += results
    return tested


@transaction.atomic
def ask(case: Case, *, actor: Actor, now: datetime) -> None:
    """This will ask for another run, which a worker makes. Raises NotNow."""
    case = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    asked = Event.objects.filter(case=case, kind="suites.asked", at__gt=now - REST)
    if case.state != CaseState.OPEN or not case.journey.suites or asked.exists():
        raise NotNow
    cases.record(case, "suites.asked", actor=actor, now=now)


def run_asked(event: Event, *, now: datetime) -> None:
    """This will make the run that somebody asked for; called again, it finds the run and does nothing."""
    by = f"{event.actor_kind}:{event.actor_id}"
    if SuiteRun.objects.filter(case=event.case, by=by, started_at__gte=event.at).exists():
        return
    actor = Actor("client" if event.actor_kind == "client" else "staff", event.actor_id)
    run(event.case, cause=actor.kind, actor=actor, now=now)


def latest(case: Case) -> list[SuiteRun]:
    """The last run of each suite, with its results."""
    rows = SuiteRun.objects.filter(case=case).order_by("suite", "-id").distinct("suite")
    return list(rows.prefetch_related("results"))


def history(case: Case, limit: int = 50) -> list[SuiteRun]:
    """The runs of the case with their results, the newest first."""
    return list(SuiteRun.objects.filter(case=case).order_by("-id").prefetch_related("results")[:limit])


def missing(case: Case, *, now: datetime) -> list[tuple[str, str, str]]:
    """Step, field and code of each credential that a form asks for, that was sent, and that is not there any more."""
    attempts, found = case_queries.latest_attempts(case), []
    live = {row.field for row in secrets.live(case) if row.expires_at > now}  # another form may ask it again
    for step in case.journey.steps.values():
        attempt = attempts.get(step.key)
        for field in secrets.asked(case, step.key).values():
            if attempt and attempt.status == "done" and field.required and field.key not in live:
                found.append((step.key, field.key, _why_missing(case, field.key)))
    return found


def enter(case: Case, suite: Suite, *, now: datetime) -> Entry:
    """Where a suite's interface lies, and its opened credentials (which the vault logs)."""
    base = str(case_queries.answers(case).get(suite.field) or "").strip().rstrip("/")
    opened: list[str] = []
    for name in suite.auth.secrets:
        value = secrets.use(case, name, actor=ME, purpose=PURPOSE, now=now)
        if value is None:
            return Entry(base, {}, _why_missing(case, name), _asked_in(case, name), name)
        opened.append(value)
    last = suite.auth.secrets[-1] if opened else ""
    return Entry(base, _proof(suite.auth, opened), step=_asked_in(case, last), item=last)


def answer_of(suite: Suite, endpoint: Endpoint, entry: Entry) -> Answered:
    """One call of one endpoint. Raises NotAllowed or NoAnswer."""
    content = None if endpoint.body is None else json.dumps(endpoint.body).encode()
    kind = {} if content is None else {"Content-Type": "application/json"}
    headers = {"Accept": "application/json", **kind, **endpoint.headers, **entry.headers}
    return outward.call(endpoint.method, f"{entry.base}{endpoint.path}", headers=headers, content=content)


def differences(endpoint: Endpoint, answer: Answered, *, proves_itself: bool) -> Iterator[Difference]:
    """How an answer differs from what the endpoint should give. Pure."""
    if answer.status != endpoint.status:
        refused = proves_itself and answer.status in REFUSING
        params = {"status": answer.status, "expected": endpoint.status}
        yield Difference("secret-refused" if refused else "endpoint-status", params)
    elif endpoint.answer is not None:
        yield from _of_body(endpoint.answer, answer.body)
    if answer.milliseconds > endpoint.within:
        params = {"milliseconds": answer.milliseconds, "limit": endpoint.within}
        yield Difference("endpoint-slow", params)


# -- how


def _why_missing(case: Case, field: str) -> str:
    last = next((row for row in secrets.history(case) if row.field == field), None)
    ran_out = last is not None and (last.fate == Secret.Fate.EXPIRED or last.ended_at is None)
    return "secret-expired" if ran_out else "secret-missing"


def _asked_in(case: Case, field: str) -> str:
    return next((key for key in case.journey.steps if field in secrets.asked(case, key)), "")


def _proof(auth: Auth, opened: list[str]) -> dict[str, str]:
    match auth.kind:
        case "bearer":
            return {"Authorization": f"Bearer {opened[0]}"}
        case "basic":
            pair = base64.b64encode(":".join(opened).encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        case "header":
            return {auth.header: opened[0]}
    return {}


def _test(suite: Suite, endpoint: Endpoint, entry: Entry) -> Tested:
    if entry.lacks:
        lacking = (Difference(entry.lacks, {}),)
        return Tested(suite.key, endpoint.key, None, None, lacking, entry.step, entry.item)
    try:
        answer = answer_of(suite, endpoint, entry)
    except NotAllowed as error:
        return _failed(suite, endpoint, "endpoint-not-allowed", error.code)
    except NoAnswer as error:
        return _failed(suite, endpoint, "endpoint-no-answer", error.code)
    found = tuple(differences(endpoint, answer, proves_itself=bool(suite.auth.secrets)))
    mended = (entry.step, entry.item) if any(one.code == "secret-refused" for one in found) else ("", "")
    return Tested(suite.key, endpoint.key, answer.status, answer.milliseconds, found, *mended)


def _failed(suite: Suite, endpoint: Endpoint, code: str, why: str) -> Tested:
    return Tested(suite.key, endpoint.key, None, None, (Difference(code, {"why": why}),))


def _of_body(schema: Mapping[str, Any], body: bytes) -> Iterator[Difference]:
    try:
        given = json.loads(body)
        # an empty registry: a `$ref` in the schema must not make us fetch anything
        errors = list(Draft202012Validator(schema, registry=Registry()).iter_errors(given))
    except (ValueError, RecursionError):
        yield Difference("endpoint-not-json", {})
        return
    yield from (_said(error) for error in errors[:MOST_DIFFERENCES])


def _said(error: ValidationError) -> Difference:
    """A schema's complaint by place and rule; the value that was found there stays out."""
    place = ".".join(map(str, error.absolute_path))
    if error.validator == "required":
        absent = [name for name in error.validator_value if name not in error.instance]
        name = next((one for one in absent if repr(one) in error.message), absent[0] if absent else "")
        return Difference("endpoint-field-missing", {"field": f"{place}.{name}" if place else name})
    rule = error.validator_value if error.validator in ("type", "format", "const") else error.validator
    return Difference("endpoint-field-wrong", {"field": place or "–", "rule": str(rule)[:80]})


@transaction.atomic
def _write(
    case: Case, suite: Suite, results: Iterable[Tested], *, cause: str, actor: Actor, now: datetime
) -> None:
    rows = list(results)
    passed = not any(row.differences for row in rows)
    written = SuiteRun.objects.create(
        case=case, suite=suite.key, cause=cause, by=str(actor), started_at=now, passed=passed
    )
    SuiteResult.objects.bulk_create(
        SuiteResult(
            run=written,
            endpoint=row.endpoint,
            status=row.status,
            milliseconds=row.milliseconds,
            differences=[{"code": one.code, "params": dict(one.params)} for one in row.differences],
        )
        for row in rows
    )
    said = {"suite": suite.key, "run": str(written.public_id)}
    cases.record(case, "suite.passed" if passed else "suite.failed", actor=actor, now=now, data=said)
