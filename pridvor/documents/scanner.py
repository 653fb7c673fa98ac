"""The embedded scanner: raw rules, the structure walk, and all that the file carries, in turn.

Runs inside the sandbox process only: yara-x stops all threads of its process, and its Scanner belongs to one thread.
"""

from dataclasses import dataclass
from pathlib import Path

import yara_x

from pridvor.documents import walk

RULES = Path(__file__).parent / "rules"
SECONDS = 20  # for the rules on one piece
SEVERITY = (
    "malware",
    "bomb",
    "active-content",
    "polyglot",
    "encrypted",
    "wrong-type",
    "broken",
    "too-many-pages",
    "attachment",
)


@dataclass(frozen=True)
class Verdict:
    """`codes` are empty for a clean file, else the gravest first. `details` name rules and PDF keys, no content."""

    codes: tuple[str, ...]
    pages: int
    details: tuple[str, ...] = ()


def inspect(data: bytes, kind: str) -> Verdict:
    seen = walk.Seen()
    try:
        budget = walk.Budget()
        own = _structure(data, kind, budget, depth=0)
        _merge(seen, own)
        seen.pages = own.pages
        _carried(own.carried, seen, budget, depth=1)
    except walk.Bomb as bomb:
        seen.add("bomb", str(bomb))
    except MemoryError:
        seen.add("bomb", "memory")
    return Verdict(tuple(sorted(seen.codes, key=SEVERITY.index)), seen.pages, tuple(sorted(seen.details)))


def _structure(data: bytes, kind: str, budget: walk.Budget, depth: int) -> walk.Seen:
    seen = walk.Seen()
    _rules(data, seen)
    if kind == "pdf":
        _merge(seen, own := walk.pdf(data, budget))
    elif kind == "zip":
        _merge(seen, own := walk.archive(data, budget, depth))
    elif kind:
        _merge(seen, own := walk.image(data, kind))
    else:
        return seen
    seen.carried, seen.pages = own.carried, own.pages
    return seen


def _carried(pieces: list[bytes], seen: walk.Seen, budget: walk.Budget, depth: int) -> None:
    """Look at attachments and zip entries as at files of their own; images among them are only matched by rules."""
    if pieces and depth > budget.depth:
        raise walk.Bomb("depth")
    for piece in pieces:
        budget.spend(len(piece))
        if walk.is_opaque(piece):
            seen.add("attachment", "archive")
        kind = "zip" if walk.is_archive(piece) else "pdf" if b"%PDF-" in piece[:1024] else ""
        inner = _structure(piece, kind, budget, depth)
        _merge(seen, inner)
        _carried(inner.carried, seen, budget, depth + 1)


def _rules(data: bytes, seen: walk.Seen) -> None:
    for rule in _scanner().scan(data).matching_rules:
        seen.add(dict(rule.metadata)["severity"], rule.identifier)


def _merge(into: walk.Seen, other: walk.Seen) -> None:
    into.codes |= other.codes
    into.details |= other.details


def _scanner() -> yara_x.Scanner:
    global _compiled
    if _compiled is None:
        compiler = yara_x.Compiler()
        for path in sorted(RULES.glob("*.yar")):
            compiler.add_source(path.read_text(), origin=path.name)
        _compiled = compiler.build()
    scanner = yara_x.Scanner(_compiled)
    scanner.set_timeout(SECONDS)
    scanner.fast_scan(True)
    return scanner


_compiled: yara_x.Rules | None = None
