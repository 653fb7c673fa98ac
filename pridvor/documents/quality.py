"""Whether a photo of a page can be read: told to the applicant before they send it, never a refusal.

Sharpness is the variance of the Laplacian (Pech-Pacheco et al., ICPR 2000), measured where the page has most detail,
so that a page with little text is not called blurred.
"""

from PIL import Image, ImageFilter, ImageOps, ImageStat

SIDE = 1200  # pixels of the longer side at which everything is measured
TILES = 6  # a side
SHARP = 220.0  # variance of the Laplacian in the sharpest tiles; printed text lies above 800, shaken photos below 120
DARK = 70.0  # of 255, the brightness that nine tenths of the photo stay below
SMALL = 700  # pixels of the shorter side: below that, 10-point text of an A4 page is not legible
BORDER = 0.012  # of the side: how near to the frame text is not expected
LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


def remarks(image: Image.Image) -> list[str]:
    """Codes of what is wrong with the photo: too-small, too-dark, blurred, cut-edges."""
    found = []
    if min(image.size) < SMALL:
        found.append("too-small")
    grey = image.convert("L")
    grey.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    if _percentile(grey, 0.9) < DARK:
        found.append("too-dark")
    even = ImageOps.autocontrast(grey, cutoff=1)
    if _sharpness(even) < SHARP:
        found.append("blurred")
    elif _is_cut(even):
        found.append("cut-edges")
    return found


def _sharpness(grey: Image.Image) -> float:
    """The mean variance of the Laplacian over the sharpest eighth of the tiles."""
    edges = grey.filter(LAPLACIAN)
    width, height = edges.size
    values = sorted(
        (
            ImageStat.Stat(
                edges.crop(
                    (
                        x * width // TILES,
                        y * height // TILES,
                        (x + 1) * width // TILES,
                        (y + 1) * height // TILES,
                    )
                )
            ).var[0]
            for x in range(TILES)
            for y in range(TILES)
        ),
        reverse=True,
    )
    best = values[: TILES * TILES // 8]
    return sum(best) / len(best)


def _is_cut(grey: Image.Image) -> bool:
    """Whether detail as dense as the page's own runs into the frame on any side."""
    strong = grey.filter(LAPLACIAN).point([255 if abs(value - 128) > 60 else 0 for value in range(256)])
    width, height = strong.size
    strong = strong.crop((1, 1, width - 1, height - 1))
    width, height = strong.size
    inside = _density(strong)
    band = max(4, int(max(width, height) * BORDER))
    sides = (
        (0, 0, width, band),
        (0, height - band, width, height),
        (0, 0, band, height),
        (width - band, 0, width, height),
    )
    return inside > 0.004 and any(_density(strong.crop(side)) > 0.5 * inside for side in sides)


def _density(mask: Image.Image) -> float:
    return ImageStat.Stat(mask).mean[0] / 255


def _percentile(grey: Image.Image, share: float) -> float:
    histogram, seen = grey.histogram(), 0
    for value, count in enumerate(histogram):
        seen += count
        if seen >= share * sum(histogram):
            return float(value)
    return 255.0
