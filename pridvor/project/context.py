"""What every page may show: the company and whom to turn to."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def company(request: HttpRequest) -> dict[str, Any]:
    return {"company": settings.COMPANY, "demo": settings.DEMO}
