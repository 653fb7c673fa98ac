from django.urls import path

from pridvor.api import health

app_name = "api"
urlpatterns = [path("livez", health.livez, name="livez"), path("readyz", health.readyz, name="readyz")]
