"""The shipped journeys with one thing changed, as a tired author might: does the proof see what that breaks?"""

import random

import yaml

from pridvor.journeys.source import StrictLoader

CONDITIONS = ['client.country != "RO"', 'client.country == "RO"', "client.vip"]
SMALL = (
    "partner-registration",
    "goods-return",
    "it-request",
    "service-escalation",
)  # all their cases can be looked at


def mutant(source: str, seed: int) -> str:
    """The journey with every limit at one, so that all its cases can be looked at, and one random change."""
    chance = random.Random(seed)
    tree = yaml.load(source, StrictLoader)
    tree["knows"] = {"client.vip": "bool"}
    steps = [(stage, key) for stage, body in tree["stages"].items() for key in body["steps"]]
    for _, _, body in _bodies(tree):
        for word in (
            "second_person",
            "other_than",
        ):  # who may act changes nothing of where a case can come to
            body.pop(word, None)
        for word in body:
            if word.startswith("if ") and "limit" in body[word]:
                body[word]["limit"] = 1
    chance.choice([_condition, _stage_condition, _order, _optional, _route, _removal])(tree, steps, chance)
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)


def _bodies(tree):
    for stage in tree["stages"].values():
        for part in ("steps", "exceptions"):
            for key, body in stage.get(part, {}).items():
                yield stage, key, body


def _pick(tree, steps, chance):
    stage, key = chance.choice(steps)
    return tree["stages"][stage]["steps"][key]


def _condition(tree, steps, chance):
    _pick(tree, steps, chance)["when"] = chance.choice(CONDITIONS)


def _stage_condition(tree, steps, chance):
    tree["stages"][chance.choice(steps)[0]]["when"] = chance.choice(CONDITIONS)


def _order(tree, steps, chance):
    stage, key = chance.choice([s for s in steps if len(tree["stages"][s[0]]["steps"]) > 1])
    body = tree["stages"][stage]["steps"][key]
    body.pop("with", None)
    body["after"] = chance.choice(
        ["start", *(other for other in tree["stages"][stage]["steps"] if other != key)]
    )


def _optional(tree, steps, chance):
    _pick(tree, steps, chance)["optional"] = True


def _route(tree, steps, chance):
    routed = [(body, word) for _, _, body in _bodies(tree) for word in body if word.startswith("if ")]
    body, word = chance.choice(routed)
    other = chance.choice(steps)[1]
    body[word] = chance.choice([{"redo": other, "limit": 1}, {"close": "declined"}, "go on"])
    if "review" in body and chance.random() < 0.5:
        body["if approve"] = chance.choice([{"close": "activated"}, {"redo": other, "limit": 1}])


def _removal(tree, steps, chance):
    stage, key = chance.choice(steps)
    del tree["stages"][stage]["steps"][key]
