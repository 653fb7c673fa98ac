"""Files that mean harm, or were written by a machine gone wrong: one clear error each, at once, and never a crash."""

import time

import pytest

from pridvor.journeys import language
from pridvor.journeys.language import Unsound
from pridvor.project import cli

HEAD = "journey: hostile\n"


def steps(count):
    body = "".join(f"      s{number}: {{todo: x}}\n" for number in range(count))
    return f"{HEAD}stages:\n  all:\n    steps:\n{body}"


def asking(condition, fields="{n: int, t: text}"):
    return f"""{HEAD}stages:
  all:
    steps:
      ask: {{form: f, fields: {fields}}}
      look:
        todo: x
        when: {condition}
"""


HOSTILE = {
    "ten megabytes": (HEAD + "# " + "x" * 10_000_000, "at most 200,000 characters"),
    "nested a hundred thousand deep": (HEAD + "facts: " + "[" * 100_000, "line 2: nested deeper than 20"),
    "a mapping nested deep": (
        HEAD + "".join(" " * n + "a:\n" for n in range(400)),
        "nested deeper than 20",
    ),
    "an alias bomb": (f"a: &a [1]\nb: [{'*a, ' * 50}*a]\n{HEAD}", "line 2: aliases are not allowed"),
    "a merge": (HEAD + "<<: {stages: {}}\n", "line 2: the journey: unknown word “<<”"),
    "a tag that makes objects": (HEAD + "stages: !!python/object:os.system {}\n", "tags are not allowed"),
    "a tag that makes bytes": (
        HEAD + "end: !!binary aGk=\nstages: {}\n",
        "line 2: “tag:yaml.org,2002:binary”",
    ),
    "a number without end": (HEAD + f"expires: {'9' * 5000}\nstages: {{}}\n", "is not a duration"),
    "a time without end": (
        HEAD + "expires: 999999999 days\nstages: {}\n",
        "line 2: expires: “999999999 days” is longer",
    ),
    "eighteen thousand keys": (HEAD + "".join(f"k{n}: 1\n" for n in range(18_000)), "unknown word “k0”"),
    "a key that is a list": (HEAD + "? [a, b]\n: c\n", "line 2: a name is a word"),
    "a key that is a mapping": (HEAD + "stages: {? {a: b} : c}\n", "line 2: a name is a word"),
    "a key that is a number": (HEAD + "stages: {1: {steps: {}}}\n", "takes named parts"),
    "a zero byte": (HEAD + 'title: {en: "a\\0b"}\nstages: {}\n', "line 2: a character that cannot be stored"),
    "half a character": (
        HEAD + 'title: {en: "\\ud800"}\nstages: {}\n',
        "line 2: a character that cannot be stored",
    ),
    "control characters": ("journey: \x07\n", "special characters are not allowed"),
    "another document": (HEAD + "stages: {}\n---\nmore: 1\n", "line 3: but found another document"),
    "a thousand steps": (steps(1000), "steps: a journey has at most 300, not 1000"),
    "a name of the engine": (
        HEAD + "stages: {all: {steps: {gate: {todo: x}}}}\n",
        "line 2: gate: “gate” has a meaning of its own",
    ),
    "a name that conditions cannot read": (
        HEAD + "stages: {all: {steps: {a@b: {todo: x}}}}\n",
        "“a@b” is not a name",
    ),
    "a path for a name": ("journey: ../../etc\nstages: {}\n", "line 1: journey: “../../etc” is not a name"),
    "a value with a space": (
        HEAD + "knows: {a b: text}\nstages: {}\n",
        "line 2: knows: “a b” cannot be asked for",
    ),
    "a condition too long": (asking(f'"{"ask.n > 1 && " * 100}true"'), "line 6: look: longer than 500"),
    "a condition too deep": (asking(f'"{"(" * 240}true{")" * 240}"'), "line 8: look: “((((("),
    "a condition that runs for long": (asking('"[1, 2].map(x, x * 2) == [2]"'), "line 6: look: map, filter"),
    "a condition that is no condition": (asking('"ask.n +"'), "line 8: look: “(ask.n +)”"),
    "a condition on another type": (
        asking("ask.t > 3"),
        "line 8: look: “(ask.t > 3)”: found no matching overload",
    ),
    "an unknown type of answer": (
        HEAD + "knows: {client.size: bytes}\nstages: {}\n",
        "line 2: knows: client.size",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_one_clear_error(name):
    text, words = HOSTILE[name]
    begun = time.process_time()
    with pytest.raises(Unsound) as refusal:
        language.read(text)
    assert words in str(refusal.value), str(refusal.value)[:500]
    assert time.process_time() - begun < 10


def test_facts_that_name_each_other_are_answered_at_once():
    facts = "\n".join(f"  f{n}: f{n - 1} && f{n - 2}" for n in range(2, 100))
    head = f"facts:\n  f0: client.country == 'RO'\n  f1: f0\n{facts}\n"
    journey = language.read(f"{HEAD}{head}stages: {{all: {{steps: {{a: {{todo: x, when: f99}}}}}}}}")
    begun = time.process_time()
    assert journey.steps["a"].when({"client.country": "RO"}) is True
    assert time.process_time() - begun < 1


def test_the_command_line_says_one_line(tmp_path, capsys):
    path = tmp_path / "deep.yaml"
    path.write_text(HOSTILE["nested a hundred thousand deep"][0])
    assert cli.main(["journey", "prove", str(path)]) == 1
    assert "line 2: nested deeper than 20 levels" in capsys.readouterr().out
