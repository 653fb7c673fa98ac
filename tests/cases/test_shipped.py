"""The shipped journeys, played: every step opens, every outcome is given, every loop is taken, every end is reached."""

import random

import pytest

from pridvor.cases import engine
from pridvor.journeys import language
from tests.conftest import ROOT

SHIPPED = sorted((ROOT / "journeys").glob("*.yaml"), key=lambda path: path.stem)
PLAYS, MOST = 600, 300  # plays of a journey, commands in a play
LEAVES = {
    number: (1, "expired" if number % 2 else "withdrawn") for number in range(3, 9)
}  # after one command: later a call may be under way, whose end a closing case awaits
PEOPLE = ("ana", "bogdan", "carmen", "cristina")


class Coverage:
    def __init__(self, journey):
        self.journey = journey
        self.opened, self.given, self.ends = set(), set(), set()
        self.random = random.Random(journey.name)

    def wanted_outcomes(self):
        return {(step.key, outcome) for step in self.journey.steps.values() for outcome in step.routes}

    def wanted_ends(self):
        closing = {
            route.end
            for step in self.journey.steps.values()
            for route in step.routes.values()
            if route.verb == "close"
        }
        return closing | {self.journey.end, "withdrawn", "expired"}

    def is_whole(self):
        return (
            self.opened >= set(self.journey.steps)
            and self.given >= self.wanted_outcomes()
            and self.ends >= self.wanted_ends()
        )

    def play(self, leaves_at):
        values = {name: self.value(kind) for name, kind in self.journey.variables.items()}
        values = {name: value for name, value in values.items() if name not in self.journey.given}
        values = {name: value for name, value in values.items() if not name.endswith(".outcome")}
        case = self.see(engine.start(self.journey, values))
        for count in range(MOST):
            if case.state == "ended":
                break
            command = engine.Close(leaves_at[1]) if count == leaves_at[0] else self.command(case)
            if command is not None:
                case = self.see(engine.decide(self.journey, case, command))
        if case.state == "ended":
            self.ends.add(case.end)
        for key, row in [(key, row) for key, row in case.steps.items() if row.status == "open"]:
            case = self.see(
                engine.decide(self.journey, case, engine.Complete(key, row.number, "done", "ana"))
            )

    def see(self, decision):
        for effect in decision.effects:
            if effect.name == "step.opened":
                self.opened.add(effect.data["step"].partition("@")[0])
            if effect.name == "step.completed":
                self.given.add((effect.data["step"].partition("@")[0], effect.data["outcome"]))
        return decision.snapshot

    def command(self, case):
        open_now = [(key, row) for key, row in case.steps.items() if row.status == "open"]
        stalled = [(key, row) for key, row in open_now if "@" not in key and self.journey.steps[key].then]
        if stalled and self.random.random() < 0.1:
            key, row = self.random.choice(stalled)
            return engine.Stalled(key, row.number)
        if not open_now:
            rounds = [key for key, stage in self.journey.stages.items() if stage.every]
            return engine.Tick(rounds[0]) if rounds else None
        key, row = self.random.choice(open_now)
        return engine.Complete(
            key, row.number, self.outcome(key, row), self.random.choice(PEOPLE), self.answers(key)
        )

    def outcome(self, key, row):
        if row.kind == engine.GATE:
            return self.random.choice(["again", "accept", f"close {self.journey.end}"])
        if row.kind == engine.CRITERIA:
            return "accept"
        routes = self.journey.steps[key.partition("@")[0]].routes
        fresh = [outcome for outcome in routes if (key.partition("@")[0], outcome) not in self.given]
        good = [outcome for outcome, route in routes.items() if route.verb == "go on"] or list(routes)
        return self.random.choice(fresh or good if self.random.random() < 0.8 else list(routes))

    def answers(self, key):
        step = self.journey.steps.get(key.partition("@")[0])
        return {name: self.answer(step, name) for name in step.answers} if step else {}

    def answer(self, step, name):
        form = self.journey.forms.get(step.use) if step.kind == "form" else None
        field = name.partition(".")[2]
        options = next(
            (
                list(question.options)
                for question in (form.fields if form else ())
                if language.word(question.key) == field
            ),
            [],
        )
        return self.random.choice(options) if options else self.value(self.journey.variables[name])

    def value(self, kind):
        return {
            "text": lambda: self.random.choice(["RO", "DE", "organisation"]),
            "int": lambda: self.random.choice([0, 5, 10, 5000]),
            "number": lambda: self.random.choice([0.0, 99.9]),
            "bool": lambda: self.random.random() < 0.5,
            "date": lambda: None,
        }[kind]()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_step_outcome_loop_and_end_of_a_shipped_journey_is_played(path):
    coverage = Coverage(language.read(path.read_text("utf-8")))
    for number in range(PLAYS):
        leaves = LEAVES.get(number, (-1, ""))
        coverage.play(leaves)
        if number > max(LEAVES) and coverage.is_whole():
            break
    assert set(coverage.journey.steps) - coverage.opened == set()
    assert coverage.wanted_outcomes() - coverage.given == set()
    assert coverage.wanted_ends() - coverage.ends == set()
