"""The clients' addresses."""

from django.urls import path

from pridvor.portal.views import apply, case, documents, files, form, handover, joining, porch, sign_in, step

app_name = "portal"
urlpatterns = [
    path("", porch.porch, name="porch"),
    path("guide/", porch.guide, name="guide"),
    path("privacy/", porch.privacy, name="privacy"),
    path("apply/<slug:name>/", apply.start, name="apply"),
    path("apply/<slug:name>/email/", apply.email, name="apply-email"),
    path("apply/<slug:name>/code/", apply.code, name="apply-code"),
    path("apply/<slug:name>/code/again/", apply.again, name="apply-again"),
    path("apply/<slug:name>/begin/", apply.begin, name="begin"),
    path("apply/<slug:name>/join/", joining.ask, name="join"),
    path("join/<str:token>/", joining.decide, name="join-decide"),
    path("apply/<slug:name>/<slug:key>/", apply.page, name="apply-page"),
    path("track/", sign_in.track, name="track"),
    path("track/code/", sign_in.track_code, name="track-code"),
    path("track/code/again/", sign_in.track_again, name="track-again"),
    path("track/<uuid:public_id>/", sign_in.track_one, name="track-one"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("continue/<str:token>/", handover.land, name="continue"),
    path("cases/<uuid:public_id>/", case.home, name="case"),
    path("cases/<uuid:public_id>/status/", case.status, name="status"),
    path("cases/<uuid:public_id>/another/<slug:name>/", case.another, name="another"),
    path("cases/<uuid:public_id>/sent/", case.sent, name="sent"),
    path("cases/<uuid:public_id>/withdraw/", case.withdraw, name="withdraw"),
    path("cases/<uuid:public_id>/address/", case.address, name="address"),
    path("cases/<uuid:public_id>/address/code/", case.address_code, name="address-code"),
    path("cases/<uuid:public_id>/address/code/again/", case.address_again, name="address-again"),
    path("cases/<uuid:public_id>/files/", files.create, name="files"),
    path("cases/<uuid:public_id>/files/<uuid:file_id>/", files.one, name="file"),
    path("cases/<uuid:public_id>/files/<uuid:file_id>/copy/", documents.copy, name="copy"),
    path("cases/<uuid:public_id>/files/<uuid:file_id>/remove/", documents.remove, name="remove"),
    path("cases/<uuid:public_id>/files/<uuid:file_id>/insist/", documents.insist, name="insist"),
    path("cases/<uuid:public_id>/<slug:step>/", step.step, name="step"),
    path("cases/<uuid:public_id>/<slug:step>/check/", form.check, name="check"),
    path("cases/<uuid:public_id>/<slug:step>/draft/", form.draft, name="draft"),
    path("cases/<uuid:public_id>/<slug:step>/send/", documents.send, name="send"),
    path("cases/<uuid:public_id>/<slug:step>/<slug:item>/files/", documents.item_files, name="item-files"),
    path("cases/<uuid:public_id>/<slug:step>/<slug:item>/send/", documents.item, name="item"),
    path("cases/<uuid:public_id>/<slug:step>/<slug:item>/contract/", documents.contract, name="contract"),
    path("cases/<uuid:public_id>/<slug:step>/<slug:key>/", form.page, name="form"),
]
