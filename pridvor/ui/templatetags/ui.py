"""Words for templates: arches, icons, charts, and how a date, a length or a size is said."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from pridvor.ui import arches as porch
from pridvor.ui import charts, dates

register = template.Library()
CHARTS: dict[str, Callable[..., str]] = {"bars": charts.bars, "rows": charts.rows, "line": charts.line}


@register.inclusion_tag("ui/_arches.html")
def arches(stages: Iterable[Any], size: str = "", label: str = "") -> dict[str, Any]:
    """The journey as a porch with its stages listed in words."""
    listed = porch.stages_of(stages)
    here = [stage for stage in listed if stage.state in ("present", "trouble")]
    drawing = porch.draw(listed, small=size == "small")
    finished = sum(stage.state in ("done", "skipped") for stage in listed)
    return {
        "stages": listed,
        "small": size == "small",
        "label": label,
        "drawing": mark_safe(drawing),  # noqa: S308
        "here": ", ".join(stage.title for stage in here),
        "done": finished,
        "all": len(listed),
    }


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Lucide icon beside a word; it is never the only sign, so it is not read out."""
    return _icon(str(name))


@register.inclusion_tag("ui/_chart.html")
def chart(
    kind: str, points: Iterable[Any], title: str, label: str = "", unit: str = "", **options: Any
) -> dict[str, Any]:
    """A chart (bars, rows, line) of (label, value) pairs with the same figures as a table."""
    pairs = [_pair(point) for point in points]
    drawing = CHARTS[kind](pairs, title=title, unit=unit, **options)
    rows = [(name, charts.figure(value)) for name, value in pairs]
    return {"title": title, "label": label, "unit": unit, "rows": rows, "drawing": mark_safe(drawing)}  # noqa: S308


@register.simple_tag
def spark(values: Iterable[float], title: str) -> SafeString:
    """A line as small as a word."""
    return mark_safe(charts.spark(list(values), title=title))  # noqa: S308


@register.filter
def when(moment: date | None, style: str = "long") -> str:
    """A moment as people say it; styles: long, short, day, time, year."""
    return dates.said(moment, style) if moment else ""


@register.filter
def ago(moment: datetime | timedelta | None) -> str:
    """How long ago, or in how long."""
    return "" if not isinstance(moment, datetime | timedelta) else dates.ago(moment)


@register.filter
def since(moment: datetime | timedelta | None) -> str:
    """The length alone."""
    return "" if not isinstance(moment, datetime | timedelta) else dates.since(moment)


@register.filter
def filesize(count: Any) -> str:
    """Bytes as a person reads them; nothing for an unknown size."""
    return "" if count in (None, "") else dates.filesize(count)


@register.filter
def figure(value: float | None) -> str:
    """A number as the reader's language writes it."""
    return "" if value is None else charts.figure(float(value))


def _pair(point: Any) -> charts.Point:
    label, value = (point["label"], point["value"]) if isinstance(point, dict) else point
    return str(label), float(value)


@cache
def _icon(name: str) -> SafeString:
    signs: dict[str, Any] = {"class": "icon", "aria-hidden": "true", "focusable": "false"}
    return mark_safe(lucide(name, **signs))  # noqa: S308
