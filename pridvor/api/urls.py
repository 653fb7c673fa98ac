from django.urls import path

from pridvor.api import description, health, measures

app_name = "api"
urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("api/v1/openapi.json", description.openapi, name="openapi"),
    path("api/v1/measures/", measures.take, name="measures"),
]
