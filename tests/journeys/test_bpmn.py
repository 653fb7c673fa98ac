"""Journeys as BPMN: every reference leads somewhere, everything is drawn, and the same journey is the same document."""

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pridvor.journeys import bpmn, language
from tests.conftest import ROOT

FILES = [*sorted((ROOT / "journeys").glob("*.yaml")), *sorted((ROOT / "tests/cases/traces").glob("*.yaml"))]
MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DRAWN = "{http://www.omg.org/spec/BPMN/20100524/DI}"
NOT_NODES = {"laneSet", "sequenceFlow"}


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request) -> Path:
    return request.param


@pytest.fixture
def document(path):
    return ElementTree.fromstring(bpmn.export(language.read(path.read_text()), "ro"))


def nodes(document):
    process = document.find(f"{MODEL}process")
    return {part.get("id"): part for part in process if part.tag.removeprefix(MODEL) not in NOT_NODES}


def flows(document):
    return {flow.get("id"): flow for flow in document.iter(f"{MODEL}sequenceFlow")}


def test_no_name_is_given_twice(document):
    names = Counter(part.get("id") for part in document.iter() if part.get("id"))
    assert [name for name, count in names.items() if count > 1] == []


def test_every_flow_leads_from_a_node_to_another_and_both_know_it(document):
    known = nodes(document)
    for key, flow in flows(document).items():
        start, end = known[flow.get("sourceRef")], known[flow.get("targetRef")]
        assert key in [part.text for part in start.findall(f"{MODEL}outgoing")]
        assert key in [part.text for part in end.findall(f"{MODEL}incoming")]


def test_every_node_stands_in_one_lane(document):
    referred = Counter(part.text for part in document.iter(f"{MODEL}flowNodeRef"))
    assert referred == Counter(nodes(document).keys())


def test_every_node_has_a_shape_and_every_flow_an_edge(document):
    shapes = {shape.get("bpmnElement") for shape in document.iter(f"{DRAWN}BPMNShape")}
    edges = {edge.get("bpmnElement") for edge in document.iter(f"{DRAWN}BPMNEdge")}
    lanes = {lane.get("id") for lane in document.iter(f"{MODEL}lane")}
    assert shapes == nodes(document).keys() | lanes | {"pool"}
    assert edges == flows(document).keys()


def test_everything_can_be_come_to_and_comes_to_an_end(document):
    onward = {key: set() for key in nodes(document)}
    for flow in flows(document).values():
        onward[flow.get("sourceRef")].add(flow.get("targetRef"))
    for key, node in nodes(document).items():
        if node.get("attachedToRef"):
            onward[node.get("attachedToRef")].add(key)
    seen, todo = {"node_start"}, ["node_start"]
    while todo:
        new = onward[todo.pop()] - seen
        seen |= new
        todo += new
    assert seen == onward.keys()
    ends = {key for key, node in nodes(document).items() if node.tag == f"{MODEL}endEvent"}
    assert {key for key, ways in onward.items() if not ways} == ends


def test_a_choice_has_conditions_on_all_its_ways_but_one(document):
    for key, node in nodes(document).items():
        out = [flow for flow in flows(document).values() if flow.get("sourceRef") == key]
        if node.tag == f"{MODEL}exclusiveGateway" and len(out) > 1:
            free = [flow.get("id") for flow in out if flow.find(f"{MODEL}conditionExpression") is None]
            assert free == ([node.get("default")] if node.get("default") else []), key


def test_nodes_do_not_lie_upon_each_other(document):
    seen = []
    for shape in document.iter(f"{DRAWN}BPMNShape"):
        key, bounds = shape.get("bpmnElement"), shape[0]
        if not key.startswith("node_") or "timer" in key:
            continue
        x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
        for other, a, b, c, d in seen:
            assert x + width <= a or a + c <= x or y + height <= b or b + d <= y, (key, other)
        seen.append((key, x, y, width, height))


def test_the_same_journey_is_the_same_document(path):
    source = path.read_text()
    assert bpmn.export(language.read(source), "ro") == bpmn.export(language.read(source), "ro")
