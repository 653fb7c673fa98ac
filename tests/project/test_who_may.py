"""THE table: who may open which page. A page that is missing here fails the last test."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from pridvor.accounts import machines
from pridvor.accounts.models import Role
from pridvor.api import offer
from pridvor.cases import proposals
from pridvor.cases.models import Attempt
from pridvor.documents.models import File
from pridvor.journeys import vocabulary
from pridvor.privacy import incidents, requests
from pridvor.sla import actions as calendars
from tests.conftest import CARMEN, NOW, browser_of, client_of
from tests.desk.conftest import Desk, staff
from tests.partner import Partner, good

pytestmark = pytest.mark.django_db
PEOPLE = ("nobody", "ana", "emil", "operator", "compliance", "manager", "auditor", "administrator")

# One letter for each of PEOPLE, in their order.
# k: asks for a machine's key · o: opens · s: is led to the staff's sign-in · t: is led to the clients' sign-in · -: does not exist for them · >: is led on · x: method refused
ALL, STAFF, WORK, OVER, RUN = "oooooooo", "sssooooo", "sssoo--o", "sss--ooo", "sss--o-o"
PERSON = "toottttt"  # a page about whoever signed in
MACHINE = "kkkkkkkk"  # a machine's key opens it, and no session
OWN = "to-ttttt"  # a client's own page: another's does not exist, and staff has no case
OPERATIONS = {  # of /api/v1: address by name
    f"api:{pattern.name}": "/api/v1/" + re.sub(r"<uuid\w*:\w+>", str(UUID(int=7)), str(pattern.pattern))
    for pattern in offer.urls()
}
TABLE = {
    "desk:home": STAFF,
    "desk:search": STAFF,
    "desk:case": STAFF,
    "desk:calls": STAFF,
    "desk:differences": STAFF,
    "desk:screening": "sss-o--o",
    "desk:candidates": "sss-o--o",
    "desk:screen-again": "sss-x--x",
    "desk:adjudicate": "sss-x--x",
    "desk:difference-resolve": "sssxx--x",
    "desk:difference-again": "sssxx--x",
    "desk:call": "sss-----",  # this case has called nobody
    "desk:call-again": "sssxx--x",
    "desk:page": STAFF,
    "desk:copy": STAFF,
    "desk:document": STAFF,
    "desk:note": "sssxxx-x",
    "desk:texts": "sssooo-o",
    "desk:text": "sss-----",
    "desk:retire-text": "sssxxx-x",
    "desk:service": "sss-----",  # this journey tests nothing
    "desk:service-run": "sssxx--x",
    "desk:service-readings": "sssxx--x",
    "desk:service-key": "sssxx--x",
    "desk:undo": "sssxx--x",
    "desk:new": WORK,
    "desk:next": "sssxx--x",
    "desk:act": "sssxxx-x",
    "desk:acted": "sss>>>->",
    "desk:keep-view": "sssxxxxx",
    "desk:remove-view": "sssxxxxx",
    "desk:assign": "sssxxx-x",
    "desk:client": STAFF,
    "desk:notices": STAFF,
    "desk:notice": "sssxxxxx",
    "desk:read-notices": "sssxxxxx",
    "desk:notice-choices": "sssxxxxx",
    "desk:joining": WORK,
    "desk:join-decide": "sssxx--x",
    "desk:merge": WORK,
    "desk:part": "sssxx--x",
    "desk:validity": "sssxx--x",
    "desk:delivery": "sss-----",  # this journey has nothing to approve; see tests/desk/test_delivering.py
    "desk:deliver": "sssxx--x",
    "desk:add-item": "sssxx--x",
    "desk:fix-item": "sssxx--x",
    "desk:act-on-item": "sssxx--x",
    "desk:delivery-files": "sssxx--x",
    "desk:delivery-words": "sssxx--x",
    "desk:delivery-remove": "sssxx--x",
    "desk:approver": "sssxx--x",
    "desk:blueprint": STAFF,
    "desk:course": STAFF,
    "desk:skip": "sssxx--x",
    "desk:send-back": "sssxx--x",
    "desk:add": "sssxx--x",
    "desk:meet": "sssxx--x",
    "desk:decide": WORK,
    "desk:pause": "sssxx--x",
    "desk:resume": "sssxx--x",
    "oversight:home": OVER,
    "oversight:time": OVER,
    "oversight:evidence": "sss---oo",
    "oversight:policy": STAFF,
    "oversight:interventions": OVER,
    "oversight:calendars": RUN,
    "oversight:new_calendar": RUN,
    "oversight:calendar": RUN,
    "oversight:journeys": OVER,
    "oversight:journey": OVER,
    "oversight:journey_blueprint": OVER,
    "oversight:journey_source": OVER,
    "oversight:journey_bpmn": OVER,
    "oversight:propose": RUN,
    "oversight:proposal": OVER,
    "oversight:decide_proposal": "sss--x-x",
    "oversight:privacy": "sss-o-oo",
    "oversight:privacy_request": "sss-o-oo",
    "oversight:privacy_decide": "sss-x--x",
    "oversight:privacy_told": "sss-x--x",
    "oversight:contract_end": "sss-x--x",
    "oversight:article30": "sss-o-oo",
    "oversight:article30_pdf": "sss-o-oo",
    "oversight:retention": "sss-o-oo",
    "oversight:change_rule": "sss----x",
    "oversight:legal_texts": "sss----o",
    "oversight:legal_text": "sss----o",
    "oversight:incidents": "sss---oo",
    "oversight:report_incident": "sss---xx",
    "oversight:incident": "sss---oo",
    "oversight:note_incident": "sss---xx",
    "oversight:decide_incident": "sss---xx",
    "oversight:close_incident": "sss---xx",
    "oversight:incident_pdf": "sss---oo",
    "oversight:incident_persons": "sss---oo",
    "oversight:administration": "sss----o",
    "oversight:changes": "sss----o",
    "oversight:regions": "sss----o",
    "oversight:region": "sss----o",
    "oversight:company": "sss----o",
    "oversight:company_logo": "sss----x",
    "oversight:systems": "sss----o",
    "oversight:system": "sss----o",
    "oversight:try_system": "sss----x",
    "oversight:machines": "sss----o",
    "oversight:new_machine": "sss----o",
    "oversight:machine": "sss----o",
    "oversight:revoke_machine": "sss----x",
    "oversight:new_hook": "sss----x",
    "oversight:hook": "sss-----",  # nobody has one; see tests/oversight/test_machines.py
    "oversight:hook_test": "sss----x",
    "oversight:hook_rotate": "sss----x",
    "oversight:hook_remove": "sss----x",
    "oversight:resend": "sss----x",
    "oversight:staff": "sss----o",
    "oversight:invite_staff": "sss----o",
    "oversight:staff_member": "sss----o",
    "oversight:staff_rights": "sss----x",
    "oversight:staff_disable": "sss----x",
    "oversight:staff_enable": "sss----x",
    "oversight:staff_revoke": "sss----x",
    "oversight:staff_renew": "sss----x",
    "oversight:staff_reset": "sss----x",
    "oversight:note_absence": "sss----x",
    "oversight:end_absence": "sss----x",
    "portal:looks": PERSON,
    "portal:copy-of-data": PERSON,
    "portal:copy-code": "t--ttttt",  # no code was asked for
    "portal:erasure": PERSON,
    "portal:erasure-code": "t--ttttt",
    "portal:erasure-withdraw": "xxxxxxxx",
    "portal:privacy-code-again": "xxxxxxxx",
    "portal:consents": PERSON,
    "portal:legal-text": ALL,
    "portal:privacy-letter": "--------",  # nothing of Ana's is decided; see tests/portal/test_privacy.py
    "api:livez": ALL,
    "api:openapi": ALL,
    "readyz": ALL,
    "company_style": ALL,
    "company_picture": "--------",  # no logo was set
    "welcome": "--------",  # nobody has such a link
    "metrics": "--------",  # a token opens it, not a person
    "api:measures": "xxxxxxxx",  # a machine's key opens it, not a person
    "api:token": "xxxxxxxx",
    "api:hook": "xxxxxxxx",
    "api:problem": ALL,
    "api:entrance-keys": ALL,
    **dict.fromkeys(OPERATIONS, MACHINE),
    "portal:porch": ALL,
    "portal:guide": ALL,
    "portal:privacy": ALL,
    "portal:case": OWN,
    "portal:people": OWN,
    "portal:people-invite": "xxxxxxxx",
    "portal:people-role": "xxxxxxxx",
    "portal:people-remove": "xxxxxxxx",
    "portal:delegate": "xxxxxxxx",
    "portal:take-back": "xxxxxxxx",
    "portal:passkeys": PERSON,
    "portal:passkey-enter": "xxxxxxxx",
    "portal:passkey-remove": "xxxxxxxx",
    "portal:support": "sss----o",
    "portal:support-end": "xxxxxxxx",
    "portal:status": OWN,
}
ELSEWHERE = re.compile(
    r"^(portal|sandbox):|^(account|mfa|usersessions|socialaccount|openid_connect|saml)_|^set_language$|^None$"
)  # tables of their own; allauth's and Django's pages


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"


@pytest.fixture
def case(ana):
    ours = Partner(ana)
    file = ours.upload("bank-letter", good("bank-letter"))
    ours.items = ["bank-letter"]
    ours.send()
    ours.case.twin = client_of(ana, name="Electro Instal Doi SRL")
    ours.case.file = File.objects.get(pk=file.pk)
    ours.case.proposal = proposals.propose(
        f"{ours.case.journey_version.source}# another\n", vocabulary.known(), actor=CARMEN, now=NOW
    )
    ours.case.asked = requests.ask_copy(ana, language="en", actor=ours.me, now=NOW)
    ours.case.teller = staff(Role.SECURITY, "who-tells@arcada.example")
    ours.case.incident = incidents.report("x", author=ours.case.teller, now=NOW)
    ours.case.machine = machines.make(
        "shop", ["cases:read"], expires_at=NOW + timedelta(days=9), actor=CARMEN, now=NOW
    ).machine
    return ours.case


def visitor(who, people):
    if who in ("ana", "emil"):
        return browser_of(people[who])
    return Client() if who == "nobody" else Desk(staff(Role(who)))


def path_of(name, case):
    verify = Attempt.objects.get(case=case, key="verify")
    at = f"/desk/cases/{case.public_id}/"
    return {
        "desk:home": "/desk/",
        "desk:search": "/desk/search/?q=zzz",
        "desk:case": at,
        "desk:calls": "/desk/calls/",
        "desk:screening": "/desk/screening/",
        "desk:candidates": f"{at}screening/",
        "desk:screen-again": f"{at}screening/again/",
        "desk:adjudicate": f"{at}screening/{case.public_id}/",
        "desk:differences": "/desk/differences/",
        "desk:difference-resolve": f"/desk/differences/{case.public_id}/resolve/",
        "desk:difference-again": f"/desk/differences/{case.public_id}/again/",
        "desk:call": f"/desk/calls/{case.public_id}/",
        "desk:call-again": f"/desk/calls/{case.public_id}/again/",
        "desk:decide": f"{at}decide/{verify.pk}/correct/",
        "desk:pause": f"{at}pause/",
        "desk:resume": f"{at}resume/",
        **{
            f"desk:{verb}": f"{at}{verb}/"
            for verb in ("blueprint", "course", "skip", "send-back", "add", "meet")
        },
        "desk:note": f"{at}notes/",
        "desk:texts": "/desk/texts/",
        "desk:text": f"/desk/texts/{case.public_id}/",
        "desk:retire-text": f"/desk/texts/{case.public_id}/retire/",
        "desk:service": f"{at}service/",
        "desk:service-run": f"{at}service/run/",
        "desk:service-readings": f"{at}service/readings/",
        "desk:service-key": f"{at}service/key/",
        "desk:undo": f"{at}undo/",
        "desk:new": "/desk/new/",
        "desk:next": "/desk/next/",
        "desk:act": "/desk/act/",
        "desk:acted": "/desk/acted/",
        "desk:keep-view": "/desk/views/",
        "desk:remove-view": f"/desk/views/{case.public_id}/remove/",
        "desk:assign": f"{at}assign/",
        "desk:merge": f"/desk/clients/{case.client.public_id}/merge/{case.twin.public_id}/",
        "desk:part": f"/desk/merges/{case.public_id}/undo/",
        "desk:joining": "/desk/joining/",
        "desk:join-decide": f"/desk/joining/{case.public_id}/",
        "desk:notices": "/desk/notices/",
        "desk:notice": f"/desk/notices/{case.public_id}/",
        "desk:read-notices": "/desk/notices/read/",
        "desk:notice-choices": "/desk/notices/choices/",
        "desk:client": f"/desk/clients/{case.client.public_id}/",
        "desk:validity": f"{at}documents/bank-letter/validity/",
        "desk:delivery": f"{at}deliveries/content/",
        "desk:add-item": f"{at}lists/defects/add/",
        "desk:fix-item": f"{at}items/{case.public_id}/fix/",
        "desk:act-on-item": f"{at}items/{case.public_id}/take/",
        "desk:deliver": f"{at}deliveries/content/deliver/",
        "desk:delivery-files": f"{at}deliveries/content/files/",
        "desk:delivery-words": f"{at}deliveries/content/words/",
        "desk:delivery-remove": f"{at}deliveries/content/{case.public_id}/remove/",
        "desk:approver": f"{at}deliveries/content/approver/",
        "desk:page": f"{at}files/{case.file.public_id}/0.webp",
        "desk:copy": f"{at}files/{case.file.public_id}/",
        "desk:document": f"{at}documents/bank-letter/1/",
        "oversight:home": "/oversight/",
        "oversight:time": "/oversight/time/",
        "oversight:evidence": "/oversight/evidence/",
        "oversight:policy": "/oversight/policy/",
        "oversight:interventions": "/oversight/interventions/",
        "oversight:calendars": "/oversight/calendars/",
        "oversight:new_calendar": "/oversight/calendars/new/",
        "oversight:calendar": f"/oversight/calendars/{calendars.default(now=NOW).pk}/",
        "oversight:journeys": "/oversight/journeys/",
        "oversight:journey": "/oversight/journeys/partner-registration/1/",
        "oversight:journey_blueprint": "/oversight/journeys/partner-registration/1/blueprint/",
        "oversight:journey_source": "/oversight/journeys/partner-registration/1.yaml",
        "oversight:journey_bpmn": "/oversight/journeys/partner-registration/1.bpmn",
        "oversight:propose": "/oversight/journeys/propose/",
        "oversight:proposal": f"/oversight/proposals/{case.proposal.public_id}/",
        "oversight:decide_proposal": f"/oversight/proposals/{case.proposal.public_id}/decide/",
        "oversight:privacy": "/oversight/privacy/",
        "oversight:privacy_request": f"/oversight/privacy/{case.asked.public_id}/",
        "oversight:privacy_decide": f"/oversight/privacy/{case.asked.public_id}/decide/",
        "oversight:privacy_told": f"/oversight/privacy/{case.asked.public_id}/told/",
        "oversight:contract_end": f"/oversight/privacy/{case.asked.public_id}/contract/{case.client.public_id}/",
        "oversight:article30": "/oversight/privacy/record/",
        "oversight:article30_pdf": "/oversight/privacy/record.pdf",
        "oversight:retention": "/oversight/privacy/retention/",
        "oversight:change_rule": "/oversight/privacy/retention/aml/",
        "oversight:legal_texts": "/oversight/texts/",
        "oversight:legal_text": "/oversight/texts/terms/",
        "oversight:incidents": "/oversight/incidents/",
        "oversight:report_incident": "/oversight/incidents/report/",
        "oversight:incident": f"/oversight/incidents/{case.incident.public_id}/",
        **{
            f"oversight:{verb}_incident": f"/oversight/incidents/{case.incident.public_id}/{verb}/"
            for verb in ("note", "decide", "close")
        },
        "oversight:incident_pdf": f"/oversight/incidents/{case.incident.public_id}/report.pdf",
        "oversight:incident_persons": f"/oversight/incidents/{case.incident.public_id}/persons.csv",
        **{
            f"oversight:{name}": f"/oversight/administration/{path}"
            for name, path in {
                "administration": "",
                "changes": "changes/",
                "regions": "regions/",
                "region": "regions/new/",
                "company": "company/",
                "company_logo": "company/logo/",
                "systems": "systems/",
                "system": "systems/mail/",
                "try_system": "systems/mail/test/",
                "machines": "machines/",
                "new_machine": "machines/new/",
                "machine": f"machines/{case.machine.public_id}/",
                "new_hook": f"machines/{case.machine.public_id}/hooks/",
                "hook": f"hooks/{case.public_id}/",
                "hook_test": f"hooks/{case.public_id}/test/",
                "hook_rotate": f"hooks/{case.public_id}/rotate/",
                "hook_remove": f"hooks/{case.public_id}/remove/",
                "resend": f"deliveries/{case.public_id}/resend/",
                "revoke_machine": f"machines/{case.machine.public_id}/revoke/",
                "staff": "staff/",
                "invite_staff": "staff/invite/",
                "staff_member": f"staff/{case.teller.public_id}/",
                "staff_rights": f"staff/{case.teller.public_id}/rights/",
                **{
                    f"staff_{verb}": f"staff/{case.teller.public_id}/{verb}/"
                    for verb in ("disable", "enable", "revoke", "renew", "reset")
                },
                "note_absence": f"staff/{case.teller.public_id}/absence/",
                "end_absence": f"staff/{case.teller.public_id}/absence/1/end/",
            }.items()
        },
        "company_style": "/company.css",
        "company_picture": "/company/nothing.png",
        "welcome": "/accounts/welcome/nothing/",
        "portal:looks": "/privacy/looks/",
        "portal:copy-of-data": "/privacy/copy/",
        "portal:copy-code": "/privacy/copy/code/",
        "portal:erasure": "/privacy/erasure/",
        "portal:erasure-code": "/privacy/erasure/code/",
        "portal:erasure-withdraw": "/privacy/erasure/withdraw/",
        "portal:privacy-code-again": "/privacy/code/again/",
        "portal:consents": "/privacy/consents/",
        "portal:legal-text": "/privacy/texts/terms/",
        "portal:privacy-letter": f"/privacy/letters/{case.public_id}/",
        "api:livez": "/livez",
        "api:openapi": "/api/v1/openapi.json",
        "readyz": "/readyz",
        "metrics": "/metrics",
        "api:measures": "/api/v1/measures/",
        "api:token": "/api/v1/token",
        "api:hook": "/hooks/nobody/",
        "api:problem": "/api/v1/problems/no-key",
        "api:entrance-keys": "/entrance/keys.json",
        **{name: re.sub(r"<[\w:]+>", "anything", path) for name, path in OPERATIONS.items()},
        "portal:porch": "/",
        "portal:guide": "/guide/",
        "portal:privacy": "/privacy/",
        "portal:case": f"/cases/{case.public_id}/",
        "portal:people": f"/cases/{case.public_id}/people/",
        "portal:people-invite": f"/cases/{case.public_id}/people/invite/",
        "portal:people-role": f"/cases/{case.public_id}/people/{case.public_id}/role/",
        "portal:people-remove": f"/cases/{case.public_id}/people/{case.public_id}/remove/",
        "portal:delegate": f"/cases/{case.public_id}/people/delegate/",
        "portal:take-back": f"/cases/{case.public_id}/people/{case.public_id}/take-back/",
        "portal:passkeys": "/passkeys/",
        "portal:passkey-enter": "/passkeys/enter/",
        "portal:passkey-remove": f"/passkeys/{case.public_id}/remove/",
        "portal:support": f"/cases/{case.public_id}/support/",
        "portal:support-end": "/support/end/",
        "portal:status": f"/cases/{case.public_id}/status/",
    }[name]


def letter(response):
    to = response.get("Location", "")
    if response.status_code == 302:
        return "s" if to.startswith("/accounts/login/") else "t" if to.startswith("/track/") else ">"
    return {200: "o", 401: "k", 404: "-", 405: "x"}[response.status_code]


def test_everybody_gets_what_the_table_says(case, ana, emil):
    people = {"ana": ana, "emil": emil}
    browsers = [visitor(who, people) for who in PEOPLE]
    found = {
        name: "".join(letter(browser.get(path_of(name, case))) for browser in browsers) for name in TABLE
    }
    assert {name: got for name, got in found.items() if got != TABLE[name]} == {}


def test_nobody_posts_without_being_asked_who_they_are(case):
    for name in ("desk:decide", "desk:pause", "desk:resume"):
        assert letter(Client().post(path_of(name, case), {"reason": "x"})) == "s"


def test_a_form_from_elsewhere_is_refused(case):
    carmen = Desk(staff(Role.OPERATOR))
    carmen.handler.enforce_csrf_checks = True
    assert carmen.post(path_of("desk:pause", case), {"reason": "x"}).status_code == 403


def names(patterns, space=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(
                pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space
            )
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"


def test_no_page_is_missing_from_the_table():
    assert [
        name for name in names(get_resolver().url_patterns) if name not in TABLE and not ELSEWHERE.match(name)
    ] == []


def test_no_row_of_the_table_is_about_a_page_that_went():
    assert TABLE.keys() - set(names(get_resolver().url_patterns)) == set()
