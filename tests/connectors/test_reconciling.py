"""What other systems hold of our clients is compared with what we hold, and a difference is a person's to resolve."""

from dataclasses import replace
from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, Event
from pridvor.connectors import actions, gathering, reconciling
from pridvor.connectors.models import Call, Drift, Mirrored, SandboxRecord, Switch
from pridvor.connectors.products import bottlecrm
from pridvor.connectors.sandbox_store import DatabaseStore
from pridvor.vault.models import Look
from tests.conftest import CARMEN, NOW, actor_of, client_of, publish
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
JOURNEY = """
journey: mirrored
forms:
  contact:
    one:
      title: {en: Contact}
      fields:
        email: {label: {en: E-mail}, type: email, personal: true}
        phone: {label: {en: Telephone}, type: phone, personal: true}
        payment_days: {label: {en: Days}, type: int}
stages:
  setup:
    owner: operator
    steps:
      ask: {form: contact}
      account: {connect: crm.create_account, after: ask, if fail: {open: by-hand}}
      look: {review: x, after: account, if reject: {close: declined}}
    exceptions: {by-hand: {todo: x}}
"""
EMAIL, PHONE = "ana@electroinstal.example", "+40721000111"


@pytest.fixture
def case(ana):
    """A case whose account the CRM has made."""
    return made_known(ana, client_of(ana))


def made_known(person, client, email=EMAIL, phone=PHONE):
    me = actor_of(person)
    case = cases.open_case(publish(JOURNEY), client, person, language="en", actor=me, now=NOW)
    asked = Attempt.objects.get(case=case, key="ask")
    cases.submit(asked, {"payment_days": 30}, {"email": email, "phone": phone}, actor=me, now=NOW)
    actions.send(Event.objects.get(case=case, kind="step.opened", data__step="account"), now=NOW)
    assert Call.objects.get(case=case).state == "done"
    return case


def sales_write(**fields):
    """Somebody of sales changes the account in the CRM."""
    store = DatabaseStore()
    (account,) = store.all("crm.accounts")
    kept = {name: value for name, value in {**account, **fields}.items() if name != "id"}
    store.change("crm.accounts", account["id"], kept)


def in_the_crm():
    (account,) = DatabaseStore().all("crm.accounts")
    return account


def compared(now=NOW):
    reconciling.compare(Mirrored.objects.get(), now=now)
    return {row.field: row for row in Drift.objects.filter(state="open")}


def test_what_was_made_is_noted_and_agrees(case):
    row = Mirrored.objects.get()
    assert (row.peer, row.case, row.reference.startswith("accounts/")) == ("crm", case, True)
    assert compared() == {}


def test_a_difference_is_found_once_and_what_is_written_otherwise_is_none(case):
    sales_write(city="Cluj-Napoca", name=case.client.name.upper())
    compared()
    found = compared(NOW + timedelta(days=1))
    assert {name: (row.ours, row.theirs) for name, row in found.items()} == {
        "city": ("Brașov", "Cluj-Napoca")
    }
    assert Drift.objects.count() == 1


def test_personal_values_are_compared_without_being_opened_and_stand_masked(case):
    sales_write(email="maria@electroinstal.example", phone=PHONE)
    found = compared()
    assert {name: (row.ours, row.theirs) for name, row in found.items()} == {
        "email": ("…", "m…@electroinstal.example")
    }
    assert reconciling.ways(found["email"]) == ("take", "write", "leave")


def test_a_colleague_who_came_later_is_no_difference_and_a_number_that_nobody_gave_is_one(case, emil):
    later = made_known(emil, case.client, "emil@electroinstal.example", "+40744555666")
    assert Mirrored.objects.get().case == later
    sales_write(email=EMAIL, phone=PHONE)
    assert compared() == {}
    sales_write(phone="+40799000111")
    assert set(compared()) == {"phone"}


def test_ones_own_number_of_before_is_a_difference(case, ana):
    made_known(ana, case.client, EMAIL, "+40744555666")
    sales_write(phone=PHONE)
    assert set(compared()) == {"phone"}


def test_a_personal_value_of_theirs_is_taken_through_the_vault_which_logs_it(case):
    sales_write(phone="+40722999888")
    drift = compared()["phone"]
    reconciling.resolve(drift, "take", actor=CARMEN, now=NOW)
    assert ProcrastinateJob.objects.filter(task_name=reconciling.ADOPT, args__drift_id=drift.pk).exists()
    reconciling.adopt(drift.pk, now=NOW)
    reconciling.adopt(drift.pk, now=NOW)
    told = cases.reveal(case, ["phone"], actor=CARMEN, purpose="call", now=NOW)
    assert told == {"phone": "+40722999888"}
    assert Look.objects.filter(purpose=reconciling.TAKE_OVER, fields=["phone"]).count() == 1
    assert "40722999888" not in str(list(Drift.objects.values())), "it stands masked"
    assert compared() == {}
    assert Drift.objects.get().state == "taken"


def test_what_reads_otherwise_by_now_is_not_taken_unseen(case):
    sales_write(phone="+40722999888")
    drift = compared()["phone"]
    reconciling.resolve(drift, "take", actor=CARMEN, now=NOW)
    sales_write(phone="+40733111222")
    reconciling.adopt(drift.pk, now=NOW)
    drift.refresh_from_db()
    assert (drift.state, drift.code) == ("open", "changed-there")


def test_the_address_with_which_somebody_signs_in_is_theirs_alone_to_change(case):
    Drift(record=Mirrored.objects.get(), field="contact_name", ours="…", theirs="M…", found_at=NOW).save()
    assert reconciling.ways(Drift.objects.get()) == ("write", "leave"), "the case has no such answer"


def test_theirs_is_taken(case):
    sales_write(city="Cluj-Napoca")
    drift = compared()["city"]
    reconciling.resolve(drift, "take", actor=CARMEN, now=NOW)
    case.client.refresh_from_db()
    assert case.client.city == "Cluj-Napoca"
    event = case.events.get(kind="drift.resolved")
    assert (event.data["field"], event.data["how"], event.actor_id) == ("city", "take", CARMEN.id)
    assert compared() == {}


def test_ours_is_written(case):
    sales_write(email="maria@electroinstal.example", city="Cluj-Napoca")
    for drift in compared().values():
        reconciling.resolve(drift, "write", actor=CARMEN, now=NOW)
        reconciling.amend(drift.pk, now=NOW)
        reconciling.amend(drift.pk, now=NOW)
    assert (in_the_crm()["email"], in_the_crm()["city"]) == (EMAIL, "Brașov")
    assert set(Drift.objects.values_list("state", flat=True)) == {"written"}
    assert compared() == {}


def test_what_cannot_be_written_is_open_again(case):
    sales_write(city="Cluj-Napoca")
    drift = compared()["city"]
    reconciling.resolve(drift, "write", actor=CARMEN, now=NOW)
    assert ProcrastinateJob.objects.filter(task_name=reconciling.AMEND, args__drift_id=drift.pk).exists()
    Switch.objects.create(peer="crm", mode="down")
    reconciling.amend(drift.pk, now=NOW)
    drift.refresh_from_db()
    assert (drift.state, drift.code) == ("open", "no-connection")


def test_what_was_left_comes_back_only_when_it_changes(case):
    sales_write(city="Cluj-Napoca")
    reconciling.resolve(compared()["city"], "leave", actor=CARMEN, now=NOW)
    assert compared() == {}
    sales_write(city="Oradea")
    assert compared()["city"].theirs == "Oradea"


def test_a_difference_that_vanishes_is_gone(case):
    sales_write(city="Cluj-Napoca")
    compared()
    sales_write(city="Brașov")
    assert compared() == {}
    assert Drift.objects.get().state == "gone"


def test_a_record_that_is_gone_there_is_told(case):
    SandboxRecord.objects.filter(model="crm.accounts").delete()
    drift = compared()[""]
    assert reconciling.ways(drift) == ("leave",)


def test_a_difference_is_resolved_once(case):
    sales_write(city="Cluj-Napoca")
    drift = compared()["city"]
    reconciling.resolve(drift, "leave", actor=CARMEN, now=NOW)
    for how in ("take", "leave", "burn"):
        with pytest.raises(reconciling.NotPossible):
            reconciling.resolve(drift, how, actor=CARMEN, now=NOW)


def test_agreed_terms_that_were_taken_over_count_from_then(case):
    row = Mirrored.objects.get()
    Drift.objects.create(record=row, field="payment_days", ours="30", theirs="60", found_at=NOW)
    reconciling.resolve(Drift.objects.get(), "take", actor=CARMEN, now=NOW + timedelta(hours=1))
    assert gathering.granted(case)["payment_days"] == "60"
    verb = replace(bottlecrm.PRODUCT.verbs["activate"], grants=True)
    assert gathering.customer(verb, case, now=NOW).payment_days == 60


def test_records_are_compared_at_night_and_at_once_when_the_system_says_so(case):
    assert reconciling.compare_due(now=NOW + timedelta(hours=6)) == 0
    night = (NOW + timedelta(days=1)).replace(hour=2)
    assert reconciling.compare_due(now=night) == 0, "it was compared less than a day ago"
    assert reconciling.compare_due(now=night + timedelta(days=1)) == 1
    row = Mirrored.objects.get()
    assert reconciling.look_again("crm", row.reference)
    assert not reconciling.look_again("crm", "accounts/0")
    assert reconciling.compare_due(now=NOW) == 1


def test_a_system_that_cannot_be_read_is_told_and_makes_no_difference(case):
    Switch.objects.create(peer="crm", mode="down")
    assert compared() == {}
    assert Mirrored.objects.get().failed == "no-connection"


def test_each_field_has_one_master():
    owners = reconciling.owners()
    assert (owners["email"], owners["phone"], owners["name"]) == ("crm", "crm", "")


# -- the inbox


def test_the_inbox_shows_and_resolves(case):
    sales_write(city="Cluj-Napoca")
    drift = compared()["city"]
    carmen = Desk(staff(Role.OPERATOR))
    said = carmen.get("/desk/differences/").content.decode()
    assert "Cluj-Napoca" in said
    assert said.index("Write ours") < said.index("Take theirs"), "the CRM is not the master of addresses"
    carmen.post(f"/desk/differences/{drift.public_id}/resolve/", {"how": "take"})
    case.client.refresh_from_db()
    assert case.client.city == "Cluj-Napoca"
    assert "No differences" in carmen.get("/desk/differences/").content.decode()


def test_a_person_may_have_it_compared_again(case):
    sales_write(city="Cluj-Napoca")
    drift = compared()["city"]
    Desk(staff(Role.OPERATOR)).post(f"/desk/differences/{drift.public_id}/again/")
    assert Mirrored.objects.get().compared_at is None


def test_who_may_only_read_resolves_nothing(case):
    sales_write(city="Cluj-Napoca")
    drift = compared()["city"]
    aurora = Desk(staff(Role.AUDITOR))
    assert "Take theirs" not in aurora.get("/desk/differences/").content.decode()
    answer = aurora.post(f"/desk/differences/{drift.public_id}/resolve/", {"how": "take"})
    assert answer.status_code == 404
