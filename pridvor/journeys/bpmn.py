"""A journey as BPMN 2.0 (OMG formal/2011-01-03, ISO/IEC 19510) with its diagram, for tools that read that.

What BPMN cannot say is said by its nearest: a redo of several steps flows back to the earliest of them, and limits,
reminders' wording and carried answers stand in names. Conditions keep their CEL text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from pridvor.journeys import bpmn_layout
from pridvor.journeys.bpmn_layout import Flow, Node
from pridvor.journeys.conditions import Condition
from pridvor.journeys.language import Journey, duration, word
from pridvor.journeys.map import Words, name, outcome_words, parties, party, role
from pridvor.journeys.model import Route, Stage, Step
from pridvor.ui.svg import element

NAMESPACES = {
    "xmlns:bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "xmlns:bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "xmlns:dc": "http://www.omg.org/spec/DD/20100524/DC",
    "xmlns:di": "http://www.omg.org/spec/DD/20100524/DI",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
CEL = "https://cel.dev"
TASKS = {
    "check": "serviceTask",
    "connect": "serviceTask",
    "notify": "sendTask",
    "wait": "receiveTask",
    "vouch": "receiveTask",
    "journey": "callActivity",
}


def export(journey: Journey, language: str) -> str:
    """The journey as a BPMN document in this language. Equal journeys give equal documents."""
    with translation.override(language):
        process = _Process(journey, language)
        process.build()
        return _Document(journey, process, language).text()


@dataclass
class _Ends:
    """How many ways lead into and out of a node."""

    into: list[str] = field(default_factory=list)
    out: list[str] = field(default_factory=list)


class _Process:
    """Nodes and flows, stage by stage and step by step."""

    def __init__(self, journey: Journey, language: str) -> None:
        self.journey, self.words = journey, Words(journey, language)
        self.nodes: dict[str, Node] = {}
        self.flows: list[Flow] = []

    def build(self) -> None:
        stages = self.journey.stages.values()
        first = next(iter(stages), None)
        lane = self._owner(first) if first else "us"
        self._node(
            "start", "startEvent", name(self.journey.title, self.journey.name, self.words.language), lane
        )
        self._node("begin", "parallelGateway", "", lane)
        self._flow("start", "begin")
        for stage in stages:
            self._stage(stage)
        self._node("over", "parallelGateway", "", lane)
        self._node("end", "endEvent", outcome_words(self.journey.end), lane)
        for stage in stages:
            self._join_stage(stage)
        for step in self.journey.steps.values():
            if not step.exception:
                self._routes(step)
        self._flow("over", "end")

    # -- stages: a way in, a way out, and what may pass by them

    def _stage(self, stage: Stage) -> None:
        key, lane, title = f"stage-{stage.key}", self._owner(stage), self.words.stage(stage.key)
        self._node(f"{key}-join", "parallelGateway", "", lane)
        self._node(f"{key}-in", "exclusiveGateway", title, lane)
        self._node(f"{key}-fork", "parallelGateway", "", lane)
        self._flow(f"{key}-join", f"{key}-in")
        self._pass_by(f"{key}-in", f"{key}-fork", f"{key}-out", stage.when)
        for step in stage.steps:
            self._step(self.journey.steps[step])
        self._node(f"{key}-done", "parallelGateway", "", lane)
        self._node(f"{key}-out", "exclusiveGateway", "", lane)
        self._node(f"{key}-next", "parallelGateway", "", lane)
        self._flow(f"{key}-done", f"{key}-out")
        if stage.every:
            self._round(stage, key, lane)
        else:
            self._flow(f"{key}-out", f"{key}-next")

    def _round(self, stage: Stage, key: str, lane: str) -> None:
        """A stage that repeats waits for its next round until its condition is true."""
        self._node(f"{key}-round", "intermediateCatchEvent", _("next round"), lane, timer=_every(stage.every))
        said = stage.until.text if stage.until else "false"
        self._flow(f"{key}-out", f"{key}-next", _("over"), said)
        self._flow(f"{key}-out", f"{key}-round")
        self._flow(f"{key}-round", f"{key}-in", back=True)

    def _join_stage(self, stage: Stage) -> None:
        for before in stage.after:
            self._flow(f"stage-{before}-next", f"stage-{stage.key}-join")
        if not stage.after:
            self._flow("begin", f"stage-{stage.key}-join")
        if not any(stage.key in other.after for other in self.journey.stages.values()):
            self._flow(f"stage-{stage.key}-next", "over")
        steps = [self.journey.steps[key] for key in stage.steps]
        for step in steps:
            for before in step.after:
                self._flow(f"{before}-next", f"{step.key}-join")
            if not step.after:
                self._flow(f"stage-{stage.key}-fork", f"{step.key}-join")
            if not step.optional and not any(step.key in o.after for o in steps if not o.optional):
                self._flow(f"{step.key}-next", f"stage-{stage.key}-done")
            elif not any(step.key in other.after for other in steps):
                self._ends_at(f"{step.key}-next", step)
        if not steps:
            self._flow(f"stage-{stage.key}-fork", f"stage-{stage.key}-done")

    # -- steps

    def _step(self, step: Step) -> None:
        key, lane = step.key, self._lane(step)
        self._node(f"{key}-join", "parallelGateway", "", lane)
        self._node(f"{key}-in", "exclusiveGateway", "", lane)
        self._flow(f"{key}-join", f"{key}-in")
        self._task(step, key)
        self._node(f"{key}-ended", "exclusiveGateway", "", lane)
        self._node(f"{key}-out", "exclusiveGateway", "", lane)
        self._pass_by(f"{key}-in", key, f"{key}-out", step.when)
        self._flow(key, f"{key}-ended")
        self._node(f"{key}-next", "parallelGateway", "", lane)
        self._flow(f"{key}-out", f"{key}-next")

    def _pass_by(self, gate: str, inside: str, after: str, when: Condition | None) -> None:
        if when is None:
            self._flow(gate, inside)
            return
        self._flow(gate, inside, _("needed"), when.text)
        self._flow(gate, after, _("not needed"))

    def _task(self, step: Step, key: str) -> None:
        called = f"{step.use}" if step.kind == "journey" else ""
        self._node(
            key, TASKS.get(step.kind, "userTask"), self.words.step(step.key), self._lane(step), called=called
        )
        self._reminders(step, key)

    def _reminders(self, step: Step, key: str) -> None:
        for index, span in enumerate(step.remind, 1):
            timer, reminder = f"{key}-timer-{index}", f"{key}-reminder-{index}"
            self._node(timer, "boundaryEvent", "", self._lane(step), host=key, timer=_iso(span))
            if index == len(step.remind) and step.then:
                helper = self.journey.steps[step.then]
                self._node(reminder, "userTask", self.words.step(helper.key), self._lane(helper))
            else:
                self._node(reminder, "sendTask", _("Reminder"), self._lane(step))
            self._flow(timer, reminder)
            self._ends_at(reminder, step)

    def _ends_at(self, key: str, step: Step) -> None:
        """What nobody waits for has an end of its own."""
        self._node(f"{key}-end", "endEvent", "", self._lane(step))
        self._flow(key, f"{key}-end")

    def _routes(self, step: Step) -> None:
        for outcome, route in step.routes.items():
            said = f'{word(step.key)}.outcome == "{outcome}"' if len(step.routes) > 1 else ""
            label = outcome_words(outcome) if said else ""
            self._route(f"{step.key}-ended", step, outcome, route, label, said)

    def _route(self, gate: str, host: Step, outcome: str, route: Route, label: str, said: str) -> None:
        if route.verb == "go on":
            self._flow(gate, f"{host.key}-out", label, said)
        elif route.verb == "close":
            end = f"{gate}-{outcome}"
            self._node(end, "endEvent", outcome_words(route.end), self._lane(host))
            self._flow(gate, end, label, said)
        elif route.verb == "back":
            self._flow(gate, f"stage-{route.targets[0]}-in", f"{label} (≤ {route.limit})", said, back=True)
        elif route.verb == "open":
            self._by(gate, route.targets[0], f"{host.key}-out", host, label, said)
        elif route.first:
            self._by(
                gate,
                route.first,
                self._earliest(host, route),
                host,
                f"{label} (≤ {route.limit})",
                said,
                back=True,
            )
        else:
            self._flow(gate, self._earliest(host, route), f"{label} (≤ {route.limit})", said, back=True)

    def _by(
        self, gate: str, helper: str, onward: str, host: Step, label: str, said: str, *, back: bool = False
    ) -> None:
        """Through an exception step, and from it on to where its host's outcome leads."""
        step, key = self.journey.steps[helper], self._helper(helper, host)
        self._flow(gate, key, label, said)
        if f"{key}-ended" in self.nodes:
            return
        self._node(f"{key}-ended", "exclusiveGateway", "", self._lane(step))
        self._flow(key, f"{key}-ended")
        for outcome, route in step.routes.items():
            own = f'{word(helper)}.outcome == "{outcome}"' if len(step.routes) > 1 else ""
            label = outcome_words(outcome) if own else ""
            if route.verb == "go on":
                self._flow(f"{key}-ended", onward, label, own, back=back)
            else:
                self._route(f"{key}-ended", host, outcome, route, label, own)

    def _helper(self, helper: str, host: Step) -> str:
        """An exception step, once for each step that opens it."""
        key = f"{helper}-for-{host.key}"
        self._task(self.journey.steps[helper], key)
        return key

    def _earliest(self, host: Step, route: Route) -> str:
        own = [host.key if target == "self" else target for target in route.targets]
        return f"{min(own, key=self.journey.graph.order.index)}-in"

    # -- parts

    def _owner(self, stage: Stage) -> str:
        return f"role:{stage.owner}"

    def _lane(self, step: Step) -> str:
        who = party(step)
        return f"role:{step.by}" if who == "us" else who

    def _node(
        self, key: str, kind: str, title: str, lane: str, *, host: str = "", timer: str = "", called: str = ""
    ) -> None:
        self.nodes.setdefault(key, Node(key, kind, title, lane, host, timer, called))

    def _flow(
        self, start: str, end: str, title: str = "", condition: str = "", *, back: bool = False
    ) -> None:
        flow = Flow(start, end, title, condition, back)
        if flow not in self.flows:
            self.flows.append(flow)


class _Document:
    """The XML: the process in its pool and lanes, and the diagram of both."""

    def __init__(self, journey: Journey, process: _Process, language: str) -> None:
        self.journey, self.process = journey, process
        self.title = name(journey.title, journey.name, language)
        self.nodes, self.flows = bpmn_layout.pruned(process.nodes, process.flows)
        self.layout = bpmn_layout.lay_out(self.nodes, self.flows)
        self.ends: dict[str, _Ends] = {key: _Ends() for key in self.nodes}
        for index, flow in enumerate(self.flows):
            self.ends[flow.start].out.append(_flow_id(index))
            self.ends[flow.end].into.append(_flow_id(index))

    def text(self) -> str:
        participant = element(
            "bpmn:participant", attributes={"id": "pool", "name": self.title, "processRef": "process"}
        )
        process = element(
            "bpmn:process",
            self._lanes(),
            *(self._node(node) for node in self.nodes.values()),
            *(self._flow(index, flow) for index, flow in enumerate(self.flows)),
            attributes={"id": "process", "name": self.title, "isExecutable": "false"},
        )
        document = element(
            "bpmn:definitions",
            element("bpmn:collaboration", participant, attributes={"id": "collaboration"}),
            process,
            self._diagram(),
            attributes={
                **NAMESPACES,
                "id": f"journey-{self.journey.digest[:12]}",
                "targetNamespace": "https://pridvor.org/journeys",
            },
        )
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + document.replace("><", ">\n<") + "\n"

    def _lanes(self) -> str:
        lanes = [
            element(
                "bpmn:lane",
                *(
                    element("bpmn:flowNodeRef", _id(node.key))
                    for node in self.nodes.values()
                    if node.lane == lane
                ),
                attributes={"id": _lane_id(lane), "name": _lane_name(lane)},
            )
            for lane in self.layout.lanes
        ]
        return element("bpmn:laneSet", *lanes, attributes={"id": "lanes"})

    def _node(self, node: Node) -> str:
        attributes = {"id": _id(node.key)} | ({"name": node.title} if node.title else {})
        default = self._default(node)
        attributes |= {"default": default} if default else {}
        attributes |= {"attachedToRef": _id(node.host), "cancelActivity": "false"} if node.host else {}
        attributes |= {"calledElement": node.called} if node.called else {}
        ends = self.ends[node.key]
        parts = [element("bpmn:incoming", flow) for flow in ends.into]
        parts += [element("bpmn:outgoing", flow) for flow in ends.out]
        if node.timer:
            kind = "timeDuration" if node.host or node.timer.startswith("P") else "timeCycle"
            said = element(f"bpmn:{kind}", node.timer, attributes={"xsi:type": "bpmn:tFormalExpression"})
            parts.append(
                element("bpmn:timerEventDefinition", said, attributes={"id": f"{_id(node.key)}_timer"})
            )
        return element(f"bpmn:{node.kind}", *parts, attributes=attributes)

    def _default(self, node: Node) -> str:
        """Of the ways out of a choice, the one without a condition."""
        if node.kind != "exclusiveGateway" or len(self.ends[node.key].out) < 2:
            return ""
        free = [i for i, flow in enumerate(self.flows) if flow.start == node.key and not flow.condition]
        return _flow_id(free[0]) if free else ""

    def _flow(self, index: int, flow: Flow) -> str:
        attributes = {"id": _flow_id(index), "sourceRef": _id(flow.start), "targetRef": _id(flow.end)}
        attributes |= {"name": flow.title} if flow.title else {}
        if not flow.condition:
            return element("bpmn:sequenceFlow", attributes=attributes)
        kind = {"xsi:type": "bpmn:tFormalExpression", "language": CEL}
        said = element("bpmn:conditionExpression", escape(flow.condition), attributes=kind)
        return element("bpmn:sequenceFlow", said, attributes=attributes)

    def _diagram(self) -> str:
        layout = self.layout
        shapes = [_shape("pool", layout.pool, {"isHorizontal": "true"})]
        shapes += [
            _shape(_lane_id(lane), box, {"isHorizontal": "true"}) for lane, box in layout.lanes.items()
        ]
        shapes += [_shape(_id(key), box, {}) for key, box in layout.boxes.items()]
        edges = [_edge(_flow_id(index), points) for index, points in enumerate(layout.edges)]
        plane = {"id": "plane", "bpmnElement": "collaboration"}
        return element(
            "bpmndi:BPMNDiagram",
            element("bpmndi:BPMNPlane", *shapes, *edges, attributes=plane),
            attributes={"id": "diagram"},
        )


def _shape(key: str, box: bpmn_layout.Box, more: Mapping[str, str]) -> str:
    bounds = element("dc:Bounds", x=box.x, y=box.y, width=box.width, height=box.height)
    return element("bpmndi:BPMNShape", bounds, attributes={"id": f"{key}_di", "bpmnElement": key, **more})


def _edge(key: str, points: list[tuple[float, float]]) -> str:
    way = [element("di:waypoint", x=x, y=y) for x, y in points]
    return element("bpmndi:BPMNEdge", *way, attributes={"id": f"{key}_di", "bpmnElement": key})


def _id(key: str) -> str:
    return f"node_{key}"


def _flow_id(index: int) -> str:
    return f"flow_{index + 1}"


def _lane_id(lane: str) -> str:
    return f"lane_{lane.replace(':', '_').replace(' ', '_')}"


def _lane_name(lane: str) -> str:
    return role(lane.removeprefix("role:")) if lane.startswith("role:") else parties()[lane]


def _iso(span: timedelta) -> str:
    """A duration as ISO 8601 writes it."""
    hours, rest = divmod(int(span.total_seconds()), 3600)
    return f"PT{hours}H{rest // 60}M" if rest else f"PT{hours}H"


def _every(text: str) -> str:
    return {"month": "P1M", "week": "P1W", "year": "P1Y"}.get(text) or _iso(duration(text, "every"))
