"""A journey as a map: stages in running order, steps by who acts, ways back, and on request how far one case has come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pridvor.accounts.models import Role
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Budget, Route, Stage, Step, Text
from pridvor.ui import route_map
from pridvor.ui.route_map import Back, Block, Plan, Return, Stop

NO_BREAK = "\u00a0"
SHAPES = {"client": "circle", "us": "square", "third party": "hexagon", "nobody": "diamond"}


@dataclass(frozen=True)
class Lit:
    """How a step of a case stands (done, open, held, waiting, skipped), and how often its loops were taken."""

    state: str
    loops: int = 0


def draw(journey: Journey, language: str, lit: Mapping[str, Lit] | None = None, *, tall: bool = False) -> str:
    """The map as an SVG string in this language. Equal journeys give equal strings."""
    with translation.override(language):
        return route_map.draw(_Planner(journey, language, lit or {}).plan(), tall=tall)


def party(step: Step) -> str:
    """Who acts: client, us, third party, or nobody (a machine)."""
    return "client" if step.by == "client" else step.party


def parties() -> dict[str, str]:
    """The parties as people call them."""
    return {
        "client": _("The client"),
        "us": _("Our people"),
        "third party": _("Another system"),
        "nobody": _("A machine"),
    }


def name(text: Text, key: str, language: str) -> str:
    """What people call a part; its key where it has no text."""
    return text.get(language) or text.get("en") or key.replace("-", " ").capitalize()


def outcome_words(outcome: str) -> str:
    """An outcome as a person says it; what an author made up is left as it is written."""
    words = {
        "fail": _("not in order"),
        "correct": _("to be corrected"),
        "reject": _("refused"),
        "declined": _("declined"),
        "late": _("too late"),
        "unreached": _("not reached"),
        "revise": _("to be revised"),
    }
    return words.get(outcome, outcome.replace("-", " "))


class Words:
    """What a step's routes and words mean, in the language that is active."""

    def __init__(self, journey: Journey, language: str) -> None:
        self.journey, self.language = journey, language

    def step(self, key: str) -> str:
        return name(self.journey.steps[key].title, key, self.language)

    def stage(self, key: str) -> str:
        return name(self.journey.stages[key].title, key, self.language)

    def of_stage(self, stage: Stage) -> str:
        parts = [_("Owner: %(role)s") % {"role": role(stage.owner)}, *self.budgets(stage)]
        if stage.every:
            parts.append(_("repeats"))
        if stage.when:
            parts.append(self.condition(stage.when.text))
        if beside := [self.stage(key) for key in self._beside(stage)]:
            parts.append(_("side by side with %(stages)s") % {"stages": ", ".join(beside)})
        return " · ".join(parts)

    def _beside(self, stage: Stage) -> list[str]:
        """The stages that are in work at the same time: neither waits for the other, both for the same."""
        others = self.journey.stages.values()
        return [other.key for other in others if other.key != stage.key and other.after == stage.after]

    def budgets(self, stage: Stage) -> list[str]:
        """The time each side may take, in words."""
        sides = {
            "us": _("we have %(time)s"),
            "client": _("the client has %(time)s"),
            "whole": _("%(time)s in all"),
        }
        return [sides[side] % {"time": _time(budget)} for side, budget in stage.sla.items()]

    def condition(self, text: str) -> str:
        return _("only if %(condition)s") % {"condition": plainly(text)}

    def conditions(self, step: Step) -> list[str]:
        notes = [self.condition(step.when.text)] if step.when else []
        notes += [_("optional")] if step.optional else []
        return notes + ([_("two people must agree")] if step.second_person else [])

    def route(self, step: Step, outcome: str, route: Route) -> str:
        """An outcome and where it leads, as one line."""
        said = outcome_words(outcome)
        times = ngettext("at most once", "at most %(count)d times", route.limit) % {"count": route.limit}
        values = {
            "outcome": said,
            "times": times,
            "steps": self._targets(step, route),
            "end": outcome_words(route.end),
        }
        values["helper"] = self.step(route.first) if route.first else ""
        if route.verb == "redo" and route.first:
            return _("%(outcome)s: %(helper)s, then %(steps)s again, %(times)s") % values
        if route.verb == "redo":
            return _("%(outcome)s: back to %(steps)s, %(times)s") % values
        if route.verb == "back":
            return _("%(outcome)s: stage %(steps)s anew, %(times)s") % values
        if route.verb == "open":
            return _("%(outcome)s: instead, %(steps)s") % values
        return _("%(outcome)s: the case is closed (%(end)s)") % values

    def routes(self, step: Step) -> list[str]:
        found = [self.route(step, o, r) for o, r in step.routes.items() if r.verb != "go on"]
        if step.then:
            found.append(_("no answer: %(helper)s") % {"helper": self.step(step.then)})
        return found

    def _targets(self, step: Step, route: Route) -> str:
        naming = self.stage if route.verb == "back" else self.step
        return ", ".join(naming(step.key if target == "self" else target) for target in route.targets)


class _Planner:
    """The journey in the words of a route map."""

    def __init__(self, journey: Journey, language: str, lit: Mapping[str, Lit]) -> None:
        self.journey, self.language, self.lit = journey, language, lit
        self.words = Words(journey, language)

    def plan(self) -> Plan:
        title = name(self.journey.title, self.journey.name, self.language)
        steps = sum(not step.exception for step in self.journey.steps.values())
        stages = [self.words.stage(key) for key in self.journey.stages]
        known = {"count": steps, "stages": ", ".join(stages)}
        description = (
            ngettext("%(count)d step, in %(stages)s", "%(count)d steps, in %(stages)s", steps) % known
        )
        legend = tuple((SHAPES[who], words) for who, words in parties().items() if who in self._acting())
        blocks = tuple(self._block(stage) for stage in self.journey.stages.values())
        return Plan(blocks, tuple(self._returns()), legend, title, description)

    def _acting(self) -> set[str]:
        return {party(step) for step in self.journey.steps.values()}

    def _block(self, stage: Stage) -> Block:
        title = self.words.stage(stage.key)
        stops = tuple(stop for key in self._order(stage) for stop in self._stops(key, stage))
        up = self.journey.graph.up
        behind = {key for key in stage.after for other in stage.after if f"{key}:out" in up[f"{other}:in"]}
        after = tuple(key for key in stage.after if key not in behind)
        return Block(stage.key, title, self.words.of_stage(stage), stops, after, bool(stage.when))

    def _order(self, stage: Stage) -> list[str]:
        """Steps in the order in which a case comes to them, those side by side as they were written."""
        depth: dict[str, int] = {}
        for key in stage.steps:
            depth[key] = 1 + max((depth.get(other, 0) for other in self.journey.steps[key].after), default=0)
        return sorted(stage.steps, key=lambda key: (depth[key], stage.steps.index(key)))

    def _stops(self, key: str, stage: Stage) -> Iterator[Stop]:
        """A step, and under it the exceptions that it is the first to open."""
        step = self.journey.steps[key]
        own = [helper for helper in self._helpers(step) if self._first_host(helper, stage) == key]
        backs = self._backs(step, stage)
        yield self._stop(step, self._after(step, stage), backs)
        for helper in own:
            again = tuple(
                Back((key,))
                for route in step.routes.values()
                if route.first == helper and "self" in route.targets
            )
            side = self.journey.steps[helper]
            yield self._stop(side, (key,), again + self._backs(side, stage), side=True)

    def _after(self, step: Step, stage: Stage) -> tuple[str, ...]:
        return tuple(key for key in step.after if key in stage.steps and not self._behind(key, step))

    def _behind(self, key: str, step: Step) -> bool:
        """Another step waited for lies between: the line to it is enough."""
        return any(key in self.journey.graph.up[other] for other in step.after if other != key)

    def _stop(
        self, step: Step, after: tuple[str, ...], back: tuple[Back, ...], *, side: bool = False
    ) -> Stop:
        lit = self.lit.get(step.key)
        notes = [*self.words.conditions(step), *self.words.routes(step)]
        if lit and lit.loops:
            notes.append(
                ngettext("came back once", "came back %(count)d times", lit.loops) % {"count": lit.loops}
            )
        return Stop(
            step.key,
            self.words.step(step.key),
            SHAPES[party(step)],
            tuple(notes),
            after,
            back,
            lit.state if lit else "waiting" if self.lit else "",
            bool(step.when),
            side,
        )

    def _helpers(self, step: Step) -> list[str]:
        named = [route.first for route in step.routes.values()]
        named += [
            target for route in step.routes.values() if route.verb == "open" for target in route.targets
        ]
        return list(dict.fromkeys(key for key in [*named, step.then] if key in self.journey.steps))

    def _first_host(self, helper: str, stage: Stage) -> str:
        return next(key for key in self._order(stage) if helper in self._helpers(self.journey.steps[key]))

    def _backs(self, step: Step, stage: Stage) -> tuple[Back, ...]:
        found = []
        for route in step.routes.values():
            near = tuple(t for t in route.targets if t in stage.steps and route.verb == "redo")
            if near:
                found.append(Back(near))
        return tuple(dict.fromkeys(found))

    def _returns(self) -> Iterator[Return]:
        """One way for all loops between the same two stages, to the earliest of the steps each asks again."""
        ways: dict[tuple[str, str], list[str]] = {}
        stages = list(self.journey.stages)
        for step in self.journey.steps.values():
            for outcome, route in step.routes.items():
                if route.verb not in ("redo", "back"):
                    continue
                ends = {self._stage_of(step, target) for target in route.targets} - {step.stage}
                if ends:
                    way = (step.stage, min(ends, key=stages.index))
                    ways.setdefault(way, []).append(outcome_words(outcome))
        for (start, end), outcomes in ways.items():
            yield Return(start, end, ", ".join(dict.fromkeys(outcomes)))

    def _stage_of(self, step: Step, target: str) -> str:
        if target in self.journey.stages:
            return target
        return step.stage if target == "self" else self.journey.steps[target].stage


def role(owner: str) -> str:
    """A role as people call it."""
    known = {"client": _("the client"), **{str(value): str(label) for value, label in Role.choices}}
    return known.get(owner, owner.replace("-", " "))


def plainly(text: str) -> str:
    """A condition with words for its signs, and without the brackets that reading put around it."""
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1]
    words = {"&&": _("and"), "||": _("or"), "==": "=", "!=": "≠", ">=": "≥", "<=": "≤"}
    for sign, said in words.items():
        text = text.replace(sign, said)
    return text


def _time(budget: Budget) -> str:
    """A budget in words, kept on one line."""
    if budget.days:
        said = ngettext("%(count)d working day", "%(count)d working days", budget.days)
        return (said % {"count": budget.days}).replace(" ", NO_BREAK)
    minutes = round(budget.time.total_seconds() / 60)
    said = _("%(count)d h") if minutes >= 60 else _("%(count)d min")
    return (said % {"count": round(minutes / 60) if minutes >= 60 else minutes}).replace(" ", NO_BREAK)
