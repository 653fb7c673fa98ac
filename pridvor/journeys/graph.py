"""The order of a journey as a graph: its steps, and for each stage a way in (`stage:in`) and a way out (`stage:out`)."""

from collections.abc import Iterable, Mapping

from pridvor.journeys.model import Route, Stage, Step


class Circular(ValueError):
    """Some steps wait for one another, or a judgement is about something that does not come before it."""


class Graph:
    """`before` gives what a node waits for, `up` all that comes before it, `down` all that comes after, `order` a walk."""

    def __init__(self, steps: Mapping[str, Step], stages: Mapping[str, Stage]) -> None:
        self.steps, self.stages = steps, stages
        self.before: dict[str, set[str]] = {}
        for key, stage in stages.items():
            self.before[f"{key}:in"] = {f"{other}:out" for other in stage.after}
            for step in stage.steps:
                self.before[step] = set(steps[step].after) or {f"{key}:in"}
            required = {step for step in stage.steps if not steps[step].optional}
            self.before[f"{key}:out"] = {f"{key}:in"} | required
        self.order: list[str] = []
        self.up: dict[str, set[str]] = {}
        for node in self.before:
            self._visit(node, [])
        self.down = {node: {other for other in self.order if node in self.up[other]} for node in self.order}
        self._let_judgements_wait()
        self._let_conditions_wait()

    def _visit(self, node: str, path: list[str]) -> None:
        if node in path:
            circle = [name for name in [*path[path.index(node) :], node] if ":" not in name]
            raise Circular(f"{' → '.join(circle)}: waits for itself; remove one `after:`")
        if node in self.up:
            return
        for earlier in sorted(self.before[node]):
            self._visit(earlier, [*path, node])
        self.up[node] = set(self.before[node]).union(*(self.up[earlier] for earlier in self.before[node]))
        self.order.append(node)

    def _let_judgements_wait(self) -> None:
        """A judgement looks at all that came before it, or at what `about` names, and waits for that."""
        for key, step in self.steps.items():
            if not step.judges or step.exception:
                step.about = step.about or frozenset()
                continue
            if step.about is None:
                step.about = frozenset(name for name in self.up[key] if name in self.steps)
            for lost in step.about - self.up[key]:
                raise Circular(f"{key}: about: “{lost}” does not come before it")
            self.before[key] |= {name for name in step.about if not self.steps[name].optional}

    def _let_conditions_wait(self) -> None:
        """A condition waits for the steps whose outcome or answers it looks at."""
        by_word = {key.replace("-", "_"): key for key in self.steps}
        askers = [
            (key, [step.when, step.second_person]) for key, step in self.steps.items() if not step.exception
        ]
        for key, stage in self.stages.items():
            askers.append((f"{key}:in", [stage.when, *(criterion.holds for criterion in stage.enter)]))
            askers.append((f"{key}:out", [criterion.holds for criterion in stage.exit]))
        for node, conditions in askers:
            for condition in conditions:
                for variable in getattr(condition, "variables", ()):
                    source = by_word.get(variable.split(".")[0], "")
                    if source in self.up[node]:
                        self.before[node].add(source)

    def slice(self, host: str, route: Route, targets: Iterable[str]) -> set[str]:
        """What a redo opens again: its targets, all between them and here, and each later judgement about any of these."""
        own = {host if target == "self" else target for target in targets}
        nodes: set[str] = set()
        for target in own:
            nodes |= (self.down[target] & self.up[host]) | {target, host}
        return self.closure(nodes - route.keep, own, route.keep)

    def closure(self, nodes: set[str], targets: set[str], keep: frozenset[str] = frozenset()) -> set[str]:
        """These nodes, with the judgements downstream of the targets that looked at any of them."""
        later = {name for target in targets for name in self.down[target] if name in self.steps}
        while more := {
            name for name in later - nodes - keep if (self.steps[name].about or frozenset()) & nodes
        }:
            nodes = nodes | more
        return nodes
