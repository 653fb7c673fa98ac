from django.urls import path

from pridvor.oversight import evidence_views, journey_views, policy_views, proposal_views, views

app_name = "oversight"
urlpatterns = [
    path("", views.home, name="home"),
    path("journeys/", journey_views.all_journeys, name="journeys"),
    path("journeys/propose/", proposal_views.propose, name="propose"),
    path("proposals/<uuid:public_id>/", proposal_views.proposal, name="proposal"),
    path("proposals/<uuid:public_id>/decide/", proposal_views.decide_proposal, name="decide_proposal"),
    path("journeys/<slug:name>/<int:number>/", journey_views.journey, name="journey"),
    path("journeys/<slug:name>/<int:number>.yaml", journey_views.journey_source, name="journey_source"),
    path("journeys/<slug:name>/<int:number>.bpmn", journey_views.journey_bpmn, name="journey_bpmn"),
    path("evidence/", evidence_views.evidence, name="evidence"),
    path("interventions/", views.what_did_not_go_by_itself, name="interventions"),
    path("policy/", policy_views.who_may_do_what, name="policy"),
    path("time/", views.time_spent, name="time"),
    path("calendars/", views.all_calendars, name="calendars"),
    path("calendars/new/", views.new_calendar, name="new_calendar"),
    path("calendars/<int:pk>/", views.calendar, name="calendar"),
]
