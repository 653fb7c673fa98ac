"""Error pages: what happened, and the way out. A page for a failure must not fail: it asks no database."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from pridvor.api import problems
from pridvor.company.reading import company

MACHINES = "/api/v1/"  # whoever asks here reads no page


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path.startswith(MACHINES):
        return problems.response(problems.Problem("not-found"))
    return _page(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(MACHINES):
        return problems.response(problems.Problem("failed"))
    return HttpResponse(render_to_string("ui/error.html", {"status": 500, "company": company()}), status=500)


def _page(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, "ui/error.html", {"status": status}, status=status)
