"""What differs between two journeys, in the words of the process: not lines of text, but steps, routes, limits and budgets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pridvor.journeys.language import Journey
from pridvor.journeys.source import load

ADDED, REMOVED, MOVED, CHANGED = "added", "removed", "moved", "changed"
HEAD = (
    "title",
    "intro",
    "client",
    "opens",
    "target",
    "expires",
    "end",
    "reference",
    "tell",
    "knows",
    "facts",
    "closed",
    "reasons",
)
TEXTS = {"title", "intro", "label", "hint", "options", "closed", "reasons"}
TIMES = {"sla", "target", "expires", "remind", "within", "every"}
# Severity says what it means for cases that are on their way when they are moved to the newer version.
WORDS, TIMING, FLOW, BREAKING = "words", "timing", "flow", "breaking"


@dataclass(frozen=True)
class Change:
    """One difference. `what` is added, removed, moved or changed; `before` and `after` are as the author writes them.

    Severity: `words` (what is read), `timing` (budgets and reminders), `flow` (where a case goes), `breaking` (what a
    running case has may be gone: a step or a question).
    """

    place: str
    what: str
    before: str
    after: str
    severity: str

    def __str__(self) -> str:
        if self.what == CHANGED:
            return f"{self.place}: {self.before or '(nothing)'} → {self.after or '(nothing)'}"
        moved = f": {self.before} → {self.after}" if self.what == MOVED else ""
        return f"{self.place}: {self.what}{moved}"


def diff(old: Journey, new: Journey) -> list[Change]:
    """Every difference from the old journey to the new, in the order of the newer one; nothing for equal meaning."""
    before, after = load(old.source)[0], load(new.source)[0]
    changes = [*_words("the journey", before, after, HEAD)]
    changes += _parts("document", _of(before, "documents"), _of(after, "documents"), FLOW)
    changes += _forms(_of(before, "forms"), _of(after, "forms"))
    changes += _stages(old, new, before["stages"], after["stages"])
    return changes


def _stages(
    old: Journey, new: Journey, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    yield from _came_and_went("stage", before, after, BREAKING)
    yield from _reordered("stage", list(before), list(after))
    for key in after.keys() & before.keys():
        own = {word for part in (before[key], after[key]) for word in part} - {"steps", "exceptions"}
        yield from _words(f"stage {key}", before[key], after[key], sorted(own))
    yield from _steps(old, new, _bodies(before), _bodies(after))


def _steps(
    old: Journey, new: Journey, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    yield from _came_and_went("step", before, after, BREAKING)
    for key in [key for key in after if key in before]:
        was, now = old.steps[key], new.steps[key]
        if was.stage != now.stage:
            yield Change(f"step {key}", MOVED, f"stage {was.stage}", f"stage {now.stage}", FLOW)
        elif was.exception != now.exception:
            sides = ("exceptions", "steps") if was.exception else ("steps", "exceptions")
            yield Change(f"step {key}", MOVED, *sides, FLOW)
        yield from _words(f"step {key}", before[key], after[key], sorted({*before[key], *after[key]}))
    for stage in new.stages.keys() & old.stages.keys():
        yield from _reordered("step", list(old.stages[stage].steps), list(new.stages[stage].steps))


def _forms(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    yield from _came_and_went("form", before, after, BREAKING)
    for key in [key for key in after if key in before]:
        old, new = _fields(before[key]), _fields(after[key])
        yield from _parts(f"form {key}, field", old, new, BREAKING)
        for page in [page for page in after[key] if page in before[key]]:
            own = {*before[key][page], *after[key][page]} - {"fields"}
            yield from _words(f"form {key}, page {page}", before[key][page], after[key][page], sorted(own))


def _parts(kind: str, before: Mapping[str, Any], after: Mapping[str, Any], severity: str) -> Iterator[Change]:
    yield from _came_and_went(kind, before, after, severity)
    for key in [key for key in after if key in before]:
        yield from _words(f"{kind} {key}", before[key], after[key], sorted({*before[key], *after[key]}))


def _came_and_went(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any], severity: str
) -> Iterator[Change]:
    for key in before:
        if key not in after:
            yield Change(f"{kind} {key}", REMOVED, _said(before[key]), "", severity)
    for key in after:
        if key not in before:
            yield Change(f"{kind} {key}", ADDED, "", _said(after[key]), FLOW)


def _reordered(kind: str, before: list[str], after: list[str]) -> Iterator[Change]:
    """The fewest parts whose moving explains the new order: all but a longest run that kept it."""
    both = [key for key in after if key in before]
    kept = _longest_rising([before.index(key) for key in both])
    for place, key in enumerate(both):
        if place not in kept:
            yield Change(f"{kind} {key}", MOVED, _neighbour(before, key), _neighbour(after, key), FLOW)


def _neighbour(order: list[str], key: str) -> str:
    place = order.index(key)
    return f"after {order[place - 1]}" if place else "first"


def _longest_rising(numbers: list[int]) -> set[int]:
    """Places of a longest rising subsequence."""
    best: list[list[int]] = []
    for place, number in enumerate(numbers):
        before: list[int] = []
        for run in best:
            if numbers[run[-1]] < number and len(run) > len(before):
                before = run
        best.append([*before, place])
    longest = max(map(len, best), default=0)
    return next((set(run) for run in best if len(run) == longest), set())


def _words(place: str, before: Mapping[str, Any], after: Mapping[str, Any], words: Any) -> Iterator[Change]:
    """What changed in the words of one part; of a mapping each name by itself."""
    for word in words:
        was, now = before.get(word), after.get(word)
        if was == now:
            continue
        if isinstance(was or now, dict) and isinstance(now or was, dict) and not word.startswith("if "):
            yield from _named(f"{place}, {word}", word, was or {}, now or {})
        else:
            yield Change(f"{place}, {word}", CHANGED, _said(was), _said(now), _severity(word))


def _named(place: str, word: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in [*before, *(name for name in after if name not in before)]:
        was, now = before.get(name), after.get(name)
        if was != now:
            yield Change(f"{place} {name}", CHANGED, _said(was), _said(now), _severity(word))


def _severity(word: str) -> str:
    if word in TEXTS:
        return WORDS
    return TIMING if word in TIMES else FLOW


def _bodies(stages: Mapping[str, Any]) -> dict[str, Any]:
    parts = [stage.get(part) or {} for stage in stages.values() for part in ("steps", "exceptions")]
    return {key: body for part in parts for key, body in part.items()}


def _fields(form: Mapping[str, Any]) -> dict[str, Any]:
    return {key: body for page in form.values() for key, body in page["fields"].items()}


def _of(raw: Mapping[str, Any], word: str) -> Mapping[str, Any]:
    return raw.get(word) or {}


def _said(value: Any) -> str:
    """A value as an author writes it, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_said(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_said, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
