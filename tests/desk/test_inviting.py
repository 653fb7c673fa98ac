"""Staff open a case for a client: the registry names the company, the client takes over by mail."""

import re

import pytest

from pridvor.accounts.models import Role
from pridvor.cases import queries
from pridvor.cases.models import Case, Event
from pridvor.connectors.models import Switch
from pridvor.notifications import actions as notifications
from pridvor.notifications.models import Message
from tests.conftest import ROOT, partner_registration, publish
from tests.desk.conftest import Desk, staff
from tests.portal.conftest import ANA, CUI, Visitor, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def journey(db):
    return partner_registration()


def said(**more):
    return {
        "journey": "partner-registration",
        "number": CUI,
        "contact_name": "Ana Popescu",
        "email": ANA,
        "language": "en",
        **more,
    }


def invite(desk, **more):
    answer = desk.post("/desk/new/", said(**more), follow=True)
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_company_is_named_by_the_registry_and_the_case_opened(carmen, journey):
    page = invite(carmen)
    assert "Opened. We have written to the client" in page
    case = Case.objects.get()
    assert case.client.name == "VERANDA CONSTRUCT S.R.L."
    assert Event.objects.get(case=case, kind="case.invited").actor_kind == "staff"
    assert "Opened for the client" in page


def test_the_client_goes_on_where_staff_began(carmen, journey):
    invite(carmen)
    case = Case.objects.get()
    visitor = Visitor(headers={"accept-language": "en"})
    visitor.come_back()
    visitor.go(at(case, "details"))
    assert visitor.at == at(case, "details", "contact")
    assert "Ana Popescu" in visitor.text
    visitor.say(
        at(case, "details", "contact"), contact_name="Ana Popescu", role="administrator", phone="0721 000 111"
    )
    assert "VERANDA CONSTRUCT" in visitor.text
    visitor.say(at(case, "details", "check"))
    assert queries.attempt(case, "details").status == "done"


def test_the_invitation_is_owed_once_and_takes_the_place_of_the_receipt(carmen, db):
    publish((ROOT / "journeys" / "case-onboarding.yaml").read_text())
    invite(carmen, journey="case-onboarding")
    case = Case.objects.get()
    for event in Event.objects.filter(case=case, kind__in=["milestone.reached", "case.invited"]).order_by(
        "id"
    ):
        notifications.tell(event, now=event.at)
    assert [row.template for row in Message.objects.filter(case=case)] == ["invited"]


def test_pressing_twice_opens_one_case(carmen, journey):
    invite(carmen)
    assert "This is open already" in invite(carmen)
    assert Case.objects.count() == 1


def test_when_the_registry_is_down_the_name_is_typed(carmen, journey):
    Switch.objects.update_or_create(peer="registry", defaults={"mode": "down"})
    assert "Please write the name" in invite(carmen)
    assert not Case.objects.exists()
    assert "Opened." in invite(carmen, name="Veranda Construct SRL")
    assert Case.objects.get().client.registry_state == "typed"


@pytest.mark.parametrize(
    ("field", "typed"), [("number", "48219503"), ("email", "ana@"), ("journey", "nothing")]
)
def test_what_cannot_be_right_is_said_and_nothing_is_opened(carmen, journey, field, typed):
    assert "field--bad" in invite(carmen, **{field: typed})
    assert not Case.objects.exists()


def test_who_only_reads_cannot_open_one(journey):
    assert Desk(staff(Role.AUDITOR)).post("/desk/new/", said()).status_code == 404
    assert not Case.objects.exists()


def test_somebody_else_does_not_see_it(carmen, journey):
    invite(carmen)
    stranger = Visitor(headers={"accept-language": "en"})
    stranger.come_back("emil@altafirma.example")
    assert stranger.get(at(Case.objects.get())).status_code in (302, 404)
