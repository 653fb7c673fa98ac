"""A value's range, cut where conditions can tell it apart: inside one cell every comparison has the same answer."""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pridvor.journeys.checked import Call, Const, Listed, Tree, Variable

ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
}
EQUAL: dict[str, Callable[[Any, Any], bool]] = {"_==_": operator.eq, "_!=_": operator.ne}
MIRRORED = {"_<_": "_>_", "_<=_": "_>=_", "_>_": "_<_", "_>=_": "_<=_"}
OF_TEXT: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
}


@dataclass(frozen=True)
class Point:
    """Exactly this value."""

    value: Any

    def __str__(self) -> str:
        return f"= {str(self.value).lower() if isinstance(self.value, bool) else self.value or '“”'}"


@dataclass(frozen=True)
class Between:
    """Any value strictly between two others; None: no bound."""

    low: Any = None
    high: Any = None

    def __str__(self) -> str:
        if self.low is None and self.high is None:
            return "anything"
        if self.low is None:
            return f"below {self.high}"
        return f"above {self.low}" if self.high is None else f"between {self.low} and {self.high}"


@dataclass(frozen=True)
class Special:
    """OTHER: any text that no condition names. MISSING: no value at all."""

    name: str

    def __str__(self) -> str:
        return self.name


OTHER, MISSING = Special("anything else"), Special("not there")
Cell = Point | Between | Special


def cut(kind: str, constants: Iterable[Any]) -> tuple[Cell, ...]:
    """The cells of a value of this type (text, int, number, bool, date) that is compared with these constants."""
    if kind == "bool":
        return Point(True), Point(False)
    marks = sorted(set(constants))
    if kind == "text":
        return (*map(Point, marks), OTHER)
    cells: list[Cell] = []
    for low, high in zip([None, *marks], [*marks, None], strict=True):
        if low is not None:
            cells.append(Point(low))
        if low is None or high is None or kind != "int" or high - low > 1:
            cells.append(Between(low, high))
    return tuple(cells)


def constant(node: Tree) -> Any:
    """The value of a node without variables that can be read off; None where it cannot. Dates are written `timestamp("…")`."""
    if isinstance(node, Const):
        return node.value
    if isinstance(node, Call) and node.function == "timestamp" and isinstance(node.arguments[0], Const):
        try:
            return datetime.fromisoformat(str(node.arguments[0].value))
        except ValueError:
            return None
    return None


@dataclass(frozen=True)
class Comparison:
    """One value against one constant, or a list of them: what a cell can answer by itself."""

    variable: str
    function: str
    other: Any

    @property
    def constants(self) -> tuple[Any, ...]:
        return self.other if isinstance(self.other, tuple) else (self.other,)

    def holds(self, cell: Cell) -> bool | None:
        """Whether it is true of every value in the cell (True), of none (False), or of some (None)."""
        if cell == MISSING:
            return None
        if isinstance(cell, Point):
            return self._of(cell.value)
        if self.function == "@in":
            return False
        if self.function in EQUAL:
            return self.function == "_!=_"
        if isinstance(cell, Between) and self.function in ORDER:
            below = cell.high is not None and cell.high <= self.other
            above = cell.low is not None and cell.low >= self.other
            return (
                self.function in ("_<_", "_<=_")
                if below
                else self.function in ("_>_", "_>=_")
                if above
                else None
            )
        return None

    def _of(self, value: Any) -> bool:
        if self.function == "@in":
            return value in self.other
        return bool({**ORDER, **EQUAL, **OF_TEXT}[self.function](value, self.other))


def comparison(node: Tree) -> Comparison | None:
    """The node as a comparison with a constant, whichever side it stands on; None if it is something else."""
    if not isinstance(node, Call) or len(node.arguments) != 2:
        return None
    function, (left, right) = node.function, node.arguments
    if isinstance(right, Variable) and function in {**ORDER, **EQUAL}:
        left, right, function = right, left, MIRRORED.get(function, function)
    if not isinstance(left, Variable):
        return None
    if function == "@in" and isinstance(right, Listed):
        listed = tuple(constant(item) for item in right.items)
        return None if None in listed else Comparison(left.name, function, listed)
    if function in {**ORDER, **EQUAL, **OF_TEXT} and (value := constant(right)) is not None:
        return Comparison(left.name, function, value)
    return None
