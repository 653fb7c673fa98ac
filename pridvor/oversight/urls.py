from django.urls import path

from pridvor.oversight import views

app_name = "oversight"
urlpatterns = [
    path("", views.home, name="home"),
    path("time/", views.time_spent, name="time"),
    path("calendars/", views.all_calendars, name="calendars"),
    path("calendars/new/", views.new_calendar, name="new_calendar"),
    path("calendars/<int:pk>/", views.calendar, name="calendar"),
]
