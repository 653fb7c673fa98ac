"""All conditions of a journey as sets of worlds: where each is surely true, where surely false; elsewhere it has no answer."""

from collections.abc import Iterator, Mapping

from pridvor.journeys import cells, checked
from pridvor.journeys.cells import MISSING, Cell, Comparison, Point
from pridvor.journeys.checked import Call, Const, Tree, Variable
from pridvor.journeys.conditions import Condition
from pridvor.journeys.language import Journey, word
from pridvor.journeys.model import Step
from pridvor.journeys.worlds import Set, TooEntangled, Worlds

MOST_VARIABLES = 200
ALWAYS_ANSWERED = {*cells.ORDER, *cells.EQUAL, *cells.OF_TEXT, "@in", "size"}
SKIPPED = "skipped"


class Questions:
    """Which worlds answer yes, which no. Values are cut into cells; what cannot be cut is a free yes-or-no of its own.

    Raises TooEntangled when there are more variables than can be looked at.
    """

    def __init__(self, journey: Journey) -> None:
        self.journey = journey
        self.by_word = {word(key): step for key, step in journey.steps.items()}
        self.facts: dict[str, Condition] = {}
        self.atoms: set[Tree] = set()
        for condition in conditions_of(journey):
            self._gather(condition)
        for condition in [*conditions_of(journey), *self.facts.values()]:
            self.atoms |= set(self._atoms_of(condition.tree))
        self.worlds = Worlds(self._variables())
        self._rails: dict[Tree, tuple[Set, Set]] = {}

    def yes(self, condition: Condition) -> Set:
        return self._answers(condition.tree)[0]

    def no(self, condition: Condition) -> Set:
        return self._answers(condition.tree)[1]

    def source(self, variable: str) -> Step | None:
        """The step that gives this value, if one does."""
        return self.by_word.get(variable.partition(".")[0])

    def cells(self, variable: str) -> tuple[Cell, ...]:
        """The cells of a declared value."""
        source = self.source(variable)
        if source and variable == f"{word(source.key)}.outcome":
            return (*(Point(outcome) for outcome in going_on(self.journey, source)), Point(SKIPPED))
        listed = self.journey.choices.get(variable)
        if listed is not None:
            own: tuple[Cell, ...] = tuple(map(Point, listed))
        else:
            own = cells.cut(self.journey.variables[variable], self._constants(variable))
        return (*own, MISSING) if source else own

    # -- reading the conditions

    def _gather(self, condition: Condition) -> None:
        for name, fact in condition.facts.items():
            if name not in self.facts:
                self.facts[name] = fact
                self._gather(fact)

    def _atoms_of(self, node: Tree) -> Iterator[Tree]:
        if isinstance(node, Variable) and node.name in self.facts:
            return
        if (isinstance(node, Call) and node.function in ("_&&_", "_||_", "!_", "_?_:_")) or (
            isinstance(node, Call) and self._compares_answers(node)
        ):
            for part in node.arguments:
                yield from self._atoms_of(part)
        elif not isinstance(node, Const):
            yield node

    def _compares_answers(self, node: Call) -> bool:
        """`a == b` between two yes-or-no values is a question about both."""
        return node.function in cells.EQUAL and all(map(self._is_answer, node.arguments))

    def _is_answer(self, node: Tree) -> bool:
        if isinstance(node, Variable):
            return node.name in self.facts or self.journey.variables.get(node.name) == "bool"
        if isinstance(node, Const):
            return isinstance(node.value, bool)
        return isinstance(node, Call) and node.function in ("_&&_", "_||_", "!_")

    def _constants(self, variable: str) -> set[object]:
        found = [cells.comparison(atom) for atom in self.atoms]
        return {value for one in found if one and one.variable == variable for value in one.constants}

    def _variables(self) -> Mapping[str, tuple[object, ...]]:
        """In the order in which a case comes to know them, which keeps the diagrams small."""
        place = {key: index for index, key in enumerate(self.journey.graph.order)}
        used = {name for atom in self.atoms for name in checked.variables(atom)}

        def known_at(name: str) -> int:
            source = self.source(name)
            return place.get(source.key, len(place)) if source else -1

        ranked: list[tuple[int, int, str, tuple[object, ...]]] = [
            (known_at(name), 0, name, self.cells(name)) for name in used
        ]
        for atom in self.atoms:
            if self._is_free(atom):
                latest = max(map(known_at, checked.variables(atom)), default=-1)
                ranked.append((latest, 1, _free(atom), _free_cells(atom)))
        if len(ranked) > MOST_VARIABLES:
            raise TooEntangled
        return {name: own for _, _, name, own in sorted(ranked, key=lambda row: row[:3])}

    def _is_free(self, atom: Tree) -> bool:
        """Whether some world needs more than the cells to answer it."""
        if isinstance(atom, Variable):
            return False
        found = cells.comparison(atom)
        if found is None:
            return True
        return any(cell != MISSING and found.holds(cell) is None for cell in self.cells(found.variable))

    # -- where the answer is yes, and where no

    def _answers(self, node: Tree) -> tuple[Set, Set]:
        if node not in self._rails:
            self._rails[node] = self._work_out(node)
        return self._rails[node]

    def _work_out(self, node: Tree) -> tuple[Set, Set]:
        both, either = self.worlds.both, self.worlds.either
        if isinstance(node, Variable) and node.name in self.facts:
            return self._answers(self.facts[node.name].tree)
        if isinstance(node, Const):
            return (both(), either()) if node.value else (either(), both())
        if isinstance(node, Call) and node.function == "!_":
            yes, no = self._answers(node.arguments[0])
            return no, yes
        if isinstance(node, Call) and (node.function in ("_&&_", "_||_") or self._compares_answers(node)):
            (yes, no), (also, neither) = map(self._answers, node.arguments)
            if node.function == "_&&_":
                return both(yes, also), either(no, neither)
            if node.function == "_||_":
                return either(yes, also), both(no, neither)
            same, other = (
                either(both(yes, also), both(no, neither)),
                either(both(yes, neither), both(no, also)),
            )
            return (same, other) if node.function == "_==_" else (other, same)
        if isinstance(node, Call) and node.function == "_?_:_":
            (if_yes, if_no), (a, not_a), (b, not_b) = map(self._answers, node.arguments)
            return either(both(if_yes, a), both(if_no, b)), either(both(if_yes, not_a), both(if_no, not_b))
        return self._atom(node)

    def _atom(self, node: Tree) -> tuple[Set, Set]:
        if isinstance(node, Variable):
            node = Call("_==_", (node, Const(True)))
        found = cells.comparison(node)
        if found is not None:
            return self._on_cells(found, node)
        there = [self._there(name) for name in sorted(checked.variables(node))]
        yes, no = (self.worlds.where(_free(node), {answer}) for answer in (True, False))
        return self.worlds.both(yes, *there), self.worlds.both(no, *there)

    def _on_cells(self, found: Comparison, node: Tree) -> tuple[Set, Set]:
        held = {
            cell: found.holds(cell)
            for cell in self.worlds.variables[found.variable]
            if isinstance(cell, Cell)
        }
        rails = []
        for answer in (True, False):
            surely = self.worlds.where(found.variable, {c for c, said in held.items() if said is answer})
            open_cells = {c for c, said in held.items() if said is None and c != MISSING}
            if open_cells:
                free = self.worlds.where(_free(node), {answer})
                more = self.worlds.both(self.worlds.where(found.variable, open_cells), free)
                surely = self.worlds.either(surely, more)
            rails.append(surely)
        return rails[0], rails[1]

    def _there(self, name: str) -> Set:
        return self.worlds.where(name, set(self.worlds.variables[name]) - {MISSING})


def going_on(journey: Journey, step: Step) -> list[str]:
    """The outcomes after which a case has this step behind it; the others send back or close."""
    return [outcome for outcome, route in step.routes.items() if _goes_on(journey, route.verb, route.targets)]


def _goes_on(journey: Journey, verb: str, targets: tuple[str, ...]) -> bool:
    if verb != "open":
        return verb == "go on"
    helper = journey.steps.get(targets[0])
    return helper is not None and any(route.verb == "go on" for route in helper.routes.values())


def conditions_of(journey: Journey) -> list[Condition]:
    """Every condition of the journey, facts apart."""
    found = [step.when for step in journey.steps.values()]
    found += [
        step.second_person for step in journey.steps.values() if not isinstance(step.second_person, bool)
    ]
    for stage in journey.stages.values():
        found += [stage.when, stage.until, *(criterion.holds for criterion in (*stage.enter, *stage.exit))]
    return [condition for condition in found if condition is not None]


def _free(atom: Tree) -> str:
    return f"? {atom}"


def _free_cells(atom: Tree) -> tuple[object, ...]:
    """Yes and no; and for what can fail while it runs (a division, a conversion) no answer either."""
    total = not isinstance(atom, Call) or _never_fails(atom)
    return (True, False) if total else (True, False, MISSING)


def _never_fails(node: Tree) -> bool:
    if isinstance(node, Call):
        if node.function == "timestamp":
            return cells.constant(node) is not None
        return node.function in ALWAYS_ANSWERED and all(map(_never_fails, node.arguments))
    return True
