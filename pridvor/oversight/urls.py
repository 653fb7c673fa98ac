from django.urls import path

from pridvor.oversight import (
    administration_views,
    company_views,
    evidence_views,
    incident_views,
    journey_views,
    machine_views,
    policy_views,
    privacy_views,
    proposal_views,
    staff_views,
    system_views,
    text_views,
    views,
)

app_name = "oversight"
urlpatterns = [
    path("privacy/", privacy_views.privacy, name="privacy"),
    path("privacy/record/", privacy_views.article30, name="article30"),
    path("privacy/record.pdf", privacy_views.article30_pdf, name="article30_pdf"),
    path("privacy/retention/", privacy_views.retention, name="retention"),
    path("privacy/retention/<slug:key>/", privacy_views.change_rule, name="change_rule"),
    path("privacy/<uuid:public_id>/", privacy_views.privacy_request, name="privacy_request"),
    path("privacy/<uuid:public_id>/decide/", privacy_views.privacy_decide, name="privacy_decide"),
    path("privacy/<uuid:public_id>/told/", privacy_views.privacy_told, name="privacy_told"),
    path(
        "privacy/<uuid:public_id>/contract/<uuid:client_id>/", privacy_views.contract_end, name="contract_end"
    ),
    path("texts/", text_views.legal_texts, name="legal_texts"),
    path("texts/<slug:kind>/", text_views.legal_text, name="legal_text"),
    path("incidents/", incident_views.all_incidents, name="incidents"),
    path("incidents/report/", incident_views.report_incident, name="report_incident"),
    path("incidents/<uuid:public_id>/", incident_views.incident, name="incident"),
    path("incidents/<uuid:public_id>/note/", incident_views.note_incident, name="note_incident"),
    path("incidents/<uuid:public_id>/decide/", incident_views.decide_incident, name="decide_incident"),
    path("incidents/<uuid:public_id>/close/", incident_views.close_incident, name="close_incident"),
    path("incidents/<uuid:public_id>/report.pdf", incident_views.incident_pdf, name="incident_pdf"),
    path("incidents/<uuid:public_id>/persons.csv", incident_views.incident_persons, name="incident_persons"),
    path("administration/", administration_views.administration, name="administration"),
    path("administration/changes/", administration_views.all_changes, name="changes"),
    path("administration/regions/", administration_views.all_regions, name="regions"),
    path("administration/regions/<slug:code>/", administration_views.region, name="region"),
    path("administration/company/", company_views.our_company, name="company"),
    path("administration/company/logo/", company_views.logo, name="company_logo"),
    path("administration/systems/", system_views.all_systems, name="systems"),
    path("administration/systems/<slug:key>/", system_views.system, name="system"),
    path("administration/systems/<slug:key>/test/", system_views.try_system, name="try_system"),
    path("administration/machines/", machine_views.all_machines, name="machines"),
    path("administration/machines/new/", machine_views.new_machine, name="new_machine"),
    path("administration/machines/<uuid:public_id>/", machine_views.machine, name="machine"),
    path(
        "administration/machines/<uuid:public_id>/revoke/",
        machine_views.revoke_machine,
        name="revoke_machine",
    ),
    path("administration/machines/<uuid:public_id>/hooks/", machine_views.new_hook, name="new_hook"),
    path("administration/hooks/<uuid:public_id>/", machine_views.hook, name="hook"),
    *(
        path(
            f"administration/hooks/<uuid:public_id>/{verb}/",
            machine_views.act_on_hook,
            {"verb": verb},
            name=f"hook_{verb}",
        )
        for verb in ("test", "rotate", "remove")
    ),
    path("administration/deliveries/<uuid:public_id>/resend/", machine_views.resend, name="resend"),
    path("administration/staff/", staff_views.all_staff, name="staff"),
    path("administration/staff/invite/", staff_views.invite, name="invite_staff"),
    path("administration/staff/<uuid:public_id>/", staff_views.member, name="staff_member"),
    path("administration/staff/<uuid:public_id>/rights/", staff_views.change_rights, name="staff_rights"),
    *(
        path(
            f"administration/staff/<uuid:public_id>/{verb}/",
            staff_views.change_access,
            {"verb": verb},
            name=f"staff_{verb}",
        )
        for verb in ("disable", "enable", "revoke")
    ),
    *(
        path(
            f"administration/staff/<uuid:public_id>/{verb}/",
            staff_views.send_link,
            {"verb": verb},
            name=f"staff_{verb}",
        )
        for verb in ("renew", "reset")
    ),
    path("administration/staff/<uuid:public_id>/absence/", staff_views.note_absence, name="note_absence"),
    path(
        "administration/staff/<uuid:public_id>/absence/<int:pk>/end/",
        staff_views.end_absence,
        name="end_absence",
    ),
    path("", views.home, name="home"),
    path("journeys/", journey_views.all_journeys, name="journeys"),
    path("journeys/propose/", proposal_views.propose, name="propose"),
    path("proposals/<uuid:public_id>/", proposal_views.proposal, name="proposal"),
    path("proposals/<uuid:public_id>/decide/", proposal_views.decide_proposal, name="decide_proposal"),
    path("journeys/<slug:name>/<int:number>/", journey_views.journey, name="journey"),
    path(
        "journeys/<slug:name>/<int:number>/blueprint/",
        journey_views.journey_blueprint,
        name="journey_blueprint",
    ),
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
