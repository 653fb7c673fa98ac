"""Erasure reaches the systems that were told of a person: asked until they have done it, else a person's work."""

from datetime import timedelta

import pytest

from pridvor.connectors import forgetting
from pridvor.connectors.models import Forgetting, Switch
from pridvor.connectors.sandbox_store import DatabaseStore
from tests.conftest import CARMEN, NOW
from tests.connectors.test_reconciling import case as case

pytestmark = pytest.mark.django_db


def contact():
    (found,) = DatabaseStore().all("crm.contacts")
    return found


def shred(case, now=NOW):
    return forgetting.shred(case.person, actor=CARMEN, now=now)


def test_a_system_is_told_once_and_names_nobody_afterwards(case):
    assert (shred(case), shred(case)) == (1, 1)
    assert forgetting.carry_out(now=NOW) == 1
    assert forgetting.carry_out(now=NOW) == 0
    assert (contact()["first_name"], contact()["email"], contact()["phone"]) == ("Erased", None, None)
    assert case.events.get(kind="recipient.told").data["state"] == "done"
    (crm,) = forgetting.recipients([case])
    assert (crm.peer, crm.name, crm.means, crm.state) == ("crm", "BottleCRM", "anonymises", "done")
    assert crm.remains


def test_nobody_else_of_the_company_is_forgotten(case):
    store = DatabaseStore()
    other = {**contact(), "email": "b@electro.example", "custom_fields": {"pridvor_key": "AR-OTHER"}}
    store.add("crm.contacts", {name: value for name, value in other.items() if name != "id"})
    shred(case)
    forgetting.carry_out(now=NOW)
    assert [row["first_name"] == "Erased" for row in store.all("crm.contacts")] == [True, False]


def test_while_a_system_is_down_it_is_asked_again_and_after_a_day_a_person_sees_to_it(case):
    Switch.objects.create(peer="crm", mode="down")
    shred(case)
    forgetting.carry_out(now=NOW)
    row = Forgetting.objects.get()
    assert (row.state, row.tries, row.code) == ("waiting", 1, "no-connection")
    assert row.next_at == NOW + timedelta(minutes=1)
    Switch.objects.update(mode="ok")
    forgetting.carry_out(now=row.next_at)
    assert Forgetting.objects.get().state == "done"


def test_what_cannot_be_done_for_a_day_is_a_persons(case):
    Switch.objects.create(peer="crm", mode="down")
    shred(case)
    now = NOW
    for _ in range(40):
        now = Forgetting.objects.get().next_at or now
        forgetting.carry_out(now=now)
    row = Forgetting.objects.get()
    assert (row.state, row.code) == ("by-hand", "no-connection")
    assert now - NOW >= timedelta(hours=24)
    (crm,) = forgetting.recipients([case])
    assert crm.state == "by-hand"


def test_a_system_that_is_not_connected_any_more_is_a_persons(case, settings):
    settings.DEMO = False
    shred(case)
    forgetting.carry_out(now=NOW)
    assert Forgetting.objects.get().state == "by-hand"
    assert [(one.peer, one.means) for one in forgetting.recipients([case])] == [("crm", "cannot")]


def test_who_was_never_told_is_not_named(case):
    assert [one.peer for one in forgetting.recipients([case])] == ["crm"]
    assert forgetting.recipients([]) == []


def test_of_a_part_that_goes_a_system_is_told_that_has_nothing_else(case):
    told = {"email", "phone", "contact_name"}
    assert forgetting.shred_partly(case.person, {"iban"}, told, now=NOW) == 0
    assert not Forgetting.objects.exists(), "the CRM has no account number"
    assert forgetting.shred_partly(case.person, told, {"iban"}, now=NOW) == 1
    forgetting.carry_out(now=NOW)
    assert contact()["email"] is None


def test_where_only_a_part_of_what_a_system_has_may_go_a_person_sees_to_it_until_all_goes(case):
    assert forgetting.shred_partly(case.person, {"phone"}, {"email"}, now=NOW) == 1
    assert forgetting.carry_out(now=NOW) == 0
    assert (Forgetting.objects.get().state, Forgetting.objects.get().code) == ("by-hand", "partly")
    assert case.events.get(kind="recipient.told").data["code"] == "partly"
    shred(case)
    forgetting.carry_out(now=NOW)
    assert (Forgetting.objects.get().state, contact()["email"]) == ("done", None)
