"""The engine's table: a state, what is said, and what follows. No database."""

import pytest

from pridvor.cases import engine
from pridvor.cases.engine import Change, Close, Complete, Pause, Resume, Skip, Stalled
from pridvor.journeys import language


class Play:
    """A case of a small journey; each verb decides and remembers what was refused and what happened."""

    def __init__(self, text, **values):
        self.journey = language.read(f"journey: small\n{text}")
        first = engine.start(self.journey, values)
        self.case, self.refused, self.effects = first.snapshot, "", list(first.effects)

    def say(self, command):
        decision = engine.decide(self.journey, self.case, command)
        self.case, self.refused, self.effects = decision.snapshot, decision.refused, list(decision.effects)
        return self

    def do(self, step, outcome="done", actor="ana", **more):
        return self.say(Complete(step, self.case.steps[step].number, outcome, actor, **more))

    def all(self, *steps):
        for step in steps:
            self.do(*step.split(":"))
            assert not self.refused, f"{step}: {self.refused}"
        return self

    @property
    def open(self):
        return {key for key, attempt in self.case.steps.items() if attempt.status == "open"}

    def status(self, step):
        return self.case.steps[step].status

    def number(self, step):
        return self.case.steps[step].number

    def names(self):
        return [effect.name for effect in self.effects]


LOOP = """
stages:
  papers:
    steps:
      details: {form: a}
      bank: {form: b}
      collect: {upload: [x, y]}
      screen: {check: [cui], if fail: {redo: [details, bank, collect], limit: 2}}
      verify: {review: v, if correct: {redo: [details, bank, collect], limit: 2}, if reject: {close: declined}}
"""


def screened():
    return Play(LOOP).all("details", "bank", "collect")


def verified():
    return screened().all("screen:ok")


# -- redo


def test_a_redo_opens_its_target_anew_and_keeps_the_old_attempt_ended():
    play = screened().do("screen", "fail", targets=("bank",))
    assert (play.number("bank"), play.status("bank")) == (2, "open")
    assert play.open == {"bank"}


@pytest.mark.parametrize(
    ("targets", "opened", "carried"),
    [
        (("details",), {"details"}, ["bank", "collect"]),
        (("bank",), {"bank"}, ["collect"]),
        (("collect",), {"collect"}, []),
    ],
)
def test_forms_and_uploads_between_target_and_failure_are_not_asked_again(targets, opened, carried):
    play = screened().do("screen", "fail", targets=targets)
    assert play.open == opened
    play.do(*opened)
    assert [effect.data["step"] for effect in play.effects if effect.name == "step.carried"] == carried
    assert play.open == {"screen"}


def test_a_redo_without_targets_asks_all_of_them_one_after_another():
    play = screened().do("screen", "fail")
    assert play.open == {"details"}
    assert play.all("details").open == {"bank"}


def test_judgements_between_are_asked_again():
    play = verified().do("verify", "correct", targets=("bank",)).all("bank")
    assert play.open == {"screen"}
    assert (play.number("screen"), play.number("verify")) == (2, 2)


def test_only_the_wanted_items_are_asked_again_with_their_own_reasons():
    reasons = (
        {"step": "collect", "item": "y", "code": "blurred"},
        {"step": "bank", "item": "iban", "code": "wrong"},
    )
    play = screened().do(
        "screen",
        "fail",
        targets=("bank", "collect"),
        wanted={"collect": ("y",), "bank": ("iban",)},
        reasons=reasons,
    )
    collect = play.case.steps["collect"]
    assert (collect.wanted, [reason["code"] for reason in collect.reasons]) == (("y",), ["blurred"])


def test_the_ledger_is_told_of_the_loop_and_of_each_step_asked_again():
    play = screened().do("screen", "fail", targets=("bank",))
    told = {effect.name: effect.data for effect in play.effects}
    assert (told["loop.taken"]["count"], told["loop.taken"]["limit"]) == (1, 2)
    assert told["step.redone"]["step"] == "bank"


SIDE = """
stages:
  papers:
    steps:
      collect: {upload: [x, y]}
      one: {review: v, if correct: {redo: collect, limit: 2}}
      two: {review: v, with: one, if correct: {redo: collect, limit: 2}}
"""


def test_a_judgement_beside_a_failing_one_is_asked_again():
    play = Play(SIDE).all("collect").do("one", "correct").all("collect")
    assert play.open == {"one", "two"}
    assert play.number("two") == 2


JOINED = """
stages:
  papers:
    steps:
      more: {form: z}
      two: {review: a, about: more, if bad: {redo: more, limit: 3}}
      three: {review: b, about: more, with: two, if bad: {redo: more, limit: 3, keep: two}}
"""


def test_a_second_reason_joins_the_open_target():
    play = (
        Play(JOINED)
        .all("more")
        .do("three", "bad", wanted={"more": ("x",)}, reasons=({"step": "more", "code": "first"},))
    )
    assert play.open == {"more", "two"}, "the kept judgement stays open"
    play.do("two", "bad", wanted={"more": ("y",)}, reasons=({"step": "more", "code": "second"},))
    more = play.case.steps["more"]
    assert (more.number, more.wanted, [reason["code"] for reason in more.reasons]) == (
        2,
        ("x", "y"),
        ["first", "second"],
    )


# -- limits and gates


def spent():
    """The check has failed as often as it may, and fails once more."""
    play = screened()
    for _ in range(2):
        play.do("screen", "fail", targets=("collect",)).all("collect")
    return play.do("screen", "fail", targets=("collect",))


def test_past_its_limit_a_loop_stops_at_a_gate():
    play = spent()
    assert play.open == {"gate@screen"}
    assert play.status("screen") == "held"
    assert engine.whose_minute(play.journey, play.case) == "us"


@pytest.mark.parametrize(
    ("outcome", "opened", "state"),
    [
        ("again", {"details"}, "open"),
        ("accept", {"verify"}, "open"),
        ("close declined", set(), "ended"),
    ],
)
def test_a_person_decides_at_a_gate(outcome, opened, state):
    play = spent().do("gate@screen", outcome, "carmen")
    assert (play.open, play.case.state) == (opened, state)


def test_once_more_means_once():
    play = (
        spent()
        .do("gate@screen", "again")
        .all("details", "bank", "collect")
        .do("screen", "fail", targets=("collect",))
    )
    assert play.open == {"gate@screen"}
    assert play.number("gate@screen") == 2


@pytest.mark.parametrize("outcome", ["ok", "", "close", "accept now", "again 2"])
def test_a_gate_knows_three_answers_only(outcome):
    assert spent().do("gate@screen", outcome).refused == "no-such-outcome"


def test_a_gate_that_closes_says_why():
    play = spent().do("gate@screen", "close declined", reasons=({"code": "reject-false"},))
    told = {effect.name: effect.data for effect in play.effects}
    assert told["gate.decided"]["reasons"] == [{"code": "reject-false"}]


# -- exception steps


HELP = """
stages:
  s:
    steps:
      erp: {connect: erp.create, if fail: {open: by-hand, tell: delayed}}
      check: {check: [cui], if fail: {fix: mend, limit: 1}}
      last: {todo: t}
    exceptions:
      by-hand: {todo: hand}
      mend: {todo: m}
"""


def test_an_exception_step_stands_in_for_its_host_and_ends_it():
    play = Play(HELP).do("erp", "fail")
    assert (play.open, play.status("erp")) == ({"by-hand@erp"}, "held")
    assert {"tell": "delayed"} in [effect.data for effect in play.effects]
    assert play.all("by-hand@erp").status("erp") == "done"
    assert play.open == {"check"}


def test_after_a_fix_the_host_runs_again_and_not_before():
    play = Play(HELP).all("erp:ok").do("check", "fail")
    assert play.open == {"mend@check"}
    play.all("mend@check")
    assert (play.open, play.number("check")) == ({"check"}, 2)


def test_a_fix_past_its_limit_stops_at_a_gate():
    play = Play(HELP).all("erp:ok").do("check", "fail").all("mend@check").do("check", "fail")
    assert play.open == {"gate@check"}


def test_a_skipped_host_takes_its_exception_step_with_it():
    play = Play(HELP).do("erp", "fail").say(Skip("erp", "carmen", "not needed"))
    assert (play.status("by-hand@erp"), play.status("erp")) == ("cancelled", "skipped")


STALL = "stages:\n  s:\n    steps:\n      a: {form: f, then: ring}\n      b: {todo: t}\n    exceptions:\n      ring: {call: client, if unreached: go on}\n"


def test_a_call_opens_beside_a_client_who_does_not_act():
    play = Play(STALL).say(Stalled("a", 1))
    assert play.open == {"a", "ring@a"}
    assert play.all("a").status("ring@a") == "cancelled"


def test_a_call_that_was_made_leaves_the_form_open():
    play = Play(STALL).say(Stalled("a", 1)).all("ring@a:reached")
    assert play.open == {"a"}


@pytest.mark.parametrize("stalled", [Stalled("a", 2), Stalled("b", 1)])
def test_nobody_is_called_for_a_step_that_is_not_open(stalled):
    assert Play(STALL).say(stalled).open == {"a"}


# -- back, close, withdraw


BACK = """
stages:
  one: {steps: {a: {form: f}, c: {check: [cui], if fail: {redo: a, limit: 1}}}}
  two: {steps: {v: {review: r, if wrong: {back: one, limit: 1}}}}
"""


def test_back_begins_an_earlier_stage_anew_with_its_loops_uncounted():
    play = Play(BACK).all("a").do("c", "fail").all("a", "c:ok").do("v", "wrong")
    assert (play.open, play.number("a"), play.status("v")) == ({"a"}, 3, "waiting")
    assert ("c", "fail") not in play.case.counts
    assert play.case.counts["v", "wrong"] == 1


def test_back_has_a_limit_too():
    play = Play(BACK).all("a", "c:ok").do("v", "wrong").all("a", "c:ok").do("v", "wrong")
    assert play.open == {"gate@v"}


DONE_OUTSIDE = """
stages:
  s:
    steps:
      erp: {connect: erp.create, undo: erp.remove, if fail: {close: failed}}
      shop: {connect: shop.open, if fail: {close: failed}}
      v: {review: r, if reject: {close: declined}}
      w: {todo: t, with: v}
"""


def test_closing_undoes_what_was_done_outside_or_lists_it_and_stops_the_rest():
    play = Play(DONE_OUTSIDE).all("erp:ok", "shop:ok").do("v", "reject")
    told = [
        (effect.name, effect.data.get("use")) for effect in play.effects if effect.name.startswith("call.")
    ]
    assert told == [("call.undo", "erp.remove"), ("call.left", "shop.open")]
    assert (play.case.state, play.case.end, play.status("w")) == ("ended", "declined", "cancelled")


def test_a_case_that_closes_waits_for_a_call_in_flight():
    play = Play(DONE_OUTSIDE).say(Close("withdrawn"))
    assert play.case.state == "closing"
    play.say(Complete("erp", 1, "ok", "machine"))
    assert (play.case.state, play.names()) == ("ended", ["call.late", "case.ended"])


@pytest.mark.parametrize(
    ("end", "paused", "refused"),
    [
        ("withdrawn", False, ""),
        ("withdrawn", True, ""),
        ("expired", False, ""),
        ("expired", True, "not-now"),
    ],
)
def test_a_client_may_withdraw_from_a_paused_case_but_it_does_not_expire(end, paused, refused):
    play = Play(LOOP)
    if paused:
        play.say(Pause("why"))
    assert play.say(Close(end)).refused == refused


# -- who


SECOND = "stages:\n  s:\n    steps:\n      v: {review: r, second_person: true, if correct: {redo: self, limit: 1}, if reject: {close: declined}}\n"


@pytest.mark.parametrize(
    ("said", "refused", "status"),
    [
        ([("approve", "carmen")], "", "open"),
        ([("approve", "carmen"), ("approve", "carmen")], "second-person-must", "open"),
        ([("approve", "carmen"), ("approve", "cristina")], "", "done"),
        ([("approve", "carmen"), ("reject", "cristina")], "", "open"),
        ([("approve", "carmen"), ("reject", "cristina"), ("approve", "cristina")], "", "open"),
    ],
)
def test_two_people_must_agree(said, refused, status):
    play = Play(SECOND)
    for outcome, actor in said:
        play.do("v", outcome, actor)
    assert (play.refused, play.status("v")) == (refused, status)


def test_asking_for_a_correction_needs_no_second_person():
    play = Play(SECOND).do("v", "correct", "carmen")
    assert play.number("v") == 2


def test_a_large_client_alone_needs_two_people():
    text = (
        "knows: {client.size: int}\nstages: {s: {steps: {v: {review: r, second_person: client.size > 10}}}}"
    )
    assert Play(text, **{"client.size": 5}).do("v", "approve").status("v") == "done"
    assert Play(text, **{"client.size": 50}).do("v", "approve").status("v") == "open"
    assert Play(text).do("v", "approve").status("v") == "open", "not known: the stricter way"


OTHER = "stages: {s: {steps: {a: {todo: x}, b: {todo: y, other_than: a}}}}"


def test_the_same_person_may_not_do_both():
    play = Play(OTHER).do("a", actor="carmen").do("b", actor="carmen")
    assert play.refused == "somebody-else-must"
    assert not play.do("b", actor="cristina").refused


# -- pause


def test_what_arrives_during_a_pause_is_kept_and_goes_on_afterwards():
    play = screened().say(Pause("a question")).do("screen", "ok")
    assert (play.status("screen"), play.open) == ("done", set())
    assert play.say(Resume()).open == {"verify"}


@pytest.mark.parametrize(
    "commands",
    [
        [Resume()],
        [Pause("a"), Pause("b")],
        [Close("withdrawn"), Pause("a")],
        [Close("withdrawn"), Close("expired")],
    ],
)
def test_what_makes_no_sense_now_is_refused(commands):
    play = Play(LOOP)
    for command in commands:
        play.say(command)
    assert play.refused == "not-now"


# -- answers late, twice, unknown


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (Complete("details", 1, "done", "ana"), "no-longer-open"),
        (Complete("bank", 2, "done", "ana"), "no-longer-open"),
        (Complete("verify", 1, "approve", "ana"), "no-longer-open"),
        (Complete("nothing", 1, "ok", "ana"), "no-longer-open"),
        (Complete("bank", 1, "approve", "ana"), "no-such-outcome"),
        (Change("verify", {}, "carmen"), "not-now"),
        (Skip("details", "carmen", "why"), "not-now"),
        (Skip("nothing", "carmen", "why"), "not-now"),
    ],
)
def test_commands_that_come_too_late_or_make_no_sense(command, refused):
    play = Play(LOOP).all("details")
    before = play.case
    assert play.say(command).refused == refused
    assert play.case is before


def test_the_answer_of_a_call_that_was_given_up_is_noted_and_changes_nothing():
    play = Play(HELP).say(Skip("erp", "carmen", "why"))
    play.say(Complete("erp", 1, "ok", "machine"))
    assert (play.names(), play.refused, play.status("erp")) == (["call.late"], "", "skipped")
    assert play.say(Complete("erp", 1, "ok", "machine")).refused == "no-longer-open"


def test_a_call_is_not_made_again_while_the_first_may_still_arrive():
    text = "stages: {s: {steps: {a: {form: f}, erp: {connect: erp.create, if fail: {redo: a, limit: 2}}}}}"
    play = Play(text).all("a").say(Change("a", {}, "carmen"))
    assert play.status("erp") == "open", "a call judges nothing, so a change leaves it"


# -- optional


RATED = "stages: {s: {steps: {a: {form: f}, rating: {survey: r, optional: true}}}}"


def test_an_optional_step_may_be_answered_after_the_end():
    play = Play(RATED).all("a")
    assert (play.case.state, play.open) == ("ended", {"rating"})
    assert not play.do("rating", values={"rating.score": 9}).refused
    assert play.case.values["rating.score"] == 9


def test_nothing_optional_remains_of_a_case_that_was_closed():
    play = Play("stages: {s: {steps: {a: {form: f}, rating: {survey: r, optional: true, with: a}}}}").say(
        Close("withdrawn")
    )
    assert play.do("rating").refused == "no-longer-open"


# -- conditions


ASKS = "knows: {client.size: int}\nstages: {s: {steps: {a: {form: f}, b: {todo: t, when: client.size > 10}, c: {todo: u}}}}"


@pytest.mark.parametrize(
    ("values", "opened"), [({"client.size": 20}, "b"), ({"client.size": 2}, "c"), ({}, "gate@b")]
)
def test_a_condition_that_cannot_be_answered_goes_to_a_person(values, opened):
    assert Play(ASKS, **values).all("a").open == {opened}


@pytest.mark.parametrize(("outcome", "opened"), [("again", "b"), ("accept", "c")])
def test_a_person_answers_for_an_unknown_condition(outcome, opened):
    assert Play(ASKS).all("a").do("gate@b", outcome).open == {opened}


@pytest.mark.parametrize(("outcome", "opened"), [("again", "x"), ("accept", "y")])
def test_a_person_answers_for_a_stage_whose_condition_is_unknown(outcome, opened):
    text = "knows: {client.vip: bool}\nstages: {one: {when: client.vip, steps: {x: {todo: a}}}, two: {steps: {y: {todo: b}}}}"
    play = Play(text)
    assert play.open == {"gate@one"}
    assert play.do("gate@one", outcome).open == {opened}


def test_a_changed_answer_opens_what_was_not_needed_before():
    text = (
        "forms: {f: {p: {title: {en: T}, fields: {size: {type: int, label: {en: S}}}}}}\n"
        "stages: {s: {steps: {a: {form: f}, b: {todo: t, when: a.size > 10}, c: {todo: u}}}}"
    )
    play = Play(text).do("a", values={"a.size": 2})
    assert (play.status("b"), play.open) == ("skipped", {"c"})
    play.say(Change("a", {"a.size": 20}, "carmen"))
    assert "b" in play.open


def test_a_change_makes_judgements_on_it_fall():
    play = verified().say(Change("bank", {"bank.iban": "x"}, "carmen"))
    assert (play.number("bank"), play.status("bank"), play.open) == (2, "done", {"screen"})


# -- skip


def test_skipping_lets_the_case_go_on_and_is_told_with_its_reason():
    play = screened().say(Skip("screen", "carmen", "seen by eye"))
    assert play.open == {"verify"}
    assert [effect.data["reason"] for effect in play.effects if effect.name == "step.skipped"] == [
        "seen by eye"
    ]


@pytest.mark.parametrize(("second", "refused"), [("carmen", "second-person-must"), ("cristina", "")])
def test_skipping_what_two_must_decide_takes_two(second, refused):
    assert Play(SECOND).say(Skip("v", "carmen", "why", second)).refused == refused


def test_two_may_skip_one_after_the_other():
    play = Play(SECOND).say(Skip("v", "carmen", "why"))
    assert (play.status("v"), play.names()) == ("open", ["step.proposed"])
    assert play.say(Skip("v", "carmen", "why")).refused == "second-person-must"
    assert play.say(Skip("v", "cristina", "why")).status("v") == "skipped"


# -- milestones, stages, whose minute


TOLD = """
tell: {declined: declined}
stages:
  one:
    tell: {opened: hello, done: received}
    steps: {a: {form: f}, v: {review: r, if correct: {redo: a, limit: 3}, if reject: {close: declined}}}
  two: {steps: {z: {review: t, if wrong: {back: one, limit: 3}}}}
"""


def told(play):
    return [effect.data["tell"] for effect in play.effects if effect.name == "milestone.reached"]


def test_a_milestone_is_told_once_however_often_the_stage_is_passed():
    play = Play(TOLD)
    assert told(play) == ["hello"]
    assert told(play.all("a").do("v", "approve")) == ["received"]
    assert told(play.do("z", "wrong")) == []
    assert told(play.all("a").do("v", "approve")) == []


def test_the_end_is_told():
    assert told(Play(TOLD).all("a").do("v", "reject")) == ["declined"]


@pytest.mark.parametrize(
    ("path", "minute"),
    [
        ([], "client"),
        (["a"], "nobody"),
        (["a", "b:ok"], "third party"),
        (["a", "b:ok", "c:ok"], "us"),
        (["a", "b:ok", "c:ok", "d:approve"], ""),
    ],
)
def test_whose_minute_it_is(path, minute):
    text = (
        "stages: {s: {steps: {a: {form: f}, b: {check: [cui], if fail: go on}, c: {connect: x, if fail: go on},"
        " d: {review: r}, e: {survey: s, optional: true}}}}"
    )
    play = Play(text).all(*path)
    assert engine.whose_minute(play.journey, play.case) == minute


def test_work_of_ours_beside_the_clients_is_our_minute():
    play = Play("stages: {s: {steps: {a: {form: f}, b: {todo: t, with: a}}}}")
    assert engine.whose_minute(play.journey, play.case) == "us"


def test_a_stage_that_repeats_until_its_condition_ends_the_case():
    text = "knows: {client.enough: bool}\nstages: {s: {steps: {a: {todo: t}}}, m: {every: 30 days, until: client.enough, steps: {b: {todo: u}}}}"
    play = Play(text, **{"client.enough": True}).all("a", "b")
    assert play.case.state == "ended"
    other = Play(text, **{"client.enough": False}).all("a", "b")
    assert (other.case.state, other.case.goal) == ("open", True)


def test_deciding_leaves_the_snapshot_it_was_given_untouched():
    play = screened()
    before = play.case
    play.say(Complete("screen", 1, "ok", "machine"))
    assert before.steps["screen"].status == "open"
