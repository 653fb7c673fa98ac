"""Small words for drawing: an element, and a brush that paints by class (pages) or by colour (mails, PDF)."""

from collections.abc import Mapping
from typing import Final

from django.utils.html import escape

Attributes = dict[str, str]
Colours = Mapping[str, str]

_UNCOLOURED: Final = frozenset({"none"})


def number(value: float) -> str:
    """A coordinate, as short as it can be written."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def element(
    name: str, *children: str, attributes: Mapping[str, str] | None = None, **more: float | str
) -> str:
    """An SVG element; underscores in keyword names become hyphens, text must be escaped by the caller."""
    pairs = dict(attributes or {})
    pairs |= {
        key.replace("_", "-"): value if isinstance(value, str) else number(value)
        for key, value in more.items()
    }
    written = "".join(f' {key}="{escape(value)}"' for key, value in pairs.items())
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def picture(
    *children: str, title: str, box: tuple[float, float, float, float], attributes: Attributes
) -> str:
    """A whole drawing with its text alternative."""
    x, y, width, height = box
    return element(
        "svg",
        element("title", escape(title)),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=" ".join(map(number, (x, y, width, height))),
        width=width,
        height=height,
        role="img",
        attributes=attributes,
    )


class Brush:
    """Paints a part of a drawing: with a class the style sheet knows, or with plain attributes of given colours."""

    def __init__(self, block: str, styles: Mapping[str, Mapping[str, str]], colours: Colours | None) -> None:
        self.block, self.styles, self.colours = block, styles, colours

    def __call__(self, part: str, state: str = "") -> Attributes:
        if self.colours is None:
            names = [f"{self.block}-{part}"] + ([f"{self.block}-{part}--{state}"] if state else [])
            return {"class": " ".join(names)}
        style = {**self.styles[part], **self.styles.get(f"{part}--{state}", {})}
        return {
            key: self._colour(value) if key in ("fill", "stroke") else value for key, value in style.items()
        }

    def _colour(self, name: str) -> str:
        return name if name in _UNCOLOURED or self.colours is None else self.colours[name]
