"""The company's own time zone on every page, and its language for readers who do not say which they read."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation.trans_real import parse_accept_lang_header

from pridvor.company.reading import company

OURS = {code for code, _name in settings.LANGUAGES}


class Local:
    """Stands right after Django's LocaleMiddleware, which falls back on one language for everybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        ours = company()
        if not _says(request):
            translation.activate(ours.language)
            request.LANGUAGE_CODE = ours.language
        with timezone.override(ours.zone):
            return self.get_response(request)


def _says(request: HttpRequest) -> bool:
    """Whether the reader chose a language, or their browser names one that we speak."""
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) in OURS:
        return True
    named = parse_accept_lang_header(request.headers.get("accept-language", "").lower())
    return any(code.partition("-")[0] in OURS for code, _weight in named)
