"""The colours of tokens.css outside a style sheet: as #rrggbb for mails and PDF, and as contrast for the tests."""

import math
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

TOKENS = Path(__file__).parent / "static" / "ui" / "css" / "tokens.css"
_RAW = re.compile(r"--lch-([\w-]+):\s*([\d.]+)%\s+([\d.]+)\s+([\d.]+)")


class Lch(NamedTuple):
    lightness: float
    chroma: float
    hue: float


@cache
def raw(theme: str = "light") -> dict[str, Lch]:
    """The raw OKLCH values of a theme by token name, such as "ink" or "clay-soft"."""
    text = TOKENS.read_text(encoding="utf-8")
    day, night = text.split('[data-theme="dark"]')[0].split("@media")[0], text.split('[data-theme="dark"]')[1]
    found = _RAW.findall(night if theme == "dark" else day)
    return {name: Lch(float(light) / 100, float(c), float(h)) for name, light, c, h in found}


def linear(colour: Lch) -> tuple[float, float, float]:
    """Linear sRGB of an OKLCH colour, clipped to what a screen shows (CSS Color 4, section 10)."""
    angle = math.radians(colour.hue)
    a, b = colour.chroma * math.cos(angle), colour.chroma * math.sin(angle)
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return (_clip(red), _clip(green), _clip(blue))


def contrast(one: Lch, other: Lch) -> float:
    """The WCAG contrast ratio of two colours."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@cache
def colours(theme: str = "light") -> dict[str, str]:
    """The theme as #rrggbb by token name, for drawings that leave the browser."""
    return {name: written(lch) for name, lch in raw(theme).items()}


def written(colour: Lch) -> str:
    """A colour as #rrggbb, clipped to what a screen shows."""
    return "#" + "".join(f"{_encoded(channel):02x}" for channel in linear(colour))


def _clip(channel: float) -> float:
    return min(1.0, max(0.0, channel))


def _luminance(colour: Lch) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _encoded(channel: float) -> int:
    return round(255 * (12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055))
