"""What every page may show: the company, whom to turn to, and where the desk's search goes."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def company(request: HttpRequest) -> dict[str, Any]:
    return {"company": settings.COMPANY, "demo": settings.DEMO, "search_url": reverse("desk:search")}
