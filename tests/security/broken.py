"""Addresses of a page that breaks."""

from django.urls import path

from pridvor.project import urls

handler500 = urls.handler500


def breaks(request):
    raise RuntimeError("the select of Ana's password went wrong")


urlpatterns = [*urls.urlpatterns, path("breaks/", breaks, name="breaks")]
