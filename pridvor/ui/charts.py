"""Charts as SVG strings: classes and the page's colours, or given colours where no style sheet reaches."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from babel.numbers import format_decimal
from django.utils.html import escape
from django.utils.translation import get_language

from pridvor.ui.svg import Attributes, Brush, Colours, element, number, picture

Point = tuple[str, float]

_FONT = {"font-family": "sans-serif", "font-size": "13"}
_HALO = {"stroke": "paper", "stroke-width": "4", "paint-order": "stroke"}
STYLES: dict[str, dict[str, str]] = {
    "text": {"fill": "muted", **_FONT},
    "value": {"fill": "ink", "font-weight": "600", **_FONT, **_HALO},
    "grid": {"stroke": "line", "stroke-width": "1"},
    "base": {"stroke": "ink", "stroke-width": "1.5"},
    "bar": {"fill": "slate"},
    "bar--now": {"fill": "clay"},
    "line": {
        "fill": "none",
        "stroke": "slate",
        "stroke-width": "2.5",
        "stroke-linejoin": "round",
        "stroke-linecap": "round",
    },
    "dot": {"fill": "clay", "stroke": "paper", "stroke-width": "2"},
    "band": {"fill": "slate-soft"},
    "goal": {"stroke": "pine", "stroke-width": "1.75", "stroke-dasharray": "6 4"},
    "goal-text": {"fill": "pine", "font-weight": "600", **_FONT, **_HALO},
}


class Scale(NamedTuple):
    """From a value to its height in the drawing, with the ticks that explain it."""

    ticks: list[float]
    bottom: float
    height: float

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.bottom - (value - low) / (high - low) * self.height


def ticks(low: float, high: float, *, about: int = 4) -> list[float]:
    """Round numbers that cover low to high in about so many steps of 1, 2, 2.5 or 5 times a power of ten."""
    if high <= low:
        high = low + 1
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def figure(value: float) -> str:
    """A number as the reader's language writes it, with no more decimals than help."""
    pattern = (
        "#,##0" if abs(value) >= 100 or value == int(value) else "#,##0.#" if abs(value) >= 1 else "#,##0.##"
    )
    return format_decimal(value, format=pattern, locale=(get_language() or "en").replace("-", "_"))


def bars(
    points: Sequence[Point],
    *,
    title: str,
    unit: str = "",
    now: str = "",
    goal: float | None = None,
    colours: Colours | None = None,
    width: float = 560,
    height: float = 260,
) -> str:
    """Upright bars, one for each label; `now` names the bar that the eye should find."""
    brush = Brush("chart", STYLES, colours)
    scale = Scale(
        ticks(0, max([value for _, value in points] + [goal or 0], default=1)), height - 26, height - 52
    )
    left, slot = 52.0, (width - 56) / max(len(points), 1)
    thick = min(slot * 0.66, 64)
    parts = _grid(scale, unit, left, width, brush)
    for index, (label, value) in enumerate(points):
        x, top = left + (index + 0.5) * slot, scale.y(value)
        parts.append(
            element(
                "path",
                d=_standing(x - thick / 2, top, thick, scale.bottom),
                attributes=brush("bar", "now" * (label == now)),
            )
        )
        parts.append(_text(figure(value), x, top - 6, brush("value"), "middle"))
        parts.append(_text(_fitted(label, slot), x, height - 7, brush("text"), "middle"))
    parts.append(_rule(left, scale.bottom, width, brush("base")))
    return _drawn(parts + _goal(goal, unit, scale, left, width, brush), title, width, height, colours)


def rows(
    points: Sequence[Point],
    *,
    title: str,
    unit: str = "",
    now: str = "",
    goal: float | None = None,
    colours: Colours | None = None,
    width: float = 560,
) -> str:
    """Lying bars, for names too long to stand under a bar."""
    brush = Brush("chart", STYLES, colours)
    pitch, top = 34.0, 20.0 if goal is not None else 4.0
    high = ticks(0, max([value for _, value in points] + [goal or 0], default=1))[-1]
    left = min(max([len(label) for label, _ in points], default=0) * 8 + 14, width * 0.42)
    span = width - left - 84
    height = top + pitch * len(points) + 4
    parts = []
    for index, (label, value) in enumerate(points):
        y, length = top + index * pitch, max(value / high * span, 1.5)
        parts.append(_text(_fitted(label, left), left - 10, y + 20, brush("text"), "end"))
        parts.append(
            element(
                "path", d=_lying(left, y + 5, length, 22), attributes=brush("bar", "now" * (label == now))
            )
        )
        parts.append(_text(f"{figure(value)} {unit}".strip(), left + length + 8, y + 20, brush("value")))
    parts.append(element("line", x1=left, y1=top, x2=left, y2=height - 2, attributes=brush("base")))
    if goal is not None:
        x = left + goal / high * span
        parts.append(element("line", x1=x, y1=top, x2=x, y2=height - 2, attributes=brush("goal")))
        parts.append(_text(f"{figure(goal)} {unit}".strip(), x, 14, brush("goal-text"), "middle"))
    return _drawn(parts, title, width, height, colours)


def line(
    points: Sequence[Point],
    *,
    title: str,
    unit: str = "",
    goal: float | None = None,
    band: Sequence[tuple[float, float]] = (),
    from_zero: bool = True,
    colours: Colours | None = None,
    width: float = 560,
    height: float = 260,
) -> str:
    """A line through time with its last point marked; `band` is the honest range around each point.

    Not `from_zero`: the axis begins below the lowest value, for figures that differ little (availability, say).
    """
    brush = Brush("chart", STYLES, colours)
    values = (
        [value for _, value in points]
        + [edge for pair in band for edge in pair]
        + ([goal] if goal is not None else [])
    )
    low = min([0, *values] if from_zero or not values else values)
    scale = Scale(ticks(low, max(values, default=1)), height - 26, height - 46)
    left, right = 52.0, width - 48
    xs = [left + 8 + index * (right - left - 8) / max(len(points) - 1, 1) for index in range(len(points))]
    parts = _grid(scale, unit, left, width, brush)
    if band:
        edge = [(x, low) for x, (low, _) in zip(xs, band, strict=True)] + [
            (x, high) for x, (_, high) in reversed(list(zip(xs, band, strict=True)))
        ]
        parts.append(
            element(
                "path", d=_through([(x, scale.y(value)) for x, value in edge]) + "Z", attributes=brush("band")
            )
        )
    drawn = [(x, scale.y(value)) for x, (_, value) in zip(xs, points, strict=True)]
    parts += [_rule(left, scale.bottom, width, brush("base")), *_goal(goal, unit, scale, left, width, brush)]
    parts.append(element("path", d=_through(drawn), attributes=brush("line")))
    every = max(1, math.ceil(len(points) * 52 / (right - left)))
    for index, (x, (label, _)) in enumerate(zip(xs, points, strict=True)):
        if (len(points) - 1 - index) % every == 0:
            parts.append(_text(label, x, height - 7, brush("text"), "middle"))
    if drawn:
        x, y = drawn[-1]
        parts.append(element("circle", cx=x, cy=y, r=5, attributes=brush("dot")))
        parts.append(_text(figure(points[-1][1]), x + 9, y + 5, brush("value")))
    return _drawn(parts, title, width, height, colours)


def spark(
    values: Sequence[float],
    *,
    title: str,
    colours: Colours | None = None,
    width: float = 120,
    height: float = 28,
) -> str:
    """A line as small as a word."""
    brush = Brush("chart", STYLES, colours)
    low, high = min(values, default=0), max(values, default=1)
    spread = (high - low) or 1
    places = [
        (
            4 + index * (width - 10) / max(len(values) - 1, 1),
            height - 5 - (value - low) / spread * (height - 10),
        )
        for index, value in enumerate(values)
    ]
    dot = (
        [element("circle", cx=places[-1][0], cy=places[-1][1], r=3.5, attributes=brush("dot"))]
        if places
        else []
    )
    return _drawn(
        [element("path", d=_through(places), attributes=brush("line")), *dot], title, width, height, colours
    )


def _drawn(parts: list[str], title: str, width: float, height: float, colours: Colours | None) -> str:
    attributes: Attributes = {"class": "chart-drawing"} if colours is None else {}
    return picture(*parts, title=title, box=(0, 0, width, height), attributes=attributes)


def _grid(scale: Scale, unit: str, left: float, width: float, brush: Brush) -> list[str]:
    parts = []
    for value in scale.ticks:
        label = f"{figure(value)} {unit}".strip() if value == scale.ticks[-1] else figure(value)
        parts.append(_rule(left, scale.y(value), width, brush("grid")))
        parts.append(
            _text(label, left - 8, scale.y(value) + 4, brush("text"), "end")
            if len(label) < 8
            else _text(label, 0, scale.y(value) - 8, brush("text"))
        )
    return parts


def _goal(goal: float | None, unit: str, scale: Scale, left: float, width: float, brush: Brush) -> list[str]:
    if goal is None:
        return []
    y = scale.y(goal)
    return [
        _rule(left, y, width, brush("goal")),
        _text(f"{figure(goal)} {unit}".strip(), width - 2, y - 6, brush("goal-text"), "end"),
    ]


def _rule(left: float, y: float, width: float, attributes: Attributes) -> str:
    return element("line", x1=left, y1=y, x2=width, y2=y, attributes=attributes)


def _text(words: str, x: float, y: float, attributes: Attributes, anchor: str = "start") -> str:
    return element("text", escape(words), x=x, y=y, text_anchor=anchor, attributes=attributes)


def _through(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in places) if places else ""


def _standing(x: float, top: float, thick: float, bottom: float) -> str:
    """A bar with an arched top, as everything here stands under an arch."""
    rise = min(thick / 2, 7, bottom - top)
    return (
        f"M{number(x)} {number(bottom)}V{number(top + rise)}q0 {number(-rise)} {number(rise)} {number(-rise)}"
        f"h{number(thick - 2 * rise)}q{number(rise)} 0 {number(rise)} {number(rise)}V{number(bottom)}z"
    )


def _lying(x: float, y: float, length: float, thick: float) -> str:
    rise = min(6, length)
    return (
        f"M{number(x)} {number(y)}h{number(length - rise)}q{number(rise)} 0 {number(rise)} {number(rise)}"
        f"v{number(thick - 2 * rise)}q0 {number(rise)} {number(-rise)} {number(rise)}H{number(x)}z"
    )


def _fitted(label: str, room: float) -> str:
    fits = max(3, int(room / 7))
    return label if len(label) <= fits else label[: fits - 1].rstrip() + "…"
