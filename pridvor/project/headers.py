"""Headers on every answer. The content policy has no nonce and nothing unsafe: pages load only what we serve."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "manifest-src 'self'",
    ]
)
LEAVING = ("/accounts/logout/", "/sign-out/")  # what a browser keeps of us goes with the session
PERMISSIONS = "camera=(self), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"


class SecurityHeaders:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        sites = " ".join(getattr(response, "frame_ancestors", ())) or "'none'"  # see portal.framing
        policy = POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {sites}")
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if request.method == "POST" and request.path in LEAVING:
            response.headers.setdefault("Clear-Site-Data", '"cache", "storage"')
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
