from django.urls import path

from pridvor.desk.views import case, client, decision, joining, merging, notes, notices, queue, texts

app_name = "desk"
urlpatterns = [
    path("", queue.home, name="home"),
    path("next/", queue.next_case, name="next"),
    path("act/", queue.act, name="act"),
    path("acted/", queue.acted, name="acted"),
    path("views/", queue.keep_view, name="keep-view"),
    path("views/<uuid:public_id>/remove/", queue.remove_view, name="remove-view"),
    path("texts/", texts.texts, name="texts"),
    path("texts/<uuid:public_id>/", texts.text, name="text"),
    path("texts/<uuid:public_id>/retire/", texts.retire, name="retire-text"),
    path("joining/", joining.joining, name="joining"),
    path("joining/<uuid:public_id>/", joining.decide, name="join-decide"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read, name="read-notices"),
    path("notices/choices/", notices.choose, name="notice-choices"),
    path("notices/<uuid:public_id>/", notices.go, name="notice"),
    path("search/", queue.search, name="search"),
    path("cases/<uuid:public_id>/", case.case, name="case"),
    path(
        "cases/<uuid:public_id>/decide/<int:attempt>/<slug:outcome>/",
        decision.decide,
        name="decide",
    ),
    path("cases/<uuid:public_id>/notes/", notes.write, name="note"),
    path("cases/<uuid:public_id>/undo/", decision.undo, name="undo"),
    path("cases/<uuid:public_id>/assign/", case.assign, name="assign"),
    path("cases/<uuid:public_id>/pause/", case.pause, name="pause"),
    path("cases/<uuid:public_id>/resume/", case.resume, name="resume"),
    path("cases/<uuid:public_id>/files/<uuid:file>/<int:number>.webp", case.page, name="page"),
    path("cases/<uuid:public_id>/files/<uuid:file>/", case.copy, name="copy"),
    path("cases/<uuid:public_id>/documents/<slug:item>/<int:number>/", case.document, name="document"),
    path("cases/<uuid:public_id>/documents/<slug:item>/validity/", case.validity, name="validity"),
    path("clients/<uuid:public_id>/merge/<uuid:other>/", merging.merge, name="merge"),
    path("merges/<uuid:public_id>/undo/", merging.undo, name="part"),
    path("clients/<uuid:public_id>/", client.client, name="client"),
]
