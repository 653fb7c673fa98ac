from django.urls import include, path

from pridvor.api import description, entrance, health, hooks, measures, offer, problems, tokens

app_name = "api"
urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("api/v1/openapi.json", description.openapi, name="openapi"),
    path("api/v1/problems/<slug:code>", problems.explained, name="problem"),
    path("api/v1/token", tokens.token, name="token"),
    path("api/v1/measures/", measures.take, name="measures"),
    path("entrance/keys.json", entrance.keys, name="entrance-keys"),
    path("hooks/<slug:connector>/", hooks.take, name="hook"),
    path("api/v1/", include(offer.urls())),
]
