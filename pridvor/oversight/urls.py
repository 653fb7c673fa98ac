from django.urls import path

from pridvor.oversight import views

app_name = "oversight"
urlpatterns = [path("", views.home, name="home")]
