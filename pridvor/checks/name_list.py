"""Names against a list in a file, where there is no service to ask (see connectors.watchlist): same question, same answer.

The list is a CSV file with a header, such as the consolidated lists of the European Union (`NameAlias_WholeName`), the
United Nations or OFAC (`SDN_Name`), or any with a column `name`; `id`, `Entity_LogicalId` or `ent_num` names its entry.
Only names are compared, word by word: any likeness becomes a candidate.
"""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pridvor.checks import matching
from pridvor.connectors.watchlist import Edition, Match, Screened, Sought
from pridvor.lib import text

NAMES = ("name", "NameAlias_WholeName", "SDN_Name", "wholeName", "aliases")
IDS = ("id", "Entity_LogicalId", "ent_num", "Entity_EU_ReferenceNumber")
ALGORITHM = "words"
SAME, ALIKE = 1.0, 0.8  # scores: the same words; all the words of one name stand in the other

Words = frozenset[str]


@dataclass(frozen=True)
class NameList:
    """A list as it was read: its version is a digest of the file, its names stand by entry."""

    version: str
    names: Mapping[str, tuple[tuple[str, Words], ...]]


def screen(path: Path, sought: Mapping[str, Sought]) -> Screened:
    """The entries that the names of each are like, each entry once."""
    listed = _read(path, path.stat().st_mtime_ns)
    found = {key: _matches(one, listed, path.stem) for key, one in sought.items()}
    return Screened(edition(path), sought, found)


def edition(path: Path) -> Edition:
    listed = _read(path, path.stat().st_mtime_ns)
    return Edition(path.stem[:80], listed.version, ALGORITHM, ALIKE)


def _matches(sought: Sought, listed: NameList, dataset: str) -> tuple[Match, ...]:
    ours = [_words(name) for name in sought.properties["name"]]
    found = []
    for entry, names in listed.names.items():
        score = max((_likeness(mine, theirs) for mine in ours for _said, theirs in names), default=0.0)
        if score:
            said = tuple(name for name, _words in names)
            why = {ALGORITHM: score}
            found.append(
                Match(entry, said[0], "", score, datasets=(dataset,), properties={"name": said}, why=why)
            )
    return tuple(sorted(found, key=lambda match: -match.score))


def _likeness(ours: Words, theirs: Words) -> float:
    """Two words at least must be shared by names that are not the same."""
    shorter, longer = sorted((ours, theirs), key=len)
    if shorter and ours == theirs:
        return SAME
    return ALIKE if len(shorter) >= 2 and shorter <= longer else 0.0


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int) -> NameList:
    content = path.read_bytes()
    lines = content.decode("utf-8-sig").splitlines()
    head = lines[0] if lines else ""
    rows = csv.DictReader(lines, delimiter=";" if head.count(";") > head.count(",") else ",")
    names: dict[str, list[tuple[str, Words]]] = {}
    for number, row in enumerate(rows, 1):
        entry = next((row[column] for column in IDS if row.get(column)), str(number))
        said = [name for column in NAMES for name in (row.get(column) or "").split("|")]
        names.setdefault(entry, []).extend((name, _words(name)) for name in said if _words(name))
    digest = hashlib.sha256(content).hexdigest()[:16]
    return NameList(digest, {entry: tuple(found) for entry, found in names.items() if found})


def _words(name: str) -> Words:
    return frozenset(word for word in matching.bare_name(text.fold(name)).split() if len(word) > 1)
