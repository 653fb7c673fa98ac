"""Soundness: each way in which a journey can be wrong is found, told with its line, its remedy, and a case that shows it."""

import random
import re
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
    "criterion-never-holds": ("never-holds", 8, "stage intake, exit, abroad", ""),
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
    "after-repeating",
    "only-repeats",
    "out-of-repeating",
    "until-elsewhere",
    "until-never",
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
    name = mutants.SMALL[seed % len(mutants.SMALL)]
    return mutants.mutant((ROOT / "journeys" / f"{name}.yaml").read_text(), seed)


def test_the_proof_says_of_small_journeys_what_the_engine_does():
    compare(random_journey, range(120), 50)


@pytest.mark.slow
def test_the_proof_says_of_very_many_small_journeys_what_the_engine_does():
    compare(random_journey, range(1_000, 6_000), 1_500)


def test_what_breaks_a_shipped_journey_is_seen():
    compare(shipped_mutant, range(16), 5)


@pytest.mark.slow
def test_whatever_breaks_a_shipped_journey_is_seen():
    compare(shipped_mutant, range(100, 900), 200)


# -- how large a question may be


def wide(steps, atoms, seed, width):
    """Steps that each depend on a few of many yes-or-no answers."""
    chance = random.Random(seed)
    names = [f"ask.x{number}" for number in range(atoms)]
    fields = ", ".join(f"x{number}: bool" for number in range(atoms))
    lines = ["journey: wide", "expires: 9 days", "stages:", "  all:", "    steps:"]
    lines.append(f"      ask: {{form: f, fields: {{{fields}}}}}")
    for number in range(steps - 1):
        said = [chance.choice(["", "!"]) + chance.choice(names) for _ in range(width)]
        lines.append(f"      t{number}: {{todo: x, when: '{_joined(said, chance)}'}}")
    return "\n".join(lines)


def _joined(said, chance):
    return said[0] + "".join(f" {chance.choice(['&&', '||'])} {one}" for one in said[1:])


@pytest.mark.parametrize("width", [2, 4, 10])
def test_twenty_atoms_and_sixty_steps_are_proved_within_a_second(width):
    report = proof.prove(language.read(wide(60, 20, 1, width)))
    assert (report.steps, report.atoms) == (60, 20)
    assert report.milliseconds < 1000


def test_what_cannot_be_proved_is_refused_and_the_facts_to_merge_are_named():
    fields = "{" + ", ".join(f"x{number}: bool" for number in range(24)) + "}"
    facts = "\n".join(
        [
            f"  alike{k}: " + " && ".join(f"a.x{n} == b.x{n}" for n in range(12 * k, 12 * k + 12))
            for k in (0, 1)
        ]
    )
    text = f"""journey: entangled
expires: 9 days
facts:
{facts}
  alike: alike0 && alike1
stages:
  all:
    steps:
      a: {{form: f, fields: {fields}}}
      b: {{form: f, fields: {fields}}}
      look: {{todo: x, when: alike}}
"""
    (finding,) = proof.prove(language.read(text)).findings
    assert finding.code == "too-entangled"
    assert "merge alike" in finding.remedy


def test_every_finding_is_documented():
    page = (ROOT / "docs" / "journeys.md").read_text()
    rules = [*Path(proof.__file__).parent.glob("rules_of_*.py"), Path(proof.__file__)]
    codes = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', "".join(path.read_text() for path in rules)))
    assert len(codes) > 20
    assert sorted(code for code in codes if f"`{code}`" not in page) == []
