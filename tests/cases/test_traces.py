"""The meaning of the language, as recorded plays of its reference: what was said, and which steps stood open then."""

import json
from pathlib import Path

import pytest

from pridvor.cases import engine
from pridvor.journeys import language

TRACES = Path(__file__).parent / "traces"
JOURNEYS = ["tiny", "case-onboarding", "managed-service"]
SAY = {
    "complete": lambda step, number, outcome, actor, values: engine.Complete(
        step, number, outcome, actor, values
    ),
    "pause": lambda: engine.Pause("why"),
    "resume": engine.Resume,
    "skip": lambda step: engine.Skip(step, "p", "why", "q"),
    "change": lambda step: engine.Change(step, {}, "p"),
    "stalled": engine.Stalled,
    "return": engine.Return,
    "add": lambda key, stage, before: engine.Add(key, stage, "todo", before=before),
    "learn": lambda country: engine.Learn({"client.country": country}),
    "withdraw": lambda: engine.Close("withdrawn"),
    "tick": engine.Tick,
}


def open_steps(case):
    return sorted([key, attempt.number] for key, attempt in case.steps.items() if attempt.status == "open")


@pytest.mark.parametrize("name", JOURNEYS)
def test_every_recorded_play_goes_the_same_way(name):
    journey = language.read((TRACES / f"{name}.yaml").read_text("utf-8"))
    for play in (TRACES / f"{name}.jsonl").read_text("utf-8").splitlines():
        first, *moves = json.loads(play)
        case = engine.start(journey, first["values"]).snapshot
        assert open_steps(case) == first["open"]
        for move in moves:
            verb, *rest = move["say"]
            decision = engine.decide(journey, case, SAY[verb](*rest))
            case = decision.snapshot
            assert bool(decision.refused) == move["refused"], move
            assert (open_steps(case), case.state, case.end) == (move["open"], move["state"], move["end"]), (
                move
            )


def test_the_plays_use_every_verb_and_reach_every_end():
    moves = [
        move
        for name in JOURNEYS
        for play in (TRACES / f"{name}.jsonl").read_text("utf-8").splitlines()
        for move in json.loads(play)[1:]
    ]
    assert {move["say"][0] for move in moves if not move["refused"]} == set(SAY)
    assert {move["end"] for move in moves} >= {"activated", "declined", "withdrawn"}
