"""Reading a journey: every mistake is told with its place and its remedy."""

import copy

import pytest
import yaml

from pridvor.journeys import language, vocabulary
from pridvor.journeys.language import Unsound
from pridvor.journeys.source import StrictLoader
from tests.conftest import ROOT

SHIPPED = (ROOT / "journeys" / "partner-registration.yaml").read_text()
EVERYTHING = vocabulary.Vocabulary(
    rules=frozenset({"malware", "registry", "cui", "vat", "iban", "signature", "consistency"}),
    capabilities={"erp.create_customer": frozenset(), "crm.check_contact": frozenset({"linked", "unlinked"})},
    templates=frozenset({"declined", "withdrawn", "expired", "received", "approved", "delayed", "welcome"}),
    roles=frozenset({"operator", "client"}),
)


def steps(*lines, head="", stage=""):
    body = "".join(f"      {line}\n" for line in lines)
    return f"journey: small\n{head}\nstages:\n  s:\n{stage}    steps:\n{body}"


WRONG = {
    "unknown word in the head": ("journey: x\nstage: {}", ["the journey", "stage", "do you mean `stages`"]),
    "no name": ("stages: {}", ["the journey has no `journey:`", "add it"]),
    "no stages": ("journey: x", ["`stages:`", "add it"]),
    "not a mapping": ("- a\n- b", ["begins with `journey: its-name`"]),
    "empty": ("", ["begins with `journey: its-name`"]),
    "broken yaml": ("journey: x\nstages: {a: [}", ["line 2"]),
    "unknown word of a step": (
        steps("a: {form: f, remnd: 3d}"),
        ["a: unknown word “remnd”", "do you mean `remind`"],
    ),
    "unknown word of a stage": (
        steps("a: {form: f}", stage="    ownr: operator\n"),
        ["stage s", "“ownr”", "`owner`"],
    ),
    "unknown word of a route": (
        steps("a: {check: [x], if fail: {redoo: a, limit: 1}}"),
        ["a, if fail", "“redoo”", "`redo`"],
    ),
    "no kind": (steps("a: {by: client}"), ["a: say exactly one kind of step", "form, upload", "found none"]),
    "two kinds": (steps("a: {form: f, review: r}"), ["found form and review"]),
    "not a step": (steps("a: form"), ["a: a step is written as {kind: …}"]),
    "no limit": (
        steps("a: {form: f}", "b: {check: [x], if fail: {redo: a}}"),
        ["b, if fail", "add `limit: 3`"],
    ),
    "a limit of none": (
        steps("a: {form: f}", "b: {check: [x], if fail: {redo: a, limit: 0}}"),
        ["add `limit: 3`"],
    ),
    "back without a limit": (steps("a: {review: f, if bad: {back: s}}"), ["a loop needs a limit"]),
    "unhandled outcome": (steps("a: {check: [x]}"), ["a: “fail” is not handled", "add `if fail: …`"]),
    "impossible outcome": (
        steps("a: {form: f, if late: go on}"),
        ["a form never ends with “late”, only done"],
    ),
    "circle": (
        steps("a: {form: f, after: b}", "b: {form: g, after: a}"),
        ["waits for itself", "remove one `after:`"],
    ),
    "waits for itself": (steps("a: {form: f, after: a}"), ["a → a", "waits for itself"]),
    "alias": ("journey: x\na: &b {}\nstages: *b", ["line 3", "aliases are not allowed", "write it out"]),
    "a key twice": ("journey: x\nstages:\n  a: {}\n  a: {}", ["line 4", "“a” is written twice", "keep one"]),
    "a name twice": (
        "journey: x\nstages:\n  s: {steps: {a: {form: f}}}\n  t: {steps: {a: {form: f}}}",
        ["a: this name is taken"],
    ),
    "a step named like a stage": (steps("s: {form: f}"), ["s: this name is taken"]),
    "redo aside": (
        steps(
            "a: {form: f}", "b: {form: g, with: a}", "c: {check: [x], after: a, if fail: {redo: b, limit: 1}}"
        ),
        ["c, if fail", "“b” does not come before c", "redo goes back, never aside"],
    ),
    "redo forward": (steps("a: {check: [x], if fail: {redo: b, limit: 1}}", "b: {form: f}"), ["never aside"]),
    "redo to nowhere": (
        steps("a: {check: [x], if fail: {redo: nowhere, limit: 1}}"),
        ["there is no step “nowhere”"],
    ),
    "back to nowhere": (
        steps("a: {review: x, if bad: {back: nowhere, limit: 1}}"),
        ["there is no stage “nowhere”"],
    ),
    "words for an end that no case has": (
        steps("a: {form: f}", head="closed: {nowhere: {en: Gone}}"),
        ["closed: no case ends as “nowhere”", "activated, declined, expired, withdrawn"],
    ),
    "open what is not an exception": (
        steps("a: {form: f}", "b: {connect: x, if fail: {open: a}}"),
        ["“a” must stand under `exceptions:`"],
    ),
    "call who is not an exception": (
        steps("a: {form: f, then: b}", "b: {call: x, if unreached: go on}"),
        ["a, then", "`exceptions:`"],
    ),
    "after what is not beside": (steps("a: {form: f, after: b}"), ["a: after: “b” does not stand beside it"]),
    "with what is not above": (
        steps("a: {form: f, with: b}", "b: {form: g}"),
        ["a: with: “b” must be written above it"],
    ),
    "other than nobody": (steps("a: {review: f, other_than: b}"), ["a: other_than: there is no step b"]),
    "about what is not before": (
        steps("a: {check: [x], about: b, if fail: go on}", "b: {form: f}"),
        ["about: “b” does not come before it"],
    ),
    "a bad duration": (
        steps("a: {form: f, remind: soon}"),
        ["a, remind", "“soon” is not a duration", "write 8h, 3d"],
    ),
    "a bad budget": (steps("a: {form: f}", stage="    sla: {them: 3d}\n"), ["s, sla", "“them”"]),
    "a type error in a condition": (
        steps("a: {form: f, when: client.country > 3}"),
        ["a: “(client.country > 3)”", "overload"],
    ),
    "not a question": (steps("a: {form: f, when: client.country}"), ["a:", "client.country"]),
    "an unknown value in a condition": (
        steps("a: {form: f, when: client.colour == 'red'}"),
        ["a:", "client.colour"],
    ),
    "a wrong fact": (
        steps("a: {form: f}", head="facts: {large: client.size > 3}"),
        ["fact large", "client.size"],
    ),
    "a condition too long": (
        steps(f"a: {{form: f, when: \"client.country == '{'x' * 600}'\"}}"),
        ["longer than 500 characters", "facts"],
    ),
    "a comprehension": (
        steps("a: {form: f, when: \"['a'].exists(x, x == client.country)\"}"),
        ["a:", "not available"],
    ),
    "a wrong type of what is known": (
        steps("a: {form: f}", head="knows: {client.size: integer}"),
        ["knows", "client.size", "integer", "int"],
    ),
    "too long": ("journey: x\n" + "#" * 200_001, ["at most 200,000"]),
    "a bad field type": (
        steps(
            "a: {form: f}",
            head="forms: {f: {p: {title: {en: T}, fields: {x: {type: colour, label: {en: X}}}}}}",
        ),
        ["form f, p, x", "there is no type “colour”", "use text"],
    ),
    "options without a choice": (
        steps(
            "a: {form: f}",
            head="forms: {f: {p: {title: {en: T}, fields: {x: {label: {en: X}, options: {a: {en: A}}}}}}}",
        ),
        ["form f, p, x", "`options:` belong to a choice"],
    ),
    "an unknown word of a field": (
        steps(
            "a: {form: f}", head="forms: {f: {p: {title: {en: T}, fields: {x: {label: {en: X}, lable: 1}}}}}"
        ),
        ["form f", "lable"],
    ),
    "an unknown word of a document": (
        steps("a: {upload: d}", head="documents: {d: {title: {en: T}, sign: true}}"),
        ["document d", "sign"],
    ),
    "a personal answer in a condition": (
        steps(
            "a: {form: f}",
            "b: {todo: t, when: a.name == 'Ana'}",
            head="forms: {f: {p: {title: {en: T}, fields: {name: {personal: true, label: {en: N}}}}}}",
        ),
        ["b:", "a.name"],
    ),
    "two verbs": (
        steps("a: {form: f}", "b: {check: [x], if fail: {redo: a, close: declined, limit: 1}}"),
        ["b, if fail", "say one of redo"],
    ),
    "a route that is a word": (steps("b: {check: [x], if fail: stop}"), ["b, if fail", "write `go on`"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_with_its_place_and_its_remedy(name):
    source, said = WRONG[name]
    with pytest.raises(Unsound) as refusal:
        language.read(source)
    for words in said:
        assert words in str(refusal.value), str(refusal.value)


@pytest.mark.parametrize("value", ["yes", "no", "on", "off", "2026-11-24", "0123", "1_000", "12:30", "0x1F"])
def test_words_stay_words(value):
    assert language.read(f"journey: x\ntitle: {{en: {value}}}\nstages: {{}}").title["en"] == value


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("8h", 8),
        ("30m", 0.5),
        ("3d", 72),
        ("30 days", 720),
        ("1 day", 24),
        ("3 working days", 72),
        ("2 hours", 2),
        ("1 minute", 1 / 60),
    ],
)
def test_durations(text, hours):
    assert language.duration(text, "x").total_seconds() == pytest.approx(hours * 3600)


def test_the_shipped_journey_can_be_published():
    assert vocabulary.problems(language.read(SHIPPED), EVERYTHING) == []


def _paths(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield from _paths(child, (*path, key))


def _with(tree, path, wrong):
    tree = copy.deepcopy(tree)
    place = tree
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    return tree


TREE = yaml.load(SHIPPED, StrictLoader)


@pytest.mark.parametrize(
    "wrong", [None, 7, True, "words", [], ["a", 3], {}, {"a": 1}, {"a": {"b": "c"}}], ids=str
)
def test_a_value_of_the_wrong_shape_is_told_or_taken_and_never_breaks_the_reader(wrong):
    broken = []
    for path in [path for path in _paths(TREE) if path][len(str(wrong)) % 5 :: 5]:
        source = yaml.safe_dump(_with(TREE, path, wrong), allow_unicode=True)
        try:
            vocabulary.problems(language.read(source), EVERYTHING)
        except Unsound:
            pass
        except Exception as error:
            broken.append((path, type(error).__name__, str(error)[:60]))
    assert not broken, f"{len(broken)}: {broken[:5]}"


# -- names of other rooms, and texts


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "check: [malware,",
            "check: [horoscope,",
            "screen: check: nobody provides “horoscope”; there is consistency, cui",
        ),
        (
            "erp.create_customer",
            "erp.make_coffee",
            "erp: connect: nobody provides “erp.make_coffee”; there is crm.check_contact, erp.create_customer",
        ),
        (
            "erp.create_customer",
            "crm.check_contact",
            "erp: “linked” is not handled; add `if linked: …`",
        ),
        (
            "connect: erp.create_customer\n",
            "connect: erp.create_customer\n        if linked: go on\n",
            "erp: erp.create_customer never ends with “linked”, only fail, ok",
        ),
        ("{notify: welcome", "{notify: hello", "welcome: notify: nobody provides “hello”"),
        ("{form: bank", "{form: purse", "bank: form: nobody provides “purse”; there is bank, partner"),
        (
            "upload: [registration-certificate",
            "upload: [horoscope",
            "collect: upload: nobody provides “horoscope”",
        ),
        (
            "tell: {done: received}",
            "tell: {done: recieved}",
            "stage registration: tell: there is no message “recieved”",
        ),
        (
            "tell: {declined: declined",
            "tell: {declined: gone",
            "the journey: tell: there is no message “gone”",
        ),
        ("tell: delayed", "tell: late", "erp, if fail: tell: there is no message “late”"),
        (
            'title: {en: "Papers", ro: "Acte"}',
            'title: {en: "Papers"}',
            "collect, title: no text in “ro”; add ro: …",
        ),
        ('ro: "IBAN"}', 'ro: " "}', "form bank, account, iban, label: no text in “ro”"),
        ('proxy: {en: "I act with a power of attorney", ', "proxy: {", "option proxy: no text in “en”"),
        (
            'unreadable: {en: "It cannot be read well", ',
            "unreadable: {",
            "reason unreadable: no text in “en”",
        ),
        (
            "owner: operator\n    sla: 8h",
            "owner: baker\n    sla: 8h",
            "stage verification, owner: there is no role “baker”; there is client, operator",
        ),
        ("collect:\n", "collect:\n        by: baker\n", "collect, by: there is no role “baker”"),
        ('title: {en: "Partner registration", ', "title: {", "title: no text in “en”"),
        ('title: {en: "Signed contract", ', "title: {", "document contract, title: no text in “en”"),
        ("{close: declined}", "{close: prepaid}", "closed prepaid: no text in “ro”"),
    ],
)
def test_what_nobody_provides_is_told_before_publishing(old, new, said):
    assert old in SHIPPED
    found = vocabulary.problems(language.read(SHIPPED.replace(old, new, 1)), EVERYTHING)
    assert [line for line in found if said in line], found
