"""Who may do what: the table, how far a right reaches, and what is kept of each change."""

import json

import pytest
from django.db import Error, transaction

from pridvor.accounts import actions, policy, regions
from pridvor.accounts.actions import CannotChange
from pridvor.accounts.models import Region, Role, Staff, StaffEvent
from pridvor.project import cli
from tests.conftest import NOW
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def carmen():
    return staff(Role.OPERATOR)


@pytest.fixture
def adina():
    return staff(Role.ADMINISTRATOR)


@pytest.fixture
def north():
    return Region.objects.create(code="north", name={"en": "North", "ro": "Nord"}, covers=["RO:cluj", "SE"])


def test_somebody_without_regions_sees_all_and_with_regions_those():
    carmen = Staff(pk=7, role=Role.OPERATOR)
    assert policy.sight(carmen, "case.read").scope == "staff:7:*"
    carmen.regions = ["north", "south"]
    assert policy.sight(carmen, "case.read").scope == "staff:7:north,south"
    assert policy.sight(Staff(pk=8, role=Role.AUDITOR, regions=["north"]), "case.read").scope == "staff:8:*"
    assert policy.sight(Staff(pk=9, role=Role.SECURITY), "case.read").scope == "staff:9:"


def test_only_active_staff_may_anything():
    assert policy.may(Staff(role=Role.OPERATOR), "case.decide")
    assert not policy.may(Staff(role=Role.OPERATOR, is_active=False), "case.decide")
    assert not policy.may(Staff(role=Role.AUDITOR), "case.decide")


def test_a_misspelt_ability_is_an_error_when_the_page_is_written():
    with pytest.raises(KeyError):
        policy.rule("case.raed")


def test_roles_and_regions_are_given_once_and_kept_in_the_ledger(carmen, adina, north):
    for _ in range(2):
        actions.set_role(carmen, Role.COMPLIANCE, ["north"], lead=True, actor=adina.actor, now=NOW)
    carmen.refresh_from_db()
    assert (carmen.role, carmen.regions, carmen.is_lead) == ("compliance", ["north"], True)
    row = StaffEvent.objects.get()
    assert (row.kind, row.by, row.at) == ("staff.role", str(adina.actor), NOW)
    assert row.data["before"] == {"role": "operator", "regions": [], "is_lead": False}


def test_what_would_go_wrong_is_refused_with_its_reason(carmen, adina):
    def refused(act):
        with pytest.raises(CannotChange) as wrong:
            act()
        return wrong.value.code

    def role(one, by, *codes):
        return lambda: actions.set_role(one, Role.OPERATOR, codes, lead=True, actor=by.actor, now=NOW)

    assert refused(role(carmen, adina, "atlantis")) == "no-such-region"
    assert refused(role(carmen, carmen)) == "oneself"
    assert refused(role(adina, carmen)) == "last-administrator"
    assert refused(lambda: actions.disable(adina, actor=carmen.actor, now=NOW)) == "last-administrator"
    assert StaffEvent.objects.count() == 0


def test_a_disabled_person_is_cut_off_at_the_next_request_and_let_in_again(carmen, adina):
    desk = Desk(carmen)
    assert desk.get("/desk/").status_code == 200
    actions.disable(carmen, actor=adina.actor, now=NOW)
    assert desk.get("/desk/").status_code == 302
    actions.enable(carmen, actor=adina.actor, now=NOW)
    assert [row.kind for row in StaffEvent.objects.order_by("id")] == ["staff.disabled", "staff.enabled"]


def test_the_ledger_of_staff_only_grows(carmen, adina):
    actions.disable(carmen, actor=adina.actor, now=NOW)
    with pytest.raises(Error), transaction.atomic():
        StaffEvent.objects.update(by="nobody")


def test_a_county_counts_before_its_country(north):
    south = Region.objects.create(code="south", name={"en": "South"}, covers=["RO"])
    assert (regions.of("RO", "Cluj"), regions.of("RO", "Dolj"), regions.of("DE", "")) == (north, south, None)


def test_the_table_is_read_by_everybody_of_the_staff_in_their_language(carmen):
    assert "Merge two clients" in Desk(carmen).text("/oversight/policy/")
    romanian = Desk(carmen).get("/oversight/policy/", headers={"accept-language": "ro"})
    assert "regiunile lor" in romanian.content.decode().lower()


def test_the_command_prints_the_same_table(capsys):
    assert cli.main(["policy", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [row["ability"] for row in printed] == [rule.ability for rule in policy.RULES]
    assert cli.main(["policy"]) == 0
    assert "operator: region" in capsys.readouterr().out
