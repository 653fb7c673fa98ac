"""Sets of possible worlds, exactly: a world gives each variable one of its cells.

A set is a decision diagram over the variables in a fixed order, shared and canonical, so that equal sets are one number
and the empty set is NONE (R. Bryant, Graph-Based Algorithms for Boolean Function Manipulation, 1986; here with more
than two branches). Whether some world fits is then no search but a comparison.
"""

from collections.abc import Callable, Collection, Hashable, Mapping
from functools import reduce

Cell = Hashable
Set = int
NONE, ALL = 0, 1
MOST_NODES = 200_000


class TooEntangled(Exception):
    """The questions hang together in more ways than can be looked at."""


class Worlds:
    """The variables, each with its cells, and all sets made so far."""

    def __init__(self, variables: Mapping[str, Collection[Cell]]) -> None:
        self.variables = {name: tuple(cells) for name, cells in variables.items()}
        self._names = list(self.variables)
        self._level = {name: level for level, name in enumerate(self._names)}
        self._nodes: list[tuple[int, tuple[Set, ...]]] = [(len(self._names), ()), (len(self._names), ())]
        self._known: dict[tuple[int, tuple[Set, ...]], Set] = {}
        self._joined: dict[tuple[bool, Set, Set], Set] = {}
        self._turned: dict[Set, Set] = {NONE: ALL, ALL: NONE}

    def where(self, name: str, cells: Collection[Cell]) -> Set:
        """The worlds in which this variable has one of these cells."""
        branches = tuple(ALL if cell in cells else NONE for cell in self.variables[name])
        return self._node(self._level[name], branches)

    def both(self, *sets: Set) -> Set:
        return reduce(lambda one, other: self._join(True, one, other), sets, ALL)

    def either(self, *sets: Set) -> Set:
        return reduce(lambda one, other: self._join(False, one, other), sets, NONE)

    def outside(self, given: Set) -> Set:
        """The worlds that are not in this set."""
        if given not in self._turned:
            level, branches = self._nodes[given]
            self._turned[given] = self._node(level, tuple(self.outside(branch) for branch in branches))
        return self._turned[given]

    def one_of(self, given: Set) -> dict[str, Cell]:
        """A world of a set that is not empty: the cells that matter, each the first that fits."""
        world: dict[str, Cell] = {}
        while given != ALL:
            level, branches = self._nodes[given]
            place = next(index for index, branch in enumerate(branches) if branch != NONE)
            world[self._names[level]] = self.variables[self._names[level]][place]
            given = branches[place]
        return world

    def mentioned(self, given: Set) -> set[str]:
        """The variables on which it depends whether a world is in this set."""
        seen, todo, names = {NONE, ALL}, [given], set()
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                level, branches = self._nodes[node]
                names.add(self._names[level])
                todo.extend(branches)
        return names

    def _join(self, conjunction: bool, one: Set, other: Set) -> Set:
        absorbing, neutral = (NONE, ALL) if conjunction else (ALL, NONE)
        if absorbing in (one, other):
            return absorbing
        if one in (neutral, other):
            return other
        if other == neutral:
            return one
        key = (conjunction, min(one, other), max(one, other))
        if key not in self._joined:
            self._joined[key] = self._branch(lambda a, b: self._join(conjunction, a, b), one, other)
        return self._joined[key]

    def _branch(self, join: Callable[[Set, Set], Set], one: Set, other: Set) -> Set:
        (high, left), (low, right) = self._nodes[one], self._nodes[other]
        if high == low:
            return self._node(high, tuple(map(join, left, right)))
        if high < low:
            return self._node(high, tuple(join(branch, other) for branch in left))
        return self._node(low, tuple(join(one, branch) for branch in right))

    def _node(self, level: int, branches: tuple[Set, ...]) -> Set:
        if all(branch == branches[0] for branch in branches):
            return branches[0]
        key = (level, branches)
        if key not in self._known:
            if len(self._nodes) >= MOST_NODES:
                raise TooEntangled
            self._known[key] = len(self._nodes)
            self._nodes.append(key)
        return self._known[key]
