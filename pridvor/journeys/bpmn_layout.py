"""Where the parts of a BPMN diagram stand: lanes under one another, nodes from left to right in running order."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SIZES = {"Task": (120.0, 70.0), "callActivity": (120.0, 70.0), "Gateway": (50.0, 50.0), "Event": (36.0, 36.0)}
STEP, ROW, HEAD, LEFT = 160.0, 110.0, 30.0, 160.0


@dataclass(frozen=True)
class Node:
    """One flow node; `host` of a boundary event, `timer` in ISO 8601, `called` of a call activity."""

    key: str
    kind: str
    title: str
    lane: str
    host: str = ""
    timer: str = ""
    called: str = ""


@dataclass(frozen=True)
class Flow:
    start: str
    end: str
    title: str = ""
    condition: str = ""
    back: bool = False  # leads to what came before


class Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    pool: Box
    lanes: dict[str, Box]
    boxes: dict[str, Box]
    edges: list[list[tuple[float, float]]]


def pruned(nodes: Mapping[str, Node], flows: Sequence[Flow]) -> tuple[dict[str, Node], list[Flow]]:
    """Without gateways that neither part nor join anything, and without what nothing leads to."""
    kept, left = dict(nodes), list(flows)
    while useless := _useless(kept, left):
        into = [flow for flow in left if flow.end == useless]
        out = [flow for flow in left if flow.start == useless]
        left = [flow for flow in left if useless not in (flow.start, flow.end)]
        if into and out:
            left.append(_joined(into[0], out[0]))
        del kept[useless]
    return kept, left


def _useless(nodes: Mapping[str, Node], flows: Sequence[Flow]) -> str:
    into: dict[str, int] = defaultdict(int)
    out: dict[str, int] = defaultdict(int)
    for flow in flows:
        into[flow.end] += 1
        out[flow.start] += 1
    for key, node in nodes.items():
        dangling = not into[key] and node.kind != "startEvent" and not node.host
        through = node.kind.endswith("Gateway") and into[key] <= 1 and out[key] <= 1
        if dangling or through:
            return key
    return ""


def _joined(first: Flow, second: Flow) -> Flow:
    return Flow(
        first.start,
        second.end,
        first.title or second.title,
        first.condition or second.condition,
        first.back or second.back,
    )


def lay_out(nodes: Mapping[str, Node], flows: Sequence[Flow]) -> Layout:
    """A box for each node, lane and pool, and the corners of each flow."""
    ranks = _ranks(nodes, flows)
    places = _places(nodes, ranks)
    lanes, top = {}, 0.0
    width = LEFT + STEP * (max(ranks.values(), default=0) + 1)
    for lane in dict.fromkeys(node.lane for node in nodes.values()):
        rows = 1 + max(places[key] for key, node in nodes.items() if node.lane == lane)
        lanes[lane] = Box(HEAD, top, width - HEAD, rows * ROW + 30)
        top += rows * ROW + 30
    boxes = {
        key: _box(node, ranks[key], places[key], lanes[node.lane])
        for key, node in nodes.items()
        if not node.host
    }
    boxes |= _on_their_hosts(nodes, boxes)
    edges = [_corners(flow, boxes, lanes[nodes[flow.start].lane]) for flow in flows]
    return Layout(Box(0, 0, width, top), lanes, boxes, edges)


def _ranks(nodes: Mapping[str, Node], flows: Sequence[Flow]) -> dict[str, int]:
    """How far from the start, by the longest way that never leads back (A. Kahn's order)."""
    onward: dict[str, list[str]] = defaultdict(list)
    waiting = dict.fromkeys(nodes, 0)
    for start, end in _forward(nodes, flows):
        onward[start].append(end)
        waiting[end] += 1
    ranks = {key: 0 for key, count in waiting.items() if not count}
    ready = list(ranks)
    while ready:
        key = ready.pop()
        for later in onward[key]:
            ranks[later] = max(ranks.get(later, 0), ranks[key] + (0 if nodes[later].host else 1))
            waiting[later] -= 1
            if not waiting[later]:
                ready.append(later)
    return {key: ranks.get(key, 0) for key in nodes}


def _forward(nodes: Mapping[str, Node], flows: Sequence[Flow]) -> Iterator[tuple[str, str]]:
    yield from ((flow.start, flow.end) for flow in flows if not flow.back)
    yield from ((node.host, key) for key, node in nodes.items() if node.host)


def _places(nodes: Mapping[str, Node], ranks: Mapping[str, int]) -> dict[str, int]:
    taken: dict[tuple[str, int], int] = defaultdict(int)
    places = {}
    for key, node in nodes.items():
        if node.host:
            places[key] = 0
            continue
        places[key] = taken[node.lane, ranks[key]]
        taken[node.lane, ranks[key]] += 1
    return places


def _box(node: Node, rank: int, place: int, lane: Box) -> Box:
    width, height = _size(node.kind)
    middle = LEFT + STEP * rank, lane.y + 20 + ROW * place + ROW / 2 - 5
    return Box(middle[0] - width / 2, middle[1] - height / 2, width, height)


def _on_their_hosts(nodes: Mapping[str, Node], boxes: Mapping[str, Box]) -> dict[str, Box]:
    """Boundary events sit on the lower edge of their task, side by side."""
    seats: dict[str, int] = defaultdict(int)
    found = {}
    for key, node in nodes.items():
        if node.host:
            host = boxes[node.host]
            found[key] = Box(host.x + 6 + 38 * seats[node.host], host.y + host.height - 18, 36, 36)
            seats[node.host] += 1
    return found


def _size(kind: str) -> tuple[float, float]:
    return next(size for ending, size in SIZES.items() if kind.endswith(ending))


def _corners(flow: Flow, boxes: Mapping[str, Box], lane: Box) -> list[tuple[float, float]]:
    """Out of the right side and into the left; ways back run along the foot of their lane."""
    start, end = boxes[flow.start], boxes[flow.end]
    out = (start.x + start.width, start.y + start.height / 2)
    into = (end.x, end.y + end.height / 2)
    if flow.back or into[0] < out[0]:
        foot = lane.y + lane.height - 8
        below, above = (
            (start.x + start.width / 2, start.y + start.height),
            (end.x + end.width / 2, end.y + end.height),
        )
        return [below, (below[0], foot), (above[0], foot), above]
    if out[1] == into[1]:
        return [out, into]
    turn = into[0] - 16
    return [out, (turn, out[1]), (turn, into[1]), into]
