"""How the company looks: its colour as a style sheet, its logo. For every page, so for everybody."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from pridvor.accounts.access import declares
from pridvor.company import accent, reading

FOR_EVER = "public, max-age=31536000, immutable"  # the address changes with the content


@declares("anybody:the company's colour")
@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """Loaded with the colour in its address, so that a new one is seen at once."""
    colour = reading.company().accent
    caching = FOR_EVER if request.META["QUERY_STRING"] == colour[1:] else "no-cache"
    return HttpResponse(
        accent.style(colour), content_type="text/css; charset=utf-8", headers={"Cache-Control": caching}
    )


@declares("anybody:the company's logo")
@require_GET
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    found = reading.picture(digest)
    if found is None:
        raise Http404
    return HttpResponse(found, content_type="image/png", headers={"Cache-Control": FOR_EVER})
