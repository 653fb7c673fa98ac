"""A route map as an SVG string: blocks in running order, their stops on rails, ways back as arcs.

Wide, blocks stand in rows from left to right; tall, one under the other for a narrow screen. Pure: equal plans give equal
strings. Knows nothing of what the stops are."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.html import escape

from pridvor.ui.svg import Brush, element, number

SHAPES = ("circle", "square", "hexagon", "diamond")
STATES = ("", "done", "open", "held", "waiting", "skipped")
RAIL, RAILS = 22.0, 66.0  # between two rails; all of them together at most
LANE, NODE = 9.0, 8.0  # between ways back; a node's half
COLUMN, NARROW, GAP, ROW_GAP = 268.0, 250.0, 48.0, 34.0  # narrow: a phone shows it at its own size
MARGIN = 10.0
SIDE = 30.0  # beside the outermost blocks, for ways back
PER_ROW = 4
TITLE, NOTE, HEAD = 17.0, 15.0, 19.0  # line heights


@dataclass(frozen=True)
class Back:
    """A way back from a stop to earlier ones of the same block."""

    to: tuple[str, ...]


@dataclass(frozen=True)
class Stop:
    """One stop. `after` names the stops of its block before it; a side stop hangs under the one above it."""

    key: str
    title: str
    shape: str
    notes: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    back: tuple[Back, ...] = ()
    state: str = ""
    conditional: bool = False
    side: bool = False


@dataclass(frozen=True)
class Block:
    key: str
    title: str
    note: str
    stops: tuple[Stop, ...]
    after: tuple[str, ...] = ()
    conditional: bool = False


@dataclass(frozen=True)
class Return:
    """A way back from one block to an earlier one."""

    start: str
    end: str
    label: str


@dataclass(frozen=True)
class Plan:
    blocks: tuple[Block, ...]
    returns: tuple[Return, ...]
    legend: tuple[tuple[str, str], ...]  # a shape, and what it stands for
    title: str
    description: str


@dataclass(frozen=True)
class _Placed:
    """A block with its place, and where its stops stand."""

    block: Block
    x: float
    y: float
    height: float
    row: int
    parts: tuple[str, ...]


def draw(plan: Plan, *, tall: bool = False) -> str:
    """The map, for a page: painted by the classes of route-map.css."""
    drawing = _Drawing(plan, tall)
    return drawing.svg()


class _Drawing:
    def __init__(self, plan: Plan, tall: bool) -> None:
        self.plan, self.tall = plan, tall
        self.brush = Brush("route-map", {}, None)
        self.column, self.margin = (NARROW, 2.0) if tall else (COLUMN, MARGIN)
        self.left = self.margin if tall else MARGIN + SIDE * bool(plan.returns) + LANE * self._far_returns()
        self.placed: dict[str, _Placed] = {}
        self.gutters: dict[int, float] = {}
        self.bottom = self._place()

    def _rows(self) -> list[list[list[Block]]]:
        """Blocks by rank, ranks by row; blocks of one rank go on side by side."""
        ranks: dict[str, int] = {}
        for block in self.plan.blocks:
            ranks[block.key] = 1 + max((ranks.get(key, 0) for key in block.after), default=-1)
        ordered = sorted(self.plan.blocks, key=lambda block: ranks[block.key])
        columns = [list(group) for _, group in groupby(ordered, key=lambda block: ranks[block.key])]
        if self.tall or not columns:
            return [[column] for column in columns]
        rows = -(-len(columns) // PER_ROW)
        each = -(-len(columns) // rows)
        return [columns[start : start + each] for start in range(0, len(columns), each)]

    def _far_returns(self) -> int:
        """How many ways lead back to another row: they go round on the left."""
        row = {block.key: index for index, cs in enumerate(self._rows()) for c in cs for block in c}
        return sum(row[way.start] != row[way.end] for way in self.plan.returns)

    def _place(self) -> float:
        y = MARGIN
        for index, row in enumerate(self._rows()):
            deepest = y
            for place, column in enumerate(row):
                x, top = self.left + place * (self.column + GAP), y
                for block in column:
                    parts, height = _Inside(block, self.brush, x, top, self.column).drawn()
                    self.placed[block.key] = _Placed(block, x, top, height, index, tuple(parts))
                    top += height + 14
                deepest = max(deepest, top - 14)
            crossing = sum(self._touches(way, row) for way in self.plan.returns)
            self.gutters[index] = deepest + 12
            y = deepest + (20 if self.tall else ROW_GAP + 18 * crossing)
        return y - (0 if self.tall else ROW_GAP) + (2 if self.tall else 24)

    def _touches(self, way: Return, row: list[list[Block]]) -> bool:
        keys = {block.key for column in row for block in column}
        return way.start in keys or way.end in keys

    def svg(self) -> str:
        blocks = [part for placed in self.placed.values() for part in placed.parts]
        ways = self._forward() + (self._tall_returns() if self.tall else self._wide_returns())
        legend, height = self._legend(self.bottom + 8)
        columns = max((len(row) for row in self._rows()), default=1)
        lanes = len(self.plan.returns) if self.tall else 0
        side = 8.0 * lanes + 6 if lanes else 0 if self.tall else SIDE * bool(self.plan.returns)
        width = self.left + columns * (self.column + GAP) - GAP + self.margin + side
        return element(
            "svg",
            element("title", escape(self.plan.title)),
            element("desc", escape(self.plan.description)),
            *ways,
            *blocks,
            *legend,
            attributes=self.brush("drawing"),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(width)} {number(height)}",
            width=width,
            height=height,
            role="img",
        )

    # -- ways between blocks

    def _forward(self) -> list[str]:
        parts = []
        for placed in self.placed.values():
            for key in placed.block.after:
                before = self.placed[key]
                parts.append(self._line(self._onward(before, placed), "way"))
                parts.append(self._head(*self._entry(placed), "way"))
        return parts

    def _entry(self, placed: _Placed) -> tuple[float, float, str]:
        return (placed.x + 22, placed.y, "down") if self.tall else (placed.x, placed.y + 24, "right")

    def _onward(self, before: _Placed, after: _Placed) -> str:
        if self.tall:
            return f"M{number(before.x + 22)} {number(before.y + before.height)}V{number(after.y)}"
        start, end = (before.x + self.column, before.y + 24), (after.x, after.y + 24)
        if before.row == after.row:
            middle = end[0] - GAP / 2
            return f"M{_at(*start)}H{number(middle)}V{number(end[1])}H{number(end[0])}"
        out, gutter, into = start[0] + 12, self.gutters[before.row], after.x - 7
        turn = f"M{_at(*start)}H{number(out)}V{number(gutter)}"
        return f"{turn}H{number(into)}V{number(end[1])}H{number(end[0])}"

    def _wide_returns(self) -> list[str]:
        """Out of the right side, down to the gutter under the row, and up again on the left of the earlier block."""
        parts: list[str] = []
        used: dict[int, int] = {}
        for index, way in enumerate(self.plan.returns):
            start, end = self.placed[way.start], self.placed[way.end]
            used[start.row] = used.get(start.row, 0) + 1
            low = self.gutters[start.row] + 18 * used[start.row]
            out, into = start.x + self.column + 20 + 4 * (index % 5), end.x - 12 - 4 * (index % 5)
            leave, enter = start.y + start.height - 16, end.y + end.height - 16
            path = f"M{_at(start.x + self.column, leave)}H{number(out)}V{number(low)}"
            if start.row != end.row:
                used[end.row] = used.get(end.row, 0) + 1
                high, edge = self.gutters[end.row] + 18 * used[end.row], MARGIN + LANE * (index % 6)
                path += f"H{number(edge)}V{number(high)}"
            path += f"H{number(into)}V{number(enter)}H{number(end.x)}"
            parts += [self._line(path, "back"), self._head(end.x, enter, "right", "back")]
            parts.append(self._text(way.label, start.x + self.column - 8, low - 5, "label", "end"))
        return parts

    def _tall_returns(self) -> list[str]:
        parts = []
        for index, way in enumerate(self.plan.returns):
            start, end = self.placed[way.start], self.placed[way.end]
            lane = self.left + self.column + 8 + 8 * index
            leave, enter = start.y + 22 + 6 * index, end.y + end.height - 14 - 6 * index
            path = f"M{_at(start.x + self.column, leave)}H{number(lane)}V{number(enter)}H{number(end.x + self.column)}"
            parts += [self._line(path, "back"), self._head(end.x + self.column, enter, "left", "back")]
        return parts

    def _legend(self, y: float) -> tuple[list[str], float]:
        parts: list[str] = []
        x, step = self.left + NODE, 126.0 if self.tall else 170.0
        for index, (shape, words) in enumerate(self.plan.legend):
            column, line = (index % 2, index // 2) if self.tall else (index, 0)
            at = (x + column * step, y + 10 + line * 24)
            parts += _node(shape, *at, self.brush, "")
            parts.append(self._text(words, at[0] + 16, at[1] + 4.5, "note"))
        lines = -(-len(self.plan.legend) // 2) if self.tall else 1
        return parts, y + 24 * lines + 8

    def _line(self, path: str, part: str) -> str:
        return element("path", d=path, attributes=self.brush(part))

    def _head(self, x: float, y: float, towards: str, part: str) -> str:
        turn = {"right": "l-7 -4v8z", "left": "l7 -4v8z", "down": "l-4 -7h8z"}[towards]
        return element("path", d=f"M{_at(x, y)}{turn}", attributes=self.brush(f"{part}-head"))

    def _text(self, words: str, x: float, y: float, part: str, anchor: str = "start") -> str:
        return element("text", escape(words), x=x, y=y, text_anchor=anchor, attributes=self.brush(part))


class _Inside:
    """One block: its head, its stops on their rails, and the ways back among them."""

    def __init__(self, block: Block, brush: Brush, x: float, y: float, column: float) -> None:
        self.block, self.brush, self.x, self.y, self.column = block, brush, x, y, column
        self.rails = _rails(block.stops)
        self.lanes = _lanes(block.stops)
        depth = 1 + max((lane for _, _, lane in self.lanes), default=-1)
        self.first = x + 16 + NODE + LANE * depth
        most = max(self.rails.values(), default=0)
        self.rail = min(RAIL, RAILS / most) if most else RAIL
        self.words = self.first + self.rail * most + NODE + 10
        self.at: dict[str, tuple[float, float]] = {}

    def drawn(self) -> tuple[list[str], float]:
        texts, y = self._head()
        for stop in self.block.stops:
            self.at[stop.key] = (self.first + self.rail * self.rails[stop.key], y + 11)
            lines, y = self._words(stop, y)
            texts += lines
        height = y + 4 - self.y
        frame = element(
            "rect",
            x=self.x,
            y=self.y,
            width=self.column,
            height=height,
            rx=10,
            attributes=self.brush("block", "conditional" if self.block.conditional else ""),
        )
        nodes = [part for stop in self.block.stops for part in self._stop(stop)]
        return [frame, *self._rails_drawn(), *self._backs_drawn(), *nodes, *texts], height

    def _head(self) -> tuple[list[str], float]:
        y, parts = self.y + 8, []
        for line in wrapped(self.block.title, self.column - 32, 8.6):
            y += HEAD
            parts.append(self._text(line, self.x + 16, y - 3, "head"))
        for line in wrapped(self.block.note, self.column - 32, 6.4):
            y += NOTE
            parts.append(self._text(line, self.x + 16, y - 2, "note"))
        return parts, y + 12

    def _words(self, stop: Stop, y: float) -> tuple[list[str], float]:
        room, parts = self.x + self.column - 10 - self.words, []
        current = "current" if stop.state in ("open", "held") else "muted" if stop.state == "skipped" else ""
        for line in wrapped(stop.title, room, 8.3):
            parts.append(self._text(line, self.words, y + 15, "title", current))
            y += TITLE
        for note in stop.notes:
            for line in wrapped(note, room, 6.4):
                parts.append(self._text(line, self.words, y + 14, "note"))
                y += NOTE
        return parts, y + 12

    def _rails_drawn(self) -> list[str]:
        parts = []
        for stop in self.block.stops:
            x, y = self.at[stop.key]
            for key in stop.after:
                before = self.at[key]
                state = "side" if stop.side else ""
                parts.append(element("path", d=_bend(before, (x, y)), attributes=self.brush("rail", state)))
        return parts

    def _backs_drawn(self) -> list[str]:
        parts = []
        for start, ends, lane in self.lanes:
            (x, y), edge = self.at[start], self.first - NODE - 8 - LANE * lane
            top = min(self.at[end][1] for end in ends)
            path = f"M{_at(x - NODE, y)}H{number(edge + 6)}q-6 0 -6 -6V{number(top + 6)}q0 -6 6 -6"
            parts.append(element("path", d=path, attributes=self.brush("back")))
            for end in ends:
                end_x, end_y = self.at[end]
                arrow = f"M{_at(edge if end_y != top else edge + 6, end_y)}H{number(end_x - NODE - 4)}"
                parts.append(element("path", d=arrow, attributes=self.brush("back")))
                head = f"M{_at(end_x - NODE - 1, end_y)}l-6 -3.5v7z"
                parts.append(element("path", d=head, attributes=self.brush("back-head")))
        return parts

    def _stop(self, stop: Stop) -> list[str]:
        return _node(stop.shape, *self.at[stop.key], self.brush, stop.state, stop.conditional)

    def _text(self, words: str, x: float, y: float, part: str, state: str = "") -> str:
        return element("text", escape(words), x=x, y=y, attributes=self.brush(part, state))


def wrapped(words: str, room: float, letter: float, most: int = 7) -> list[str]:
    """The words in lines that fit, by the width of an ordinary letter; what does not fit ends in an ellipsis."""
    fits, lines = max(6, int(room / letter)), [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= fits or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = [line if len(line) <= fits + 2 else line[: fits - 1] + "…" for line in lines if line]
    return kept if len(kept) <= most else [*kept[: most - 1], kept[most - 1].rstrip(",") + "…"]


def _rails(stops: Sequence[Stop]) -> dict[str, int]:
    """On which rail each stop stands: those that go on side by side get rails of their own, side stops the next one."""
    depth: dict[str, int] = {}
    rail: dict[str, int] = {}
    for stop in stops:
        if not stop.side:
            depth[stop.key] = 1 + max((depth.get(key, 0) for key in stop.after), default=0)
            rail[stop.key] = sum(depth[other] == depth[stop.key] for other in depth) - 1
    for stop in stops:
        if stop.side:
            host = stop.after[0]
            near = (depth[host], depth[host] + 1)
            beside = max(rail[key] for key in depth if depth[key] in near)
            rail[stop.key] = beside + 1
    return rail


def _lanes(stops: Sequence[Stop]) -> list[tuple[str, tuple[str, ...], int]]:
    """Each way back with a lane that no other one uses beside it; the short ones run inside."""
    place = {stop.key: index for index, stop in enumerate(stops)}
    spans = [
        (place[stop.key], min(place[key] for key in back.to), stop.key, back.to)
        for stop in stops
        for back in stop.back
    ]
    taken: list[list[tuple[int, int]]] = []
    found = []
    for low, high, key, to in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        fits = (i for i, lane in enumerate(taken) if all(low < a or high > b for a, b in lane))
        lane = next(fits, len(taken))
        taken[lane:lane] = [] if lane < len(taken) else [[]]
        taken[lane].append((high, low))
        found.append((key, to, lane))
    return found


def _bend(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Straight down a rail, or over to another one just above the end."""
    (x, y), (to_x, to_y) = start, end
    if x == to_x:
        return f"M{_at(x, y)}V{number(to_y)}"
    if to_x > x:
        turn = y + 14
        return (
            f"M{_at(x, y)}C{_at(x, turn)} {_at(to_x, y + 4)} {_at(to_x, min(turn + 14, to_y))}V{number(to_y)}"
        )
    turn = to_y - 14
    return f"M{_at(x, y)}V{number(turn - 14)}C{_at(x, to_y - 4)} {_at(to_x, turn)} {_at(to_x, to_y)}"


def _node(shape: str, x: float, y: float, brush: Brush, state: str, conditional: bool = False) -> list[str]:
    """The shape says who acts; how it stands is said by its paint and by a sign in it."""
    paint = brush("node", state or shape)
    if conditional and not state:
        paint = {"class": f"{paint['class']} route-map-node--conditional"}
    parts = [_shape(shape, x, y, NODE + 5, brush("halo"))] if state in ("open", "held") else []
    return [*parts, _shape(shape, x, y, NODE, paint), *_sign(state, x, y, brush)]


def _shape(shape: str, x: float, y: float, half: float, paint: dict[str, str]) -> str:
    if shape == "circle":
        return element("circle", cx=x, cy=y, r=half, attributes=paint)
    if shape == "square":
        side = 2 * half - 2
        return element(
            "rect", x=x - half + 1, y=y - half + 1, width=side, height=side, rx=3, attributes=paint
        )
    corners = {
        "hexagon": [(-1.1, 0), (-0.55, -0.95), (0.55, -0.95), (1.1, 0), (0.55, 0.95), (-0.55, 0.95)],
        "diamond": [(0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0)],
    }[shape]
    path = "L".join(_at(x + dx * half, y + dy * half) for dx, dy in corners)
    return element("path", d=f"M{path}Z", attributes=paint)


def _sign(state: str, x: float, y: float, brush: Brush) -> list[str]:
    signs = {
        "done": f"M{_at(x - 3.6, y + 0.3)}l2.6 2.7 4.8 -5.4",
        "skipped": f"M{_at(x - 3.5, y)}h7",
        "held": f"M{_at(x, y - 4)}v4.5M{_at(x, y + 3.6)}v0.4",
        "open": f"M{_at(x - 2, y - 3.4)}l4.4 3.4 -4.4 3.4z",
    }
    return [element("path", d=signs[state], attributes=brush("sign", state))] if state in signs else []


def _at(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"
