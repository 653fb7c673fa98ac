"""What a journey is once it has been read: plain values, every order explicit, nothing left to interpret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pridvor.journeys.conditions import Condition

Text = Mapping[str, str]  # one sentence in each language, by language code


@dataclass(frozen=True)
class Budget:
    """Working time that is promised: hours as they are worked, days as the calendar's ordinary working days."""

    time: timedelta = timedelta()
    days: int = 0
    text: str = ""  # as the journey says it


@dataclass(frozen=True)
class Criterion:
    """One thing that must hold before a stage begins or ends: a condition, or a line that its owner ticks."""

    key: str
    title: Text
    holds: Condition | None = None  # none: it is ticked by a person


@dataclass(frozen=True)
class Kind:
    """A kind of step: who acts, the outcomes after which the case goes on, and those that must be routed."""

    party: str  # client | us | third party | nobody
    going: tuple[str, ...]
    routed: tuple[str, ...] = ()
    free: bool = False  # the author may name further outcomes
    judges: bool = False  # looks at what came before; what it judged cannot change under it
    carried: bool = False  # between a redo's target and its origin it is not asked again


NUMBERS = ("number", "int")  # types of questions whose answers are counted
KINDS = {
    "form": Kind("client", ("done",), carried=True),
    "upload": Kind("client", ("done",), carried=True),
    "guide": Kind("client", ("done",), carried=True),
    "survey": Kind("client", ("done",), carried=True),
    "sign": Kind("client", ("signed",), ("declined", "late"), judges=True),
    "review": Kind("us", ("approve",), free=True, judges=True),
    "approve": Kind("client", ("approve",), free=True, judges=True),
    "vouch": Kind("third party", ("confirmed",), ("refused", "late")),
    "todo": Kind("us", ("done",)),
    "call": Kind("us", ("reached",), ("unreached",)),
    "check": Kind("nobody", ("ok",), ("fail",), judges=True),
    "connect": Kind("third party", ("ok",), ("fail",), free=True),  # what else: vocabulary.py
    "notify": Kind("nobody", ("sent",)),
    "wait": Kind("us", ("came",), ("late",)),
    "journey": Kind("us", (), free=True),
}


@dataclass(frozen=True)
class Route:
    """Where the case goes after an outcome."""

    verb: str = "go on"  # go on | redo | open | back | close
    targets: tuple[str, ...] = ()
    first: str = ""  # exception step that `fix` opens before the redo
    limit: int = 0
    keep: frozenset[str] = frozenset()
    end: str = ""
    tell: str = ""


@dataclass
class Step:
    key: str
    kind: str
    use: Any  # what the kind works with: a form's name, document items, rules, a capability, a template
    stage: str
    by: str
    title: Text
    when: Condition | None = None
    after: tuple[str, ...] = ()
    optional: bool = False
    exception: bool = False
    routes: Mapping[str, Route] = field(default_factory=dict)
    about: frozenset[str] | None = None
    other_than: set[str] = field(default_factory=set)
    second_person: Condition | bool = False
    then: str = ""
    undo: str = ""
    remind: tuple[timedelta, ...] = ()
    within: timedelta | None = None
    within_days: int = 0  # worked ones, where `within` was said so
    span: timedelta | None = None  # a wait for time: how long
    kept_until: str = ""  # the stage after whose end the secrets of this form are not kept any more
    approvers: str = "one"  # whose word ends an `approve`: one, all, or a number of them
    signatories: tuple[
        str, ...
    ] = ()  # who signs, in order: applicant, signatory, or STEP.FIELD with an address
    scorecard: str = ""  # by which a check decides what may be granted
    fields: tuple["Field", ...] = ()  # what staff answer with their decision
    items: str = ""  # the list of items (defects, assets, corrections) that it works on
    party: str = "us"
    answers: tuple[str, ...] = ()  # the values it gives, as conditions name them

    @property
    def uses(self) -> tuple[str, ...]:
        """The names of what it works with, whether the journey wrote one or a list."""
        given = () if self.use is None else self.use if isinstance(self.use, (list, tuple)) else (self.use,)
        return tuple(str(name) for name in given)

    def refuses(self, outcome: str) -> bool:
        """Whether this is a no, for which the client is owed the reason: the case closes, or goes on without it."""
        route = self.routes.get(outcome)
        return route is not None and (
            route.verb == "close" or (outcome == "reject" and route.verb == "go on")
        )

    @property
    def named_by(self) -> tuple[tuple[str, str], ...]:
        """Steps and fields in which signatories are named by their e-mail addresses."""
        named = (name.partition(".") for name in self.signatories)
        return tuple((step, field) for step, _, field in named if field)

    @property
    def judges(self) -> bool:
        return KINDS[self.kind].judges

    @property
    def carried(self) -> bool:
        return KINDS[self.kind].carried


@dataclass
class Stage:
    key: str
    title: Text
    owner: str
    steps: tuple[str, ...]
    exceptions: tuple[str, ...]
    after: tuple[str, ...] = ()
    when: Condition | None = None
    every: str = ""
    until: Condition | None = None
    sla: Mapping[str, Budget] = field(default_factory=dict)  # for us, for the client, or for the whole stage
    enter: tuple[Criterion, ...] = ()
    exit: tuple[Criterion, ...] = ()
    tell: Mapping[str, str] = field(default_factory=dict)  # opened | done: a mail's template


@dataclass(frozen=True)
class Field:
    """One question of a form."""

    key: str
    type: str
    label: Text
    hint: Text
    required: bool
    personal: bool
    options: Mapping[str, Text]
    autocomplete: str = ""
    locked: bool = False  # shown for checking, filled by the registry
    expires_in_days: int = 90  # of a secret: for how long it is kept at most
    least: int | None = None  # of a number; `min` and `max` in a journey
    most: int | None = None
    depends: bool = False  # asked only when `when` is true
    when: Condition | None = None
    offered: Mapping[str, Condition] = field(default_factory=dict)  # when an option stands to choose

    @property
    def is_number(self) -> bool:
        return self.type in NUMBERS


@dataclass(frozen=True)
class Repeat:
    """A page that is answered once for each owner, each site: how often, and what one of them is called."""

    least: int
    most: int
    entry: Text
    add: Text
    holds: Condition | None = None  # what all entries together must fulfil
    message: Text = field(default_factory=dict)  # what is said when they do not


@dataclass(frozen=True)
class Page:
    """One idea: what a client sees at once."""

    key: str
    title: Text
    intro: Text
    fields: tuple[Field, ...]
    before_sign_in: bool = False
    depends: bool = False  # asked only when `when` is true
    when: Condition | None = None
    repeat: Repeat | None = None


@dataclass(frozen=True)
class Form:
    key: str
    pages: tuple[Page, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The questions that have one answer; those of a page that repeats have one for each entry."""
        return tuple(field for page in self.pages if not page.repeat for field in page.fields)

    @property
    def varies(self) -> bool:
        """Whether what is asked depends on anything."""
        fields = [field for page in self.pages for field in page.fields]
        return any(page.depends for page in self.pages) or any(f.depends or f.offered for f in fields)

    @property
    def groups(self) -> tuple[Page, ...]:
        """The pages that repeat."""
        return tuple(page for page in self.pages if page.repeat)


@dataclass(frozen=True)
class Item:
    """A document that is asked for."""

    key: str
    title: Text
    hint: Text
    template: str = ""  # a prefilled paper that is offered for download
    signed: bool = False
