"""How the answers of a page that repeats are named: `owners[3]` is an entry, `owners[3].share` an answer of it.

Numbers are given once and never again, so that an answer keeps its entry whatever is added or removed beside it.
"""

import re
from collections.abc import Mapping
from typing import Any

MOST = 50  # entries at a time
MOST_EVER = 500  # numbers that one page of one case may use up, removed entries included
LONGEST = 60  # characters that an answer's name may have
NAME = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)\[([1-9][0-9]{0,2})\](?:\.([A-Za-z][A-Za-z0-9_-]*))?")


def name(group: str, number: int, field: str = "") -> str:
    return f"{group}[{number}].{field}" if field else f"{group}[{number}]"


def parts(named: str) -> tuple[str, int, str] | None:
    """Page, number and question of an answer's name; None for what is no answer of an entry."""
    match = NAME.fullmatch(named)
    return (match[1], int(match[2]), match[3] or "") if match else None


def can_name(group: str, field: str) -> bool:
    longest = name(group, MOST_EVER, field)
    return len(longest) <= LONGEST and bool(NAME.fullmatch(longest))


def present(group: str, answers: Mapping[str, Any]) -> list[int]:
    """The numbers of the entries that stand, in their order; `owners[3]: True` says that the third does."""
    return [number for number, stands in sorted(_known(group, answers).items()) if stands is True]


def removed(group: str, answers: Mapping[str, Any]) -> list[int]:
    return [number for number, stands in sorted(_known(group, answers).items()) if stands is False]


def next_number(group: str, answers: Mapping[str, Any]) -> int:
    return max(_known(group, answers), default=0) + 1


def answers_of(group: str, number: int, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of one entry by question."""
    start = name(group, number) + "."
    return {named.removeprefix(start): value for named, value in answers.items() if named.startswith(start)}


def _known(group: str, answers: Mapping[str, Any]) -> dict[int, Any]:
    found = {named: parts(named) for named in answers}
    return {
        place[1]: answers[named]
        for named, place in found.items()
        if place and place[0] == group and not place[2]
    }
