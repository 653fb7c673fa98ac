"""Colleagues, delegations, approvers, lists of items and single files, as programs deal with them."""

import pytest

from pridvor.accounts.models import Role, Scope
from pridvor.cases import colleagues
from pridvor.cases.models import Event, Membership
from pridvor.vault.models import Look
from tests.api.conftest import machine
from tests.cases.test_items import SECRET, Launch
from tests.content import Content
from tests.desk.conftest import Desk, staff
from tests.partner import ITEMS, good

pytestmark = pytest.mark.django_db
DAN = "dan@electro.example"


@pytest.fixture
def path(ours):
    return f"/cases/{ours.case.public_id}"


def test_a_colleague_is_let_in_given_another_role_and_put_out(shop, path, ours):
    (row,) = shop.do(f"{path}/people/", {"email": DAN, "role": "reader"}, 201)["colleagues"]
    assert (row["role"], row["email"], row["has_come"]) == ("reader", None, False)
    there = f"{path}/people/{row['id']}"
    assert shop.do(f"{there}/role/", {"role": "signatory"})["colleagues"][0]["role"] == "signatory"
    assert shop.do(f"{there}/remove/")["colleagues"] == []
    assert not Membership.objects.filter(case=ours.case).exists()
    kinds = [row.kind for row in Event.objects.filter(case=ours.case, kind__startswith="member.")]
    assert kinds == ["member.invited", "member.changed", "member.removed"]


def test_addresses_are_told_for_a_purpose_and_the_look_is_kept(shop, path, ours):
    shop.do(f"{path}/people/", {"email": DAN, "role": "reader"}, 201)
    assert shop.ask(f"{path}/people/", 403, personal="true")["code"] == "purpose-needed"
    (row,) = shop.ask(f"{path}/people/", personal="true", purpose="call them")["colleagues"]
    assert row["email"] == DAN
    assert Look.objects.filter(purpose="call them").exists()
    blind = machine(Scope.CASES_READ)
    assert blind.ask(f"{path}/people/", 403, personal="true", purpose="x")["reason"] == "personal:read"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"email": "dan", "role": "reader"}, "email", "email"),
        ({"email": DAN, "role": "king"}, "role", "option"),
        ({"email": DAN}, "role", "required"),
    ],
)
def test_an_invitation_that_cannot_be_is_named(shop, path, body, field, code):
    (wrong,) = shop.do(f"{path}/people/", body, 422)["fields"]
    assert (wrong["field"], wrong["code"]) == (field, code)


def test_nobody_is_invited_twice(shop, path):
    shop.do(f"{path}/people/", {"email": DAN, "role": "reader"}, 201)
    assert shop.do(f"{path}/people/", {"email": DAN, "role": "reader"}, 409)["reason"] == "is-member"


def test_an_open_step_is_delegated_and_taken_back(shop, path, ours):
    given = shop.do(f"{path}/delegations/", {"step": "collect", "email": DAN}, 201)
    assert given["step"] == "collect"
    assert [row["id"] for row in shop.ask(f"{path}/people/")["delegations"]] == [given["id"]]
    again = shop.do(f"{path}/delegations/", {"step": "collect", "email": DAN}, 409)
    assert again["reason"] == "delegated-already"
    closed = shop.do(f"{path}/delegations/", {"step": "details", "email": DAN}, 409)
    assert closed["reason"] == "step-not-open"
    assert shop.do(f"{path}/delegations/{given['id']}/take-back/")["delegations"] == []
    assert colleagues.delegations(ours.case) == []


def test_another_key_of_another_region_finds_nobody(path):
    test_key = machine(is_test=True)
    assert test_key.ask(f"{path}/people/", 404)["code"] == "not-found"
    assert test_key.ask(f"{path}/items/", 404)["code"] == "not-found"


def test_a_file_is_read_for_a_purpose_taken_back_and_insisted_on(shop, path, ours):
    item, data = ITEMS[0], good(ITEMS[0])
    sent = shop.post(
        f"/api/v1{path}/steps/collect/documents/{item}/?name=a.pdf",
        data,
        content_type="application/octet-stream",
    ).json()
    assert shop.ask(f"{path}/files/{sent['id']}/", 403)["code"] == "purpose-needed"
    assert shop.ask(f"{path}/files/{sent['id']}/", 404, purpose="archive")["code"] == "not-found", (
        "not scanned"
    )
    (shown,) = shop.do(f"{path}/files/{sent['id']}/remove/")["documents"]
    assert [one["state"] for one in shown["files"]] in ([], ["removed"])
    refused = shop.do(f"{path}/files/{sent['id']}/insist/", status=409)
    assert refused["reason"] == "sent-already"


def test_the_words_of_a_list_need_a_purpose_and_its_items_change_one_by_one(shop, ana):
    launch = Launch(ana)
    there = f"/cases/{launch.case.public_id}/items/"
    added = shop.do(there, {"list": "defects", "text": SECRET, "severity": "blocker"}, 201)
    assert (added["number"], added["state"], added["required"], added["text"]) == (1, "open", True, None)
    (told,) = shop.ask(there, personal="true", purpose="fix it")["items"]
    assert (told["text"], told["notes"]) == (SECRET, [])
    one = f"{there}{added['id']}/"
    assert shop.do(one, {"state": "fixed"}, 422)["fields"][0]["field"] == "note"
    assert shop.do(one, {"state": "fixed", "note": "A new cable"})["state"] == "fixed"
    assert shop.do(one, {"state": "failed", "note": "Still dark"})["state"] == "open"
    assert shop.do(one, {"state": "passed"}, 409)["reason"] == "not-now"
    assert shop.do(one, {"state": "rejected", "note": "Not ours"})["state"] == "rejected"
    (told,) = shop.ask(there, personal="true", purpose="look back")["items"]
    assert told["notes"] == ["A new cable", "Still dark", "Not ours"]
    assert shop.do(there, {"list": "wishes", "text": "x"}, 422)["fields"][0]["field"] == "list"


def test_an_approval_tells_who_has_agreed_and_a_machine_gives_no_word(shop, ana):
    content = Content(ana, "approvers: all").deliver()
    there = f"/cases/{content.case.public_id}/steps/agree"
    shop.do(f"{there}/ask/", {"email": DAN})
    shop.do(f"{there}/ask/", {"email": "carla@electro.example"})
    content.vote(person=content.person(DAN))
    found = shop.ask(f"{there}/approval/")
    assert (found["needed"], found["agreed"], found["versions"]) == (2, 1, {"content": 1})
    assert sorted(one["outcome"] for one in found["asked"]) == ["", "approve"]
    assert shop.do(f"{there}/decide/", {"outcome": "approve"}, 422)["code"] == "not-for-machines"
    assert shop.ask(f"/cases/{content.case.public_id}/steps/create/approval/", 404)["code"] == "not-found"


def test_a_note_of_a_program_stands_with_its_name_and_calls_who_it_mentions(shop, path, ours):
    carmen = staff(Role.OPERATOR)
    shop.do(f"{path}/notes/", {"text": "@operator sales promised free cables"}, 201)
    (note,) = shop.ask(f"{path}/notes/", purpose="know what sales said")["notes"]
    assert (note["by"], note["text"]) == ("the shop", "@operator sales promised free cables")
    called = Event.objects.get(case=ours.case, kind="note.mentioned")
    assert called.data["staff"] == str(carmen.public_id)
    assert "free cables" in Desk(carmen).get(f"/desk/cases/{ours.case.public_id}/").content.decode()
    wrong = shop.do(f"{path}/notes/", {"text": "@nobody look"}, 422)
    assert wrong["fields"][0]["code"] == "nobody-called"
    assert machine(Scope.CASES_READ).ask(f"{path}/notes/", 403, purpose="x")["reason"] == "personal:read"
