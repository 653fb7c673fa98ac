"""Which address leads to which room."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from pridvor.project import look, metrics, readiness

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("pridvor.portal.urls")),
    path("desk/", include("pridvor.desk.urls")),
    path("oversight/", include("pridvor.oversight.urls")),
    path("", include("pridvor.api.urls")),
    path("readyz", readiness.page, name="readyz"),
    path("metrics", metrics.page, name="metrics"),
    path("company.css", look.style, name="company_style"),
    path("company/<slug:digest>.png", look.logo, name="company_picture"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("pridvor.accounts.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("sandbox/", include("pridvor.project.sandbox")))

handler400 = "pridvor.project.errors.bad_request"
handler403 = "pridvor.project.errors.forbidden"
handler404 = "pridvor.project.errors.not_found"
handler500 = "pridvor.project.errors.failed"
