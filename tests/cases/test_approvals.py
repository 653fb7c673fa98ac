"""Approval by the client: who is asked, when it is given, what a request for changes carries, and what it becomes."""

import pytest
from django.db import connection

from pridvor.cases import actions as cases
from pridvor.cases import approvals
from pridvor.cases.models import ApprovalVote, Attempt, Event, Membership
from pridvor.lib.actor import Actor
from pridvor.vault import actions as vault
from tests.content import EDITOR, Content

pytestmark = pytest.mark.django_db
BOGDAN, CARLA = "bogdan@electroinstal.example", "carla@electroinstal.example"
SECRET = "Telefonul doamnei Popescu este greșit"


@pytest.fixture
def content(ana):
    return Content(ana).deliver()


def kinds(case):
    return list(Event.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


def test_one_approver_is_enough_where_one_is_asked(content):
    content.vote()
    assert content.outcome() == "approve"
    content.case.refresh_from_db()
    assert content.case.state == "ended"


def test_all_who_are_named_must_agree(ana):
    content = Content(ana, "approvers: all").deliver()
    bogdan, carla = content.person(BOGDAN), content.person(CARLA)
    content.vote(person=bogdan)
    assert content.outcome() == ""
    content.vote(person=carla)
    assert content.outcome() == "approve"


def test_two_of_three_are_enough(ana):
    content = Content(ana, "approvers: 2").deliver()
    bogdan, carla = content.person(BOGDAN), content.person(CARLA)
    content.person("ana@electroinstal.example")
    content.vote()
    assert content.outcome() == ""
    content.vote(person=carla)
    assert (content.outcome(), content.open("agree")) == ("approve", None)
    assert bogdan.pk not in {vote.person_id for vote in ApprovalVote.objects.all()}


def test_one_person_cannot_agree_twice(ana):
    content = Content(ana, "approvers: 2").deliver()
    content.person("ana@electroinstal.example")
    content.person(BOGDAN)
    content.vote()
    with pytest.raises(cases.Refused, match="said-already"):
        content.vote()


def test_fewer_asked_than_must_agree_is_said_and_never_made_easier(ana):
    content = Content(ana, "approvers: 2").deliver()
    content.vote()
    standing = approvals.standing(content.open("agree"), {"content": 1})
    assert (standing.too_few, standing.agreed, standing.needed, content.outcome()) == (True, 1, 2, "")


def test_somebody_who_was_not_asked_has_no_vote_and_no_comment(content, emil):
    content.person(BOGDAN)  # from now on only those who are named
    with pytest.raises(cases.Refused, match="not-asked"):
        content.vote()
    with pytest.raises(cases.Refused, match="not-asked"):
        content.vote(person=emil)
    with pytest.raises(cases.Refused, match="not-asked"):
        content.pin()


def test_an_approver_is_let_in_to_this_one_case(content):
    bogdan = content.person(BOGDAN)
    assert Membership.objects.get(case=content.case).person == bogdan
    assert "approver.named" in kinds(content.case)
    assert content.person(BOGDAN) == bogdan
    assert kinds(content.case).count("approver.named") == 1


def test_asking_for_changes_needs_a_comment_that_says_which(content):
    with pytest.raises(cases.Refused, match="no-comment"):
        content.vote("revise")
    assert content.outcome() == ""


def test_one_request_for_changes_ends_the_attempt_and_carries_every_comment(ana):
    content = Content(ana, "approvers: all").deliver()
    bogdan = content.person(BOGDAN)
    content.person("ana@electroinstal.example")
    mine, his = content.pin(), content.pin("And larger", bogdan)
    content.vote()
    content.vote("revise", bogdan)
    again = content.open("create")
    assert (content.outcome(), again.number) == ("revise", 2)
    assert {reason["comment"] for reason in again.reasons} == {str(mine.public_id), str(his.public_id)}
    assert {reason["code"] for reason in again.reasons} == {"changes-asked"}


def test_votes_count_for_one_attempt_only(ana):
    content = Content(ana, "approvers: all").deliver()
    bogdan = content.person(BOGDAN)
    content.person("ana@electroinstal.example")
    content.vote()
    content.pin("No", bogdan)
    content.vote("revise", bogdan)
    content.deliver()
    content.vote(person=bogdan)
    assert content.outcome() == "revise"
    content.vote()
    assert content.outcome() == "approve"


def test_a_vote_on_an_older_version_is_refused_and_counts_no_more(ana):
    content = Content(ana, "approvers: all").deliver()
    bogdan = content.person(BOGDAN)
    content.person("ana@electroinstal.example")
    content.vote()
    content.words("A better text")
    content.deliver()
    with pytest.raises(cases.Refused, match="stale"):
        content.vote(person=bogdan, seen=1)
    content.vote(person=bogdan)
    assert content.outcome() == ""
    content.vote()
    assert content.outcome() == "approve"


def test_who_did_the_step_before_cannot_be_one_of_two_who_approve(ana):
    content = Content(ana, "approvers: 2\n        other_than: create").deliver()
    content.person("ana@electroinstal.example")
    bogdan = content.person(BOGDAN)
    row = Attempt.objects.get(case=content.case, key="create")
    assert row.by == str(EDITOR)
    maker = Actor("staff", EDITOR.id, "editor")
    with pytest.raises(cases.Refused, match="somebody-else-must"):
        approvals.vote(
            content.open("agree"),
            bogdan,
            "approve",
            seen={"content": 1},
            versions={"content": 1},
            actor=maker,
            now=content.time(),
        )
    assert not ApprovalVote.objects.exists()


def test_a_second_person_must_agree_even_where_one_is_enough(ana):
    content = Content(ana, "approvers: one\n        second_person: true").deliver()
    content.person("ana@electroinstal.example")
    bogdan = content.person(BOGDAN)
    content.vote()
    assert content.outcome() == ""
    content.vote(person=bogdan)
    assert content.outcome() == "approve"


def test_two_votes_of_a_quorum_are_the_second_person_too(ana):
    content = Content(ana, "approvers: 2\n        second_person: true").deliver()
    content.person("ana@electroinstal.example")
    bogdan = content.person(BOGDAN)
    content.vote()
    content.vote(person=bogdan)
    assert content.outcome() == "approve"


def test_nobody_says_anything_once_it_is_decided(content):
    attempt = content.open("agree")
    content.vote()
    for say in (
        lambda: approvals.vote(
            attempt,
            content.ana,
            "revise",
            seen={"content": 1},
            versions={"content": 1},
            actor=content.me,
            now=content.time(),
        ),
        lambda: approvals.comment(
            attempt,
            content.ana,
            "late",
            approvals.Place(),
            deliverable="content",
            version=1,
            actor=content.me,
            now=content.time(),
        ),
    ):
        with pytest.raises(cases.Refused):
            say()


def test_a_comment_can_be_taken_back_by_its_own_person_while_it_is_open(content):
    comment = content.pin()
    with pytest.raises(cases.Refused, match="not-asked"):
        approvals.take_back(comment, content.person(BOGDAN), actor=content.me, now=content.time())
    approvals.take_back(comment, content.ana, actor=content.me, now=content.time())
    assert approvals.comments_on(content.open("agree")) == []


def test_a_comment_lies_in_no_table_of_the_application(content):
    content.pin(SECRET)
    content.vote("revise")
    content.deliver(why=[f"Nu: {SECRET}"])
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select count(*) from "{table}" t where t::text like %s', [f"%{SECRET}%"])
            assert cursor.fetchone()[0] == 0, table


def test_comments_and_answers_are_no_orphans_and_shut_with_their_subject(content):
    content.pin(SECRET)
    content.vote("revise")
    content.deliver(why=["Because"])
    (asked,) = approvals.asked_before(content.open("agree"))
    assert cases.in_use([asked.ref, asked.answer_ref]) == {asked.ref, asked.answer_ref}
    said = approvals.read([asked], actor=content.me, purpose="test", now=content.time())
    assert [(one.text, one.answer) for one in said] == [(SECRET, "Because")]
    vault.erase(content.case.subject, actor=EDITOR, reason="asked", now=content.time())
    said = approvals.read([asked], actor=content.me, purpose="test", now=content.time())
    assert [(one.text, one.answer) for one in said] == [("", "")]
