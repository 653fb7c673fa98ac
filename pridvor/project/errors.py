"""Error pages: what happened, and the way out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "ui/error.html", {"status": 403, "reason": "csrf"}, status=403)
