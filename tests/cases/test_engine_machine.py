"""Random work on made-up journeys: no step is lost, none goes backwards, every case can still end."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from pridvor.cases import engine
from pridvor.journeys import language
from tests.cases import generated

FINAL = (engine.DONE, engine.SKIPPED, engine.CANCELLED)


class Work(RuleBasedStateMachine):
    @initialize(
        text=generated.journeys().filter(generated.is_sound),
        vip=st.booleans(),
        size=st.none() | st.integers(0, 20),
    )
    def open(self, text, vip, size):
        self.journey = language.read(text)
        known = {"client.vip": vip} | ({} if size is None else {"client.size": size})
        self.case = engine.start(self.journey, known).snapshot
        self.seen = dict(self.case.steps)
        self.ended_once: dict[tuple[str, int], str] = {}

    def obey(self, command):
        self.case = engine.decide(self.journey, self.case, command).snapshot

    @rule(data=st.data(), actor=st.sampled_from(["ana", "bogdan", "carmen"]))
    def complete(self, data, actor):
        work = generated.open_steps(self.case)
        if not work:
            return
        key, attempt = data.draw(st.sampled_from(work))
        outcomes = (
            ["again", "accept", "close declined"]
            if attempt.kind == engine.GATE
            else list(self.journey.steps[key.partition("@")[0]].routes)
        )
        self.obey(engine.Complete(key, attempt.number, data.draw(st.sampled_from(outcomes)), actor))

    @rule(data=st.data())
    def answer_late_or_twice(self, data):
        key = data.draw(st.sampled_from(sorted(self.case.steps)))
        number = max(1, self.case.steps[key].number - 1)
        self.obey(engine.Complete(key, number, "ok", "machine"))

    @rule(data=st.data())
    def change(self, data):
        self.obey(engine.Change(data.draw(st.sampled_from(sorted(self.journey.steps))), {}, "carmen"))

    @rule(data=st.data())
    def skip(self, data):
        self.obey(
            engine.Skip(data.draw(st.sampled_from(sorted(self.case.steps))), "carmen", "why", "cristina")
        )

    @rule()
    def pause_or_resume(self):
        self.obey(engine.Resume() if self.case.paused else engine.Pause("why"))

    @rule(never=st.integers(0, 9))
    def withdraw(self, never):
        if never == 0:
            self.obey(engine.Close("withdrawn"))

    @invariant()
    def no_step_is_lost(self):
        if hasattr(self, "case"):
            assert {
                key for key, step in self.journey.steps.items() if not step.exception
            } <= self.case.steps.keys()

    @invariant()
    def none_goes_backwards(self):
        for key, attempt in getattr(self, "case", engine.Snapshot({}, {}, {})).steps.items():
            before = self.seen.get(key)
            assert before is None or attempt.number >= before.number
            known = (
                self.ended_once.setdefault((key, attempt.number), attempt.status)
                if attempt.status in FINAL
                else None
            )
            assert known in (None, attempt.status) or known == engine.SKIPPED
            self.seen[key] = attempt

    @invariant()
    def every_case_can_still_end(self):
        if hasattr(self, "case"):
            generated.finish(self.journey, self.case)


def run(examples: int, steps: int) -> None:
    wide = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Work, settings=wide)


def test_generated_journeys_keep_their_promises():
    run(120, 25)


@pytest.mark.slow
def test_many_generated_journeys_keep_their_promises():
    run(3000, 40)
