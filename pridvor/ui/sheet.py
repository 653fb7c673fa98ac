"""A page with numbered pins: a raster of cells over its image, so that a place can be chosen without scripts or a mouse."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

COLUMNS, ROWS = 6, 8
WHOLE = 1000  # a place is told in thousandths of the page's width and height

Pin = tuple[int, int, int]  # number, x, y


@dataclass(frozen=True)
class Cell:
    """One cell of the raster: what choosing it means, how it is read out, the pins in it."""

    value: str
    label: str
    pins: tuple[int, ...]


def cells(pins: Iterable[Pin] = ()) -> list[Cell]:
    """The raster row by row, each pin in the cell where it lies."""
    placed: dict[tuple[int, int], list[int]] = {}
    for number, x, y in pins:
        placed.setdefault((_cell(x, COLUMNS), _cell(y, ROWS)), []).append(number)
    return [
        Cell(
            f"{column}-{row}",
            _("row %(row)d, column %(column)d") % {"row": row + 1, "column": column + 1},
            tuple(placed.get((column, row), ())),
        )
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]


def middle(value: str) -> tuple[int, int] | None:
    """The middle of a chosen cell, in thousandths; None for what is no cell."""
    column, _dash, row = value.partition("-")
    if not (column.isdecimal() and row.isdecimal() and int(column) < COLUMNS and int(row) < ROWS):
        return None
    return (2 * int(column) + 1) * WHOLE // (2 * COLUMNS), (2 * int(row) + 1) * WHOLE // (2 * ROWS)


def _cell(place: int, count: int) -> int:
    return min(place * count // WHOLE, count - 1)
