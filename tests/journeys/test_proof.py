"""Soundness: each way in which a journey can be wrong is found, told with its line, its remedy, and a case that shows it."""

from pathlib import Path

import pytest

from pridvor.journeys import language, proof
from tests.conftest import ROOT
from tests.journeys import mutants, oracle

UNSOUND = Path(__file__).parent / "unsound"
READ = {  # refused by the reader: the line, and words of the message
    "alias-bomb": (3, "aliases are not allowed"),
    "cycle": (7, "form → letter → call → form: waits for itself"),
    "no-limit": (10, "screen, if fail: a loop needs a limit"),
    "redo-into-a-parallel-branch": (12, "“other” does not come before look"),
    "type-error": (10, "no matching overload"),
    "unhandled-outcome": (8, "“fail” is not handled"),
    "unknown-word": (9, "unknown word “optionall”; do you mean `optional`?"),
}
PROVED = {  # refused by the proof: the finding, its line, its place, and the case that shows it
    "after-a-stage-that-repeats": ("after-repeating", 10, "stage farewell", "monthly: repeats"),
    "always-closes-before": ("always-closes-before", 11, "greet", "form: done → decide: approve"),
    "condition-on-a-parallel-outcome": ("not-there-yet", 11, "ask, when", "look: still open"),
    "contradiction": (
        "never-opens",
        13,
        "gift, when",
        "profile.employees = 50, profile.tier = premium; profile: done → gift: skipped",
    ),
    "exception-nobody-opens": ("exception-nobody-opens", 8, "help", ""),
    "nobody-acts-in-the-loop": (
        "nobody-acts",
        11,
        "screen, if fail",
        "collect: done → read: ok → screen: fail",
    ),
    "nothing-is-asked": (
        "asks-nothing",
        2,
        "the journey",
        "client.country anything else; visit: skipped → letter: skipped",
    ),
    "only-goes-round": ("only-goes-round", 8, "look", "form: done → look: approve"),
    "outcome-that-always-closes": ("never-opens", 11, "letter, when", ""),
    "reads-a-skipped-answer": (
        "may-be-missing",
        13,
        "diligence, when",
        "client.country anything else; risk: skipped",
    ),
    "reads-an-empty-answer": ("may-be-missing", 14, "visit, when", "size: done"),
    "redo-to-a-skipped-step": (
        "redo-skipped",
        10,
        "screen, if fail",
        "client.country = RO; collect: skipped → screen: fail",
    ),
    "waits-for-an-optional-step": ("waits-for-optional", 8, "thanks", "rating: never done"),
    "waits-for-ever": ("waits-for-ever", 2, "the journey", "form: never done"),
}


def found(name):
    return proof.prove(language.read((UNSOUND / f"{name}.yaml").read_text())).findings


@pytest.mark.parametrize("name", READ)
def test_the_reader_refuses(name):
    line, words = READ[name]
    with pytest.raises(language.Unsound) as refusal:
        found(name)
    assert str(refusal.value).startswith(f"line {line}: ")
    assert words in str(refusal.value)


@pytest.mark.parametrize("name", PROVED)
def test_the_proof_refuses_for_one_reason(name):
    (finding,) = found(name)
    code, line, where, example = PROVED[name]
    assert (finding.code, finding.line, finding.where, str(finding.example)) == (code, line, where, example)
    assert finding.remedy in str(finding)


def test_every_unsound_journey_is_looked_at():
    assert {path.stem for path in UNSOUND.glob("*.yaml")} == READ.keys() | PROVED.keys()


@pytest.mark.parametrize("path", sorted((ROOT / "journeys").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_journeys_are_sound(path):
    assert proof.prove(language.read(path.read_text())).findings == ()


# -- the proof against the engine itself


OF_ORDER = {  # where these are found, the engine would not even get to the rest
    "redo-aside",
    "back-aside",
    "exception-elsewhere",
    "exception-nobody-opens",
    "exception-moves",
    "not-there-yet",
    "may-never-be-done",
    "keeps-nothing",
    "optional-moves",
    "waits-for-optional",
}
SAID = {
    "empty": {"asks-nothing"},
    "unknown": {"may-be-missing"},
    "skipped target": {"redo-skipped"},
    "no end": set(),  # past a loop's limit a person can close: no journey that can be read has none
    "dead": {"never-opens", "always-closes-before"},
}


def disagreements(text):
    """What the proof says of a journey and the engine does not show, or the other way about."""
    try:
        journey = language.read(text)
    except language.Unsound:
        return None
    codes = {finding.code for finding in proof.prove(journey).findings}
    seen = None if codes & OF_ORDER else oracle.explore(journey)
    if seen is None:
        return None
    truth = {name: seen.wrong[name] > 0 for name in SAID}
    truth["dead"] = bool(journey.steps.keys() - seen.opened)
    if truth["unknown"] or "may-be-missing" in codes:
        truth = {"unknown": truth["unknown"]}  # behind an unknown nothing else can be judged
    return [name for name, true in truth.items() if true != bool(codes & SAID[name])]


def compare(make, seeds, enough):
    results = {seed: found for seed in seeds if (found := disagreements(make(seed))) is not None}
    assert len(results) >= enough
    assert {seed: found for seed, found in results.items() if found} == {}


def random_journey(seed):
    return oracle.Maker(seed).text()


def shipped_mutant(seed):
    shipped = sorted((ROOT / "journeys").glob("*.yaml"))
    return mutants.mutant(shipped[seed % len(shipped)].read_text(), seed)


def test_the_proof_says_of_small_journeys_what_the_engine_does():
    compare(random_journey, range(150), 50)


@pytest.mark.slow
def test_the_proof_says_of_very_many_small_journeys_what_the_engine_does():
    compare(random_journey, range(1_000, 6_000), 1_500)


def test_what_breaks_a_shipped_journey_is_seen():
    compare(shipped_mutant, range(30), 8)


@pytest.mark.slow
def test_whatever_breaks_a_shipped_journey_is_seen():
    compare(shipped_mutant, range(100, 900), 200)
