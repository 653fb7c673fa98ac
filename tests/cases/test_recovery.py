"""Criteria, added steps, sending back, waits, rounds, moving to another version, undoing: states, what is said, what follows."""

import pytest

from pridvor.cases.engine import (
    Add,
    Change,
    Complete,
    Happened,
    Meet,
    Migrate,
    Pause,
    Return,
    Skip,
    Tick,
    Undo,
    decide,
)
from pridvor.cases.snapshot import from_json, to_json
from pridvor.journeys import language
from tests.cases.test_engine import Play

GUARDED = """
knows: {client.size: int}
stages:
  first:
    exit:
      keys: {title: {en: Keys handed over}}
      known: {when: client.size > 0, title: {en: Size is known}}
    steps: {a: {todo: a}}
  second:
    enter: {trained: {title: {en: Trained}}}
    steps: {b: {todo: b}}
"""


def held():
    return Play(GUARDED).all("a")


def test_a_stage_does_not_end_while_a_criterion_fails_and_says_which():
    play = held()
    assert play.open == {"exit@first"}
    assert play.case.steps["exit@first"].wanted == ("keys", "known")
    assert play.case.stages["first"].live


def test_ticking_one_line_leaves_the_other():
    play = held().say(Meet("first", "exit:keys"))
    assert play.case.steps["exit@first"].wanted == ("known",)


def test_a_stage_whose_criteria_hold_ends_and_the_next_waits_at_its_own_door():
    play = Play(GUARDED, **{"client.size": 3}).all("a").say(Meet("first", "exit:keys"))
    assert play.open == {"enter@second"}
    assert "criteria.met" in play.names()
    assert play.say(Meet("second", "enter:trained")).open == {"b"}


def test_a_line_may_be_ticked_before_it_is_asked_for():
    play = Play(GUARDED, **{"client.size": 3}).say(Meet("first", "exit:keys")).all("a")
    assert play.open == {"enter@second"}


def test_a_person_may_let_the_stage_go_on_with_a_reason():
    play = held().do("exit@first", "accept", reasons=({"code": "agreed"},))
    assert play.open == {"enter@second"}
    assert ("criteria.accepted", ["keys", "known"]) in [(e.name, e.data.get("unmet")) for e in play.effects]


@pytest.mark.parametrize("criterion", ["exit:known", "exit:other", "keys", "enter:keys"])
def test_only_lines_to_tick_are_ticked(criterion):
    assert held().say(Meet("first", criterion)).refused == "not-now"


def test_an_unticked_line_holds_again():
    play = Play(GUARDED, **{"client.size": 3}).say(Meet("first", "exit:keys"))
    assert play.say(Meet("first", "exit:keys", False)).all("a").open == {"exit@first"}


TWO = "stages: {s: {steps: {a: {todo: a}, b: {review: b, if no: go on}, c: {todo: c}}}}"


def test_an_added_step_keeps_its_stage_open_and_holds_the_step_that_waits_for_it():
    play = Play(TWO).say(Add("added-1", "s", "todo", before="b")).all("a")
    assert play.open == {"added-1"}
    assert play.all("added-1").open == {"b"}
    assert play.all("b:approve", "c").case.state == "ended"


def test_an_added_upload_is_the_clients_minute():
    play = Play(TWO).say(Add("added-1", "s", "upload", wanted=("passport",), before="b")).all("a")
    assert [e.data["parties"] for e in play.effects if e.name == "clock.turned"] == [
        {"": "client", "s": "client"}
    ]


@pytest.mark.parametrize(
    "command",
    [
        Add("a", "s", "todo"),
        Add("x", "nowhere", "todo"),
        Add("x", "s", "connect"),
        Add("x", "s", "todo", before="a"),
        Add("x@a", "s", "todo"),
    ],
)
def test_what_cannot_be_added_is_refused(command):
    assert Play(TWO).say(command).refused == "not-now"


def test_a_skipped_added_step_holds_nobody():
    play = Play(TWO).say(Add("added-1", "s", "todo", before="b")).all("a")
    assert play.say(Skip("added-1", "ana", "why")).open == {"b"}


def test_sending_back_opens_the_step_and_what_was_judged_on_it():
    play = Play(TWO).all("a", "b:approve").say(Return("a", ({"code": "wrong"},)))
    assert play.open == {"a"}
    assert (play.number("b"), play.status("c")) == (2, "waiting")
    assert play.case.steps["a"].reasons == [{"code": "wrong"}]
    assert play.all("a", "b:approve").open == {"c"}


def test_there_is_no_way_back_to_what_has_not_been_done():
    assert Play(TWO).say(Return("b")).refused == "not-now"


WAITS = """
expires: 9 days
stages:
  s:
    steps:
      g: {guide: g}
      w: {wait: first-login, for: client, within: 14 days, if late: {redo: g, limit: 1}}
      z: {todo: z}
"""


def test_a_wait_ends_when_its_event_comes():
    assert Play(WAITS).all("g").say(Happened("other", "x")).open == {"w"}
    assert Play(WAITS).all("g").say(Happened("first-login", "x")).open == {"z"}


def test_an_event_that_came_before_anybody_waited_counts_once():
    play = Play(WAITS).say(Happened("first-login", "x")).all("g")
    assert play.open == {"z"}
    play.say(Return("g")).all("g")
    assert play.open == {"w"}


ROUNDS = """
stages:
  once: {steps: {a: {todo: a}}}
  monthly: {every: month, until: 'm.outcome == "stop"', steps: {m: {review: m, if stop: go on}}}
"""


def test_a_round_that_comes_while_the_last_is_open_is_missed():
    play = Play(ROUNDS).all("a").say(Tick("monthly"))
    assert play.names() == ["round.missed"]
    assert play.all("m:approve").say(Tick("monthly")).open == {"m"}
    assert play.all("m:stop").case.state == "ended"


def test_after_the_goal_no_minute_is_booked_to_the_promise():
    play = Play(ROUNDS).all("a")
    assert [e.data["parties"] for e in play.effects if e.name == "clock.turned"] == [{"monthly": "us"}]


def test_a_pause_is_the_minute_of_whom_it_waits_for():
    play = Play(TWO).say(Pause("papers by post", "client"))
    assert [e.data for e in play.effects if e.name == "clock.turned"] == [
        {"parties": {"": "client", "s": "client"}, "paused": True}
    ]
    assert Play(TWO).say(Pause("why", "nobody")).refused == "not-now"


NEXT = "journey: small\nstages: {s: {steps: {a: {todo: a}, n: {todo: n}, c: {todo: c}}}}"


def test_a_case_moves_to_another_version_with_what_it_has_done():
    play = Play(TWO).all("a")
    play.journey, old = language.read(NEXT), play.journey
    decision = decide(old, play.case, Migrate(play.journey))
    play.case = decision.snapshot
    assert play.open == {"n"}
    assert (play.status("a"), play.status("b")) == ("done", "cancelled")
    assert play.all("n", "c").case.state == "ended"


def test_a_new_step_in_a_stage_already_left_counts_as_passed():
    first = "stages: {s: {steps: {a: {todo: a}}}, t: {steps: {z: {todo: z}}}}"
    second = "journey: small\nstages: {s: {steps: {a: {todo: a}, b: {todo: b}}}, t: {steps: {z: {todo: z}}}}"
    play = Play(first).all("a")
    moved = decide(play.journey, play.case, Migrate(language.read(second))).snapshot
    assert (moved.steps["b"].status, moved.steps["z"].status) == ("skipped", "open")


def test_a_call_in_flight_for_a_step_that_is_gone_blocks_the_move():
    play = Play("stages: {s: {steps: {e: {connect: e, if fail: {close: no}}}}}")
    assert decide(play.journey, play.case, Migrate(language.read(NEXT))).refused == "call-in-flight"


def test_moving_there_and_back_takes_the_step_up_anew():
    play = Play(TWO).all("a")
    there = decide(play.journey, play.case, Migrate(language.read(NEXT))).snapshot
    back = decide(language.read(NEXT), there, Migrate(play.journey)).snapshot
    assert (back.steps["b"].status, back.steps["b"].number) == ("open", 2)


def test_undoing_a_move_needs_the_version_before():
    play = Play(TWO).all("a")
    new = language.read(NEXT)
    there = decide(play.journey, play.case, Migrate(new)).snapshot
    back = decide(new, there, Undo(play.case, play.journey)).snapshot
    assert {key for key, row in back.steps.items() if row.status == "open"} == {"b"}


@pytest.mark.parametrize(
    "command",
    [
        Complete("b", 1, "approve", "carmen"),
        Complete("b", 1, "wrong", "carmen"),
        Complete("b", 1, "reject", "carmen"),
        Skip("b", "carmen", "why"),
        Change("a", {}, "carmen"),
        Return("a"),
        Pause("why"),
        Add("added-1", "s", "todo", before="c"),
    ],
)
def test_what_was_undone_stands_as_before_by_new_attempts(command):
    text = (
        "stages: {s: {steps: {a: {todo: a}, b: {review: b, if wrong: {redo: a, limit: 2}, "
        "if reject: {close: declined}}, c: {todo: c}}}}"
    )
    play = Play(text).all("a")
    before = from_json(to_json(play.case))
    assert before == play.case
    play.say(command)
    assert not play.refused
    play.say(Undo(before))
    assert not play.refused
    stands = {key: (row.status, row.outcome) for key, row in play.case.steps.items() if key in before.steps}
    assert stands == {key: (row.status, row.outcome) for key, row in before.steps.items()}
    assert (play.case.state, play.case.end, play.case.counts, play.case.paused) == ("open", "", {}, "")
    assert play.all("b:approve", "c").case.state == "ended"


def test_the_opening_is_a_milestone_where_the_journey_says_so():
    play = Play("tell: {opened: case-received}\nstages: {s: {steps: {a: {todo: a}}}}")
    assert [e.data["tell"] for e in play.effects if e.name == "milestone.reached"] == ["case-received"]
