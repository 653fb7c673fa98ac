from django.urls import path

from pridvor.oversight import views

app_name = "oversight"
urlpatterns = [
    path("", views.home, name="home"),
    path("journeys/", views.journeys, name="journeys"),
    path("journeys/<slug:name>/<int:number>/", views.journey, name="journey"),
    path("journeys/<slug:name>/<int:number>.yaml", views.journey_source, name="journey_source"),
    path("journeys/<slug:name>/<int:number>.bpmn", views.journey_bpmn, name="journey_bpmn"),
]
