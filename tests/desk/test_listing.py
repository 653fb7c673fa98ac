"""Lists on the page of a case: items added, fixed with evidence, tested; decisions that they hold up."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pridvor.accounts.models import Role
from pridvor.cases import items
from pridvor.cases.models import Attempt, Item
from tests.cases.test_items import Launch
from tests.desk.conftest import Desk, staff
from tests.documents import corpus

pytestmark = pytest.mark.django_db


@pytest.fixture
def testing(ana):
    made = Launch(ana)
    return made.end("create").check().end("build")


@pytest.fixture
def engineer(db):
    return Desk(staff(Role.ENGINEER))


def at(testing, path=""):
    return f"/desk/cases/{testing.case.public_id}/{path}"


def say(desk, testing, path, **said):
    return desk.post(at(testing, path), said, follow=True).content.decode()


def add(desk, testing, text="The button does nothing", **more):
    given = {"text": text, "severity": "major", "owner": "us", **more}
    return say(desk, testing, "lists/defects/add/", **given)


def test_an_item_is_added_and_its_words_are_on_the_page(engineer, testing):
    page = add(engineer, testing)
    assert "The button does nothing" in page
    assert "cannot pass yet, because of: 1" in page


def test_a_review_that_cannot_pass_says_why(engineer, testing):
    add(engineer, testing)
    page = engineer.decide(testing.case, "approve", "qa").content.decode()
    assert "Required items are still to be done" in page
    assert testing.open("qa")


def test_a_review_fails_with_its_items_at_one_press(engineer, testing):
    assert "Say first what is wrong" in engineer.decide(testing.case, "fail", "qa").content.decode()
    add(engineer, testing)
    engineer.decide(testing.case, "fail", "qa")
    again = Attempt.objects.filter(case=testing.case, key="qa").order_by("-number").first()
    assert again.wanted == [items.key(Item.objects.get())]


def test_it_is_fixed_with_a_file_and_tested(engineer, testing):
    add(engineer, testing)
    item = Item.objects.get()
    file = SimpleUploadedFile("proof.pdf", corpus.typeset(), "application/pdf")
    say(engineer, testing, f"items/{item.public_id}/fix/", file=file, words="It works")
    item.refresh_from_db()
    assert item.state == "fixed"
    assert at(testing, f"files/{item.evidence}/") in engineer.text(at(testing))
    say(engineer, testing, f"items/{item.public_id}/pass/")
    item.refresh_from_db()
    assert item.state == "retested"


def test_a_fix_without_evidence_is_told_so(engineer, testing):
    add(engineer, testing)
    item = Item.objects.get()
    assert "Show that it is fixed" in say(engineer, testing, f"items/{item.public_id}/fix/")
    wrong = SimpleUploadedFile("a.exe", b"MZ", "application/x-msdownload")
    said = say(engineer, testing, f"items/{item.public_id}/fix/", file=wrong)
    assert "We cannot take this kind of file" in said
    item.refresh_from_db()
    assert item.state == "open"


def test_failing_and_setting_aside_need_words(engineer, testing):
    add(engineer, testing)
    item = Item.objects.get()
    assert "Say it in words" in say(engineer, testing, f"items/{item.public_id}/reject/")
    page = say(engineer, testing, f"items/{item.public_id}/reject/", words="It is meant so")
    assert "set aside" in page
    assert "It is meant so" in page


def test_whoever_does_none_of_its_steps_cannot_touch_a_list(carmen, engineer, testing):
    add(engineer, testing)
    item = Item.objects.get()
    assert carmen.post(at(testing, f"items/{item.public_id}/take/")).status_code == 404
    new = {"text": "x", "severity": "major", "owner": "us"}
    assert carmen.post(at(testing, "lists/defects/add/"), new).status_code == 404
    page = carmen.text(at(testing))
    assert "The button does nothing" in page
    assert "Add the item" not in page


def test_what_is_no_item_list_or_verb_does_not_exist(engineer, testing):
    add(engineer, testing)
    item = Item.objects.get()
    for path in (
        "lists/wishes/add/",
        f"items/{testing.case.public_id}/take/",
        f"items/{item.public_id}/burn/",
    ):
        assert engineer.post(at(testing, path)).status_code == 404


def test_the_history_tells_each_change(engineer, testing):
    add(engineer, testing)
    say(engineer, testing, f"items/{Item.objects.get().public_id}/take/")
    page = engineer.text(at(testing))
    assert "defects: item 1 added" in page
    assert "defects: somebody is at item 1" in page
