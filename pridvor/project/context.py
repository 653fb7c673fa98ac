"""What every page may show: the company, whom to turn to, and where the desk's search goes."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from pridvor.company.reading import company as company_now


def company(request: HttpRequest) -> dict[str, Any]:
    return {"company": company_now(), "demo": settings.DEMO, "search_url": reverse("desk:search")}
