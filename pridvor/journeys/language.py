"""Reading a journey: strict YAML in, a checked `Journey` out; every mistake is named with its remedy.

Reading order is running order: stages and steps follow one another as written; `with: x` sets one beside x; `after:`
where that does not do. A route reads as a sentence: `if fail: {redo: collect, limit: 3}`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from pridvor.journeys import binding, forms, graph, measures, scorecards, shape, suites
from pridvor.journeys.conditions import TYPES, BadCondition, Condition, Conditions
from pridvor.journeys.conditions import word as word
from pridvor.journeys.model import KINDS, Budget, Criterion, Form, Item, Route, Stage, Step, Text
from pridvor.journeys.source import BadSource, Places, load

HEAD = {
    "journey",
    "title",
    "client",
    "opens",
    "target",
    "expires",
    "end",
    "knows",
    "facts",
    "tell",
    "closed",
    "stages",
    "forms",
    "documents",
    "suites",
    "measures",
    "scorecards",
    "reasons",
    "reference",
    "intro",
}
STAGE_WORDS = {
    "title",
    "owner",
    "sla",
    "after",
    "with",
    "when",
    "unless",
    "every",
    "until",
    "tell",
    "enter",
    "exit",
    "steps",
    "exceptions",
}
STEP_WORDS = {
    "title",
    "by",
    "after",
    "with",
    "when",
    "unless",
    "optional",
    "about",
    "other_than",
    "second_person",
    "remind",
    "then",
    "undo",
    "within",
    "for",
    "fields",
    "ends",
    "approvers",
    "signatories",
    "items",
    "kept_until",
    "scorecard",
}
SIGNATORIES = ("applicant", "signatory")  # beside those whom a form names by address
LISTED = ("todo", "review", "check", "upload")  # kinds of steps that may work on a list of items
CRITERION_WORDS = {"title", "when"}
ENDS = ("declined", "withdrawn", "expired")  # in every journey: by a person, by the client, by time
ROUTE_WORDS = {"redo", "fix", "open", "back", "close", "limit", "keep", "tell"}
UNITS = {
    "m": "minutes",
    "h": "hours",
    "d": "days",
    "minute": "minutes",
    "hour": "hours",
    "day": "days",
    "working day": "days",
}
DURATION = re.compile(r"(\d{1,9})\s*(m|h|d|minutes?|hours?|days?|working days?)")
LONGEST_SPAN = timedelta(days=3660)  # ten years
OPENS = ("public", "client", "staff", "invitation", "schedule")
CONTEXT = {"client.country": "text", "client.kind": "text"}  # known of every case


class Unsound(ValueError):
    """A journey that cannot be published; the message names the place and the remedy."""


def read(source: str) -> "Journey":
    """A journey from its text. Raises Unsound."""
    try:
        raw, places = load(source)
    except BadSource as error:
        raise Unsound(str(error)) from None
    try:
        return Journey(source, raw, places)
    except (
        forms.BadForm,
        graph.Circular,
        measures.BadMeasure,
        scorecards.BadScorecard,
        shape.BadShape,
        suites.BadSuite,
        Unsound,
    ) as error:
        raise Unsound(places.located(str(error))) from None


def many(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


class Journey:
    """A journey that was read and found whole. Immutable by convention; named by the digest of its source."""

    def __init__(self, source: str, raw: Mapping[str, Any], places: Places) -> None:
        self.source, self.places = source, places
        self.digest = hashlib.sha256(source.encode()).hexdigest()
        _only(raw, HEAD, "the journey")
        for needed in ("journey", "stages"):
            if needed not in raw:
                raise Unsound(f"the journey has no `{needed}:`; add it")
        shape.check(raw, "the journey")
        shape.check_names([raw["journey"]], "journey")
        self.name: str = raw["journey"]
        self.title: Text = raw.get("title") or {}
        self.intro: Text = raw.get("intro") or {}
        self.opens: str = raw.get("opens", "staff")
        if self.opens not in OPENS:
            raise Unsound(f"opens: nobody is called “{self.opens}”; write {', '.join(OPENS)}")
        self.prefix: str = raw.get("reference", "".join(part[0] for part in self.name.split("-")).upper())
        self.end: str = raw.get("end", "activated")
        self.target: Budget | None = budget(raw["target"], "target") if "target" in raw else None
        self.expires: timedelta | None = duration(raw["expires"], "expires") if "expires" in raw else None
        self.tell: Mapping[str, str] = raw.get("tell") or {}
        self.closed: Mapping[str, Text] = raw.get("closed") or {}
        self.reasons: Mapping[str, Text] = raw.get("reasons") or {}
        self.forms: dict[str, Form] = {
            key: forms.read(key, body) for key, body in (raw.get("forms") or {}).items()
        }
        self.documents: dict[str, Item] = {
            key: forms.read_item(key, body) for key, body in (raw.get("documents") or {}).items()
        }
        self.suites: dict[str, suites.Suite] = {
            key: suites.read(key, body) for key, body in (raw.get("suites") or {}).items()
        }
        self.measures: dict[str, measures.Measure] = {
            key: measures.read(key, body) for key, body in (raw.get("measures") or {}).items()
        }
        self._read(raw)

    def text(self, text: Text, language: str) -> str:
        return text.get(language) or text.get("en") or next(iter(text.values()), "")

    @property
    def ends(self) -> set[str]:
        """The names under which a case can end."""
        routed = {route.end for step in self.steps.values() for route in step.routes.values() if route.end}
        return {self.end, *ENDS, *routed}

    def form(self, step: str) -> Form:
        return self.forms[self.steps[step].use]

    # -- reading, in the order in which one part needs another

    def _read(self, raw: Mapping[str, Any]) -> None:
        self.steps: dict[str, Step] = {}
        self.stages: dict[str, Stage] = {}
        bodies = list(_steps_of(raw["stages"]))
        for what, parts in (("stages", raw["stages"]), ("steps", bodies), ("facts", raw.get("facts") or ())):
            shape.check_number(len(parts), what)
        shape.check_names(raw["stages"], "stages")
        shape.check_values(raw.get("knows") or (), "knows")
        shape.check_values((raw.get("facts") or {}), "facts")
        self.choices: dict[
            str, tuple[str, ...]
        ] = {}  # the answers that a value can have, where they are listed
        self.may_be_empty: set[str] = set()  # answers that a form does not insist on
        self.variables: dict[str, str] = {**CONTEXT, **(raw.get("knows") or {})}
        for name, sort in self.variables.items():
            if sort not in TYPES:
                raise Unsound(f"knows: {name}: there is no type “{sort}”; use {', '.join(TYPES)}")
        for stage, key, body, exception in bodies:
            if key in self.steps or key in raw["stages"]:
                raise Unsound(f"{key}: this name is taken; names are unique in a journey")
            shape.check_names([key], key)
            self.steps[key] = self._step(raw["stages"][stage], stage, key, body, exception)
        shape.check_number(len(self.variables), "values")
        try:
            self.conditions = Conditions(self.variables, raw.get("facts") or {})
        except BadCondition as error:
            raise Unsound(str(error)) from None
        self.forms = {
            key: binding.bind(form, raw["forms"][key], self.variables, raw.get("facts") or {})
            for key, form in self.forms.items()
        }
        self._read_stages(raw["stages"])
        for _, key, body, _ in bodies:
            self._read_conditions(key, body)
        self.scorecards = self._scorecards(raw.get("scorecards") or {})
        self.given = frozenset(name for step in self.steps.values() for name in step.answers)
        self.graph = graph.Graph(self.steps, self.stages)
        self._check_names()
        self._check_signatories()
        self._check_suites()

    def _step(
        self, stage_body: Mapping[str, Any], stage: str, key: str, body: Mapping[str, Any], exception: bool
    ) -> Step:
        kinds = [kind for kind in KINDS if kind in body]
        if len(kinds) != 1:
            said = " and ".join(kinds) or "none"
            raise Unsound(f"{key}: say exactly one kind of step ({', '.join(KINDS)}); found {said}")
        kind = kinds[0]
        shape.check(body, key, **{kind: "words"})
        routes = {w[3:]: route(r, f"{key}, {w}") for w, r in body.items() if w.startswith("if ")}
        if kind == "journey" and not body.get("ends"):
            raise Unsound(f"{key}: say how the other journey may end: `ends: [done, declined]`")
        _only({w for w in body if not w.startswith("if ")}, STEP_WORDS | {kind}, key)
        for outcome in routes.keys() - _outcomes(kind, body):
            if not KINDS[kind].free or kind == "journey":
                raise Unsound(
                    f"{key}: a {kind} never ends with “{outcome}”, only {' or '.join(sorted(_outcomes(kind, body)))}"
                )
        for outcome in set(KINDS[kind].routed) & _outcomes(kind, body) - routes.keys():
            raise Unsound(f"{key}: “{outcome}” is not handled; add `if {outcome}: …`")
        if kind == "vouch" and "within" not in body:
            raise Unsound(
                f"{key}: nobody may be known who can vouch; add `within: 1 working day` and `if late: …`"
            )
        if "items" in body:
            if kind not in LISTED:
                raise Unsound(f"{key}: a {kind} works on no list; `items:` stands on {', '.join(LISTED)}")
            shape.check_names([body["items"]], f"{key}, items")
        if "signatories" in body and kind != "sign":
            raise Unsound(f"{key}: a {kind} is signed by nobody; `signatories:` stands on sign")
        going = {outcome: Route() for outcome in (*KINDS[kind].going, *many(body.get("ends")))}
        by = body.get("by") or (
            "client" if KINDS[kind].party == "client" else stage_body.get("owner", "operator")
        )
        step = Step(
            key,
            kind,
            body[kind],
            stage,
            by,
            body.get("title") or {},
            optional=body.get("optional", False),
            exception=exception,
            routes={**going, **routes},
            about=frozenset(many(body["about"])) if "about" in body else None,
            then=body.get("then", ""),
            undo=body.get("undo", ""),
            kept_until=body.get("kept_until", ""),
            scorecard=body.get("scorecard", ""),
            fields=forms.staff_fields(f"{key}, fields", body.get("fields") or {}),
            remind=tuple(duration(r, f"{key}, remind") for r in many(body.get("remind"))),
            within=duration(body["within"], f"{key}, within") if "within" in body else None,
            within_days=_worked_days(body.get("within")),
            span=_span(kind, body),
            approvers=str(body.get("approvers", "one")),
            signatories=tuple(many(body.get("signatories", "applicant"))) if kind == "sign" else (),
            items=body.get("items", ""),
            party=_party(kind, body),
        )
        self._declare(step, body)
        return step

    def _declare(self, step: Step, body: Mapping[str, Any]) -> None:
        """What conditions may ask of this step: its outcome, and the answers that are not personal."""
        self.variables[f"{word(step.key)}.outcome"] = "text"
        given = {**(body.get("fields") or {}), **(scorecards.GIVEN if step.scorecard else {})}
        shape.check_values(map(word, given), f"{step.key}, fields")
        asked = {word(key): forms.cel_type(spec) for key, spec in given.items()}
        listed = {word(key): tuple(map(str, spec)) for key, spec in given.items() if isinstance(spec, list)}
        if step.kind == "form" and step.use in self.forms:
            open_fields = [field for field in self.forms[step.use].fields if not field.personal]
            asked |= {word(field.key): forms.cel_type(field.type) for field in open_fields}
            listed |= {word(field.key): forms.choices(field) for field in open_fields if field.options}
            self.may_be_empty |= {
                f"{word(step.key)}.{word(f.key)}"
                for page in self.forms[step.use].pages
                for f in page.fields
                if f in open_fields and forms.may_be_empty(page, f)
            }
            asked |= {f"{word(page.key)}_count": "int" for page in self.forms[step.use].groups}
        named = {f"{word(step.key)}.{key}": kind for key, kind in asked.items()}
        self.choices |= {f"{word(step.key)}.{key}": answers for key, answers in listed.items()}
        self.variables |= named
        if step.kind == "survey":
            named[f"{word(step.key)}.score"] = self.variables[f"{word(step.key)}.score"] = "int"
        step.answers = tuple(named)

    def _read_stages(self, bodies: Mapping[str, Mapping[str, Any]]) -> None:
        above = _above(bodies, lambda body: bool(body.get("every")))
        for key, body in bodies.items():
            _only(body, STAGE_WORDS, f"stage {key}")
            self.stages[key] = Stage(
                key,
                body.get("title") or {},
                body.get("owner", "operator"),
                tuple(body.get("steps") or ()),
                tuple(body.get("exceptions") or ()),
                above[key],
                self._when(body, key),
                body.get("every", ""),
                self._condition(body["until"], key) if "until" in body else None,
                _sla(body.get("sla"), key),
                self._criteria(body, "enter", key),
                self._criteria(body, "exit", key),
                body.get("tell") or {},
            )
            within = _above(body.get("steps") or {}, lambda step: step.get("optional", False))
            for step, after in within.items():
                self.steps[step].after = after

    def _read_conditions(self, key: str, body: Mapping[str, Any]) -> None:
        step, second = self.steps[key], body.get("second_person", False)
        step.when = self._when(body, key)
        step.second_person = second if isinstance(second, bool) else self._condition(second, key)
        for other in many(body.get("other_than")):
            if other not in self.steps:
                raise Unsound(f"{key}: other_than: there is no step {other}")
            step.other_than.add(other)
            self.steps[other].other_than.add(key)

    def _when(self, body: Mapping[str, Any], where: str) -> Condition | None:
        parts = [f"({body['when']})"] if "when" in body else []
        parts += [f"!({body['unless']})"] if "unless" in body else []
        return self._condition(" && ".join(parts), where) if parts else None

    def _criteria(self, body: Mapping[str, Any], word: str, stage: str) -> tuple[Criterion, ...]:
        """What must hold before the stage begins (`enter`) or ends (`exit`): conditions and lines to tick."""
        found = []
        for key, part in (body.get(word) or {}).items():
            place = f"{stage}, {word}, {key}"
            _only(part, CRITERION_WORDS, place)
            shape.check(part, place)
            found.append(
                Criterion(
                    key,
                    part.get("title") or {},
                    self._condition(part["when"], place) if "when" in part else None,
                )
            )
        return tuple(found)

    def _condition(self, text: object, where: str) -> Condition:
        try:
            return self.conditions(str(text).lower() if isinstance(text, bool) else str(text))
        except BadCondition as error:
            raise Unsound(f"{where}: {error}") from None

    def _scorecards(self, bodies: Mapping[str, Any]) -> dict[str, scorecards.Scorecard]:
        """Their conditions ask what those of the journey may ask, and what is gathered about the company besides."""
        variables = {**self.variables, **scorecards.EVIDENCE}
        conditions = Conditions(variables, {name: fact.text for name, fact in self.conditions.facts.items()})

        def condition(text: str, where: str) -> Condition:
            try:
                return conditions(text)
            except BadCondition as error:
                raise Unsound(f"{where}: {error}") from None

        for step in self.steps.values():
            if step.scorecard and (step.kind != "check" or step.scorecard not in bodies):
                known = ", ".join(bodies) or "none"
                raise Unsound(f"{step.key}: scorecard: a check names one of “scorecards:”; there is {known}")
        return {key: scorecards.read(key, body, self.variables, condition) for key, body in bodies.items()}

    def _check_suites(self) -> None:
        """The address and the credentials of every suite are asked in forms; what a measure probes is in a suite."""
        asked = {
            (step.key, field.key): field.type
            for step in self.steps.values()
            if step.kind == "form" and step.use in self.forms
            for field in self.forms[step.use].fields
        }
        hidden = {field for (_, field), kind in asked.items() if kind == "secret"}
        for suite in self.suites.values():
            if asked.get((suite.step, suite.field), "secret") == "secret":
                raise Unsound(f"suite {suite.key}, base: no form asks for “{suite.step}.{suite.field}”")
            for name in suite.auth.secrets:
                if name not in hidden:
                    raise Unsound(f"suite {suite.key}, auth: no form asks for a secret “{name}”")
        for measure in self.measures.values():
            suite_of = self.suites.get(measure.probe.suite) if measure.probe else None
            if measure.probe and measure.probe.endpoint not in {
                endpoint.key for endpoint in (suite_of.endpoints if suite_of else ())
            }:
                raise Unsound(f"measure {measure.key}, probe: there is no such endpoint in “suites:”")

    def _check_signatories(self) -> None:
        """Whoever signs is known by the time of signing: a fixed word, or an address that a form before it asks for."""
        for step in self.steps.values():
            place = f"{step.key}, signatories"
            if step.kind == "sign" and len(set(step.signatories)) != max(1, len(step.signatories)):
                raise Unsound(f"{place}: each signs once")
            for name in step.signatories:
                if "." not in name and name not in SIGNATORIES:
                    raise Unsound(f"{place}: “{name}” is nobody; write applicant, signatory, or STEP.FIELD")
            for form, field in step.named_by:
                asks = {
                    one.key: one.type
                    for one in (self.forms[self.steps[form].use].fields if self._is_form(form) else ())
                }
                if asks.get(field) != "email" or form not in self.graph.up[step.key]:
                    raise Unsound(f"{place}: no form before it asks for an e-mail address “{form}.{field}”")

    def _is_form(self, step: str) -> bool:
        return step in self.steps and self.steps[step].kind == "form" and self.steps[step].use in self.forms

    def _check_names(self) -> None:
        """Every step that a route names is there, and of a sort that the route can use; every end that has words, too."""
        for name in self.closed:
            if name not in self.ends:
                raise Unsound(f"closed: no case ends as “{name}”; there is {', '.join(sorted(self.ends))}")
        for step in self.steps.values():
            for outcome, r in step.routes.items():
                place = f"{step.key}, if {outcome}"
                known = self.stages if r.verb == "back" else self.steps
                for target in (*r.targets, *r.keep):
                    if target != "self" and target not in known:
                        raise Unsound(
                            f"{place}: there is no {'stage' if r.verb == 'back' else 'step'} “{target}”"
                        )
                if r.verb == "redo" and not step.exception:
                    for target in r.targets:
                        if target != "self" and target not in self.graph.up[step.key]:
                            raise Unsound(
                                f"{place}: “{target}” does not come before {step.key}; redo goes back, never aside"
                            )
                for helper in (r.first, r.targets[0] if r.verb == "open" else ""):
                    if helper and not (helper in self.steps and self.steps[helper].exception):
                        raise Unsound(f"{place}: “{helper}” must stand under `exceptions:`")
            if step.kept_until and step.kept_until not in self.stages:
                raise Unsound(f"{step.key}, kept_until: there is no stage “{step.kept_until}”")
            if step.then and not (step.then in self.steps and self.steps[step.then].exception):
                raise Unsound(f"{step.key}, then: “{step.then}” must stand under `exceptions:`")


# -- parts of a journey


def route(spec: Any, where: str) -> Route:
    """`go on`, or one verb with its targets. Raises Unsound."""
    if spec == "go on":
        return Route()
    if not isinstance(spec, dict):
        raise Unsound(f"{where}: write `go on` or a route such as {{redo: step, limit: 3}}")
    _only(spec, ROUTE_WORDS, where)
    shape.check(spec, where, tell="word")
    verbs = [verb for verb in ("redo", "fix", "open", "back", "close") if verb in spec]
    if len(verbs) != 1 and set(verbs) != {"fix", "redo"}:
        raise Unsound(f"{where}: say one of redo, fix, open, back, close, go on")
    verb = "redo" if "fix" in verbs else verbs[0]
    limit = spec.get("limit", 0)
    if verb in ("redo", "back") and not (isinstance(limit, int) and limit > 0):
        raise Unsound(f"{where}: a loop needs a limit; add `limit: 3`")
    targets = spec.get("redo") or ("self" if "fix" in spec else spec.get("open") or spec.get("back"))
    return Route(
        verb,
        tuple(many(targets)),
        spec.get("fix", ""),
        limit,
        frozenset(many(spec.get("keep"))),
        spec.get("close", ""),
        spec.get("tell", ""),
    )


def duration(text: Any, where: str) -> timedelta:
    """`24h`, `3d`, `30 days`, `3 working days` (days and hours of working time where a promise is meant)."""
    match = DURATION.fullmatch(str(text).strip())
    if not match:
        raise Unsound(f"{where}: “{text}” is not a duration; write 8h, 3d or 30 days")
    unit = match[2]
    span = timedelta(**{UNITS.get(unit) or UNITS[unit.rstrip("s")]: min(int(match[1]), 10**6)})
    if span > LONGEST_SPAN:
        raise Unsound(f"{where}: “{text}” is longer than {LONGEST_SPAN.days} days; write a shorter time")
    return span


def budget(text: Any, where: str) -> Budget:
    """Working time: `8h`, or `3d` (three working days, whatever a day is in the calendar). Raises Unsound."""
    span = duration(text, where)
    said = str(text).strip()
    return Budget(days=span.days, text=said) if "d" in said else Budget(time=span, text=said)


def _worked_days(text: Any) -> int:
    """How many working days a time is, where it says so: `1 working day`."""
    match = DURATION.fullmatch(str(text or "").strip())
    return int(match[1]) if match and "working" in match[2] else 0


def _sla(spec: Any, where: str) -> dict[str, Budget]:
    spec = spec if isinstance(spec, dict) else {"us": spec} if spec else {}
    _only(spec, {"us", "client", "whole"}, f"{where}, sla")
    return {party: budget(text, f"{where}, sla") for party, text in spec.items()}


def _span(kind: str, body: Mapping[str, Any]) -> timedelta | None:
    """How long a wait for time lasts; none for a wait for an event."""
    said = str(body["wait"]) if kind == "wait" else ""
    return duration(said, "wait") if DURATION.fullmatch(said.strip()) else None


def _party(kind: str, body: Mapping[str, Any]) -> str:
    if body.get("by") == "client":
        return "client"
    if kind == "wait" and body.get("for") in ("client", "third party"):
        return str(body["for"])
    return KINDS[kind].party


def _outcomes(kind: str, body: Mapping[str, Any]) -> set[str]:
    if "late" in KINDS[kind].routed and "within" not in body:
        return {*KINDS[kind].going, *KINDS[kind].routed} - {"late"}
    if kind == "journey":
        return set(many(body.get("ends")))
    return {*KINDS[kind].going, *KINDS[kind].routed}


def _steps_of(stages: Mapping[str, Any]) -> Iterable[tuple[str, str, Mapping[str, Any], bool]]:
    for stage, body in stages.items():
        shape.check(body, f"stage {stage}")
        for part, exception in (("steps", False), ("exceptions", True)):
            for key, step in ((body or {}).get(part) or {}).items():
                if not isinstance(step, dict):
                    raise Unsound(f"{key}: a step is written as {{kind: …}}")
                yield stage, key, step, exception


def _above(
    bodies: Mapping[str, Mapping[str, Any]], aside: Callable[[Mapping[str, Any]], bool]
) -> dict[str, tuple[str, ...]]:
    """Each one waits for all written above it (what stands aside excepted), unless `with` or `after` says otherwise."""
    out: dict[str, tuple[str, ...]] = {}
    written: list[str] = []
    for key, body in bodies.items():
        if "after" in body:
            out[key] = tuple(name for name in many(body["after"]) if name != "start")
        elif "with" in body:
            if body["with"] not in out:
                raise Unsound(f"{key}: with: “{body['with']}” must be written above it, in the same stage")
            out[key] = out[body["with"]]
        else:
            out[key] = tuple(name for name in written if not aside(bodies[name]))
        for name in out[key]:
            if name not in bodies:
                raise Unsound(f"{key}: after: “{name}” does not stand beside it")
        written.append(key)
    return out


def _only(given: Iterable[str], known: set[str], where: str) -> None:
    for name in given:
        if name not in known:
            near = next((k for k in sorted(known) if k.startswith(str(name)[:3])), "")
            raise Unsound(f"{where}: unknown word “{name}”" + (f"; do you mean `{near}`?" if near else ""))
