"""Lists of items inside steps: what an item goes through, what it keeps from passing, and what goes back by name."""

import pytest
from django.db import connection

from pridvor.cases import actions as cases
from pridvor.cases import items
from pridvor.cases.models import Attempt, Event, Item
from pridvor.checks import actions as checks
from pridvor.checks.models import Finding
from pridvor.journeys import language
from pridvor.lib.actor import Actor
from pridvor.vault import actions as vault
from tests.conftest import CARMEN, NOW, actor_of, client_of, publish

pytestmark = pytest.mark.django_db
ENGINEER = Actor("staff", "00000000-0000-7000-8000-0000000000ee", "engineer")
TESTER = Actor("staff", "00000000-0000-7000-8000-0000000000ef", "engineer")
SECRET = "Doamna Popescu nu poate intra"
JOURNEY = """
journey: launch
stages:
  content:
    owner: editor
    steps:
      create: {todo: content}
      complete: {check: [assets], items: assets, if fail: {fix: recover, limit: 3}}
    exceptions:
      recover: {upload: missing-assets, items: assets}
  launch:
    owner: engineer
    steps:
      build: {todo: build}
      qa: {review: quality, items: defects, if fail: {fix: mend, limit: 8}, if stop: {close: declined}}
    exceptions:
      mend: {todo: mend, items: defects}
"""


class Launch:
    def __init__(self, person):
        self.person, self.me = person, actor_of(person)
        self.case = cases.open_case(
            publish(JOURNEY), client_of(person), person, language="en", actor=self.me, now=NOW
        )

    def open(self, key):
        return Attempt.objects.filter(case=self.case, key=key, status="open").first()

    def end(self, key, outcome="done", actor=ENGINEER):
        cases.complete(self.open(key), outcome, actor=actor, now=NOW)
        return self

    def add(self, name, text="Broken", **more):
        return items.add(self.case, name, text, actor=TESTER, now=NOW, **more)

    def check(self):
        opened = Event.objects.filter(case=self.case, kind="step.opened", data__step="complete")
        checks.run(cases.event(opened.order_by("-id").first().pk), now=NOW)
        return self


@pytest.fixture
def launch(ana):
    return Launch(ana)


@pytest.fixture
def testing(launch):
    launch.end("create").check().end("build")
    assert launch.open("qa")
    return launch


def fix(item, note="Done"):
    items.fix(item, note=note, actor=ENGINEER, now=NOW)


def test_an_item_is_added_taken_fixed_tested_and_closed(testing):
    item = testing.add("defects")
    items.take(item, actor=ENGINEER, now=NOW)
    fix(item)
    items.retest(item, True, actor=TESTER, now=NOW)
    testing.end("qa", "approve", TESTER)
    item.refresh_from_db()
    assert item.state == "closed"
    said = Event.objects.filter(case=testing.case, kind__startswith="item.").order_by("id")
    assert [event.kind for event in said] == [
        "item.added",
        "item.taken",
        "item.fixed",
        "item.retested",
        "item.closed",
    ]
    assert {event.data["item"] for event in said} == {items.key(item)}


@pytest.mark.parametrize("state", ["open", "fixed"])
def test_a_review_does_not_pass_while_a_required_item_is_not_tested(testing, state):
    item = testing.add("defects", severity="blocker")
    if state == "fixed":
        fix(item)
    with pytest.raises(cases.Refused, match="items-open"):
        testing.end("qa", "approve")
    assert testing.open("qa")


@pytest.mark.parametrize("state", ["minor", "rejected", "retested"])
def test_what_is_minor_set_aside_or_tested_holds_nothing_up(testing, state):
    item = testing.add("defects", severity="minor" if state == "minor" else "major")
    if state == "rejected":
        items.reject(item, "Not a defect", actor=TESTER, now=NOW)
    elif state == "retested":
        fix(item)
        items.retest(item, True, actor=TESTER, now=NOW)
    testing.end("qa", "approve")
    assert testing.open("qa") is None


def test_a_minor_item_can_be_required_and_a_major_one_not(testing):
    testing.add("defects", required=False)
    assert items.holding(testing.case, testing.case.journey.steps["qa"]) == []
    needed = testing.add("defects", severity="minor", required=True)
    assert items.holding(testing.case, testing.case.journey.steps["qa"]) == [needed]


def test_a_review_never_fails_without_naming_what(testing):
    with pytest.raises(cases.Refused, match="no-items-named"):
        testing.end("qa", "fail")


def test_a_review_that_fails_names_the_open_items_and_no_others(testing):
    fixed, broken = testing.add("defects"), testing.add("defects")
    fix(fixed)
    items.retest(fixed, True, actor=TESTER, now=NOW)
    testing.end("qa", "fail")
    again = Attempt.objects.filter(case=testing.case, key="qa").order_by("-number").first()
    assert again.wanted == [items.key(broken)]
    assert [reason["item"] for reason in again.reasons] == [items.key(broken)]
    assert testing.open("mend@qa")


def test_work_on_a_list_is_not_done_before_each_of_its_items_is(testing):
    item = testing.add("defects")
    testing.end("qa", "fail")
    with pytest.raises(cases.Refused, match="items-open"):
        testing.end("mend@qa")
    fix(item)
    testing.end("mend@qa")
    assert testing.open("qa").number == 2


def test_an_item_that_fails_its_test_is_open_again_and_says_why(testing):
    item = testing.add("defects")
    fix(item)
    with pytest.raises(cases.Refused, match="no-words"):
        items.retest(item, False, actor=TESTER, now=NOW)
    items.retest(item, False, "Still broken", actor=TESTER, now=NOW)
    (told,) = items.read([Item.objects.get()], actor=TESTER, purpose="test", now=NOW)
    assert (told.item.state, told.text, told.notes) == ("open", "Broken", ["Done", "Still broken"])


def test_a_close_needs_no_item(testing):
    testing.end("qa", "stop")
    testing.case.refresh_from_db()
    assert testing.case.end == "declined"


def test_a_check_fails_with_the_required_items_that_are_missing(launch):
    missing = launch.add("assets", "The logo", owner="client")
    launch.add("assets", "A second photo", owner="client", severity="minor")
    launch.end("create").check()
    assert [(row.code, row.item) for row in Finding.objects.all()] == [("asset-missing", items.key(missing))]
    assert launch.open("recover@complete")
    again = Attempt.objects.filter(case=launch.case, key="complete").order_by("-number").first()
    assert (again.number, again.wanted) == (2, [items.key(missing)])


def test_the_check_passes_once_the_client_has_brought_them(launch):
    logo = launch.add("assets", "The logo", owner="client")
    launch.end("create").check()
    with pytest.raises(cases.Refused, match="items-open"):
        launch.end("recover@complete", actor=launch.me)
    items.fix(logo, note="It is on our site", actor=launch.me, now=NOW)
    launch.end("recover@complete", actor=launch.me).check()
    assert launch.open("build")


def test_an_upload_waits_for_the_clients_items_and_not_for_ours(launch):
    launch.add("assets", "The logo", owner="client")
    ours = launch.add("assets", "The icons", owner="us")
    launch.end("create").check()
    for item in Item.objects.filter(owner="client"):
        fix(item)
    launch.end("recover@complete", actor=launch.me).check()
    again = Attempt.objects.filter(case=launch.case, key="complete").order_by("-number").first()
    assert (again.number, again.wanted) == (3, [items.key(ours)])


@pytest.mark.parametrize(
    ("verb", "refused"),
    [
        (lambda item: items.fix(item, actor=ENGINEER, now=NOW), "no-evidence"),
        (lambda item: items.retest(item, True, actor=ENGINEER, now=NOW), "not-now"),
        (lambda item: items.reject(item, " ", actor=ENGINEER, now=NOW), "no-words"),
    ],
)
def test_what_an_open_item_is_not_ready_for_is_refused(testing, verb, refused):
    with pytest.raises(cases.Refused, match=refused):
        verb(testing.add("defects"))


def test_nothing_is_done_with_an_item_that_was_set_aside(testing):
    item = testing.add("defects")
    items.reject(item, "Not a defect", actor=TESTER, now=NOW)
    for verb in (
        lambda: items.take(item, actor=ENGINEER, now=NOW),
        lambda: fix(item),
        lambda: items.retest(item, True, actor=TESTER, now=NOW),
        lambda: items.reject(item, "Again", actor=TESTER, now=NOW),
    ):
        with pytest.raises(cases.Refused, match="not-now"):
            verb()


def test_an_item_belongs_to_a_list_of_the_journey(testing):
    with pytest.raises(cases.Refused, match="not-now"):
        testing.add("wishes")
    with pytest.raises(cases.Refused, match="no-words"):
        testing.add("defects", "  ")


def test_items_are_numbered_in_their_list(testing):
    assert [testing.add(name).number for name in ("defects", "assets", "defects")] == [1, 1, 2]


def test_an_item_lies_in_no_table_of_the_application_and_shuts_with_its_subject(testing):
    item = testing.add("defects", SECRET)
    fix(item, f"Rezolvat: {SECRET}")
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select count(*) from "{table}" t where t::text like %s', [f"%{SECRET}%"])
            assert cursor.fetchone()[0] == 0, table
    refs = [item.ref, item.notes.get().ref]
    assert cases.in_use(refs) == set(refs)
    vault.erase(testing.case.subject, actor=CARMEN, reason="asked", now=NOW)
    (told,) = items.read([item], actor=TESTER, purpose="test", now=NOW)
    assert (told.text, told.notes) == ("", [])


def test_a_step_of_another_kind_works_on_no_list():
    with pytest.raises(language.Unsound, match="a form works on no list"):
        language.read("journey: x\nstages: {s: {steps: {a: {form: f, items: defects}}}}")
    with pytest.raises(language.Unsound, match="is not a name"):
        language.read("journey: x\nstages: {s: {steps: {a: {todo: f, items: My List}}}}")
