"""Soundness: what must be true of a journey before any case may run on it.

The graph makes "never stuck" and "always ends" true by construction; what is left is local: names and routes,
reachability, and yes-or-no questions about conditions, answered exactly (see worlds.py). `docs/journeys.md` lists the
findings; most have a journey of their own in tests/journeys/unsound/.
"""

import time

from pridvor.journeys.findings import Finding, Report
from pridvor.journeys.language import Journey
from pridvor.journeys.questions import Questions
from pridvor.journeys.rules_of_conditions import Answers, Reachable
from pridvor.journeys.rules_of_routes import Exceptions, Routes
from pridvor.journeys.rules_of_stages import Stages, Whole
from pridvor.journeys.worlds import TooEntangled

RULES = (Routes, Answers, Reachable, Stages, Whole)


def prove(journey: Journey) -> Report:
    """Everything that is unsound in a journey that could be read."""
    begun = time.perf_counter()
    try:
        questions = Questions(journey)
        findings, atoms = _findings(journey, questions), len(questions.atoms)
    except TooEntangled:
        findings, atoms = (_entangled(journey),), 0
    return Report(findings, atoms, len(journey.steps), (time.perf_counter() - begun) * 1000)


def _findings(journey: Journey, questions: Questions) -> tuple[Finding, ...]:
    wrong = tuple(Exceptions(journey, questions).findings())
    return wrong or tuple(f for rules in RULES for f in rules(journey, questions).findings())


def _entangled(journey: Journey) -> Finding:
    most = sorted(journey.conditions.facts.values(), key=lambda fact: (-len(fact.variables), fact.text))[:5]
    named = ", ".join(name for name, fact in journey.conditions.facts.items() if fact in most)
    where = "the journey"
    remedy = f"merge {named or 'conditions that belong together'} into one question of a form"
    return Finding(
        "too-entangled", where, "its conditions hang together in too many ways to be proved", remedy, 1
    )
