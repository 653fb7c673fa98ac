from django.urls import include, path

from pridvor.accounts import views

urlpatterns = [
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("sessions/<int:key>/end/", views.end_session, name="account_end_session"),
    path("", include("allauth.urls")),
]
