"""The machines' door: who comes, how often, what they may see; each request is noted, and a repeated one answered once.

`guarded` stands around every operation of /api/v1. Within it the cases out of a machine's sight do not exist, in both
walls (accounts.sight, lib.wall). What an operation may take is said by its scope (`MachineKey`).
"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from ninja.security import HttpBearer

from pridvor.accounts import machines
from pridvor.accounts.access import declares
from pridvor.accounts.machines import Caller
from pridvor.accounts.models import MachineCall, Scope
from pridvor.accounts.sight import limited_to
from pridvor.api import problems, repeating, retiring
from pridvor.api.problems import Problem
from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.clients import limits
from pridvor.lib import clock, trace, wall

View = Callable[..., HttpResponseBase]
MINUTE = timedelta(minutes=1)
BEARER = {"WWW-Authenticate": "Bearer"}
VOID = {  # what to do about a key that was right once
    "expired": gettext_lazy("The time of this key is over: ask an administrator for a new one."),
    "revoked": gettext_lazy("An administrator revoked this key: ask for a new one."),
}


class MachineKey(HttpBearer):
    """A key or an access token whose machine has this scope; none: any machine."""

    def __init__(self, *scopes: Scope) -> None:
        super().__init__()
        self.scopes = scopes

    def __call__(self, request: HttpRequest) -> Caller:
        """`guarded` has seen already who it is."""
        caller = caller_of(request)
        missing = sorted(set(self.scopes) - caller.scopes)
        if missing:
            raise Problem("missing-scope", reason=str(missing[0]))
        return caller

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        return machines.caller(token, now=clock.now())


def caller_of(request: HttpRequest) -> Caller:
    """The machine that asks."""
    caller: Caller = request.caller  # type: ignore[attr-defined]
    return caller


def needs(request: HttpRequest, scope: Scope) -> None:
    """Ends the operation if the machine has not this further scope."""
    MachineKey(scope)(request)


def purpose_of(request: HttpRequest, said: str) -> str:
    """What personal values are asked for. Ends the operation if the machine may not see them, or does not say why."""
    needs(request, Scope.PERSONAL_READ)
    if not said.strip():
        raise Problem("purpose-needed")
    return said.strip()


def language() -> str:
    """The language of Accept-Language, as far as we speak it."""
    return (get_language() or "en").partition("-")[0]


def case_of(public_id: UUID) -> Case:
    """The case, if it exists for the machine."""
    found = cases.cases().filter(public_id=public_id).first()
    if found is None:
        raise Problem("not-found")
    return found


def guarded(view: View, *, streams: bool = False) -> View:
    """The door around all operations of one address; `streams`: a body is taken piece by piece and not repeated."""

    @csrf_exempt  # no cookie is looked at: whoever has the key may, and a browser does not have it
    @declares("machine:key of the API")
    @wraps(view)
    def door(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        began = time.perf_counter()
        status, answer = 500, None
        try:
            answer = _answer(request, lambda: _asked(view, request, *args, **named), streams=streams)
            status = answer.status_code
            return answer
        finally:
            if hasattr(request, "caller"):
                _note(request, answer, status, time.perf_counter() - began)

    return door


def _answer(request: HttpRequest, run: Callable[[], HttpResponseBase], *, streams: bool) -> HttpResponseBase:
    try:
        caller = _authenticated(request)
        limit = _limited(caller)
        _refuse_nul(request)
    except Problem as problem:
        return problems.response(problem)
    with limited_to(caller.sight), wall.within(caller.sight.scope):
        try:
            answer = run() if streams else repeating.once(request, caller.machine, run, now=clock.now())
        except Problem as problem:
            answer = problems.response(problem)
        except RequestDataTooBig:
            answer = problems.response(problems.too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
        except Http404:
            answer = problems.response(Problem("not-found"))
    if answer.status_code == 405 and not answer.get("Content-Type", "").startswith(problems.TYPE):
        refused = problems.response(Problem("method"))
        taken = set(answer.get("Allow", "").split(", "))
        refused["Allow"] = ", ".join(sorted(taken | {"HEAD"} if "GET" in taken else taken))
        answer = refused
    for name, value in {**limit, **retiring.headers_of(request)}.items():
        answer[name] = value
    return answer


def _asked(view: View, request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
    """HEAD is answered as GET, of which the server sends the headers alone (RFC 9110, 9.3.2)."""
    method = request.method
    request.method = "GET" if method == "HEAD" else method
    try:
        return view(request, *args, **named)
    finally:
        request.method = method


def _authenticated(request: HttpRequest) -> Caller:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else ""
    caller = machines.caller(key, now=clock.now())
    if caller is None:
        raise _turned_away(request, key)
    request.caller = caller  # type: ignore[attr-defined]
    return caller


def _turned_away(request: HttpRequest, key: str) -> Problem:
    """A key that was right once stands in its machine's log: there somebody looks when a program has stopped."""
    void = machines.void(key, now=clock.now())
    if void is None:
        return Problem("no-key", headers=BEARER)
    machine, why = void
    request.caller = Caller(machine, frozenset())  # type: ignore[attr-defined]
    return Problem("no-key", reason=why, headers=BEARER, way_out=VOID[why])


def _refuse_nul(request: HttpRequest) -> None:
    """No database takes one: in an address it names nothing, in a query it is a value that cannot be."""
    if "\0" in request.path:
        raise Problem("not-found")
    wrong = [name for name, values in request.GET.lists() if any("\0" in said for said in (name, *values))]
    if wrong:
        raise Problem("wrong-fields", fields=[(name.replace("\0", "")[:60], "invalid") for name in wrong])


def _limited(caller: Caller) -> dict[str, str]:
    """Counts the request; headers as draft-ietf-httpapi-ratelimit-headers names them."""
    now = clock.now()
    counted = limits.counted("api", str(caller.machine.public_id), within=MINUTE, now=now)
    seconds = max(1, round((counted.until - now).total_seconds()))
    left = max(0, settings.API_RATE - counted.number)
    headers = {
        "RateLimit-Policy": f'"minute";q={settings.API_RATE};w=60',
        "RateLimit": f'"minute";r={left};t={seconds}',
    }
    if counted.number > settings.API_RATE:
        raise Problem("too-many-requests", headers={**headers, "Retry-After": str(seconds)})
    return headers


def _note(request: HttpRequest, answer: HttpResponseBase | None, status: int, seconds: float) -> None:
    """One line for the administrator's page: patterns and names, no value."""
    problem: Problem | None = getattr(answer, "problem", None)
    match = request.resolver_match
    MachineCall.objects.create(
        machine=caller_of(request).machine,
        at=clock.now(),
        method=(request.method or "")[:8],
        route=(match.route if match else "")[:120],
        reference=str(match.kwargs.get("case", "") if match else "")[:40],
        status=status,
        code=(problem.code if problem else "failed" if status >= 500 else "")[:40],
        fields=[name[:60] for name, _code in problem.fields][:20] if problem else [],
        milliseconds=round(seconds * 1000),
        trace=trace.current()[:32],
    )
