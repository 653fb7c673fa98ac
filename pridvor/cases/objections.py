"""What rooms above have against an outcome: they know why a person cannot end a step like this yet.

The wiring tells their rules; `actions.complete` asks them before it decides. A rule gives the code of its refusal, or
nothing.
"""

from collections.abc import Callable, Iterable

from pridvor.cases.commands import Refused
from pridvor.cases.models import Attempt

Objection = Callable[[Attempt, str], str]
_objections: list[Objection] = []


def learn(objections: Iterable[Objection]) -> None:
    """Take the rules from the wiring, which calls it once."""
    _objections[:] = objections


def judge(attempt: Attempt, outcome: str) -> None:
    """Raises Refused with the code of the first rule that has something against it."""
    for objection in _objections:
        if code := objection(attempt, outcome):
            raise Refused(code)
