"""The company's own colour in place of the house's clay, in both themes, and whether it can be read on their grounds.

The lightness that an administrator chose counts by day; by night the same hue is made as light as its grounds need.
"""

import math
import re

from pridvor.ui import palette
from pridvor.ui.palette import Lch

NEEDED = 4.5  # WCAG 2.2, 1.4.3: contrast of text
GROUNDS = ("paper", "surface", "sunk", "on-clay")  # what lies under the colour, or the words that lie on it
STEP = 0.005  # of lightness
SHOWN = re.compile(r"#[0-9a-f]{6}")


class Unreadable(Exception):
    """Words in this colour could not be read; `nearest` is the one closest to it that can."""

    def __init__(self, nearest: str) -> None:
        super().__init__(nearest)
        self.nearest = nearest


def check(colour: str) -> None:
    """Raises Unreadable, and ValueError for what is not #rrggbb."""
    chosen = parse(colour)
    if not _is_readable(chosen, "light"):
        raise Unreadable(written(_readable(chosen, "light")))


def tokens(colour: str, theme: str) -> dict[str, Lch]:
    """The raw values that take the place of clay's in a theme."""
    base, sign = parse(colour), -1 if theme == "light" else 1
    own = palette.raw(theme)
    main = _readable(base if theme == "light" else base._replace(lightness=own["clay"].lightness), theme)
    soft, on = own["clay-soft"], own["on-clay"]
    return {
        "clay": main,
        "clay-deep": main._replace(lightness=main.lightness + sign * 0.07),
        "clay-soft": soft._replace(chroma=min(soft.chroma, main.chroma), hue=main.hue),
        "on-clay": on._replace(hue=main.hue),
    }


def style(colour: str) -> str:
    """The style sheet that a page loads after tokens.css; empty without a colour."""
    if not colour:
        return ""
    day, night = (_block(tokens(colour, theme)) for theme in ("light", "dark"))
    return (
        f":root {{{day}}}\n"
        f'@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{{night}}} }}\n'
        f':root[data-theme="dark"] {{{night}}}\n'
    )


def inks(colour: str) -> dict[str, str]:
    """The same for letters, as #rrggbb by the names that their templates use."""
    if not colour:
        return {}
    return {name.replace("-", "_"): written(lch) for name, lch in tokens(colour, "light").items()}


def parse(colour: str) -> Lch:
    """OKLCH of #rrggbb (Björn Ottosson, «A perceptual color space for image processing»). Raises ValueError."""
    if not SHOWN.fullmatch(colour):
        raise ValueError(colour)
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Lch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def written(colour: Lch) -> str:
    return palette.written(colour)


# -- how


def _is_readable(colour: Lch, theme: str) -> bool:
    """As a screen shows it: rounded to #rrggbb, which is how it comes back."""
    shown, own = parse(written(colour)), palette.raw(theme)
    grounds = [own[name] for name in GROUNDS]
    return all(palette.contrast(shown, ground) >= NEEDED for ground in grounds)


def _readable(colour: Lch, theme: str) -> Lch:
    """The colour itself, or the nearest by lightness that can be read in this theme."""
    step = -STEP if theme == "light" else STEP
    while not _is_readable(colour, theme) and 0 < colour.lightness < 1:
        colour = colour._replace(lightness=colour.lightness + step)
    return colour


def _block(values: dict[str, Lch]) -> str:
    return " ".join(
        f"--lch-{name}: {lch.lightness * 100:.2f}% {lch.chroma:.4f} {lch.hue:.2f};"
        for name, lch in values.items()
    )


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
