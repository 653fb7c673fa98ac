"""The managers' pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from pridvor.accounts.access import staff_only
from pridvor.accounts.models import Role
from pridvor.lib import clock
from pridvor.oversight import figures


@staff_only(Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "oversight/home.html", figures.context(get_language() or "en", clock.now()))
