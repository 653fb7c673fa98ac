from django.urls import path

from pridvor.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("cases/<uuid:public_id>/", views.case, name="case"),
    path("cases/<uuid:public_id>/decide/<int:attempt>/<slug:outcome>/", views.decide, name="decide"),
    path("cases/<uuid:public_id>/pause/", views.pause, name="pause"),
    path("cases/<uuid:public_id>/resume/", views.resume, name="resume"),
    path("cases/<uuid:public_id>/files/<uuid:file>/<int:number>.webp", views.page, name="page"),
    path("cases/<uuid:public_id>/files/<uuid:file>/", views.copy, name="copy"),
    path("cases/<uuid:public_id>/documents/<slug:item>/<int:number>/", views.document, name="document"),
]
