"""What a journey may name that other rooms provide, and the texts that it must have."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pridvor.journeys.language import ENDS, Journey
from pridvor.journeys.model import KINDS, Step, Text

LANGUAGES = ("ro", "en")


@dataclass(frozen=True)
class Vocabulary:
    """Names of what the other rooms can do: check rules, capabilities of connectors, templates of messages, who acts.

    `capabilities`: by name, the outcomes that such a step may have besides ok and fail.
    """

    rules: frozenset[str] = frozenset()
    capabilities: Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    templates: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


def problems(journey: Journey, vocabulary: Vocabulary) -> list[str]:
    """Names that nobody provides and texts that a language lacks: each line names the place and the remedy."""
    found = [
        *_unknown_names(journey, vocabulary),
        *_unknown_roles(journey, vocabulary),
        *_missing_texts(journey),
    ]
    return [journey.places.located(line) for line in found]


def _unknown_names(journey: Journey, known: Vocabulary) -> Iterator[str]:
    provided = {
        "check": known.rules,
        "connect": known.capabilities.keys(),
        "notify": known.templates,
        "form": journey.forms.keys(),
        "upload": journey.documents.keys(),
        "vouch": {"administrator"},
        "sign": {key for key, item in journey.documents.items() if item.template},
    }
    for step in journey.steps.values():
        if step.kind == "sign" and len(step.uses) != 1:
            yield f"{step.key}: sign: name one document; two contracts are two steps"
        for name in step.uses if step.kind in provided else ():
            if name not in provided[step.kind]:
                yield f"{step.key}: {step.kind}: nobody provides “{name}”; there is {_list(provided[step.kind])}"
        if step.kind == "connect" and step.use in known.capabilities:
            yield from _outcomes(step, known.capabilities[step.use])
        for outcome, route in step.routes.items():
            if route.tell and route.tell not in known.templates:
                yield f"{step.key}, if {outcome}: tell: there is no message “{route.tell}”; there is {_list(known.templates)}"
    told = [(f"stage {stage.key}", name) for stage in journey.stages.values() for name in stage.tell.values()]
    for where, name in [("the journey", name) for name in journey.tell.values()] + told:
        if name not in known.templates:
            yield f"{where}: tell: there is no message “{name}”; there is {_list(known.templates)}"


def _outcomes(step: Step, further: frozenset[str]) -> Iterator[str]:
    """What the outside system may answer must be handled, and nothing else can be."""
    usual = {*KINDS["connect"].going, *KINDS["connect"].routed}
    for outcome in sorted(further - step.routes.keys()):
        yield f"{step.key}: “{outcome}” is not handled; add `if {outcome}: …`"
    for outcome in sorted(step.routes.keys() - further - usual):
        yield f"{step.key}: {step.use} never ends with “{outcome}”, only {_list(usual | further)}"


def _unknown_roles(journey: Journey, known: Vocabulary) -> Iterator[str]:
    named = [(f"stage {stage.key}, owner", stage.owner) for stage in journey.stages.values()]
    named += [
        (f"{step.key}, by", step.by)
        for step in journey.steps.values()
        if step.by != journey.stages[step.stage].owner
    ]
    for where, role in named:
        if role not in known.roles:
            yield f"{where}: there is no role “{role}”; there is {_list(known.roles)}"


def _missing_texts(journey: Journey) -> Iterator[str]:
    for where, text in _texts(journey):
        for language in LANGUAGES:
            if not text.get(language, "").strip():
                yield f"{where}: no text in “{language}”; add {language}: …"


def _texts(journey: Journey) -> Iterator[tuple[str, Text]]:
    yield "title", journey.title
    for stage in journey.stages.values():
        yield f"stage {stage.key}, title", stage.title
        for criterion in (*stage.enter, *stage.exit):
            yield f"stage {stage.key}, {criterion.key}, title", criterion.title
    for step in journey.steps.values():
        yield f"{step.key}, title", step.title
        for field in step.fields:
            yield f"{step.key}, {field.key}, label", field.label
            for option, text in field.options.items():
                yield f"{step.key}, {field.key}, option {option}", text
    for code, text in journey.reasons.items():
        yield f"reason {code}", text
    own = journey.ends - {*ENDS, "activated"}  # pages have words for these
    for name in sorted(own | journey.closed.keys()):
        yield f"closed {name}", journey.closed.get(name, {})
    for item in journey.documents.values():
        yield f"document {item.key}, title", item.title
    for suite in journey.suites.values():
        yield f"suite {suite.key}, title", suite.title
        for endpoint in suite.endpoints:
            yield f"suite {suite.key}, {endpoint.key}, title", endpoint.title
    for measure in journey.measures.values():
        yield f"measure {measure.key}, title", measure.title
    for card in journey.scorecards.values():
        yield f"scorecard {card.key}, title", card.title
        for factor in card.factors:
            yield f"scorecard {card.key}, {factor.key}, title", factor.title
        for band in card.bands:
            yield f"scorecard {card.key}, {band.key}, title", band.title
    for form in journey.forms.values():
        for page in form.pages:
            yield f"form {form.key}, {page.key}, title", page.title
            if page.repeat:
                yield f"form {form.key}, {page.key}, entry", page.repeat.entry
                yield f"form {form.key}, {page.key}, add", page.repeat.add
                if page.repeat.holds:
                    yield f"form {form.key}, {page.key}, check, message", page.repeat.message
            for field in page.fields:
                yield f"form {form.key}, {page.key}, {field.key}, label", field.label
                for option, text in field.options.items():
                    yield f"form {form.key}, {page.key}, {field.key}, option {option}", text


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


_known = Vocabulary()


def learn(known: Vocabulary) -> None:
    """Take what other rooms provide from the wiring, which calls it once: this room may import none of them."""
    global _known
    _known = known


def known() -> Vocabulary:
    """What journeys of this installation may name."""
    return _known
