"""Names against a list of sanctioned persons and entities. A likeness is never a verdict: a person adjudicates it.

The list is a CSV file with a header, such as the consolidated lists of the European Union (`NameAlias_WholeName`), the
United Nations or OFAC (`SDN_Name`), or any with a column `name`; `id`, `Entity_LogicalId` or `ent_num` names its entry.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from pridvor.checks import matching
from pridvor.lib import text

NAMES = ("name", "NameAlias_WholeName", "SDN_Name", "wholeName", "aliases")
IDS = ("id", "Entity_LogicalId", "ent_num", "Entity_EU_ReferenceNumber")
DEMO_LIST = Path(__file__).with_name("fictional-sanctions.csv")


@dataclass(frozen=True)
class Hit:
    """One name that is like one of ours. The entry is told, not the name: it may be a person's."""

    entry: str
    exact: bool


def hits(names: Iterable[str]) -> tuple[Hit, ...] | None:
    """The entries that any of these names is like, each once; None where no list is configured."""
    path = Path(settings.SANCTIONS) if settings.SANCTIONS else DEMO_LIST if settings.DEMO else None
    if path is None:
        return None
    listed = _listed(path, path.stat().st_mtime_ns)
    found: dict[str, Hit] = {}
    for name in names:
        words = _words(name)
        for entry, theirs in listed:
            if _is_like(words, theirs):
                found.setdefault(entry, Hit(entry, words == theirs))
    return tuple(found.values())


def _is_like(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """All the words of the shorter name stand in the longer, and there are at least two; or the names are the same."""
    shorter, longer = sorted((ours, theirs), key=len)
    return bool(shorter) and (ours == theirs or (len(shorter) >= 2 and shorter <= longer))


@lru_cache(maxsize=2)
def _listed(path: Path, _changed: int) -> list[tuple[str, frozenset[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = file.readline()
        file.seek(0)
        rows = list(csv.DictReader(file, delimiter=";" if head.count(";") > head.count(",") else ","))
    return [
        (next((row[column] for column in IDS if row.get(column)), str(number)), words)
        for number, row in enumerate(rows, 1)
        for column in NAMES
        for name in (row.get(column) or "").split("|")
        if (words := _words(name))
    ]


def _words(name: str) -> frozenset[str]:
    return frozenset(word for word in matching.bare_name(text.fold(name)).split() if len(word) > 1)
