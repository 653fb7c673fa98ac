"""Errors as RFC 9457 says them: a stable type and code, what happened and the way out in the caller's language."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from ninja import Field, Schema

from pridvor.accounts import problems
from pridvor.accounts.access import declares
from pridvor.lib import trace
from pridvor.ui import dates

TYPE = "application/problem+json"
FIELDS = {  # what can be wrong with one value, by code
    "required": gettext_lazy("This is needed."),
    "not-asked": gettext_lazy("Nobody asks this: see the form of the journey."),
    "type": gettext_lazy("This is of another type than the form says."),
    "option": gettext_lazy("Choose one of the options of the form."),
    "too-long": gettext_lazy("This is too long."),
    "number": gettext_lazy("This number cannot be right: its check digits do not fit."),
    "email": gettext_lazy("This is not a whole e-mail address."),
    "phone": gettext_lazy("This is not a telephone number that can be called."),
    "date": gettext_lazy("This is not a day as 2026-11-24."),
    "must-agree": gettext_lazy("Whoever applies must have agreed to the terms before the form is sent."),
    "too-few": gettext_lazy("There are fewer entries than the form wants."),
    "too-many": gettext_lazy("There are more entries than the form takes."),
    "together": gettext_lazy("The entries together are not as the form wants them."),
    "reason": gettext_lazy("Give a reason of the journey, and for what is sent back its step and item."),
    "nobody-called": gettext_lazy(
        "The one whom it mentions is nobody here, or more than one: use the e-mail address."
    ),
    "invalid": gettext_lazy("This value cannot be right."),
    "bounds": gettext_lazy("This is smaller or larger than what is taken: the description names the bounds."),
    "return-url": gettext_lazy("An administrator allows the addresses to return to; this is none of them."),
}


class WrongField(Schema):
    field: str = Field(description="Where it stands in the request: answers.iban, say")
    code: str
    message: str


class Refusal(Schema):
    """A problem, after RFC 9457."""

    type: str = Field(description="Stable; leads to what it means")
    code: str = Field(description="Stable; the last part of the type")
    title: str
    status: int
    detail: str = Field(description="The way out, in the language of Accept-Language")
    reason: str = Field("", description="A finer code: why a case refuses, which scope is missing")
    case: str = Field("", description="The case that it is about")
    fields: list[WrongField] = []
    request: str = Field(description="Id of the request, for our help")


REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429), Refusal)  # what any operation may answer


class Problem(Exception):
    """Ends an operation with a refusal; `code` is one of accounts.problems, `fields` names what was wrong and why,
    `way_out` is said where one fits better than that of the code."""

    def __init__(
        self,
        code: str,
        *,
        reason: str = "",
        case: object = "",
        fields: Iterable[tuple[str, str]] = (),
        headers: dict[str, str] | None = None,
        way_out: object = "",
    ) -> None:
        super().__init__(code, reason)
        self.way_out = way_out
        self.code, self.reason, self.case = code, reason, str(case)
        self.fields = [(name, code) for name, code in fields]
        self.headers = headers or {}


def too_large(most: int) -> Problem:
    """More was sent than is taken at once: `most` bytes."""
    said = _("At most %(size)s are taken at once: send less.")
    return Problem("too-large", way_out=said % {"size": dates.filesize(most)})


def response(problem: Problem) -> HttpResponse:
    """The problem as it is sent. Asks no database."""
    words = problems.words(problem.code)
    said: dict[str, Any] = {
        "type": f"{settings.PUBLIC_URL}/api/v1/problems/{problem.code}",
        "code": problem.code,
        "title": str(words.title),
        "status": words.status,
        "detail": str(problem.way_out or words.way_out),
        "reason": problem.reason,
        "case": problem.case,
        "fields": [
            {"field": name, "code": code, "message": str(FIELDS.get(code, FIELDS["invalid"]))}
            for name, code in problem.fields
        ],
        "request": trace.current(),
    }
    answer = JsonResponse(said, status=words.status, content_type=TYPE, headers=problem.headers)
    answer.problem = problem  # type: ignore[attr-defined]  # for the log of the machine's requests
    return answer


@require_safe
@declares("anybody:what a problem means")
def explained(request: HttpRequest, code: str) -> JsonResponse:
    """What stands behind a problem's type: the same for everybody."""
    if code not in problems.PROBLEMS:
        raise Http404
    words = problems.PROBLEMS[code]
    said = {"code": code, "status": words.status, "title": str(words.title), "detail": str(words.way_out)}
    return JsonResponse(said)
