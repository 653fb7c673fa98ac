"""A journey drawn as the front of a porch: one arch for each stage, lit when done, the last one a door.

The same drawing goes everywhere: classes for pages, plain colours (`palette.colours()`) for mails and reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext, ngettext

from pridvor.ui.svg import Brush, Colours, element, number, picture

STATES = ("done", "present", "ahead", "trouble", "skipped")

STYLES: dict[str, dict[str, str]] = {
    "roof": {"fill": "clay-soft", "stroke": "clay", "stroke-width": "1.5"},
    "shingle": {"fill": "none", "stroke": "clay", "stroke-width": "0.7"},
    "beam": {"fill": "surface", "stroke": "ink", "stroke-width": "1.5"},
    "post": {"fill": "surface", "stroke": "ink", "stroke-width": "1.5"},
    "floor": {"fill": "surface", "stroke": "ink", "stroke-width": "1.5"},
    "wall": {"fill": "surface", "stroke": "none"},
    "bay": {"fill": "paper", "stroke": "edge", "stroke-width": "1.5"},
    "bay--done": {"fill": "lamp", "stroke": "pine", "stroke-width": "2"},
    "bay--present": {"fill": "clay", "stroke": "clay-deep", "stroke-width": "2"},
    "bay--trouble": {"fill": "brick-soft", "stroke": "brick", "stroke-width": "2.5"},
    "bay--skipped": {"fill": "none", "stroke-dasharray": "3 4"},
    "figure": {"fill": "on-clay"},
    "check": {
        "fill": "none",
        "stroke": "pine",
        "stroke-width": "4",
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
    },
    "alarm": {"fill": "brick"},
    "dash": {"fill": "none", "stroke": "muted", "stroke-width": "2.5", "stroke-linecap": "round"},
    "door": {"fill": "none", "stroke": "edge", "stroke-width": "1.5"},
    "door--done": {"stroke": "pine"},
    "door--present": {"stroke": "on-clay"},
    "return": {
        "fill": "none",
        "stroke": "ochre",
        "stroke-width": "2",
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
    },
    "count": {"fill": "ochre", "font-family": "sans-serif", "font-size": "13", "font-weight": "650"},
}


@dataclass(frozen=True)
class Stage:
    """One arch: what it is called, how it stands, how often work came back to it."""

    title: str
    state: str = "ahead"
    loops: int = 0
    row: str = ""
    note: str = ""

    @property
    def word(self) -> str:
        words = {
            "done": gettext("Done"),
            "present": gettext("Now"),
            "ahead": gettext("Ahead"),
            "trouble": gettext("Needs attention"),
            "skipped": gettext("Not needed"),
        }
        return words[self.state]

    @property
    def loops_word(self) -> str:
        if not self.loops:
            return ""
        return ngettext("came back once", "came back %(count)d times", self.loops) % {"count": self.loops}


@dataclass(frozen=True)
class Measures:
    """Where the parts of the porch stand; the small one is for a case header."""

    cell: float
    roof: float
    beam: float
    rise: float
    floor: float
    post: float
    scale: float


def stages_of(given: Iterable[Any]) -> list[Stage]:
    """Stages from objects or dictionaries; an unknown state is an error, not a guess."""
    return [_stage(item) for item in given]


def summary(stages: Sequence[Stage]) -> str:
    """The drawing in one sentence."""
    here = [stage.title for stage in stages if stage.state in ("present", "trouble")]
    done = sum(stage.state in ("done", "skipped") for stage in stages)
    values = {"done": done, "all": len(stages), "here": ", ".join(here)}
    if here:
        return gettext("%(done)d of %(all)d stages done; now: %(here)s") % values
    return gettext("%(done)d of %(all)d stages done") % values


def draw(given: Iterable[Any], *, small: bool = False, colours: Colours | None = None) -> str:
    """The porch as an SVG string."""
    stages = stages_of(given)
    brush = Brush("arches", STYLES, colours)
    at = _measures(len(stages), small)
    width = at.cell * len(stages)
    gables = [] if small else _gables(stages, at, brush)
    parts = [
        *gables,
        *([] if small else [_roof(width, at, brush)]),
        element("rect", x=-4, y=at.roof, width=width + 8, height=at.beam - at.roof, attributes=brush("beam")),
        element("rect", x=0, y=at.beam, width=width, height=at.floor - at.beam, attributes=brush("wall")),
        *(_bay(stage, index, index == len(stages) - 1, at, brush) for index, stage in enumerate(stages)),
        *(_post(index * at.cell, at, brush) for index in range(len(stages) + 1)),
        _floor(width, at, brush, small),
        *(
            _return(stage.loops, (index + 0.5) * at.cell, at, brush)
            for index, stage in enumerate(stages)
            if stage.loops
        ),
    ]
    top = at.roof - (2 if small else 24 + 18 * bool(gables))
    under = 30 * at.scale if any(stage.loops for stage in stages) else 3
    bottom = at.floor + (4 if small else 13) + under
    attributes = brush("drawing") if colours is None else {}
    return picture(
        *parts, title=summary(stages), box=(-12, top, width + 24, bottom - top), attributes=attributes
    )


def _stage(item: Any) -> Stage:
    def read(name: str, default: Any) -> Any:
        return item.get(name, default) if isinstance(item, dict) else getattr(item, name, default)

    state = str(read("state", "ahead"))
    if state not in STATES:
        raise ValueError(f"An arch is one of {', '.join(STATES)}, not {state!r}")
    return Stage(
        str(read("title", "")),
        state,
        int(read("loops", 0) or 0),
        str(read("row", "") or ""),
        str(read("note", "") or ""),
    )


def _measures(count: int, small: bool) -> Measures:
    if small:
        return Measures(cell=40, roof=0, beam=5, rise=15, floor=50, post=4, scale=0.55)
    return Measures(
        cell=max(62.0, min(200.0, 720 / max(count, 1))), roof=36, beam=44, rise=38, floor=132, post=7, scale=1
    )


def _roof(width: float, at: Measures, brush: Brush) -> str:
    ridge, eaves = at.roof - 20, at.roof
    outline = f"M-12 {eaves}L16 {ridge}H{number(width - 16)}L{number(width + 12)} {eaves}Z"
    courses = "".join(
        f"M{number(-12 + 28 * step)} {number(eaves - 20 * step)}H{number(width + 12 - 28 * step)}"
        for step in (0.34, 0.67)
    )
    return element("path", d=outline, attributes=brush("roof")) + element(
        "path", d=courses, attributes=brush("shingle")
    )


def _gables(stages: Sequence[Stage], at: Measures, brush: Brush) -> list[str]:
    """One more roof line over stages that go on side by side."""
    gables, start = [], 0
    for row, group in groupby(stages, key=lambda stage: stage.row):
        count = len(list(group))
        if row and count > 1:
            left, right, ridge = start * at.cell + 10, (start + count) * at.cell - 10, at.roof - 38
            outline = f"M{number(left)} {at.roof - 20}L{number(left + 20)} {ridge}H{number(right - 20)}L{number(right)} {at.roof - 20}Z"
            gables.append(element("path", d=outline, attributes=brush("roof")))
        start += count
    return gables


def _bay(stage: Stage, index: int, last: bool, at: Measures, brush: Brush) -> str:
    left, right = index * at.cell + at.post, (index + 1) * at.cell - at.post
    middle, half = (left + right) / 2, (right - left) / 2
    spring = at.beam + 5 * at.scale + at.rise
    opening = (
        f"M{number(left)} {number(at.floor)}V{number(spring)}"
        f"A{number(half)} {number(at.rise)} 0 0 1 {number(right)} {number(spring)}V{number(at.floor)}Z"
    )
    state = "" if stage.state == "ahead" else stage.state
    door = _door(middle, half, state, at, brush) if last else ""
    return (
        element("path", d=opening, attributes=brush("bay", state))
        + door
        + _sign(stage.state, middle, at, brush)
    )


def _sign(state: str, x: float, at: Measures, brush: Brush) -> str:
    """What stands in the opening; each state has its own shape, so that colour is never alone."""
    k, floor = at.scale, at.floor
    if state == "done":
        y = floor - 40 * k
        tick = f"M{number(x - 11 * k)} {number(y)}l{number(8 * k)} {number(8 * k)}l{number(15 * k)} {number(-17 * k)}"
        return element("path", d=tick, attributes=brush("check"))
    if state == "present":
        body = f"M{number(x - 12 * k)} {number(floor)}v{number(-20 * k)}a{number(12 * k)} {number(13 * k)} 0 0 1 {number(24 * k)} 0v{number(20 * k)}z"
        head = element("circle", cx=x, cy=floor - 43 * k, r=8 * k, attributes=brush("figure"))
        return head + element("path", d=body, attributes=brush("figure"))
    if state == "trouble":
        bar = element(
            "rect",
            x=x - 3 * k,
            y=floor - 58 * k,
            width=6 * k,
            height=28 * k,
            rx=3 * k,
            attributes=brush("alarm"),
        )
        return bar + element("circle", cx=x, cy=floor - 20 * k, r=4 * k, attributes=brush("alarm"))
    if state == "skipped":
        y = floor - 36 * k
        return element(
            "path", d=f"M{number(x - 10 * k)} {number(y)}h{number(20 * k)}", attributes=brush("dash")
        )
    return ""


def _door(x: float, half: float, state: str, at: Measures, brush: Brush) -> str:
    """The way in: two leaves, open once everything is done."""
    top, floor, k = at.beam + 5 * at.scale + at.rise * 0.55, at.floor, at.scale
    paint = brush("door", state if state in ("done", "present") else "")
    if state == "done":
        slant = 8 * k
        leaves = "".join(
            f"M{number(x + side * half)} {number(top + slant)}L{number(x + side * half * 0.62)} {number(top + 2 * slant)}V{number(floor)}"
            for side in (-1, 1)
        )
        return element("path", d=leaves, attributes=paint)
    leaf = min(half * 0.62, 22 * k)
    frame = f"M{number(x - leaf)} {number(floor)}V{number(floor - 56 * k)}H{number(x + leaf)}V{number(floor)}M{number(x)} {number(floor - 56 * k)}V{number(floor)}"
    knobs = "".join(
        f"M{number(x + side * 4 * k)} {number(floor - 27 * k)}v{number(5 * k)}" for side in (-1, 1)
    )
    return element("path", d=frame + knobs, attributes=paint)


def _post(x: float, at: Measures, brush: Brush) -> str:
    k, half = at.scale, at.post / 2
    spring = at.beam + 5 * k + at.rise
    capital = f"M{number(x - half - 4 * k)} {number(spring - 7 * k)}h{number(2 * half + 8 * k)}l{number(-4 * k)} {number(7 * k)}h{number(-2 * half)}z"
    shaft = element(
        "rect", x=x - half, y=at.beam, width=2 * half, height=at.floor - at.beam, attributes=brush("post")
    )
    base = element(
        "rect",
        x=x - half - 3 * k,
        y=at.floor - 7 * k,
        width=2 * half + 6 * k,
        height=7 * k,
        attributes=brush("post"),
    )
    return shaft + base + element("path", d=capital, attributes=brush("post"))


def _floor(width: float, at: Measures, brush: Brush, small: bool) -> str:
    if small:
        return element("rect", x=-5, y=at.floor, width=width + 10, height=3, attributes=brush("floor"))
    planks = element("rect", x=-7, y=at.floor, width=width + 14, height=6, attributes=brush("floor"))
    return planks + element(
        "rect", x=-12, y=at.floor + 6, width=width + 24, height=6, attributes=brush("floor")
    )


def _return(loops: int, x: float, at: Measures, brush: Brush) -> str:
    """A step back under the arch, and how many times it was taken."""
    k = at.scale
    y = at.floor + (4 if k < 1 else 16)
    path = (
        f"M{number(x + 20 * k)} {number(y)}v{number(8 * k)}a{number(8 * k)} {number(8 * k)} 0 0 1 {number(-8 * k)} {number(8 * k)}"
        f"h{number(-24 * k)}a{number(8 * k)} {number(8 * k)} 0 0 1 {number(-8 * k)} {number(-8 * k)}v{number(-6 * k)}"
        f"m{number(-5 * k)} {number(5 * k)}l{number(5 * k)} {number(-5 * k)}l{number(5 * k)} {number(5 * k)}"
    )
    arrow = element("path", d=path, attributes=brush("return"))
    if k < 1:
        return arrow
    return arrow + element(
        "text", f"{loops}×", x=x, y=y + 11, text_anchor="middle", attributes=brush("count")
    )
